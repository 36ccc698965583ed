"""A risk assessment (RAM): raw answers are kept, so that re-banding loses nothing."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from api.db import Base, Json


class RiskAssessment(Base):
    """`answers`: question number → answer codes; `raw`: question number → the person's words."""

    __tablename__ = "risk_assessments"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    landlord: Mapped[str] = mapped_column(String(40))
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), unique=True)
    card_version: Mapped[str] = mapped_column(String(40))
    answers: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    raw: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    score: Mapped[int] = mapped_column(default=0)
    answered: Mapped[int] = mapped_column(default=0)
    could_reach: Mapped[int] = mapped_column(default=0)
    band: Mapped[str] = mapped_column(String(10), default="low")
    confirmed: Mapped[bool] = mapped_column(default=False)
    overridden_by: Mapped[list[Any]] = mapped_column(Json, default=list)
    consent: Mapped[str | None] = mapped_column(String(10))
    started_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    completed_at: Mapped[datetime | None]
