"""The chat as a page for each landlord. It works without JavaScript, and better with it."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlalchemy import select
from starlette.datastructures import FormData

from api import clock
from api.cases.open_case import case_of
from api.channels import chat_sessions, web_chat
from api.channels.chat_lines import question_on_offer, shown
from api.channels.chat_sessions import COOKIE, Chat, ChatIsOver
from api.channels.pace import TooFast
from api.channels.trouble_pages import ResidentRoute
from api.channels.web_chat import MOST_CHARACTERS
from api.clock import LONDON
from api.conversation.model import Conversation
from api.conversation.receive import speak
from api.conversation.take_up import is_safe, where_we_were
from api.errors import DoorstepError, NotAllowed
from api.evidence.links import create_upload_link
from api.pages import from_our_page, is_framed, page
from api.reports.copies import copy_is_safe
from api.reports.model import Report

router = APIRouter(route_class=ResidentRoute, include_in_schema=False)

WRITE_SOMETHING = "Write a few words first, then press Send."
PICK_SOMETHING = "Tick at least one answer, or write your own words below."
CLOSED = (
    "Your earlier chat was closed because nothing was written for a while. What you told us is "
    "kept. This is a new chat. If you have your reference, you can send it here."
)
OTHER_SITE = "That came from another site. Open the chat and try it there."
NOT_CARRIED_ON = (
    "We have your message. But your browser did not say which chat it belongs to, so we started "
    "a new one. If this happens again, open the chat in a window of its own, or allow cookies."
)


@dataclass(frozen=True)
class Opened:
    """The browser's chat with a landlord. `notice` says why it is a new one, where that matters."""

    token: str
    chat: Chat
    notice: str = ""


@dataclass(frozen=True)
class Sent:
    """What the form sent: the words, or the picked choices' values."""

    text: str
    picked: str
    picking: bool
    client_message_id: str

    @classmethod
    def of(cls, form: FormData) -> "Sent":
        def one(name: str) -> str:
            value = form.get(name, "")
            return value.strip().replace("\x00", "") if isinstance(value, str) else ""

        several = [value for value in form.getlist("several") if isinstance(value, str)]
        picking = "pick" in form
        picked = one("choice") or (", ".join(several) if picking or not one("text") else "")
        client_message_id = one("client_message_id")[:80] or uuid4().hex
        return cls(one("text"), picked, picking, client_message_id)

    @property
    def problem(self) -> str:
        if self.picking and not self.picked:
            return PICK_SOMETHING
        if not (self.picked or self.text):
            return WRITE_SOMETHING
        if not self.picked and len(self.text) > MOST_CHARACTERS:
            return (
                f"That message is too long. Send it in parts of up to {MOST_CHARACTERS:,} letters."
            )
        return ""


@router.get("/chat/{landlord}")
def chat_page(request: Request, landlord: str) -> Response:
    """The chat so far, or a new one with its first words. Where one rests in this browser, whoever
    is there now is asked first whether it is theirs."""
    if landlord not in request.app.state.landlords:
        return _no_such_landlord(request)
    token = request.cookies.get(COOKIE, "")
    if token and chat_sessions.resting_in(request.app, token) == landlord:
        return _rested(request, landlord)
    return _chat(request, landlord, _open(request, landlord))


@router.post("/chat/{landlord}")
async def send_words(request: Request, landlord: str) -> Response:
    """What the form sends where there is no JavaScript."""
    if landlord not in request.app.state.landlords:
        return _no_such_landlord(request)
    if not from_our_page(request):
        raise NotAllowed(OTHER_SITE)
    sent = Sent.of(await request.form())
    carried = bool(request.cookies.get(COOKIE))
    try:
        opened = await run_in_threadpool(_open_for, request, landlord, sent)
    except TooFast as error:
        return _not_taken(request, landlord, sent, error)

    async def show(problem: str, status: int, notice: str = "") -> Response:
        return await run_in_threadpool(
            _chat, request, landlord, opened, sent.text, problem, status, notice
        )

    if sent.problem:
        return await show(sent.problem, 422)
    try:
        await web_chat.take_in(
            request, opened.chat.conversation_id, sent.client_message_id, sent.picked or sent.text
        )
    except DoorstepError as error:
        return await show(error.detail or error.title, error.status)
    if sent.picked and sent.text:
        # They were writing when they picked an answer: what they wrote stays in the box.
        return await show("", 200)
    if opened.notice or not carried:
        sent = Sent("", "", False, "")
        return await show("", 200, opened.notice or NOT_CARRIED_ON)
    response = RedirectResponse(f"/chat/{landlord}#latest", 303)
    chat_sessions.give_cookie(response, request, opened.token)
    return response


