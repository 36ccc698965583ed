"""The officers' pages. An officer sees the cases of their own landlord and nothing else."""

import hmac
from collections.abc import Callable, Sequence
from typing import Annotated, Any
from urllib.parse import quote, urlsplit

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from api import clock
from api.cases.queries import risk_of
from api.errors import DoorstepError, NotAllowed, NotFound, NotSignedIn
from api.evidence.model import Evidence
from api.intake.rulebook import Rulebook
from api.pages import PageRoute, from_our_page, is_https, page
from api.policies.schema import Policy
from api.portal import case_page, labels, queries, sessions, texts
from api.portal.sessions import SignedIn
from api.reports.model import Report

COOKIE = "doorstep_officer"
FIRST_PAGE = "/officers/cases"
SIGN_IN = "/officers/sign-in"


class OfficerRoute(PageRoute):
    """Whoever is not signed in is asked to sign in, and then gets the page they asked for."""

    def say(self, request: Request, error: DoorstepError) -> Response:
        if not isinstance(error, NotSignedIn):
            return super().say(request, error)
        back = request.url.path if request.method == "GET" else FIRST_PAGE
        response = RedirectResponse(f"{SIGN_IN}?next={quote(back)}", 303)
        response.headers["Cache-Control"] = "no-store"
        return response


router = APIRouter(prefix="/officers", route_class=OfficerRoute, include_in_schema=False)
_wrong_tries = sessions.WrongTries()


def signed_in(request: Request) -> SignedIn:
    """The officer of this request. Raises NotSignedIn."""
    token = request.cookies.get(COOKIE, "")
    now = clock.now()
    database = request.app.state.db
    with database.reading() as session:
        found, officer = sessions.find_session(session, token, at=now)
    if now - found.seen_at > sessions.SEEN_EVERY:
        with database.writing() as session:
            again, officer = sessions.find_session(session, token, at=now)
            again.seen_at = now
    return SignedIn(officer, sessions.form_token(token))


def may_write(
    request: Request,
    who: Annotated[SignedIn, Depends(signed_in)],
    form_token: Annotated[str, Form()] = "",
) -> SignedIn:
    """The officer of this form. Raises NotAllowed for a form that is not from our own page."""
    if not from_our_page(request) or not hmac.compare_digest(
        form_token.encode(), who.form_token.encode()
    ):
        raise NotAllowed("That form did not come from this page. Go back, reload it and try again.")
    return who


Officer = Annotated[SignedIn, Depends(signed_in)]
Writer = Annotated[SignedIn, Depends(may_write)]


@router.get("/")
def first(who: Officer) -> Response:
    return RedirectResponse(FIRST_PAGE, 303)


@router.get("/sign-in")
def sign_in_page(request: Request, next: str = "") -> Response:
    try:
        signed_in(request)
    except NotSignedIn:
        return _sign_in_form(next_page=_inside(next))
    return RedirectResponse(_inside(next), 303)


@router.post("/sign-in")
def sign_in(
    request: Request,
    email: Annotated[str, Form()] = "",
    password: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "",
) -> Response:
    if not from_our_page(request):
        raise NotAllowed("That form came from another site. Open the sign-in page and try again.")
    now = clock.now()
    try:
        _wrong_tries.check(email, at=now)
    except sessions.TooManyTries as error:
        return _sign_in_form(
            email=email, next_page=_inside(next), problem=error.title, status=error.status
        )
    database = request.app.state.db
    with database.reading() as session:
        officer = sessions.officer_with(session, email=email, password=password)
    if officer is None:
        _wrong_tries.count(email, at=now)
        return _sign_in_form(
            email=email,
            next_page=_inside(next),
            problem="That e-mail address and password do not belong together.",
            status=401,
        )
    with database.writing() as session:
        sessions.end_session(session, request.cookies.get(COOKIE, ""), at=now)
        token = sessions.start_session(session, officer, at=now)
    response = RedirectResponse(_inside(next), 303)
    response.headers["Cache-Control"] = "no-store"
    response.set_cookie(
        COOKIE, token, httponly=True, samesite="lax", secure=is_https(request), path="/officers"
    )
    return response


