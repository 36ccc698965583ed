"""A case: what a team answers for, its promises with their clauses, and its timeline."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from api.db import Base, Json


class Case(Base):
    """`status`: open · review (a person decides what it is) · closed. `screening` and
    `policy_version` are as decided when it opened; a later policy never rewrites them."""

    __tablename__ = "cases"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    reference: Mapped[str] = mapped_column(String(20), unique=True)
    landlord: Mapped[str] = mapped_column(String(40))
    report_id: Mapped[str] = mapped_column(ForeignKey("reports.id"), unique=True)
    conversation_id: Mapped[str] = mapped_column(String(32))
    category: Mapped[str] = mapped_column(String(40))
    severity: Mapped[str | None] = mapped_column(String(40))
    status: Mapped[str] = mapped_column(String(20))
    team: Mapped[str] = mapped_column(String(40))
    scheme: Mapped[str | None] = mapped_column(String(40))
    routing: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    officer: Mapped[str | None] = mapped_column(String(200))
    flags: Mapped[list[Any]] = mapped_column(Json, default=list)
    told_as: Mapped[list[Any]] = mapped_column(Json, default=list)
    restricted: Mapped[bool] = mapped_column(default=False)
    screening: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    policy_version: Mapped[str] = mapped_column(String(40))
    opened_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    # Contact with the complainant.
    contact_channel: Mapped[str | None] = mapped_column(String(20))
    contact_number: Mapped[str | None] = mapped_column(String(40))
    safe_to_text: Mapped[bool] = mapped_column(default=False)
    # The hours that are safe for this person, London time, `HH:MM`. Empty: any hour.
    texts_from: Mapped[str | None] = mapped_column(String(5))
    texts_until: Mapped[str | None] = mapped_column(String(5))
    contact_interval_days: Mapped[int] = mapped_column(default=7)
    next_contact_due_at: Mapped[datetime | None]
    unanswered_contacts: Mapped[int] = mapped_column(default=0)

    deadlines: Mapped[list["CaseDeadline"]] = relationship(order_by="CaseDeadline.due_at")
    incidents: Mapped[list["Incident"]] = relationship(order_by="Incident.id")
    entries: Mapped[list["CaseEntry"]] = relationship(order_by="CaseEntry.id")

    __table_args__ = (
        Index("ix_cases_landlord_updated", "landlord", "updated_at"),
        Index("ix_cases_contact_due", "status", "next_contact_due_at"),
        Index("ix_cases_contact_number", "landlord", "contact_number"),
    )


class CaseDeadline(Base):
    """A promise: of which kind, by when, on which clause. A superseded one is kept."""

    __tablename__ = "case_deadlines"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    landlord: Mapped[str] = mapped_column(String(40))
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    kind: Mapped[str] = mapped_column(String(30))
    due_at: Mapped[datetime]
    met_at: Mapped[datetime | None]
    superseded_at: Mapped[datetime | None]
    clause: Mapped[dict[str, Any]] = mapped_column(Json)


class Incident(Base):
    """One occurrence, as told."""

    __tablename__ = "incidents"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    landlord: Mapped[str] = mapped_column(String(40))
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    description: Mapped[str] = mapped_column(Text)
    happened_when: Mapped[str | None] = mapped_column(Text)
    happened_from: Mapped[datetime | None]
    happened_to: Mapped[datetime | None]
    happened_said: Mapped[str | None] = mapped_column(Text)
    happened_where: Mapped[str | None] = mapped_column(Text)
    told_at: Mapped[datetime]


class CaseEntry(Base):
    """One line of a case's timeline. `visibility`: complainant · staff. A correction is a new
    entry; nothing is overwritten."""

    __tablename__ = "case_entries"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    landlord: Mapped[str] = mapped_column(String(40))
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(30))
    visibility: Mapped[str] = mapped_column(String(20), default="staff")
    words: Mapped[str] = mapped_column(Text)
    data: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    by: Mapped[str] = mapped_column(String(200))
