"""The web chat's calls (JSON and events). Its pages are in chat_pages.py."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated, Any, Literal

import anyio.to_thread
from anyio import CapacityLimiter
from fastapi import APIRouter, FastAPI, Header, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sse_starlette.sse import EventSourceResponse

from api import clock
from api.channels.chat_sessions import (
    COOKIE,
    Chat,
    ChatIsOver,
    chat_of,
    go_on,
    is_open,
    open_chat_of,
    shown_on_device,
    stay,
)
from api.channels.pace import TooFast
from api.channels.problems import Readable, problems
from api.conversation import opinions
from api.conversation.model import Conversation
from api.conversation.receive import receive, speak, start_conversation
from api.conversation.turns import Begun, Desk, Took, begin, take_turns
from api.errors import NotAllowed, NotFound, NotSignedIn
from api.messages.model import Message
from api.messages.transcript import message_json, messages_of
from api.pages import from_our_page

# A reply that takes longer follows by events.
PATIENCE_SECONDS = 15.0
ASK_AGAIN_SECONDS = 0.1
EVENT_POLL_SECONDS = 0.5
MOST_CHARACTERS = 10_000
MOST_ID = 2**31 - 1

router = APIRouter(tags=["web chat"])


class NewMessage(BaseModel):
    """A resident's message. Sent again with the same id, it is answered but not done twice."""

    client_message_id: Readable = Field(min_length=1, max_length=80)
    text: Readable = Field(max_length=MOST_CHARACTERS)


class ChoiceOut(BaseModel):
    label: str
    value: str


class MessageOut(BaseModel):
    """MESSAGE. `several`: more than one of the choices may be picked, joined with commas."""

    id: int
    sender: Literal["assistant", "resident", "officer"] = Field(alias="from")
    text: str
    choices: list[ChoiceOut]
    several: bool
    sent_at: str


class Messages(BaseModel):
    messages: list[MessageOut]


class StillOpen(BaseModel):
    """How long the token opens the chat from now on, if nothing is said."""

    open_for_seconds: int


class Replies(Messages, StillOpen):
    pass


class ChatOpened(Replies):
    conversation: str
    token: str


@dataclass(frozen=True)
class Answered:
    """How far a message has been answered: `settled` when its turn is done, `held` when the bot
    is out. `chat`: None once it is closed on the device."""

    replies: list[dict[str, Any]]
    settled: bool
    held: bool
    chat: Chat | None


def open_chat(app: FastAPI, landlord: str) -> tuple[str, str, list[dict[str, Any]]]:
    """A new chat: its id, the token that opens it, and the first messages."""
    rulebook = app.state.rulebook
    if landlord not in rulebook.landlords:
        names = ", ".join(sorted(rulebook.landlords))
        raise NotFound(f"We do not know a landlord called '{landlord[:60]}'. We know: {names}.")
    now = clock.now()
    with app.state.db.writing() as session:
        conversation, token = start_conversation(
            session, landlord=landlord, channel="web_chat", number=None, at=now
        )
        speak(
            session,
            conversation,
            rulebook,
            [{"say": "ask_description"}],
            kind="reply",
            in_reply_to=None,
            at=now,
        )
        first = [message_json(one) for one in messages_of(session, conversation.id)]
    assert token
    return conversation.id, token, first


def messages_after(app: FastAPI, conversation_id: str, after: int) -> list[dict[str, Any]]:
    with app.state.db.reading() as session:
        return shown_on_device(session, session.get_one(Conversation, conversation_id), after)


async def take_in(
    request: Request, conversation_id: str, client_message_id: str, text: str
) -> Answered:
    """`send`, at a pace. Raises TooFast over a limit, but never for words of danger: they are
    always kept and answered at once, and the dialogue takes them up as soon as it can."""
    app = request.app
    try:
        app.state.pace.writing(request, conversation_id)
    except TooFast:
        if not await anyio.to_thread.run_sync(tells_danger, app, text):
            raise
        message_id = await anyio.to_thread.run_sync(
            _keep, app, conversation_id, client_message_id, text
        )
        return await anyio.to_thread.run_sync(_answered, app, message_id)
    return await send(app, conversation_id, client_message_id, text)


def tells_danger(app: FastAPI, text: str) -> bool:
    """Whether the danger screen finds anything, or a doubt: then no limit holds words back."""
    danger = app.state.rulebook.danger.screen(text)
    return bool(danger.flags or danger.doubtful)


