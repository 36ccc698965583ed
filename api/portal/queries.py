"""Who may see what: one query per noun. Every other query of the portal starts from these."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, func, or_, select
from sqlalchemy.orm import Session, selectinload

from api.cases.model import Case, CaseDeadline
from api.conversation.model import Conversation
from api.evidence.model import Evidence
from api.messages.model import Message
from api.reports.model import Report

PER_PAGE = 50
SCREENED_OUT = ("screened_out", "elsewhere")


@dataclass(frozen=True)
class CaseList:
    """One page of a list, and how many there are in all."""

    cases: Sequence[Case]
    total: int
    late: int
    pages: int


def visible_cases(*, landlord: str, team: str) -> Select[Case]:
    """A landlord's cases; a restricted one is there for its own team only."""
    return select(Case).where(
        Case.landlord == landlord, or_(Case.restricted.is_(False), Case.team == team)
    )


def visible_reports(*, landlord: str, team: str) -> Select[Report]:
    """A landlord's reports, but for those behind a case that is restricted to another team."""
    hidden = select(Case.report_id).where(
        Case.landlord == landlord, Case.restricted.is_(True), Case.team != team
    )
    return select(Report).where(Report.landlord == landlord, Report.id.not_in(hidden))


def _pending() -> ColumnElement[bool]:
    return and_(CaseDeadline.met_at.is_(None), CaseDeadline.superseded_at.is_(None))


def _next_due() -> ScalarSelect[datetime]:
    return (
        select(func.min(CaseDeadline.due_at))
        .where(CaseDeadline.case_id == Case.id, _pending())
        .correlate(Case)
        .scalar_subquery()
    )