@router.post("/sign-out")
def sign_out(request: Request, who: Writer) -> Response:
    with request.app.state.db.writing() as session:
        sessions.end_session(session, request.cookies.get(COOKIE, ""), at=clock.now())
    response = RedirectResponse(SIGN_IN, 303)
    response.headers["Clear-Site-Data"] = '"cache"'
    response.delete_cookie(
        COOKIE, httponly=True, samesite="lax", secure=is_https(request), path="/officers"
    )
    return response


@router.get("/cases")
def case_list(
    request: Request, who: Officer, status: str = "", team: str = "", page: str = "1"
) -> Response:
    now = clock.now()
    number = _page_number(page)
    policy = policy_of(request, who)
    with request.app.state.db.reading() as session:
        found = queries.list_cases(
            session, landlord=who.officer.landlord, team=who.officer.team, now=now,
            status=status, for_team=team, page=number,
        )  # fmt: skip
        unopened = queries.never_opened(session, [case.report_id for case in found.cases])
    return officer_page(
        "officers/cases.html", request, who,
        here="cases",
        found=found,
        lines=[(case, case_page.next_deadline(case, now=now)) for case in found.cases],
        unopened=unopened,
        status=status,
        team=team,
        page_number=number,
        statuses=[("", "Open or in review"), *labels.STATUSES.items(), ("all", "All")],
        teams=[("", "All teams"), *((one.code, one.label) for one in policy.teams)],
    )  # fmt: skip


@router.get("/cases/{reference}")
def one_case(request: Request, who: Officer, reference: str) -> Response:
    now = clock.now()
    policy = policy_of(request, who)
    landlord, team = who.officer.landlord, who.officer.team
    with request.app.state.db.reading() as session:
        case = queries.find_case(session, reference, landlord=landlord, team=team)
        if case is None:
            raise NotFound("There is no such case among those you may see.")
        report = queries.report_of(session, case)
        card = risk_of(session, case)
        messages = queries.transcript(
            session, case.conversation_id, case.report_id, landlord=landlord, team=team
        )
        talk_id = queries.talk_of(session, case.report_id, case.conversation_id)
        sent = texts.texts_of_case(session, case, whole=messages is not None)
        evidence = queries.evidence_of(session, case.report_id, landlord=landlord, team=team)
    matrix = request.app.state.policies.risk_matrix
    because, assumed = case_page.routing_reason(case.routing)
    return officer_page(
        "officers/case.html", request, who,
        here="cases",
        case=case,
        talk_id=talk_id,
        report=report,
        told=case_page.told(report) if report else [],
        screening=case_page.screening(case.screening, case.policy_version, policy),
        routing_clause=because,
        routing_assumed=assumed,
        risk=case_page.risk(card, matrix) if card else None,
        deadlines=case_page.deadline_lines(case.deadlines, now=now),
        said=case_page.said(messages, policy.name, language_of(request)),
        text_lines=[texts.text_line(one, now=now) for one in sent],
        evidence=_with_kinds(request, evidence),
    )  # fmt: skip


@router.get("/reviews")
def reviews(request: Request, who: Officer, page: str = "1") -> Response:
    now = clock.now()
    number = _page_number(page)
    landlord, team = who.officer.landlord, who.officer.team
    with request.app.state.db.reading() as session:
        waiting = queries.reports_to_look_at(session, landlord=landlord, team=team)
        cases = queries.cases_in_review(session, landlord=landlord, team=team)
        screened_out, pages = queries.screened_out_reports(
            session, landlord=landlord, team=team, page=number
        )
        unopened = queries.never_opened(session, [case.report_id for case in cases])
    return officer_page(
        "officers/reviews.html", request, who,
        here="reviews",
        waiting=waiting,
        lines=[(case, case_page.next_deadline(case, now=now)) for case in cases],
        unopened=unopened,
        screened_out=[(one, _screening(request, who, one)) for one in screened_out],
        page_number=number,
        pages=pages,
    )  # fmt: skip


