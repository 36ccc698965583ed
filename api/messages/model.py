"""The transcript, and the outbox: what is to leave is a row in the transaction that caused it."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from api.db import Base, Json


class Message(Base):
    """One message of a conversation. A resident's is stored before anything else happens.

    `landlord` and `conversation_id` are empty only for a text to a number that is no landlord's:
    it is kept all the same.
    """

    __tablename__ = "messages"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    landlord: Mapped[str | None] = mapped_column(String(40))
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversations.id"))
    sender: Mapped[str] = mapped_column(String(20))  # resident | assistant | officer
    text: Mapped[str] = mapped_column(Text)
    choices: Mapped[list[Any]] = mapped_column(Json, default=list)
    # Whether more than one of the choices may be picked.
    several: Mapped[bool] = mapped_column(default=False)
    # What was said, by its key in the wording, with its values: for the record of a decision.
    said: Mapped[list[Any]] = mapped_column(Json, default=list)
    provider_id: Mapped[str | None] = mapped_column(String(64), unique=True)
    client_message_id: Mapped[str | None] = mapped_column(String(80))
    raw: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    flags: Mapped[list[Any]] = mapped_column(Json, default=list)
    in_reply_to: Mapped[int | None]
    at: Mapped[datetime]
    # For a resident's message: when the bot's turn on it was done, and the tries until then.
    processed_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    retry_at: Mapped[datetime | None]
    trouble: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        UniqueConstraint("conversation_id", "client_message_id", name="uq_messages_client"),
        Index("ix_messages_conversation", "conversation_id", "id"),
        Index("ix_messages_waiting", "sender", "processed_at"),
    )


class OutboxText(Base):
    """A text message on its way out. The status only climbs: queued, sending, sent, delivered,
    or ends in undelivered, failed or held."""

    __tablename__ = "outbox"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    landlord: Mapped[str] = mapped_column(String(40))
    conversation_id: Mapped[str | None] = mapped_column(String(32))
    message_id: Mapped[int | None]
    case_id: Mapped[str | None] = mapped_column(String(32))
    kind: Mapped[str] = mapped_column(String(20))  # reply | safety | holding | contact
    to: Mapped[str] = mapped_column(String(40))
    body: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(20), default="queued")
    tries: Mapped[int] = mapped_column(default=0)
    send_after: Mapped[datetime]
    claimed_until: Mapped[datetime | None]
    # The last request's outcome is unknown (a time-out): look it up before sending again.
    unknown_since: Mapped[datetime | None]
    provider_sid: Mapped[str | None] = mapped_column(String(64), unique=True)
    error_code: Mapped[str | None] = mapped_column(String(20))
    held_because: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    updated_at: Mapped[datetime]

    __table_args__ = (Index("ix_outbox_status", "status", "send_after"),)


class OptOut(Base):
    """A number that asked for texts to stop. Never closes or changes a case."""

    __tablename__ = "opt_outs"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    landlord: Mapped[str] = mapped_column(String(40))
    number: Mapped[str] = mapped_column(String(40))
    stopped_at: Mapped[datetime]
    lifted_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_opt_outs_number", "landlord", "number"),)
