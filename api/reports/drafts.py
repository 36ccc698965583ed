"""Reports from their first word: what was told is written down after every turn."""

import re
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.reports.model import TOLD, Report

# Without vowels and look-alikes: no words, nothing to mishear on the phone.
ALPHABET = "23456789BCDFGHJKMNPQRSTVWXZ"
PREFIXES = {
    "lyme-trust": "LYM",
    "vivid": "VIV",
    "seven-locks": "SEV",
    "nacro": "NAC",
    "places-for-people": "PFP",
}


def new_reference(landlord: str) -> str:
    """For example `VIV-7K3M2P`: 27^6 possible, so that one cannot be guessed from another."""
    prefix = PREFIXES.get(landlord) or re.sub("[^A-Z]", "", landlord.upper())[:3]
    return f"{prefix}-{''.join(secrets.choice(ALPHABET) for _ in range(6))}"


def start_report(
    session: Session, *, landlord: str, conversation_id: str, channel: str, at: datetime
) -> Report:
    report = Report(
        id=uuid4().hex,
        reference=new_reference(landlord),
        landlord=landlord,
        conversation_id=conversation_id,
        channel=channel,
        started_at=at,
        updated_at=at,
    )
    session.add(report)
    session.flush()
    return report


def tell(report: Report, facts: Mapping[str, Any], *, at: datetime) -> None:
    """Writes down what has been told so far. A fact that is absent stays as it was."""
    for fact in TOLD:
        value = facts.get(fact)
        if value not in (None, ""):
            setattr(report, fact, str(value))
    if isinstance(facts.get("answers"), Mapping):
        report.answers = {**report.answers, **facts["answers"]}
    if isinstance(facts.get("also"), Sequence):
        report.other_categories = [str(kind) for kind in facts["also"]]
    report.updated_at = at


def raise_flags(report: Report, flags: frozenset[str], implied: str | None) -> None:
    """Flags are only ever added. The first kind that danger implies stays."""
    report.flags = sorted({*report.flags, *flags})
    report.implied_category = report.implied_category or implied


def normal_address(address: str) -> str:
    """Letters and digits only, for comparing two people's spelling of one address."""
    return re.sub(r"[^a-z0-9]", "", address.lower())


def earlier_reports(session: Session, report: Report, *, number: str | None) -> list[Report]:
    """Submitted reports of the same landlord from the same person or about the same address."""
    others = session.scalars(
        select(Report)
        .where(
            Report.landlord == report.landlord,
            Report.id != report.id,
            Report.submitted_at.is_not(None),
        )
        .order_by(Report.submitted_at)
    )
    address = normal_address(report.address or "")
    contact = number or report.contact

    def same(other: Report) -> bool:
        if other.conversation_id == report.conversation_id:
            return True
        if contact and other.contact and other.contact == contact:
            return True
        return bool(address) and normal_address(other.address or "") == address

    return [other for other in others if same(other)]
