"""The chat as a page for each landlord. It works without JavaScript, and better with it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

import structlog
from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, RedirectResponse

from api.channels import web_chat
from api.channels.web_chat import COOKIE, MOST_CHARACTERS
from api.clock import LONDON
from api.conversation.model import Conversation
from api.errors import DoorstepError, NotAllowed, NotSignedIn
from api.pages import PageRoute, contrast_with_white, from_our_page, is_https, page

router = APIRouter(route_class=PageRoute, include_in_schema=False)
log = structlog.get_logger()

# Where "Exit this page" goes: a site that anyone may be looking at.
NEUTRAL_SITE = "https://www.bbc.co.uk/weather"
DARK = "#1d4f91"
ENOUGH_CONTRAST = 4.5
WHO = {"resident": "You", "assistant": "Automated reply", "officer": "Officer"}


@router.get("/")
def first_page(request: Request) -> HTMLResponse:
    settings = request.app.state.settings
    return page(
        "chat/index.html",
        landlords=list(request.app.state.landlords.values()),
        phone_url=settings.phone_url if settings.demo else None,
    )


@router.get("/chat/exit")
def leave(request: Request) -> Response:
    """Ends the session and goes to a neutral site. Whatever fails, the person gets away."""
    token = request.cookies.get(COOKIE)
    if token:
        try:
            web_chat.end_chat(request.app, token)
        except NotSignedIn:
            pass
        except Exception:
            log.exception("a chat could not be ended on the server")
    response = RedirectResponse(NEUTRAL_SITE, 303)
    response.headers["Clear-Site-Data"] = '"cache", "cookies", "storage"'
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.delete_cookie(COOKIE, httponly=True, samesite="lax", secure=is_https(request))
    return response


@router.get("/chat/{landlord}/colours.css")
def colours(request: Request, landlord: str) -> Response:
    """The landlord's colour, as a file: a style in the page is what the security policy stops.

    A colour on which white words could not be read is left out.
    """
    known = request.app.state.landlords.get(landlord)
    colour = known.colour if known else DARK
    if contrast_with_white(colour) < ENOUGH_CONTRAST:
        colour = DARK
    return Response(
        f":root {{ --landlord-colour: {colour}; }}\n",
        media_type="text/css",
        headers={"Cache-Control": "no-cache"},
    )


@router.get("/chat/{landlord}")
def chat_page(request: Request, landlord: str) -> Response:
    """The chat so far, or a new one with its first words."""
    if landlord not in request.app.state.landlords:
        return _no_such_landlord(request)
    token, conversation_id = _chat_of(request, landlord)
    return _chat(request, landlord, conversation_id, token)


@router.post("/chat/{landlord}")
async def send_words(request: Request, landlord: str) -> Response:
    """What the form sends where there is no JavaScript: the words, or a choice's value."""
    if landlord not in request.app.state.landlords:
        return _no_such_landlord(request)
    if not from_our_page(request):
        raise NotAllowed("That message came from another site. Open the chat and write it there.")
    form = await request.form()
    told = {
        name: value.strip()
        for name in ("text", "choice", "client_message_id")
        if isinstance(value := form.get(name, ""), str)
    }
    text, choice = told.get("text", ""), told.get("choice", "")
    client_message_id = told.get("client_message_id", "")[:80] or uuid4().hex
    token, conversation_id = await run_in_threadpool(_chat_of, request, landlord)

    async def show(problem: str, status: int) -> Response:
        return await run_in_threadpool(
            _chat, request, landlord, conversation_id, token, text, problem, status
        )

    if not (choice or text):
        return await show("Write a few words first, then press Send.", 422)
    if not choice and len(text) > MOST_CHARACTERS:
        return await show(
            f"That message is too long. Send it in parts of up to {MOST_CHARACTERS:,} letters.", 422
        )
    try:
        await web_chat.send(request.app, conversation_id, client_message_id, choice or text)
    except DoorstepError as error:
        return await show(error.detail, error.status)
    if choice and text:
        # They were writing when they picked an answer: what they wrote stays in the box.
        return await show("", 200)
    response = RedirectResponse(f"/chat/{landlord}#latest", 303)
    _keep(response, request, token)
    return response


def _no_such_landlord(request: Request) -> HTMLResponse:
    return page(
        "chat/no_such_landlord.html",
        status_code=404,
        landlords=list(request.app.state.landlords.values()),
    )


def _chat_of(request: Request, landlord: str) -> tuple[str, str]:
    """The token and id of the browser's chat with this landlord; a new chat where it has none."""
    token = request.cookies.get(COOKIE)
    if token:
        try:
            conversation_id = web_chat.conversation_for(request.app, token)
        except NotSignedIn:
            pass
        else:
            with request.app.state.db.reading() as session:
                conversation = session.get(Conversation, conversation_id)
            if conversation is not None and conversation.landlord == landlord:
                return token, conversation_id
    conversation_id, token, _first = web_chat.open_chat(request.app, landlord)
    return token, conversation_id


def _chat(
    request: Request,
    landlord: str,
    conversation_id: str,
    token: str,
    draft: str = "",
    problem: str = "",
    status: int = 200,
) -> Response:
    messages = shown(web_chat.messages_after(request.app, conversation_id, 0))
    response = page(
        "chat/page.html",
        status_code=status,
        landlord=request.app.state.landlords[landlord],
        conversation_id=conversation_id,
        messages=messages,
        choices=choices_on_offer(messages),
        waiting=bool(messages) and messages[-1]["from"] == "resident",
        client_message_id=uuid4().hex,
        longest=MOST_CHARACTERS,
        draft=draft,
        problem=problem,
    )
    _keep(response, request, token)
    return response


def _keep(response: Response, request: Request, token: str) -> None:
    """Gives the browser the chat's token, until it is closed."""
    response.set_cookie(COOKIE, token, httponly=True, samesite="lax", secure=is_https(request))


def shown(messages: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """MESSAGEs as a page shows them: with a name, a time and, for a picked choice, its label.

    `latest` marks where the last turn begins: the resident's last message.
    """
    lines: list[dict[str, Any]] = []
    labels: dict[str, str] = {}
    turn = 0
    for message in messages:
        text = message["text"]
        if message["from"] == "resident":
            turn = message["id"]
            text = labels.get(text, text)
        elif message["choices"]:
            labels = {choice["value"]: choice["label"] for choice in message["choices"]}
        at = datetime.fromisoformat(message["sent_at"]).astimezone(LONDON)
        who = WHO.get(message["from"], "Officer")
        lines.append({**message, "shown": text, "who": who, "time": f"{at:%H:%M}"})
    return [{**line, "latest": line["id"] == turn} for line in lines]


def choices_on_offer(messages: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The choices that the resident has not answered yet."""
    for message in reversed(messages):
        if message["from"] == "resident":
            return []
        if message["choices"]:
            return list(message["choices"])
    return []
