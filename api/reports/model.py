"""A report: what a resident told us, ASB or not. It is kept from the first message on."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from api.db import Base, Json


class Report(Base):
    """`status`: draft · case · screened_out · elsewhere · for_person · taken_up (it went on with an
    earlier report). `decision` is the screening as decided: outcome, rule, clause, answers used,
    matters, policy version."""

    __tablename__ = "reports"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    reference: Mapped[str] = mapped_column(String(20), unique=True)
    landlord: Mapped[str] = mapped_column(String(40))
    conversation_id: Mapped[str] = mapped_column(String(32))
    channel: Mapped[str] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(20), default="draft")
    description: Mapped[str] = mapped_column(Text, default="")
    category: Mapped[str | None] = mapped_column(String(40))
    outcome: Mapped[str | None] = mapped_column(String(20))
    decision: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    policy_version: Mapped[str | None] = mapped_column(String(40))
    flags: Mapped[list[Any]] = mapped_column(Json, default=list)
    # The kind that the danger screen read in the words, if any: it needs no confirming.
    implied_category: Mapped[str | None] = mapped_column(String(40))
    # The language that was last written in, where that was not English: BCP 47 in small letters.
    language: Mapped[str | None] = mapped_column(String(16))
    kinds: Mapped[list[Any]] = mapped_column(Json, default=list)
    answers: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    # Who tells it, or of whom: someone_else · witness · anonymous · staff · contractor · accused.
    told_as: Mapped[list[Any]] = mapped_column(Json, default=list)
    # Kinds told beside the first; each is judged as a matter of its own.
    other_categories: Mapped[list[Any]] = mapped_column(Json, default=list)
    # What was told, one column each, so that each can be encrypted and redacted by itself.
    happened_when: Mapped[str | None] = mapped_column(Text)
    # The same made definite, as we read it: from, to, and the plain form; nothing where the words
    # leave it open. Confirmed once the resident has said that it is right.
    happened_from: Mapped[datetime | None]
    happened_to: Mapped[datetime | None]
    happened_said: Mapped[str | None] = mapped_column(Text)
    happened_confirmed_at: Mapped[datetime | None]
    happened_where: Mapped[str | None] = mapped_column(Text)
    how_often: Mapped[str | None] = mapped_column(Text)
    happening_now: Mapped[str | None] = mapped_column(Text)
    who: Mapped[str | None] = mapped_column(Text)
    police_reference: Mapped[str | None] = mapped_column(Text)
    evidence: Mapped[str | None] = mapped_column(Text)
    effect: Mapped[str | None] = mapped_column(Text)
    name: Mapped[str | None] = mapped_column(Text)
    address: Mapped[str | None] = mapped_column(Text)
    contact: Mapped[str | None] = mapped_column(Text)
    safe_contact: Mapped[str | None] = mapped_column(Text)
    safe_how: Mapped[str | None] = mapped_column(Text)
    started_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    challenged_at: Mapped[datetime | None]
    person_asked_at: Mapped[datetime | None]
    looked_at: Mapped[datetime | None]
    # When a report that was never finished was passed on to officers as it stood.
    incomplete_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_reports_landlord_status", "landlord", "status"),
        Index("ix_reports_conversation", "conversation_id"),
    )

    @property
    def happened_confirmed(self) -> bool:
        """Whether the resident has said that the definite time is right."""
        return self.happened_confirmed_at is not None


# Facts that a resident tells; each is a slot of the assistant and a column of a report.
TOLD = (
    "description",
    "happened_when",
    "happened_where",
    "how_often",
    "happening_now",
    "who",
    "police_reference",
    "evidence",
    "effect",
    "name",
    "address",
    "contact",
    "safe_contact",
    "safe_how",
)
