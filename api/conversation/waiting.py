"""Messages that no turn has been taken on: who waits, and in which order they are taken up."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from api import clock
from api.conversation.model import Conversation
from api.conversation.turns import Desk, Took, take_turns
from api.messages.model import Message

WAITS = (
    Message.sender == "resident",
    Message.processed_at.is_(None),
    Message.conversation_id.is_not(None),
)
# Asked several times a second, and mostly nobody waits.
ANYONE = select(Message.id).where(*WAITS).limit(1)


@dataclass(frozen=True)
class Waiting:
    """A conversation with a message that no turn has been taken on; `is_held`: the resident has
    been told that the answer will take a while."""

    conversation_id: str
    bot_sender: str
    is_held: bool


def take_waiting(desk: Desk) -> None:
    """One round over all that waits. What nobody has answered in any way comes first.

    A bot that does not answer is asked again for one of the others only, in each round: each try
    is two commits, and hundreds of them would slow down what comes in meanwhile.
    """
    with desk.db.reading() as session:
        if session.scalar(ANYONE) is None:
            return
        now = clock.now()
        fresh = waiting_conversations(session, at=now, held=False)
        others = waiting_conversations(session, at=now, held=True)
    silent = set()
    for one in (*fresh, *others):
        bot = desk.bots.url_of(one.bot_sender)
        if one.is_held and bot in silent:
            continue
        if take_turns(desk, one.conversation_id) is Took.UNANSWERED:
            silent.add(bot)


def waiting_conversations(
    session: Session, *, at: datetime, held: bool, most: int = 20
) -> list[Waiting]:
    """Conversations whose oldest waiting message may be tried now, the longest waiting first.

    One that somebody has locked is left out: its holder takes every message that waits.
    """
    oldest = select(func.min(Message.id)).where(*WAITS).group_by(Message.conversation_id)
    since = Conversation.holding_since
    found = session.scalars(
        select(Conversation)
        .join(Message, Message.conversation_id == Conversation.id)
        .where(
            Message.id.in_(oldest),
            or_(Message.retry_at.is_(None), Message.retry_at <= at),
            or_(Conversation.locked_until.is_(None), Conversation.locked_until < at),
            since.is_not(None) if held else since.is_(None),
        )
        .order_by(Message.id)
        .limit(most)
    )
    return [Waiting(one.id, one.bot_sender, held) for one in found]