async def send(app: FastAPI, conversation_id: str, client_message_id: str, text: str) -> Answered:
    """Keeps a message, takes the bot's turn on it and gives the replies there are in time."""
    message_id, begun = await anyio.to_thread.run_sync(
        _keep_and_begin, app, conversation_id, client_message_id, text
    )
    limiter: CapacityLimiter = app.state.turn_limiter
    until = asyncio.get_running_loop().time() + PATIENCE_SECONDS
    while True:
        took, found = await anyio.to_thread.run_sync(
            _take_turn, app, conversation_id, begun, message_id, limiter=limiter
        )
        begun = None
        # Either the turn is done, or the holding reply is all there is for now. Where a worker
        # has the turn in hand, a safety text alone is not the whole answer.
        enough = found.replies and found.held and took is not Took.ALL
        if found.settled or enough or asyncio.get_running_loop().time() > until:
            return found
        await asyncio.sleep(ASK_AGAIN_SECONDS)


def _keep(app: FastAPI, conversation_id: str, client_message_id: str, text: str) -> int:
    return _keep_and_begin(app, conversation_id, client_message_id, text, turns=False)[0]


def _keep_and_begin(
    app: FastAPI, conversation_id: str, client_message_id: str, text: str, *, turns: bool = True
) -> tuple[int, Begun | Took | None]:
    """Keeps a message and, in the same commit, takes the conversation for its turn."""
    rulebook, desk = app.state.rulebook, app.state.desk
    try:
        with app.state.db.writing() as session:
            found = _repeat(session, conversation_id, client_message_id)
            if found:
                return found, None
            conversation = session.get_one(Conversation, conversation_id)
            # The assistant reads it while it is kept.
            reading = opinions.start(desk.bots, conversation, text) if turns else None
            message = receive(
                session,
                conversation,
                rulebook,
                text,
                at=clock.now(),
                client_message_id=client_message_id,
            )
            if not turns or message.processed_at:
                return message.id, None
            begun = begin(session, conversation_id, rulebook)
            if isinstance(begun, Begun) and begun.request.message_id == message.id:
                begun = replace(begun, reading=reading)
            return message.id, begun
    except IntegrityError:
        # The same message came in twice at once; the other one was kept.
        with app.state.db.reading() as session:
            found = _repeat(session, conversation_id, client_message_id)
        if found is None:
            raise
        return found, None


def _repeat(session: Session, conversation_id: str, client_message_id: str) -> int | None:
    """The id of a message that has come in before."""
    found: int | None = session.scalar(
        select(Message.id).where(
            Message.conversation_id == conversation_id,
            Message.client_message_id == client_message_id,
        )
    )
    return found


def _take_turn(
    app: FastAPI, conversation_id: str, begun: Begun | Took | None, message_id: int
) -> tuple[Took, Answered]:
    desk: Desk = app.state.desk
    return take_turns(desk, conversation_id, begun), _answered(app, message_id)


def _answered(app: FastAPI, message_id: int) -> Answered:
    with app.state.db.reading() as session:
        message = session.get_one(Message, message_id)
        conversation = session.get_one(Conversation, message.conversation_id)
        replies = session.scalars(
            select(Message).where(Message.in_reply_to == message_id).order_by(Message.id)
        )
        return Answered(
            replies=[message_json(one) for one in replies],
            settled=message.processed_at is not None,
            held=conversation.holding_since is not None,
            chat=open_chat_of(conversation),
        )


def _opened_by(
    app: FastAPI,
    request: Request,
    conversation_id: str,
    authorization: str | None,
    *,
    writes: bool = False,
) -> str:
    """The token of this request, which opens this chat. Raises NotSignedIn or NotAllowed. Whoever
    `writes` opens a chat again that has closed by itself."""
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer":
        token = request.cookies.get(COOKIE, "")
        # A cookie is sent whoever asks for it, so the asking page must be ours.
        if request.method != "GET" and not from_our_page(request):
            raise NotAllowed("This request did not come from our page.")
    if not token:
        raise NotSignedIn("Send the chat's token as 'Authorization: Bearer …'.")
    chat = go_on(app, token)[0] if writes else chat_of(app, token)
    if chat.conversation_id != conversation_id:
        raise NotAllowed("This token opens another chat.")
    return token


