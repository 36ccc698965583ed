"""Who holds a web chat: sessions are the server's, and the browser has a token that opens one.

A chat closes on a device some time after the last sign of life there, and a day after it began:
from then on its words are the landlord's record, not the browser's.
"""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from fastapi import FastAPI, Request, Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from api import clock
from api.conversation.model import Conversation
from api.conversation.receive import token_hash
from api.errors import NotSignedIn
from api.pages import is_framed, is_https

COOKIE = "doorstep_chat"
IDLE = timedelta(hours=2)
OPEN_FOR = timedelta(hours=24)
# `seen_at` is written at most this often, so that reading pages seldom writes.
SEEN_EVERY = timedelta(minutes=1)


class ChatIsOver(NotSignedIn):
    type = "/problems/chat-is-over"
    title = "This chat is closed on this device."

    def __init__(self) -> None:
        super().__init__("What you told us is kept. Please start a new chat.")


@dataclass(frozen=True)
class Chat:
    """A chat that is open on some device, and until when it stays so."""

    conversation_id: str
    landlord: str
    open_until: datetime

    @property
    def open_for_seconds(self) -> int:
        return max(0, int((self.open_until - clock.now()).total_seconds()))


def open_until(conversation: Conversation) -> datetime:
    seen = max(conversation.last_message_at, conversation.seen_at or conversation.started_at)
    return min(seen + IDLE, conversation.started_at + OPEN_FOR)


def is_open(conversation: Conversation) -> bool:
    return conversation.ended_at is None and clock.now() < open_until(conversation)


def chat_of(app: FastAPI, token: str) -> Chat:
    """The chat that a token opens. Raises ChatIsOver for any other token."""
    with app.state.db.reading() as session:
        found = _find(session, token)
        chat = open_chat_of(found) if found else None
    if chat is None:
        raise ChatIsOver
    return chat


def open_chat_of(conversation: Conversation) -> Chat | None:
    """None where it is closed on the device."""
    if not is_open(conversation):
        return None
    return Chat(conversation.id, conversation.landlord, open_until(conversation))


def timed_out(app: FastAPI, token: str) -> bool:
    """Whether the token's chat closed by itself, and not because somebody left it."""
    with app.state.db.reading() as session:
        found = _find(session, token)
        return found is not None and found.ended_at is None and not is_open(found)


def stay(app: FastAPI, token: str) -> Chat:
    """Somebody is there: the chat stays open for longer. Raises ChatIsOver."""
    chat_of(app, token)
    now = clock.now()
    with app.state.db.writing() as session:
        found = _find(session, token)
        assert found
        if found.seen_at is None or now - found.seen_at > SEEN_EVERY:
            found.seen_at = now
        return Chat(found.id, found.landlord, open_until(found))


def end_chat(app: FastAPI, token: str) -> None:
    """Ends the browser's access. What was told stays with the landlord."""
    with app.state.db.writing() as session:
        found = _find(session, token)
        if found and found.ended_at is None:
            found.ended_at = clock.now()


def end_key(token: str, conversation_id: str) -> str:
    """What ends one chat and opens none: for a link that leaves the frame that a chat is in, and
    so leaves its cookie behind."""
    mark = hmac.new(token_hash(token).encode(), b"end", sha256).hexdigest()
    return f"{conversation_id}.{mark}"


def exit_key(request: Request) -> str:
    """`end_key` of the chat that is open in this frame; empty outside one."""
    token = request.cookies.get(COOKIE, "")
    if not token or not is_framed(request):
        return ""
    try:
        return end_key(token, chat_of(request.app, token).conversation_id)
    except NotSignedIn:
        return ""


def end_by_key(app: FastAPI, key: str) -> None:
    conversation_id, _, mark = key.partition(".")
    with app.state.db.writing() as session:
        found = session.get(Conversation, conversation_id)
        if found is None or found.token_hash is None or found.ended_at:
            return
        expected = hmac.new(found.token_hash.encode(), b"end", sha256).hexdigest()
        if hmac.compare_digest(mark.encode(), expected.encode()):
            found.ended_at = clock.now()


def give_cookie(response: Response, request: Request, token: str) -> None:
    """Gives the browser the chat's token, until it is closed.

    Inside another site's page a browser sends no cookie but a partitioned one, which that site
    cannot use to follow anyone.
    """
    if is_framed(request):
        response.headers.append(
            "Set-Cookie",
            f"{COOKIE}={token}; Path=/; HttpOnly; SameSite=None; Secure; Partitioned",
        )
    else:
        response.set_cookie(COOKIE, token, httponly=True, samesite="lax", secure=is_https(request))


def take_cookie_back(response: Response, request: Request) -> None:
    response.delete_cookie(COOKIE, httponly=True, samesite="lax", secure=is_https(request))
    response.headers.append(
        "Set-Cookie",
        f"{COOKIE}=; Path=/; Max-Age=0; HttpOnly; SameSite=None; Secure; Partitioned",
    )


def _find(session: Session, token: str) -> Conversation | None:
    return session.scalar(select(Conversation).where(Conversation.token_hash == token_hash(token)))