@router.post("/chat/{landlord}/go-on")
def go_on(request: Request, landlord: str) -> Response:
    """Opens the chat that rests in this browser again, and says where it was."""
    if not from_our_page(request):
        raise NotAllowed(OTHER_SITE)
    token = request.cookies.get(COOKIE, "")
    chat, reopened = chat_sessions.go_on(request.app, token, landlord)
    if reopened:
        _welcome_back(request, chat)
    return RedirectResponse(f"/chat/{landlord}#messages-heading", 303)


@router.post("/chat/{landlord}/new")
def start_anew(request: Request, landlord: str) -> Response:
    """Ends the chat that rests in this browser: whoever is there now has a new one."""
    if not from_our_page(request):
        raise NotAllowed(OTHER_SITE)
    token = request.cookies.get(COOKIE, "")
    if token and chat_sessions.resting_in(request.app, token) == landlord:
        chat_sessions.end_chat(request.app, token)
    return RedirectResponse(f"/chat/{landlord}", 303)


@router.get("/chat/{landlord}/copy")
def copy_page(request: Request, landlord: str) -> Response:
    """The chat to print or to save, where a copy on the device puts nobody at risk."""
    chat = _running(request, landlord)
    safe = _copy_is_safe(request, chat)
    known = request.app.state.landlords[landlord]
    return page(
        "chat/copy.html",
        frames=known.frames,
        landlord=known,
        framed=is_framed(request),
        exit_key=chat_sessions.exit_key(request),
        safe=safe,
        messages=_lines(request, chat) if safe else [],
    )


@router.get("/chat/{landlord}/copy.txt")
def copy_file(request: Request, landlord: str) -> Response:
    chat = _running(request, landlord)
    if not _copy_is_safe(request, chat):
        raise NotAllowed("A copy of this chat cannot be saved here.")
    lines = [f"Chat with {request.app.state.landlords[landlord].name}", ""]
    for line in _lines(request, chat):
        lines += [f"{line['who']}, {line['day']}, {line['time']}", line["shown"], ""]
    return Response(
        "\n".join(lines),
        media_type="text/plain",
        headers={"Content-Disposition": 'attachment; filename="chat.txt"'},
    )


@router.post("/chat/{landlord}/files")
def send_files(request: Request, landlord: str) -> Response:
    """A one-time link for the files of this chat's report; the browser goes there."""
    if not from_our_page(request):
        raise NotAllowed(OTHER_SITE)
    chat = _running(request, landlord)
    request.app.state.pace.opening(request)
    with request.app.state.db.writing() as session:
        conversation = session.get_one(Conversation, chat.conversation_id)
        assert conversation.report_id
        # The chat's own origin, so that the exit and the way back stay in this session.
        link = create_upload_link(
            session,
            landlord=landlord,
            report_id=conversation.report_id,
            at=clock.now(),
            public_url="",
        )
    return RedirectResponse(link, 303)


def _running(request: Request, landlord: str) -> Chat:
    """The browser's open chat with this landlord. Raises ChatIsOver."""
    chat = chat_sessions.chat_of(request.app, request.cookies.get(COOKIE, ""))
    if chat.landlord != landlord:
        raise ChatIsOver
    return chat


def _open_for(request: Request, landlord: str, sent: Sent) -> Opened:
    """The chat that words go to. Raises TooFast, but never for words of danger."""
    try:
        return _open(request, landlord, writes=True)
    except TooFast:
        if not web_chat.tells_danger(request.app, sent.picked or sent.text):
            raise
    return _open_new(request, landlord)


