"""Reports from their first word: what was told is written down after every turn."""

import re
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.moments.read import read_moment
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
# How often, where an hour without a day is a habit.
REPEATED = frozenset({"daily", "most_days", "most_weeks", "most_months", "occasionally"})


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


def tell(
    report: Report, facts: Mapping[str, Any], *, at: datetime, told_at: datetime | None = None
) -> None:
    """Writes down what has been told so far. A fact that is absent stays as it was. `told_at`: when
    the resident wrote it, if that was not now."""
    when = facts.get("happened_when")
    for fact in TOLD:
        value = facts.get(fact)
        if value not in (None, "") and fact != "happened_when":
            setattr(report, fact, str(value))
    if when not in (None, "") and str(when) != report.happened_when:
        tell_when(report, str(when), told_at=told_at or at)
    elif report.happened_said and _only_an_hour(report, at):
        _leave_open(report)
    if isinstance(facts.get("answers"), Mapping):
        report.answers = {**report.answers, **facts["answers"]}
    if isinstance(facts.get("also"), Sequence):
        report.other_categories = [str(kind) for kind in facts["also"]]
    report.updated_at = at


def tell_when(report: Report, words: str, *, told_at: datetime) -> None:
    """Writes down when it happened in the resident's words and, where they say so much, as a
    definite time. A day alone leaves the hour that was told before. The resident has yet to say
    that it is right."""
    often = report.how_often in REPEATED
    moment = read_moment(words, told_at, often=often)
    hour = _hour_told(report.happened_said)
    if moment and moment.precision == "day" and hour:
        whole = read_moment(f"{words}, {hour}", told_at, often=often)
        if whole and whole.precision in ("minute", "hour", "part"):
            moment = whole
    report.happened_when = words
    _leave_open(report)
    if moment:
        report.happened_from, report.happened_to = moment.earliest, moment.latest
        report.happened_said = moment.said


def _hour_told(said: str | None) -> str | None:
    """The hour or the part of the day in a definite time: "2am" of "Sunday 1 November, 2am"."""
    if not said or " and " in said:
        return None
    return "at night" if said.startswith("the night of") else said.partition(", ")[2] or None


def _leave_open(report: Report) -> None:
    report.happened_from = report.happened_to = report.happened_said = None
    report.happened_confirmed_at = None


def _only_an_hour(report: Report, at: datetime) -> bool:
    """ "2am" was read as one night, and then it was told that it keeps happening."""
    words = report.happened_when or ""
    return (
        report.how_often in REPEATED
        and report.happened_confirmed_at is None
        and read_moment(words, at) is not None
        and read_moment(words, at, often=True) is None
    )


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