@router.get("/reports/{reference}")
def one_report(request: Request, who: Officer, reference: str) -> Response:
    landlord, team = who.officer.landlord, who.officer.team
    with request.app.state.db.reading() as session:
        report = queries.find_report(session, reference, landlord=landlord, team=team)
        if report is None:
            raise NotFound("There is no such report among those you may see.")
        case = queries.case_of(session, report, landlord=landlord, team=team)
        messages = queries.transcript(
            session, report.conversation_id, report.id, landlord=landlord, team=team
        )
        talk_id = queries.talk_of(session, report.id, report.conversation_id)
        evidence = queries.evidence_of(session, report.id, landlord=landlord, team=team)
    policy = policy_of(request, who)
    return officer_page(
        "officers/report.html", request, who,
        here="reviews",
        report=report,
        talk_id=talk_id,
        case=case,
        told=case_page.told(report),
        screening=_screening(request, who, report),
        to_look_at=bool(
            (
                report.challenged_at
                or report.person_asked_at
                or report.incomplete_at
                or report.status != "draft"
            )
            and case is None
        ),
        said=case_page.said(messages, policy.name, language_of(request)),
        evidence=_with_kinds(request, evidence),
    )  # fmt: skip


@router.post("/reports/{reference}/looked-at")
def look_at_report(request: Request, who: Writer, reference: str) -> Response:
    """An officer has looked at a report that became no case."""
    with request.app.state.db.writing() as session:
        report = queries.find_report(
            session, reference, landlord=who.officer.landlord, team=who.officer.team
        )
        if report is None:
            raise NotFound("There is no such report among those you may see.")
        report.looked_at = clock.now()
    return RedirectResponse(f"/officers/reports/{report.reference}", 303)


def _sign_in_form(
    *, email: str = "", next_page: str = FIRST_PAGE, problem: str = "", status: int = 200
) -> HTMLResponse:
    return page(
        "officers/sign_in.html",
        status_code=status,
        email=email,
        next_page=next_page,
        problems=[{"field": "email", "words": problem}] if problem else [],
    )


def _inside(address: str) -> str:
    """An address of the officers' pages; anything else becomes the first one."""
    parts = urlsplit(address)
    plain = not parts.scheme and not parts.netloc and "\\" not in address
    inside = parts.path.startswith("/officers/") and ".." not in parts.path
    return address if plain and inside and parts.path != SIGN_IN else FIRST_PAGE


def _page_number(given: str) -> int:
    return min(int(given), 100_000) if given.isdecimal() and int(given) > 0 else 1


def _with_kinds(request: Request, files: Sequence[Evidence]) -> list[tuple[Evidence, str]]:
    kinds = request.app.state.evidence.kinds
    return [(one, labels.file(kinds, one.media_type)) for one in files]


def policy_of(request: Request, who: SignedIn) -> Policy:
    rulebook: Rulebook = request.app.state.rulebook
    return rulebook.pack(who.officer.landlord).policy


def language_of(request: Request) -> Callable[[str], str]:
    """A language's name by its code."""
    rulebook: Rulebook = request.app.state.rulebook
    return rulebook.languages.name


def _screening(request: Request, who: SignedIn, report: Report) -> case_page.ScreeningShown:
    return case_page.screening(report.decision, report.policy_version, policy_of(request, who))


def officer_page(template: str, request: Request, who: SignedIn, **values: Any) -> HTMLResponse:
    policy = policy_of(request, who)
    return page(
        template,
        who=who,
        landlord=request.app.state.landlords[who.officer.landlord],
        labels=labels,
        category=lambda code: labels.category(policy, code),
        severity=lambda code: labels.severity(policy, code),
        team_name=lambda code: labels.team(policy, code),
        language=language_of(request),
        **values,
    )
