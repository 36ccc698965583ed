"""For officers' own systems: what waits for a person beside the cases."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel
from sqlalchemy import select

from api.cases.model import Case
from api.cases.queries import label_of
from api.cases.requests import ResidentRequest
from api.cases.schema import ReportOut
from api.channels.officers_api import Landlord
from api.channels.problems import problems
from api.conversation.typed import typed_for
from api.errors import NotFound
from api.intake.rulebook import Rulebook
from api.reports.model import Report

router = APIRouter(prefix="/api", tags=["officers' systems"])


class IncompleteOut(BaseModel):
    """A report that was begun and left. `typed`: everything the resident wrote, in order."""

    reference: str
    landlord: str
    channel: str
    category: str | None
    category_label: str | None
    flags: list[str]
    told_as: list[str]
    report: ReportOut
    typed: list[str]
    started_at: datetime
    updated_at: datetime
    incomplete_at: datetime
    looked_at: datetime | None


class IncompleteList(BaseModel):
    reports: list[IncompleteOut]


class RequestOut(BaseModel):
    """What a resident asked of a person: close · complaint · accused · staff · contractor ·
    evidence."""

    id: int
    kind: str
    words: str
    case: str | None
    report: str | None
    asked_at: datetime
    done_at: datetime | None
    done_by: str | None


class RequestList(BaseModel):
    requests: list[RequestOut]


@router.get("/incomplete", responses=problems(401, 422))
def list_incomplete(request: Request, landlord: Landlord) -> IncompleteList:
    """The landlord's reports that were never finished and that nobody goes on with."""
    rulebook: Rulebook = request.app.state.rulebook
    policy = rulebook.pack(landlord).policy
    with request.app.state.db.reading() as session:
        reports = session.scalars(
            select(Report)
            .where(
                Report.landlord == landlord,
                Report.status == "draft",
                Report.incomplete_at.is_not(None),
            )
            .order_by(Report.incomplete_at.desc(), Report.id)
        ).all()
        return IncompleteList(
            reports=[
                IncompleteOut(
                    reference=one.reference,
                    landlord=one.landlord,
                    channel=one.channel,
                    category=one.category,
                    category_label=label_of(policy, one.category),
                    flags=one.flags,
                    told_as=one.told_as,
                    report=ReportOut.model_validate(one, from_attributes=True),
                    typed=typed_for(session, one),
                    started_at=one.started_at,
                    updated_at=one.updated_at,
                    incomplete_at=one.incomplete_at,
                    looked_at=one.looked_at,
                )
                for one in reports
                if one.incomplete_at is not None
            ]
        )


@router.get("/incomplete/{reference}", responses=problems(401, 404, 422))
def show_incomplete(reference: str, request: Request, landlord: Landlord) -> IncompleteOut:
    """One of them. Another landlord's is not there."""
    found = list_incomplete(request, landlord)
    for one in found.reports:
        if one.reference == reference:
            return one
    raise NotFound(f"There is no such report {reference[:20]}.")


@router.get("/requests", responses=problems(401, 422))
def list_requests(
    request: Request, landlord: Landlord, done: Annotated[bool | None, Query()] = None
) -> RequestList:
    """What residents asked of a person; `done=false`: what nobody has dealt with yet."""
    with request.app.state.db.reading() as session:
        query = select(ResidentRequest).where(ResidentRequest.landlord == landlord)
        if done is not None:
            waits = ResidentRequest.done_at.is_(None)
            query = query.where(~waits if done else waits)
        rows = session.scalars(query.order_by(ResidentRequest.asked_at, ResidentRequest.id)).all()
        return RequestList(
            requests=[
                RequestOut(
                    id=one.id,
                    kind=one.kind,
                    words=one.words,
                    case=_reference(session.get(Case, one.case_id) if one.case_id else None),
                    report=_reference(
                        session.get(Report, one.report_id) if one.report_id else None
                    ),
                    asked_at=one.asked_at,
                    done_at=one.done_at,
                    done_by=one.done_by,
                )
                for one in rows
            ]
        )


def _reference(found: Case | Report | None) -> str | None:
    return found.reference if found else None