def _open(request: Request, landlord: str, *, writes: bool = False) -> Opened:
    """The browser's chat with this landlord, opened again where it rests; a new chat where it has
    none that can be gone on with. Raises TooFast."""
    token, notice = request.cookies.get(COOKIE), ""
    if token:
        try:
            chat, _ = chat_sessions.go_on(request.app, token, landlord)
            return Opened(token, chat if writes else chat_sessions.stay(request.app, token))
        except ChatIsOver:
            notice = CLOSED if chat_sessions.timed_out(request.app, token) else ""
    request.app.state.pace.opening(request)
    return _open_new(request, landlord, notice)


def _open_new(request: Request, landlord: str, notice: str = "") -> Opened:
    _, token, _ = web_chat.open_chat(request.app, landlord)
    return Opened(token, chat_sessions.chat_of(request.app, token), notice)


def _welcome_back(request: Request, chat: Chat) -> None:
    """Says where we were, and asks the question that stood."""
    now, rulebook = clock.now(), request.app.state.rulebook
    with request.app.state.db.writing() as session:
        conversation = session.get_one(Conversation, chat.conversation_id)
        said = where_we_were(session, conversation, rulebook, now=now)
        speak(session, conversation, rulebook, said, kind="reply", in_reply_to=None, at=now)


def _not_taken(request: Request, landlord: str, sent: Sent, error: TooFast) -> Response:
    """No chat was opened for these words: they are given back, to be sent again."""
    known = request.app.state.landlords[landlord]
    response = page(
        "chat/not_taken.html",
        status_code=error.status,
        frames=known.frames,
        landlord=known,
        framed=is_framed(request),
        exit_key=chat_sessions.exit_key(request),
        problem=error.detail,
        draft=sent.text,
        client_message_id=sent.client_message_id,
    )
    response.headers["Retry-After"] = str(error.retry_after)
    return response


def _rested(request: Request, landlord: str) -> Response:
    known = request.app.state.landlords[landlord]
    return page(
        "chat/rested.html",
        frames=known.frames,
        landlord=known,
        framed=is_framed(request),
        exit_key=chat_sessions.exit_key(request),
    )


def _copy_is_safe(request: Request, chat: Chat) -> bool:
    with request.app.state.db.reading() as session:
        told = select(Report).where(Report.conversation_id == chat.conversation_id)
        return copy_is_safe(session.scalars(told))


def _reference(request: Request, chat: Chat) -> tuple[str, bool]:
    """The reference of what is told here, and whether it may be gone on with on another device."""
    with request.app.state.db.reading() as session:
        conversation = session.get_one(Conversation, chat.conversation_id)
        report = session.get_one(Report, conversation.report_id)
        return report.reference, is_safe(report, case_of(session, report))


def _lines(request: Request, chat: Chat) -> list[dict[str, Any]]:
    return shown(web_chat.messages_after(request.app, chat.conversation_id, 0))


def _no_such_landlord(request: Request) -> HTMLResponse:
    return page(
        "chat/no_such_landlord.html",
        status_code=404,
        landlords=list(request.app.state.landlords.values()),
    )


def _chat(
    request: Request,
    landlord: str,
    opened: Opened,
    draft: str = "",
    problem: str = "",
    status: int = 200,
    notice: str = "",
) -> Response:
    messages = _lines(request, opened.chat)
    framed = is_framed(request)
    reference, can_move = _reference(request, opened.chat)
    response = page(
        "chat/page.html",
        status_code=status,
        frames=request.app.state.landlords[landlord].frames,
        landlord=request.app.state.landlords[landlord],
        framed=framed,
        exit_key=chat_sessions.end_key(opened.token, opened.chat.conversation_id) if framed else "",
        conversation_id=opened.chat.conversation_id,
        reference=reference,
        can_move=can_move,
        open_for_seconds=opened.chat.open_for_seconds,
        closes_at=f"{opened.chat.open_until.astimezone(LONDON):%H:%M}",
        messages=messages,
        question=question_on_offer(messages),
        waiting=bool(messages) and messages[-1]["from"] == "resident",
        client_message_id=uuid4().hex,
        longest=MOST_CHARACTERS,
        draft=draft,
        problem=problem,
        notice=notice or opened.notice,
    )
    chat_sessions.give_cookie(response, request, opened.token)
    return response
