"""Who sees which case: one query per noun, and the landlord is always a part of it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, selectinload

from api.cases.model import Case
from api.cases.schema import (
    CaseOut,
    ClauseOut,
    ContactOut,
    DeadlineOut,
    IncidentOut,
    ReportOut,
    RiskOut,
    ScreenedOut,
    ScreeningOut,
)
from api.policies.schema import Policy
from api.reports.model import Report
from api.risk_assessment.model import RiskAssessment


def cases_of(landlord: str) -> Select[Case]:
    return (
        select(Case)
        .where(Case.landlord == landlord)
        .options(selectinload(Case.deadlines), selectinload(Case.incidents))
    )


def screened_out_of(landlord: str) -> Select[Report]:
    """Reports that became no case, newest first."""
    return (
        select(Report)
        .where(
            Report.landlord == landlord,
            Report.status.in_(("screened_out", "elsewhere")),
        )
        .order_by(Report.updated_at.desc())
    )


def page_of_cases(
    session: Session,
    landlord: str,
    *,
    status: str | None,
    team: str | None,
    updated_after: datetime | None,
    after: tuple[datetime, str] | None,
    size: int,
) -> Sequence[Case]:
    """Cases by when they last changed, oldest first; `after`: the last one of the page before."""
    query = cases_of(landlord).order_by(Case.updated_at, Case.id).limit(size)
    if status:
        query = query.where(Case.status == status)
    if team:
        query = query.where(Case.team == team)
    if updated_after:
        query = query.where(Case.updated_at > updated_after)
    if after:
        at, case_id = after
        query = query.where(
            or_(Case.updated_at > at, (Case.updated_at == at) & (Case.id > case_id))
        )
    return session.scalars(query).all()


def risk_of(session: Session, case: Case) -> RiskAssessment | None:
    return session.scalar(select(RiskAssessment).where(RiskAssessment.case_id == case.id))


def label_of(policy: Policy, category: str | None) -> str | None:
    return next((one.label for one in policy.categories if one.code == category), category)


def screening_out(decision: dict[str, object], channel: str = "web") -> ScreeningOut:
    advice = decision.get("advice")
    return ScreeningOut.model_validate(
        {**decision, "advice": advice.get(channel) if isinstance(advice, dict) else None}
    )


def case_out(session: Session, case: Case, policy: Policy) -> CaseOut:
    """CASE of the contract."""
    report = session.get_one(Report, case.report_id)
    card = risk_of(session, case)
    return CaseOut(
        reference=case.reference,
        landlord=case.landlord,
        category=case.category,
        category_label=label_of(policy, case.category) or case.category,
        severity=case.severity,
        status=case.status,
        team=case.team,
        officer=case.officer,
        flags=case.flags,
        restricted=case.restricted,
        screening=screening_out(case.screening),
        risk=RiskOut.model_validate(card, from_attributes=True) if card else None,
        deadlines=[
            DeadlineOut(
                kind=one.kind,
                due_at=one.due_at,
                met_at=one.met_at,
                clause=ClauseOut.model_validate(one.clause),
            )
            for one in case.deadlines
            if one.superseded_at is None
        ],
        contact=ContactOut(
            channel=case.contact_channel,
            safe_to_text=case.safe_to_text,
            interval_days=case.contact_interval_days,
            next_due_at=case.next_contact_due_at,
        ),
        report=ReportOut.model_validate(report, from_attributes=True),
        incidents=[IncidentOut.model_validate(one, from_attributes=True) for one in case.incidents],
        policy_version=case.policy_version,
        opened_at=case.opened_at,
        updated_at=case.updated_at,
    )


def screened_out(report: Report, policy: Policy) -> ScreenedOut:
    return ScreenedOut(
        reference=report.reference,
        landlord=report.landlord,
        category=report.category,
        category_label=label_of(policy, report.category),
        description=report.description,
        screening=screening_out(report.decision),
        policy_version=report.policy_version,
        challenged_at=report.challenged_at,
        looked_at=report.looked_at,
        person_asked_at=report.person_asked_at,
        submitted_at=report.submitted_at,
    )
