"""The web chat's calls (JSON and events). Its pages are in chat_pages.py."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Annotated, Any

import anyio.to_thread
from anyio import CapacityLimiter
from fastapi import APIRouter, FastAPI, Header, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sse_starlette.sse import EventSourceResponse

from api import clock
from api.conversation.model import Conversation
from api.conversation.receive import receive, speak, start_conversation, token_hash
from api.conversation.turns import Desk, take_turns
from api.errors import NotAllowed, NotFound, NotSignedIn, NotUsable
from api.messages.model import Message
from api.messages.transcript import message_json, messages_of
from api.pages import from_our_page

COOKIE = "doorstep_chat"
# A reply that takes longer follows by events.
PATIENCE_SECONDS = 15.0
ASK_AGAIN_SECONDS = 0.1
EVENT_POLL_SECONDS = 0.5
# A chat is open for a day; after that its words are the landlord's record, not the browser's.
OPEN_FOR = timedelta(hours=24)
MOST_CHARACTERS = 10_000

router = APIRouter(tags=["web chat"])


class NewMessage(BaseModel):
    """A resident's message. Sent again with the same id, it is answered but not done twice."""

    client_message_id: str = Field(min_length=1, max_length=80)
    text: str = Field(max_length=MOST_CHARACTERS)


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


def conversation_for(app: FastAPI, token: str) -> str:
    """The conversation that a token opens. Raises NotSignedIn for any other token."""
    with app.state.db.reading() as session:
        found = session.scalar(
            select(Conversation).where(Conversation.token_hash == token_hash(token))
        )
        if found is None or found.ended_at or clock.now() - found.started_at > OPEN_FOR:
            raise NotSignedIn("This chat has ended. Please start a new one.")
        return str(found.id)


def messages_after(app: FastAPI, conversation_id: str, after: int) -> list[dict[str, Any]]:
    with app.state.db.reading() as session:
        return [message_json(one) for one in messages_of(session, conversation_id, after)]


def end_chat(app: FastAPI, token: str) -> None:
    """Ends the browser's access. What was told stays with the landlord."""
    with app.state.db.writing() as session:
        found = session.scalar(
            select(Conversation).where(Conversation.token_hash == token_hash(token))
        )
        if found and found.ended_at is None:
            found.ended_at = clock.now()


async def send(
    app: FastAPI, conversation_id: str, client_message_id: str, text: str
) -> list[dict[str, Any]] | None:
    """Keeps a message, takes the bot's turn on it and gives the replies; None: none in time."""
    message_id = await anyio.to_thread.run_sync(
        _keep, app, conversation_id, client_message_id, text
    )
    desk: Desk = app.state.desk
    limiter: CapacityLimiter = app.state.turn_limiter
    until = asyncio.get_running_loop().time() + PATIENCE_SECONDS
    while True:
        replies, settled = await anyio.to_thread.run_sync(_replies, app, message_id)
        if settled:
            return replies
        done = await anyio.to_thread.run_sync(take_turns, desk, conversation_id, limiter=limiter)
        replies, settled = await anyio.to_thread.run_sync(_replies, app, message_id)
        if settled or (replies and not done):
            # Either the turn is done, or the holding reply is all there is for now.
            return replies
        if asyncio.get_running_loop().time() > until:
            return None
        await asyncio.sleep(ASK_AGAIN_SECONDS)


def _keep(app: FastAPI, conversation_id: str, client_message_id: str, text: str) -> int:
    def repeat() -> int | None:
        with app.state.db.reading() as session:
            found: int | None = session.scalar(
                select(Message.id).where(
                    Message.conversation_id == conversation_id,
                    Message.client_message_id == client_message_id,
                )
            )
            return found

    found = repeat()
    if found:
        return found
    try:
        with app.state.db.writing() as session:
            conversation = session.get_one(Conversation, conversation_id)
            return receive(
                session,
                conversation,
                app.state.rulebook,
                text,
                at=clock.now(),
                client_message_id=client_message_id,
            ).id
    except IntegrityError:
        # The same message came in twice at once; the other one was kept.
        found = repeat()
        if found is None:
            raise
        return found


def _replies(app: FastAPI, message_id: int) -> tuple[list[dict[str, Any]], bool]:
    with app.state.db.reading() as session:
        message = session.get_one(Message, message_id)
        replies = session.scalars(
            select(Message).where(Message.in_reply_to == message_id).order_by(Message.id)
        )
        return [message_json(one) for one in replies], message.processed_at is not None


def _opened_by(
    app: FastAPI, request: Request, conversation_id: str, authorization: str | None
) -> None:
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer":
        token = request.cookies.get(COOKIE, "")
        # A cookie is sent whoever asks for it, so the asking page must be ours.
        if request.method != "GET" and not from_our_page(request):
            raise NotAllowed("This request did not come from our page.")
    if not token:
        raise NotSignedIn("Send the chat's token as 'Authorization: Bearer …'.")
    if conversation_for(app, token) != conversation_id:
        raise NotAllowed("This token opens another chat.")


Authorization = Annotated[str | None, Header()]


@router.post("/chat/{landlord}/conversations", status_code=201)
def create_conversation(landlord: str, request: Request) -> dict[str, Any]:
    """Opens a chat with a landlord."""
    conversation, token, messages = open_chat(request.app, landlord)
    return {"conversation": conversation, "token": token, "messages": messages}


@router.post("/chat/conversations/{conversation}/messages", response_model=None)
async def create_message(
    conversation: str, body: NewMessage, request: Request, authorization: Authorization = None
) -> JSONResponse:
    """Says something. 200 with the replies, or 202 when they will follow by events."""
    await anyio.to_thread.run_sync(_opened_by, request.app, request, conversation, authorization)
    if "\x00" in body.text:
        raise NotUsable("The text holds a character that cannot be kept.")
    replies = await send(request.app, conversation, body.client_message_id, body.text)
    return JSONResponse({"messages": replies or []}, 200 if replies is not None else 202)


@router.get("/chat/conversations/{conversation}/messages")
def list_messages(
    conversation: str,
    request: Request,
    after: Annotated[int, Query(ge=0)] = 0,
    authorization: Authorization = None,
) -> dict[str, Any]:
    """The messages of a chat, those above `after` only."""
    _opened_by(request.app, request, conversation, authorization)
    return {"messages": messages_after(request.app, conversation, after)}


@router.get("/chat/conversations/{conversation}/events", response_model=None)
async def stream_messages(
    conversation: str,
    request: Request,
    after: Annotated[int, Query(ge=0)] = 0,
    authorization: Authorization = None,
    last_event_id: Annotated[str | None, Header()] = None,
) -> EventSourceResponse:
    """Messages as they come (server-sent events; the event's id is the message's)."""
    await anyio.to_thread.run_sync(_opened_by, request.app, request, conversation, authorization)
    seen = int(last_event_id) if last_event_id and last_event_id.isdecimal() else after

    async def events() -> AsyncIterator[dict[str, str]]:
        last = seen
        while not await request.is_disconnected():
            for message in await anyio.to_thread.run_sync(
                messages_after, request.app, conversation, last
            ):
                last = message["id"]
                yield {"id": str(last), "event": "message", "data": json.dumps(message)}
            await asyncio.sleep(EVENT_POLL_SECONDS)

    return EventSourceResponse(events(), ping=15)
