"""Texts to residents as officers see them: what has not reached them, why, and until when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from api.cases.model import Case
from api.channels.sms.codes import Codes, load_codes
from api.messages.model import OutboxText
from api.portal.queries import visible_cases
from api.reports.model import Report

KINDS = {
    "reply": "Answer",
    "holding": "Holding reply",
    "safety": "Safety text",
    "contact": "Contact message",
    "officer": "Message from an officer",
    "nudge": "Reminder",
    "stopped": "Confirmation of an opt-out",
}
STATES = {
    "sending": "On its way",
    "sent": "On its way",
    "delivered": "Delivered",
    "undelivered": "Not delivered",
    "failed": "Not delivered",
    "held": "Not sent",
}
# What is older than this is on its case, and not on the list of people to reach.
RECENT = timedelta(days=30)
ADMIN_RECENT = timedelta(days=7)
MOST = 200
PROVIDERS = ("twilio", "vonage")


@dataclass(frozen=True)
class TextLine:
    """One text. `why`: what keeps it, in words; `until`: when it may leave or is tried again."""

    kind: str
    state: str
    why: str
    until: datetime | None
    at: datetime
    reached: bool
    link: str = ""
    reference: str = ""


@dataclass(frozen=True)
class AdminNotice:
    """Something about the provider's account that an officer cannot mend."""

    words: str
    code: str
    last_at: datetime


def codes_of(provider: str | None) -> Codes:
    return load_codes(provider or "twilio")


def text_line(text: OutboxText, *, now: datetime, link: str = "", reference: str = "") -> TextLine:
    state, why, until = STATES.get(text.status, ""), text.held_because or "", None
    if text.status == "queued":
        until = text.send_after if text.send_after > now else None
        state = "Waits" if text.held_because or text.tries else "About to be sent"
        if not why and text.tries:
            why = "the provider of texts does not take it at the moment; we keep trying"
    elif text.status in {"undelivered", "failed"}:
        code = text.error_code or ""
        why = why or "nobody can say whether it arrived"
        if code.isdigit() or code.startswith("dlr-"):
            why = f"{codes_of(text.provider).of(code).words} (code {code})"
    return TextLine(
        kind=KINDS.get(text.kind, text.kind),
        state=state,
        why=why,
        until=until,
        at=text.sent_at or text.created_at,
        reached=text.status in {"sending", "sent", "delivered"},
        link=link,
        reference=reference,
    )


def texts_of_case(session: Session, case: Case, *, whole: bool) -> Sequence[OutboxText]:
    """The case's texts, newest first. `whole`: those of its conversation from before it as well."""
    mine = OutboxText.case_id == case.id
    if whole:
        mine = or_(
            mine,
            and_(OutboxText.case_id.is_(None), OutboxText.conversation_id == case.conversation_id),
        )
    return session.scalars(
        select(OutboxText)
        .where(mine, OutboxText.landlord == case.landlord)
        .order_by(OutboxText.id.desc())
        .limit(MOST)
    ).all()


def not_reached(session: Session, *, landlord: str, team: str, now: datetime) -> list[TextLine]:
    """Texts that have not reached people and are not made up for by a later one, newest first."""
    rows = session.execute(_not_reached(landlord, team, now)).all()
    lines = []
    for text, case_reference, report_reference in rows:
        link = ""
        if case_reference:
            link = f"/officers/cases/{case_reference}"
        elif report_reference:
            link = f"/officers/reports/{report_reference}"
        lines.append(
            text_line(text, now=now, link=link, reference=case_reference or report_reference or "")
        )
    return lines


def _not_reached(landlord: str, team: str, now: datetime) -> Select[OutboxText, str, str]:
    later = aliased(OutboxText)
    made_up_for = exists().where(
        later.landlord == OutboxText.landlord,
        later.to == OutboxText.to,
        later.id > OutboxText.id,
        # One that is only on its way to the network may come to the same end.
        later.status.in_(("sent", "delivered")),
    )
    goes_again = exists().where(
        later.again_of == func.coalesce(OutboxText.again_of, OutboxText.id),
        later.times_again > OutboxText.times_again,
    )
    waits = and_(
        OutboxText.status == "queued",
        or_(OutboxText.tries > 0, OutboxText.held_because.is_not(None)),
    )
    failed = and_(OutboxText.status.in_(("undelivered", "failed")), ~made_up_for, ~goes_again)
    cases = visible_cases(landlord=landlord, team=team).with_only_columns(Case.id)
    # A conversation that led to another team's restricted case is theirs, all of it.
    theirs = select(Case.conversation_id).where(
        Case.landlord == landlord, Case.restricted.is_(True), Case.team != team
    )
    report = (
        select(Report.reference)
        .where(Report.conversation_id == OutboxText.conversation_id)
        .order_by(Report.started_at.desc())
        .limit(1)
        .scalar_subquery()
    )
    return (
        select(OutboxText, Case.reference, report)
        .outerjoin(Case, Case.id == OutboxText.case_id)
        .where(
            OutboxText.landlord == landlord,
            OutboxText.created_at > now - RECENT,
            or_(waits, failed, OutboxText.status == "held"),
            or_(OutboxText.case_id.is_(None), OutboxText.case_id.in_(cases)),
            or_(OutboxText.conversation_id.is_(None), OutboxText.conversation_id.not_in(theirs)),
        )
        .order_by(OutboxText.kind != "safety", OutboxText.id.desc())
        .limit(MOST)
    )


def for_the_admin(session: Session, landlord: str, *, now: datetime) -> list[AdminNotice]:
    """What has to be mended at the providers of texts, from the last days."""
    notices = []
    for provider in PROVIDERS:
        codes = codes_of(provider)
        rows = session.execute(
            select(OutboxText.error_code, func.max(OutboxText.updated_at))
            .where(
                OutboxText.landlord == landlord,
                OutboxText.provider == provider,
                OutboxText.error_code.in_(codes.for_the_admin),
                OutboxText.updated_at > now - ADMIN_RECENT,
            )
            .group_by(OutboxText.error_code)
        ).all()
        notices += [AdminNotice(codes.of(code).words, str(code), at) for code, at in rows]
    return notices
