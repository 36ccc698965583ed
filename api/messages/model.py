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
    # The language of a resident's message that is not English: BCP 47 in small letters.
    language: Mapped[str | None] = mapped_column(String(16))
    # The model's opinion on danger (label -> probability), where it raised what the rules found.
    opinion: Mapped[dict[str, Any] | None] = mapped_column(Json)
    # Answered without a turn: the model has yet to be asked.
    opinion_due: Mapped[bool] = mapped_column(default=False)
    # What actions have written and answered in the turn on it: such a turn may be taken again.
    acted: Mapped[dict[str, Any] | None] = mapped_column(Json)
    in_reply_to: Mapped[int | None]
    at: Mapped[datetime]
    # For a resident's message: when the bot's turn on it was done, and the tries until then.
    processed_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    retry_at: Mapped[datetime | None]
    trouble: Mapped[str | None] = mapped_column(Text)
    # When its words are next to be taken off the provider's records. Empty: not there, or done.
    redact_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("conversation_id", "client_message_id", name="uq_messages_client"),
        Index("ix_messages_conversation", "conversation_id", "id"),
        Index("ix_messages_waiting", "sender", "processed_at"),
        Index("ix_messages_redact", "redact_at"),
        Index("ix_messages_opinion", "opinion_due"),
    )


class OutboxText(Base):
    """A text message on its way out. The status only climbs: queued, sending, sent, delivered,
    or ends in undelivered, failed or held.

    A text that waits (queued) and one that is held for good say why in `held_because`; the one
    that waits may leave from `send_after` on.
    """

    __tablename__ = "outbox"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    landlord: Mapped[str] = mapped_column(String(40))
    conversation_id: Mapped[str | None] = mapped_column(String(32))
    message_id: Mapped[int | None]
    case_id: Mapped[str | None] = mapped_column(String(32))
    kind: Mapped[str] = mapped_column(String(20))  # as the gate's Leaving lists them
    to: Mapped[str] = mapped_column(String(40))
    body: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(20), default="queued")
    tries: Mapped[int] = mapped_column(default=0)
    send_after: Mapped[datetime]
    # The sender that has it in hand until then; another one may take it over afterwards.
    claimed_until: Mapped[datetime | None]
    claimed_by: Mapped[str | None] = mapped_column(String(32))
    # The provider was asked then, and its answer is not written down: a time-out, or we died in
    # between. It is looked up before anything is sent again.
    unknown_since: Mapped[datetime | None]
    provider: Mapped[str | None] = mapped_column(String(20))
    provider_sid: Mapped[str | None] = mapped_column(String(64), unique=True)
    # A text that did not arrive is sent anew: the first one's id, and how often by now.
    again_of: Mapped[int | None]
    times_again: Mapped[int] = mapped_column(default=0)
    # Officers were told then that the provider does not take it.
    told_late_at: Mapped[datetime | None]
    redact_at: Mapped[datetime | None]
    error_code: Mapped[str | None] = mapped_column(String(20))
    held_because: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    updated_at: Mapped[datetime]

    __table_args__ = (
        Index("ix_outbox_status", "status", "send_after"),
        Index("ix_outbox_to", "to", "sent_at"),
        Index("ix_outbox_redact", "redact_at"),
        Index("ix_outbox_case", "case_id"),
    )


class TextMedia(Base):
    """A file that came with a text: it waits at the provider until it is fetched and kept.

    `status`: waiting · kept · refused (for what it is) · gone (it is not there any more). Only what
    is kept or refused is deleted at the provider.
    """

    __tablename__ = "text_media"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    landlord: Mapped[str] = mapped_column(String(40))
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"))
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"))
    report_id: Mapped[str] = mapped_column(String(32))
    url: Mapped[str] = mapped_column(Text)
    said_type: Mapped[str | None] = mapped_column(String(200))
    status: Mapped[str] = mapped_column(String(20), default="waiting")
    tries: Mapped[int] = mapped_column(default=0)
    retry_at: Mapped[datetime]
    trouble: Mapped[str | None] = mapped_column(Text)
    evidence_id: Mapped[str | None] = mapped_column(String(32))
    at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_text_media_waiting", "deleted_at", "retry_at"),)


class CatchUp(Base):
    """Until when all that came in to a number of ours at a provider has been taken in."""

    __tablename__ = "catch_ups"

    provider: Mapped[str] = mapped_column(String(20), primary_key=True)
    number: Mapped[str] = mapped_column(String(40), primary_key=True)
    until: Mapped[datetime]


class OptOut(Base):
    """A number that asked for texts to stop. Never closes or changes a case.

    `stopped_by`: `provider`, which lets no text of ours through any more, or `us`, where they
    asked in words that the provider does not act on.
    """

    __tablename__ = "opt_outs"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    landlord: Mapped[str] = mapped_column(String(40))
    number: Mapped[str] = mapped_column(String(40))
    stopped_by: Mapped[str] = mapped_column(String(20), default="provider")
    stopped_at: Mapped[datetime]
    lifted_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_opt_outs_number", "landlord", "number"),)
