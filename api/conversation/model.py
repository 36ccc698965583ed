"""A conversation with one resident, on one channel."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from api.db import Base, Json


class Conversation(Base):
    """`phase` says what is being talked about; each phase is a conversation of the bot's own
    (`bot_sender`), so that its working copy stays short and can be thrown away."""

    __tablename__ = "conversations"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    landlord: Mapped[str] = mapped_column(String(40))
    channel: Mapped[str] = mapped_column(String(20))
    # The number a text came from. Web chats have none.
    number: Mapped[str | None] = mapped_column(String(40))
    token_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    phase: Mapped[str] = mapped_column(String(20), default="report")
    turn_of_phase: Mapped[int] = mapped_column(default=1)
    # Set by an action in mid-turn, taken over when the turn is written down: a turn that is tried
    # again must meet the same conversation of the bot's.
    next_phase: Mapped[str | None] = mapped_column(String(20))
    requested_slot: Mapped[str | None] = mapped_column(String(40))
    offered: Mapped[list[Any]] = mapped_column(Json, default=list)
    offered_several: Mapped[bool] = mapped_column(default=False)
    facts: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    # Facts that the resident has told, by slot; and how many of them were asked for all the same.
    told: Mapped[list[Any]] = mapped_column(Json, default=list)
    reasked: Mapped[int] = mapped_column(default=0)
    report_id: Mapped[str | None] = mapped_column(String(32))
    case_id: Mapped[str | None] = mapped_column(String(32))
    # The question that stands, as it was said: asked again after a pause or after a person.
    pending: Mapped[list[Any]] = mapped_column(Json, default=list)
    greeted: Mapped[bool] = mapped_column(default=False)
    person_asked_at: Mapped[datetime | None]
    # While set, the assistant is quiet. `handed_over_by`: the officer who stepped in, if one has.
    handed_over_at: Mapped[datetime | None]
    handed_over_by: Mapped[str | None] = mapped_column(String(200))
    handover_reason: Mapped[str | None] = mapped_column(String(30))
    nudged_at: Mapped[datetime | None]
    holding_since: Mapped[datetime | None]
    locked_by: Mapped[str | None] = mapped_column(String(32))
    locked_until: Mapped[datetime | None]
    started_at: Mapped[datetime]
    last_message_at: Mapped[datetime]
    # The last time that the person at a web chat was there without writing.
    seen_at: Mapped[datetime | None]
    # When a web chat that had closed on the device was opened again there; what was said until
    # `hidden_until` is not shown on it any more.
    reopened_at: Mapped[datetime | None]
    hidden_until: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_conversations_landlord_number", "landlord", "number"),)

    @property
    def bot_sender(self) -> str:
        return f"{self.id}.{self.turn_of_phase}"


def conversation_id_of(bot_sender: str) -> str:
    return bot_sender.partition(".")[0]
