"""An officer in a conversation: stepping in, writing, handing it back to the assistant."""

from datetime import datetime

from sqlalchemy.orm import Session

from api.cases.model import Case
from api.cases.open_case import note
from api.conversation.handover import hand_back, hand_over, question_again
from api.conversation.model import Conversation
from api.conversation.receive import speak
from api.errors import NotUsable
from api.intake.rulebook import Rulebook
from api.messages.model import Message
from api.messages.outbox import put_out
from api.policies import gsm7

# A text costs by its parts, and at most three may leave.
MOST_SEGMENTS = 3
MOST_CHARACTERS = 4000


class NotSendable(NotUsable):
    title = "These words cannot be sent as they are."


def step_in(
    session: Session, conversation: Conversation, rulebook: Rulebook, *, by: str, at: datetime
) -> None:
    """The assistant goes quiet, and says who writes from now on. Safe to repeat."""
    joined = conversation.handed_over_by is not None
    hand_over(session, conversation, reason="officer", at=at, by=by)
    if not joined:
        speak(
            session,
            conversation,
            rulebook,
            [{"say": "officer_here"}],
            kind="officer",
            in_reply_to=None,
            at=at,
        )


def write_to_resident(
    session: Session,
    conversation: Conversation,
    words: str,
    rulebook: Rulebook,
    *,
    by: str,
    at: datetime,
) -> Message:
    """An officer's words, on the channel the resident is on. An officer who writes has stepped in.

    Raises NotSendable for no words, and for more than a text can hold.
    """
    words = words.replace("\x00", "").strip()
    if not words:
        raise NotSendable("Write a few words first.")
    if len(words) > MOST_CHARACTERS:
        raise NotSendable(f"At most {MOST_CHARACTERS:,} letters can be sent at once.")
    by_text = conversation.channel == "sms" and conversation.number
    body = gsm7.plain(words) if by_text else words
    if by_text and gsm7.segments(body) > MOST_SEGMENTS:
        raise NotSendable(
            f"That is {gsm7.segments(body)} text messages long. At most {MOST_SEGMENTS} can be "
            "sent at once: please shorten it, or send it in parts."
        )
    if conversation.handed_over_by is None:
        step_in(session, conversation, rulebook, by=by, at=at)
    conversation.handed_over_by = by
    message = Message(
        landlord=conversation.landlord,
        conversation_id=conversation.id,
        sender="officer",
        text=body,
        said=[{"by": by}],
        at=at,
    )
    session.add(message)
    session.flush()
    if by_text and conversation.number:
        put_out(
            session,
            landlord=conversation.landlord,
            to=conversation.number,
            body=body,
            kind="officer",
            conversation_id=conversation.id,
            message_id=message.id,
            case_id=conversation.case_id,
            at=at,
        )
    case = session.get(Case, conversation.case_id) if conversation.case_id else None
    if case:
        note(
            session, case,
            kind="contact",
            visibility="complainant",
            by=by,
            at=at,
            words=f"Wrote to the resident: {body}",
            data={"message": message.id},
        )  # fmt: skip
    return message


def give_back(
    session: Session, conversation: Conversation, rulebook: Rulebook, *, by: str, at: datetime
) -> None:
    """The assistant answers again, says so, and asks the question that stood."""
    if conversation.handed_over_at is None:
        return
    hand_back(session, conversation, by=by, at=at)
    again = question_again(conversation, rulebook.pack(conversation.landlord))
    asks = [one for one in again if one["say"] != "here_again"]
    _, rendered = speak(
        session,
        conversation,
        rulebook,
        [{"say": "handed_back"}, *asks],
        kind="officer",
        in_reply_to=None,
        at=at,
    )
    if asks:
        conversation.offered = [choice.shown() for choice in rendered.choices]
        conversation.offered_several = rendered.several
