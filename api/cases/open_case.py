"""Opening a case, and what is written to it afterwards. A case never waits for the risk card."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.cases.model import Case, CaseDeadline, CaseEntry, Incident
from api.policies.clause import Clause
from api.policies.schema import Policy
from api.reports.model import Report
from api.routing.rules import Facts, deadline_clause, due, route
from api.screening.rules import Decision

# Cases that only the team that holds them sees.
RESTRICTING = frozenset({"domestic_abuse", "exploitation"})
DECLINED = frozenset({"declined", "dont_know"})


def clause_json(clause: Clause | None) -> dict[str, str] | None:
    return asdict(clause) if clause else None


def case_of(session: Session, report: Report) -> Case | None:
    return session.scalar(select(Case).where(Case.report_id == report.id))


def open_case(
    session: Session,
    report: Report,
    decision: Decision,
    policy: Policy,
    *,
    at: datetime,
    next_contact_due_at: datetime | None,
    number: str | None,
    scheme: str | None = None,
) -> Case:
    """Opens the case of a report, once: a report that has one gets it back."""
    existing = case_of(session, report)
    if existing:
        return existing
    case = Case(
        id=uuid4().hex,
        reference=report.reference,
        landlord=report.landlord,
        report_id=report.id,
        conversation_id=report.conversation_id,
        category=decision.category,
        status="review" if decision.outcome == "review" else "open",
        flags=list(report.flags),
        told_as=[],
        restricted=bool(RESTRICTING & set(report.flags)) or decision.category == "domestic_abuse",
        screening=report.decision,
        policy_version=policy.version,
        team="",
        scheme=scheme,
        opened_at=at,
        updated_at=at,
        contact_interval_days=policy.contact.interval_days,
        next_contact_due_at=next_contact_due_at,
    )
    session.add(case)
    session.flush()
    set_contact(case, report, number=number)
    send_to_team(case, decision, policy, band=None, at=at)
    session.add(
        Incident(
            landlord=report.landlord,
            case_id=case.id,
            description=report.description,
            happened_when=report.happened_when,
            happened_from=report.happened_from,
            happened_to=report.happened_to,
            happened_said=report.happened_said,
            happened_where=report.happened_where,
            told_at=at,
        )
    )
    note(session, case, kind="opened", words="Case opened from a resident's report.", at=at)
    report.status = "case"
    session.flush()
    return case


def send_to_team(
    case: Case, decision: Decision, policy: Policy, *, band: str | None, at: datetime
) -> None:
    """Team, class and promises of a case as it is known now.

    Promises already made stay in the record: one that changes is superseded. A new one is counted
    from when the case opened, and is only taken where it falls earlier than the one it replaces.
    """
    facts = Facts(
        category=decision.category,
        severity=decision.severity,
        flags=frozenset(case.flags),
        outcome=decision.outcome,
        band=band,
        scheme=case.scheme,
        hand_to=decision.hand_to,
    )
    routing = route(facts, policy)
    staff = policy.staff if "staff" in case.told_as else None
    case.team = (staff.team if staff else None) or routing.team
    case.severity = routing.severity
    case.routing = {
        "team_clause": clause_json(routing.clause),
        "assumed": routing.assumed,
        "raised_by": clause_json(routing.raised_by),
    }
    standing = {one.kind: one for one in standing_deadlines(case)}
    for rule in routing.deadlines:
        due_at = due(rule, case.opened_at, policy)
        old = standing.get(rule.kind)
        if old is not None:
            if old.met_at or old.due_at <= due_at:
                continue
            old.superseded_at = at
        case.deadlines.append(
            CaseDeadline(
                landlord=case.landlord,
                kind=rule.kind,
                due_at=due_at,
                clause=clause_json(deadline_clause(rule, policy)),
            )
        )
    case.updated_at = at


def set_contact(case: Case, report: Report, *, number: str | None) -> None:
    """How the complainant may be reached. After domestic abuse nobody is texted until an officer
    has recorded a safe way."""
    contact = report.contact or number or ""
    if contact in DECLINED:
        contact = ""
    is_mail = "@" in contact
    case.contact_channel = "email" if is_mail else ("sms" if contact else None)
    case.contact_number = None if is_mail else (contact or None)
    safe = report.safe_contact == "yes"
    case.safe_to_text = safe and case.contact_channel == "sms" and not _domestic_abuse(case)


def _domestic_abuse(case: Case) -> bool:
    return "domestic_abuse" in case.flags or case.category == "domestic_abuse"


def note(
    session: Session,
    case: Case,
    *,
    kind: str,
    words: str,
    at: datetime,
    visibility: str = "staff",
    data: Mapping[str, Any] | None = None,
    by: str = "doorstep",
) -> CaseEntry:
    """Adds one line to the timeline. `kind` "task" asks an officer to do something."""
    entry = CaseEntry(
        landlord=case.landlord,
        case_id=case.id,
        at=at,
        kind=kind,
        visibility=visibility,
        words=words,
        data=dict(data or {}),
        by=by,
    )
    session.add(entry)
    case.updated_at = max(case.updated_at, at)
    return entry


def standing_deadlines(case: Case) -> Sequence[CaseDeadline]:
    return [one for one in case.deadlines if one.superseded_at is None]
