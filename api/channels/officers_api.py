"""For officers' own systems: cases, what was screened out, and triage of a call note."""

import base64
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Request
from pydantic import BaseModel, Field

from api import clock
from api.cases.model import Case
from api.cases.queries import case_out, cases_of, page_of_cases, screened_out, screened_out_of
from api.cases.schema import CaseList, CaseOut, ScreenedOut, ScreenedOutList, TriageOut
from api.channels.problems import Readable, problems
from api.conversation.rasa import BotUnavailable
from api.conversation.triage import triage
from api.errors import NotFound, NotReady, NotSignedIn, NotUsable
from api.intake.rulebook import Rulebook
from api.reports.model import Report
from api.teams.keys import landlord_of_key

PAGE = 100

router = APIRouter(prefix="/api", tags=["officers' systems"])


def landlord_of(request: Request, authorization: Annotated[str | None, Header()] = None) -> str:
    """The landlord whose key was sent. Raises NotSignedIn without a valid one."""
    scheme, _, key = (authorization or "").partition(" ")
    with request.app.state.db.reading() as session:
        landlord = landlord_of_key(session, key.strip()) if scheme.lower() == "bearer" else None
    if landlord is None:
        raise NotSignedIn("Send the landlord's key as 'Authorization: Bearer …'.")
    return landlord


Landlord = Annotated[str, Depends(landlord_of)]


class CallNote(BaseModel):
    text: Readable = Field(min_length=1, max_length=10_000)


@router.get("/cases", responses=problems(401, 422))
def list_cases(
    request: Request,
    landlord: Landlord,
    status: str | None = None,
    team: str | None = None,
    updated_after: datetime | None = None,
    cursor: str | None = None,
) -> CaseList:
    """The landlord's cases in the order in which they last changed, 100 to a page."""
    rulebook: Rulebook = request.app.state.rulebook
    if updated_after and updated_after.tzinfo is None:
        raise NotUsable("updated_after needs its time zone, for example 2026-11-02T10:00:00Z.")
    policy = rulebook.pack(landlord).policy
    with request.app.state.db.reading() as session:
        cases = page_of_cases(
            session,
            landlord,
            status=status,
            team=team,
            updated_after=updated_after,
            after=_read_cursor(cursor) if cursor else None,
            size=PAGE,
        )
        return CaseList(
            cases=[case_out(session, case, policy) for case in cases],
            cursor=_cursor(cases[-1]) if len(cases) == PAGE else None,
        )


@router.get("/cases/{reference}", responses=problems(401, 404, 422))
def show_case(reference: str, request: Request, landlord: Landlord) -> CaseOut:
    """One case. Another landlord's is not there."""
    rulebook: Rulebook = request.app.state.rulebook
    with request.app.state.db.reading() as session:
        case = session.scalar(cases_of(landlord).where(Case.reference == reference))
        if case is None:
            raise NotFound(f"There is no case {reference[:20]}.")
        return case_out(session, case, rulebook.pack(landlord).policy)


@router.get("/non-asb", responses=problems(401, 422))
def list_screened_out(
    request: Request,
    landlord: Landlord,
    challenged: Annotated[bool | None, Query()] = None,
) -> ScreenedOutList:
    """Reports that became no case, with their clause; `challenged=true`: those to look at."""
    rulebook: Rulebook = request.app.state.rulebook
    policy = rulebook.pack(landlord).policy
    with request.app.state.db.reading() as session:
        reports = session.scalars(screened_out_of(landlord)).all()
        return ScreenedOutList(
            reports=[
                screened_out(report, policy)
                for report in reports
                if challenged is None or (report.challenged_at is not None) == challenged
            ]
        )


@router.get("/non-asb/{reference}", responses=problems(401, 404, 422))
def show_screened_out(reference: str, request: Request, landlord: Landlord) -> ScreenedOut:
    rulebook: Rulebook = request.app.state.rulebook
    with request.app.state.db.reading() as session:
        report = session.scalars(
            screened_out_of(landlord).where(Report.reference == reference)
        ).first()
        if report is None:
            raise NotFound(f"There is no such report {reference[:20]}.")
        return screened_out(report, rulebook.pack(landlord).policy)


@router.post("/triage", responses=problems(400, 401, 413, 422, 503))
def triage_note(body: CallNote, request: Request, landlord: Landlord) -> TriageOut:
    """Judges the text of a call note or an e-mail. Stores nothing."""
    try:
        return triage(
            body.text,
            landlord,
            request.app.state.rulebook,
            request.app.state.desk.bots,
            at=clock.now(),
        )
    except BotUnavailable as trouble:
        raise NotReady("The model does not answer right now. Please try again.") from trouble


def _cursor(case: Case) -> str:
    return base64.urlsafe_b64encode(f"{case.updated_at.isoformat()}|{case.id}".encode()).decode()


def _read_cursor(cursor: str) -> tuple[datetime, str]:
    try:
        at, _, case_id = base64.urlsafe_b64decode(cursor.encode()).decode().partition("|")
        return datetime.fromisoformat(at), case_id
    except ValueError as wrong:
        raise NotUsable("That cursor was not given out by us.") from wrong
