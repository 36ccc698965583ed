"""Where officers meet what waits for a person: conversations, unfinished reports, requests."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.orm import Session

from api import clock
from api.cases.requests import TASKS
from api.channels.chat_sessions import is_open, open_until, rests_until
from api.conversation.contact import is_reachable
from api.conversation.handover import REASONS
from api.conversation.model import Conversation
from api.conversation.officers import NotSendable, give_back, step_in, write_to_resident
from api.conversation.typed import typed_for
from api.errors import NotFound
from api.messages.transcript import messages_of
from api.portal import case_page, labels, talk_queries
from api.portal.pages import Officer, OfficerRoute, Writer, language_of, officer_page, policy_of
from api.portal.sessions import SignedIn
from api.reports.model import Report

SAFE_THERE = {"yes": "said to be safe", "no": "said not to be safe"}

router = APIRouter(prefix="/officers", route_class=OfficerRoute, include_in_schema=False)


@router.get("/conversations")
def conversations(request: Request, who: Officer) -> Response:
    with request.app.state.db.reading() as session:
        lines = talk_queries.talks_for_a_person(
            session, landlord=who.officer.landlord, team=who.officer.team
        )
    return officer_page(
        "officers/conversations.html", request, who,
        here="conversations",
        lines=lines,
        reasons=REASONS,
    )  # fmt: skip


@router.get("/conversations/{conversation_id}")
def one_conversation(request: Request, who: Officer, conversation_id: str) -> Response:
    return _talk(request, who, conversation_id)


@router.post("/conversations/{conversation_id}/step-in")
def take_over(request: Request, who: Writer, conversation_id: str) -> Response:
    """The assistant goes quiet and says so."""
    with request.app.state.db.writing() as session:
        talk = _find(session, who, conversation_id)
        step_in(session, talk, request.app.state.rulebook, by=who.officer.email, at=clock.now())
    return _back_to(conversation_id)


@router.post("/conversations/{conversation_id}/words")
def write(
    request: Request,
    who: Writer,
    conversation_id: str,
    words: Annotated[str, Form()] = "",
) -> Response:
    """An officer's words go out where the resident is. What cannot be sent stays in the box."""
    try:
        with request.app.state.db.writing() as session:
            talk = _find(session, who, conversation_id)
            if talk.channel == "web_chat" and not _device(session, talk).reads:
                raise NotSendable("This chat has closed: your words would not reach them.")
            write_to_resident(
                session, talk, words, request.app.state.rulebook,
                by=who.officer.email, at=clock.now(),
            )  # fmt: skip
    except NotSendable as error:
        return _talk(request, who, conversation_id, draft=words, problem=error.detail)
    return _back_to(conversation_id)


@router.post("/conversations/{conversation_id}/hand-back")
def hand_back(request: Request, who: Writer, conversation_id: str) -> Response:
    """The assistant answers again. Nothing else hands a conversation back to it."""
    with request.app.state.db.writing() as session:
        talk = _find(session, who, conversation_id)
        give_back(session, talk, request.app.state.rulebook, by=who.officer.email, at=clock.now())
    return _back_to(conversation_id)


@router.get("/incomplete")
def incomplete(request: Request, who: Officer) -> Response:
    with request.app.state.db.reading() as session:
        reports = talk_queries.incomplete_reports(
            session, landlord=who.officer.landlord, team=who.officer.team
        )
        words = {one.id: typed_for(session, one) for one in reports}
    return officer_page(
        "officers/incomplete.html", request, who,
        here="incomplete",
        reports=[(one, case_page.told(one), words[one.id]) for one in reports],
    )  # fmt: skip


@router.get("/requests")
def requests(request: Request, who: Officer) -> Response:
    with request.app.state.db.reading() as session:
        lines = talk_queries.open_requests(
            session, landlord=who.officer.landlord, team=who.officer.team
        )
    return officer_page(
        "officers/requests.html", request, who,
        here="requests",
        lines=lines,
        tasks=TASKS,
    )  # fmt: skip


@router.post("/requests/{request_id}/done")
def deal_with(request: Request, who: Writer, request_id: int) -> Response:
    """An officer has dealt with a request. It stays on record."""
    with request.app.state.db.writing() as session:
        found = talk_queries.find_request(
            session, request_id, landlord=who.officer.landlord, team=who.officer.team
        )
        if found is None:
            raise NotFound("There is no such request among those you may see.")
        if found.done_at is None:
            found.done_at, found.done_by = clock.now(), who.officer.email
    return RedirectResponse("/officers/requests", 303)


@dataclass(frozen=True)
class Device:
    """A web chat where the resident has it: open, or closed since (`closes_at`). `reads_until`: one
    that has closed is gone on with until then, if at all."""

    is_open: bool
    closes_at: datetime
    reads_until: datetime | None

    @property
    def reads(self) -> bool:
        """Whether what is written now may still be read there."""
        return self.is_open or self.reads_until is not None


def _device(session: Session, talk: Conversation) -> Device:
    until = rests_until(session, talk)
    reads_until = until if until and clock.now() < until else None
    return Device(is_open(talk), talk.ended_at or open_until(talk), reads_until)


def _to_reach_them(talk: Conversation, report: Report) -> str:
    if not is_reachable(talk, report):
        return "They left no number and no e-mail."
    if not report.contact:
        return "By text"
    safe = SAFE_THERE.get(report.safe_contact or "", "nobody has said whether it is safe")
    return f"{report.contact} ({safe}). {labels.value(report.safe_how)}".strip()


def _find(session: Session, who: SignedIn, conversation_id: str) -> Conversation:
    """The conversation, where this officer may see it. Raises NotFound."""
    talk = talk_queries.find_talk(
        session, conversation_id, landlord=who.officer.landlord, team=who.officer.team
    )
    if talk is None:
        raise NotFound("There is no such conversation among those you may see.")
    return talk


def _talk(
    request: Request, who: SignedIn, conversation_id: str, *, draft: str = "", problem: str = ""
) -> Response:
    with request.app.state.db.reading() as session:
        talk = _find(session, who, conversation_id)
        line = talk_queries.line_of(session, talk)
        device = _device(session, talk) if talk.channel == "web_chat" else None
        messages = messages_of(session, talk.id)
        held = talk_queries.not_sent(session, messages)
    policy = policy_of(request, who)
    said = case_page.said(messages, policy.name, language_of(request)) or []
    return officer_page(
        "officers/conversation.html", request, who,
        here="conversations",
        talk=talk,
        line=line,
        channel=labels.label(labels.CHANNELS, talk.channel),
        device=device,
        to_reach_them=_to_reach_them(talk, line.report),
        reason=REASONS.get(talk.handover_reason or "", ""),
        lines=[
            (one, held.get(message.id, ""))
            for one, message in zip(said, messages, strict=True)
        ],
        draft=draft,
        problem=problem,
        status_code=422 if problem else 200,
    )  # fmt: skip


def _back_to(conversation_id: str) -> RedirectResponse:
    return RedirectResponse(f"/officers/conversations/{conversation_id}#write", 303)
