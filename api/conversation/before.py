"""What stood before a message of a resident: when they wrote last, and what we have said since."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from api.messages.model import Message

# Messages of ours between two of a resident's that are looked through.
MOST_BETWEEN = 20
# Made once: each turn asks this.
EARLIER = (
    select(Message.sender, Message.at, Message.said)
    .where(Message.conversation_id == bindparam("conversation"), Message.id < bindparam("message"))
    .order_by(Message.id.desc())
    .limit(MOST_BETWEEN)
)


@dataclass(frozen=True)
class Before:
    """`wrote_at`: when the resident wrote last, None where this is the first time (or where we
    have said very much since); `said`: keys and values of our messages since, latest first."""

    wrote_at: datetime | None = None
    said: list[list[dict[str, Any]]] = field(default_factory=list)


def before(session: Session, message: Message) -> Before:
    said: list[list[dict[str, Any]]] = []
    bound = {"conversation": message.conversation_id, "message": message.id}
    rows = session.execute(EARLIER, bound)
    for sender, at, keys in rows:
        if sender == "resident":
            return Before(at, said)
        said.append(keys)
    return Before(None, said)
