"""The transcript of a conversation: what was said, by whom, in order."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.messages.model import Message
from api.messages.outbox import put_out
from api.messages.wording import Rendered


def say(
    session: Session,
    rendered: Rendered,
    *,
    landlord: str,
    conversation_id: str,
    number: str | None,
    said: Sequence[Mapping[str, Any]],
    kind: str,
    in_reply_to: int | None,
    at: datetime,
    case_id: str | None = None,
    send_after: datetime | None = None,
) -> Message:
    """Writes an assistant's message; where there is a number, it goes out as a text as well."""
    message = Message(
        landlord=landlord,
        conversation_id=conversation_id,
        sender="assistant",
        text=rendered.text,
        choices=[choice.shown() for choice in rendered.choices],
        several=rendered.several,
        said=[dict(one) for one in said],
        in_reply_to=in_reply_to,
        at=at,
    )
    session.add(message)
    session.flush()
    if number:
        put_out(
            session,
            landlord=landlord,
            to=number,
            body=rendered.text,
            kind=kind,
            conversation_id=conversation_id,
            message_id=message.id,
            case_id=case_id,
            at=at,
            send_after=send_after,
        )
    return message


def messages_of(session: Session, conversation_id: str, after: int = 0) -> Sequence[Message]:
    """A conversation's messages with an id above `after`, in order."""
    return session.scalars(
        select(Message)
        .where(Message.conversation_id == conversation_id, Message.id > after)
        .order_by(Message.id)
    ).all()


def message_json(message: Message) -> dict[str, Any]:
    """MESSAGE of the contract. `several`: more than one of the choices may be picked."""
    return {
        "id": message.id,
        "from": message.sender,
        "text": message.text,
        "choices": [{"label": c["label"], "value": c["value"]} for c in message.choices],
        "several": message.several,
        "sent_at": message.at.isoformat().replace("+00:00", "Z"),
    }
