"""Officers' pages about reaching a resident: texts that did not, and how they may safely be
texted."""

import re
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from api import clock
from api.cases.model import Case
from api.cases.open_case import note
from api.channels.sms.numbers import sendable
from api.errors import NotFound
from api.portal import queries, texts
from api.portal.pages import Officer, OfficerRoute, Writer, officer_page
from api.portal.sessions import SignedIn

router = APIRouter(prefix="/officers", route_class=OfficerRoute, include_in_schema=False)
HOUR = re.compile(r"([01]?\d|2[0-3])[:.]?([0-5]\d)")
NO_CASE = "There is no such case among those you may see."


@router.get("/texts")
def texts_page(request: Request, who: Officer) -> Response:
    """Who has not been reached by text, and why."""
    now = clock.now()
    landlord, team = who.officer.landlord, who.officer.team
    with request.app.state.db.reading() as session:
        lines = texts.not_reached(session, landlord=landlord, team=team, now=now)
        notices = texts.for_the_admin(session, landlord, now=now)
    return officer_page(
        "officers/texts.html", request, who, here="texts", lines=lines, notices=notices
    )


@router.get("/cases/{reference}/texting")
def texting_form(request: Request, who: Officer, reference: str) -> Response:
    with request.app.state.db.reading() as session:
        case = _case(session, who, reference)
    return _form(request, who, case, _as_recorded(case), [])


@router.post("/cases/{reference}/texting")
def record_texting(
    request: Request,
    who: Writer,
    reference: str,
    safe: Annotated[str, Form()] = "",
    texts_from: Annotated[str, Form()] = "",
    texts_until: Annotated[str, Form()] = "",
    because: Annotated[str, Form()] = "",
) -> Response:
    """An officer records whether, and when, it is safe to text. It counts from the next text on."""
    given = {
        "safe": safe, "texts_from": texts_from.strip(), "texts_until": texts_until.strip(),
        "because": because.strip(),
    }  # fmt: skip
    with request.app.state.db.writing() as session:
        case = _case(session, who, reference)
        problems = _problems(given, case, demo=request.app.state.settings.demo)
        if not problems:
            _record(session, case, given, by=who.officer.email)
    if problems:
        return _form(request, who, case, given, problems, status=422)
    return RedirectResponse(f"/officers/cases/{reference}#contact", 303)


def _case(session: Any, who: SignedIn, reference: str) -> Case:
    case = queries.find_case(
        session, reference, landlord=who.officer.landlord, team=who.officer.team
    )
    if case is None:
        raise NotFound(NO_CASE)
    return case


def _as_recorded(case: Case) -> dict[str, str]:
    return {
        "safe": "yes" if case.safe_to_text else "",
        "texts_from": case.texts_from or "",
        "texts_until": case.texts_until or "",
        "because": "",
    }


def _hour(written: str) -> str | None:
    found = HOUR.fullmatch(written)
    return f"{int(found[1]):02}:{found[2]}" if found else None


def _problems(given: dict[str, str], case: Case, *, demo: bool) -> list[dict[str, str]]:
    problems = []

    def wrong(field: str, words: str) -> None:
        problems.append({"field": field, "words": words})

    if given["safe"] not in {"yes", "no"}:
        wrong("safe", "Say whether it is safe to text them.")
    if given["safe"] == "yes" and not sendable(case.contact_number or "", demo=demo):
        wrong("safe", "There is no UK mobile number on this case, so nobody can be texted.")
    for field in ("texts_from", "texts_until"):
        if given[field] and not _hour(given[field]):
            wrong(field, "Write a time such as 10:00 or 16:30, or leave it empty.")
    first, last = _hour(given["texts_from"]), _hour(given["texts_until"])
    if first and last and first >= last:
        wrong("texts_until", "The last time must be after the first one.")
    if not given["because"]:
        wrong("because", "Say how you know: who told you, and when.")
    return problems


def _record(session: Any, case: Case, given: dict[str, str], *, by: str) -> None:
    case.safe_to_text = given["safe"] == "yes"
    case.texts_from = _hour(given["texts_from"])
    case.texts_until = _hour(given["texts_until"])
    hours = ""
    if case.safe_to_text and (case.texts_from or case.texts_until):
        hours = f", from {case.texts_from or '09:00'} to {case.texts_until or '19:00'}"
    words = f"Safe to text{hours}." if case.safe_to_text else "Not safe to text."
    note(
        session, case, kind="contact", at=clock.now(), by=by,
        words=f"{words} {given['because']}",
    )  # fmt: skip


def _form(
    request: Request,
    who: SignedIn,
    case: Case,
    given: dict[str, str],
    problems: list[dict[str, str]],
    status: int = 200,
) -> Response:
    return officer_page(
        "officers/texting.html", request, who,
        status_code=status, here="cases", case=case, given=given, problems=problems,
    )  # fmt: skip