Authorization = Annotated[str | None, Header()]
After = Annotated[int, Query(ge=0, le=MOST_ID)]


@router.post("/chat/{landlord}/conversations", status_code=201, responses=problems(404, 422, 429))
def create_conversation(landlord: str, request: Request) -> ChatOpened:
    """Opens a chat with a landlord. The token opens it again; it is not shown a second time."""
    request.app.state.pace.opening(request)
    conversation, token, messages = open_chat(request.app, landlord)
    return ChatOpened(
        conversation=conversation,
        token=token,
        messages=messages,
        open_for_seconds=chat_of(request.app, token).open_for_seconds,
    )


@router.post(
    "/chat/conversations/{conversation}/messages",
    response_model=Replies,
    responses={
        202: {"model": Replies, "description": "Taken; the replies follow by events"},
        **problems(400, 401, 403, 413, 422, 429),
    },
)
async def create_message(
    conversation: str, body: NewMessage, request: Request, authorization: Authorization = None
) -> JSONResponse:
    """Says something. 200 with the replies, or 202 when they will follow by events. A chat that has
    closed by itself opens again where that is safe; what was said before is not shown again."""
    opened_by = partial(_opened_by, writes=True)
    await anyio.to_thread.run_sync(opened_by, request.app, request, conversation, authorization)
    answered = await take_in(request, conversation, body.client_message_id, body.text)
    if answered.chat is None:
        raise ChatIsOver
    return JSONResponse(
        {"messages": answered.replies, "open_for_seconds": answered.chat.open_for_seconds},
        200 if answered.replies or answered.settled else 202,
    )


@router.get("/chat/conversations/{conversation}/messages", responses=problems(401, 403, 422))
def list_messages(
    conversation: str,
    request: Request,
    after: After = 0,
    authorization: Authorization = None,
) -> Messages:
    """The messages of a chat, those above `after` only."""
    _opened_by(request.app, request, conversation, authorization)
    return Messages(messages=messages_after(request.app, conversation, after))


@router.post("/chat/conversations/{conversation}/stay", responses=problems(401, 403, 422))
def keep_open(
    conversation: str, request: Request, authorization: Authorization = None
) -> StillOpen:
    """Somebody is still there: the chat stays open on the device for longer."""
    token = _opened_by(request.app, request, conversation, authorization)
    return StillOpen(open_for_seconds=stay(request.app, token).open_for_seconds)


@router.get(
    "/chat/conversations/{conversation}/events",
    response_class=EventSourceResponse,
    responses={
        200: {
            "description": "Server-sent events: MESSAGEs (the event's id is the message's), and "
            "`closed` once the chat is closed on the device",
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
        },
        **problems(401, 403, 422),
    },
)
async def stream_messages(
    conversation: str,
    request: Request,
    after: After = 0,
    authorization: Authorization = None,
    last_event_id: Annotated[str | None, Header()] = None,
) -> EventSourceResponse:
    """Messages as they come. A browser that was cut off goes on after the last one it has."""
    await anyio.to_thread.run_sync(_opened_by, request.app, request, conversation, authorization)
    return EventSourceResponse(
        _events(request, conversation, _number(last_event_id) or after), ping=15
    )


async def _events(
    request: Request, conversation_id: str, after: int
) -> AsyncIterator[dict[str, str]]:
    while not await request.is_disconnected():
        news, still_open = await anyio.to_thread.run_sync(
            _news, request.app, conversation_id, after
        )
        for message in news:
            after = message["id"]
            yield {"id": str(after), "event": "message", "data": json.dumps(message)}
        if not still_open:
            # Left in another window, or closed by itself: nothing more is told here.
            yield {"event": "closed", "data": "{}"}
            return
        await asyncio.sleep(EVENT_POLL_SECONDS)


def _news(app: FastAPI, conversation_id: str, after: int) -> tuple[list[dict[str, Any]], bool]:
    """Messages above `after`, none once the chat is closed; and whether it is open still."""
    with app.state.db.reading() as session:
        conversation = session.get_one(Conversation, conversation_id)
        if not is_open(conversation):
            return [], False
        return shown_on_device(session, conversation, after), True


def _number(given: str | None) -> int | None:
    return int(given) if given and given.isdecimal() and int(given) <= MOST_ID else None