def list_cases(
    session: Session,
    *,
    landlord: str,
    team: str,
    now: datetime,
    status: str = "",
    for_team: str = "",
    page: int = 1,
) -> CaseList:
    """The earliest promise first, so that what is overdue stands on top.

    `status` empty: all that are not closed; `all`: closed ones as well.
    """
    query = visible_cases(landlord=landlord, team=team)
    if status == "":
        query = query.where(Case.status != "closed")
    elif status != "all":
        query = query.where(Case.status == status)
    if for_team:
        query = query.where(Case.team == for_team)
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    overdue = query.where(Case.status != "closed", _next_due() < now)
    late = session.scalar(select(func.count()).select_from(overdue.subquery())) or 0
    due = _next_due()
    cases = session.scalars(
        query.options(selectinload(Case.deadlines))
        .order_by(Case.status == "closed", due.is_(None), due, Case.opened_at.desc(), Case.id)
        .limit(PER_PAGE)
        .offset((page - 1) * PER_PAGE)
    ).all()
    return CaseList(cases, total, late, max(1, -(-total // PER_PAGE)))


def find_case(session: Session, reference: str, *, landlord: str, team: str) -> Case | None:
    return session.scalar(
        visible_cases(landlord=landlord, team=team)
        .where(Case.reference == reference)
        .options(
            selectinload(Case.deadlines), selectinload(Case.incidents), selectinload(Case.entries)
        )
    )


def cases_in_review(session: Session, *, landlord: str, team: str) -> Sequence[Case]:
    return session.scalars(
        visible_cases(landlord=landlord, team=team)
        .where(Case.status == "review")
        .options(selectinload(Case.deadlines))
        .order_by(Case.opened_at)
    ).all()


def reports_to_look_at(session: Session, *, landlord: str, team: str) -> Sequence[Report]:
    """Without a case, but challenged or with a person asked for; not looked at since."""
    unseen = Report.looked_at.is_(None)
    return session.scalars(
        visible_reports(landlord=landlord, team=team)
        .where(
            Report.status != "case",
            or_(
                and_(
                    Report.challenged_at.is_not(None),
                    or_(unseen, Report.looked_at < Report.challenged_at),
                ),
                and_(
                    Report.person_asked_at.is_not(None),
                    or_(unseen, Report.looked_at < Report.person_asked_at),
                ),
            ),
        )
        .order_by(func.coalesce(Report.challenged_at, Report.person_asked_at), Report.id)
    ).all()


def screened_out_reports(
    session: Session, *, landlord: str, team: str, page: int = 1
) -> tuple[Sequence[Report], int]:
    """Reports that did not become a case, newest first, and the number of pages."""
    query = visible_reports(landlord=landlord, team=team).where(Report.status.in_(SCREENED_OUT))
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    reports = session.scalars(
        query.order_by(Report.started_at.desc(), Report.id)
        .limit(PER_PAGE)
        .offset((page - 1) * PER_PAGE)
    ).all()
    return reports, max(1, -(-total // PER_PAGE))


def find_report(session: Session, reference: str, *, landlord: str, team: str) -> Report | None:
    return session.scalar(
        visible_reports(landlord=landlord, team=team).where(Report.reference == reference)
    )


def visible_evidence(*, landlord: str, team: str) -> Select[Evidence]:
    """The files of the reports that the officer may see."""
    reports = visible_reports(landlord=landlord, team=team).with_only_columns(Report.id)
    return select(Evidence).where(Evidence.landlord == landlord, Evidence.report_id.in_(reports))


def evidence_of(
    session: Session, report_id: str, *, landlord: str, team: str
) -> Sequence[Evidence]:
    """A report's files, oldest first."""
    return session.scalars(
        visible_evidence(landlord=landlord, team=team)
        .where(Evidence.report_id == report_id)
        .order_by(Evidence.received_at, Evidence.id)
    ).all()


def find_evidence(
    session: Session, evidence_id: str, *, landlord: str, team: str
) -> Evidence | None:
    return session.scalar(
        visible_evidence(landlord=landlord, team=team).where(Evidence.id == evidence_id)
    )


def never_opened(session: Session, report_ids: Sequence[str]) -> Mapping[str, int]:
    """report → how many of its files nobody has opened; reports without any are left out."""
    rows = session.execute(
        select(Evidence.report_id, func.count())
        .where(Evidence.report_id.in_(report_ids), Evidence.opened_at.is_(None))
        .group_by(Evidence.report_id)
    )
    return {row[0]: row[1] for row in rows}


def report_of(session: Session, case: Case) -> Report | None:
    return session.scalar(
        select(Report).where(Report.id == case.report_id, Report.landlord == case.landlord)
    )


def case_of(session: Session, report: Report, *, landlord: str, team: str) -> Case | None:
    return session.scalar(
        visible_cases(landlord=landlord, team=team).where(Case.report_id == report.id)
    )


def talk_of(session: Session, report_id: str, conversation_id: str) -> str:
    """The conversation in which a report is talked about now: it may have gone on elsewhere."""
    found = session.scalar(
        select(Conversation.id)
        .where(Conversation.report_id == report_id)
        .order_by(Conversation.last_message_at.desc(), Conversation.started_at.desc())
        .limit(1)
    )
    return found or conversation_id


def transcript(
    session: Session, conversation_id: str, report_id: str, *, landlord: str, team: str
) -> Sequence[Message] | None:
    """The messages of a report's conversation in order, and of those it went on in; None where
    the officer may not read them.

    One conversation can lead to several cases: if one of them is restricted to another team,
    its words stand in this transcript too, so all of it is withheld.
    """
    hidden = session.scalar(
        select(func.count())
        .select_from(Case)
        .where(
            or_(Case.conversation_id == conversation_id, Case.report_id == report_id),
            Case.restricted.is_(True),
            or_(Case.team != team, Case.landlord != landlord),
        )
    )
    if hidden:
        return None
    return session.scalars(
        select(Message)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(
            or_(Conversation.id == conversation_id, Conversation.report_id == report_id),
            Conversation.landlord == landlord,
        )
        .order_by(Message.id)
    ).all()
