"""Who holds a web chat: sessions are the server's, and the browser has a token that opens one.

A chat closes on a device some time after the last sign of life there, and a day after it was
opened: from then on its words are the landlord's record, not the browser's. For some days whoever
left it may still go on with it: then it opens again, and shows nothing of what was said before. Not
so after "Exit this page", nor where somebody at home may be the danger: that chat is over. The
cookie ends with the browser's own session, so that closing a shared computer's browser is enough.
"""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from fastapi import FastAPI, Request, Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from api import clock
from api.cases.open_case import case_of
from api.conversation.model import Conversation
from api.conversation.receive import token_hash
from api.conversation.take_up import may_rest
from api.errors import NotSignedIn
from api.messages.model import Message
from api.messages.transcript import message_json, messages_of
from api.pages import is_framed, is_https
from api.reports.model import Report

COOKIE = "doorstep_chat"
IDLE = timedelta(hours=2)
OPEN_FOR = timedelta(hours=24)
RESTS_FOR = timedelta(days=7)
# `seen_at` is written at most this often, so that reading pages seldom writes.
SEEN_EVERY = timedelta(minutes=1)


class ChatIsOver(NotSignedIn):
    type = "/problems/chat-is-over"
    title = "This chat is closed on this device."

    def __init__(self) -> None:
        super().__init__("What you told us is kept. Please open the chat again.")


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
    opened = conversation.reopened_at or conversation.started_at
    seen = max(conversation.last_message_at, conversation.seen_at or opened, opened)
    return min(seen + IDLE, opened + OPEN_FOR)


def is_open(conversation: Conversation) -> bool:
    return conversation.ended_at is None and clock.now() < open_until(conversation)


def rests_until(session: Session, conversation: Conversation) -> datetime | None:
    """Until when a chat that closes by itself may be opened again there. None: it may not."""
    if conversation.ended_at or not conversation.token_hash:
        return None
    report = session.get_one(Report, conversation.report_id)
    if not may_rest(conversation, report, case_of(session, report)):
        return None
    return open_until(conversation) + RESTS_FOR


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


def resting_in(app: FastAPI, token: str) -> str | None:
    """The landlord of the token's chat, where that has closed by itself, words were written in it,
    and it may be opened again."""
    with app.state.db.reading() as session:
        found = _find(session, token)
        if found is None or not _rests(session, found) or not _has_words(session, found):
            return None
        return found.landlord


def landlord_of(app: FastAPI, token: str) -> str | None:
    """The landlord of the token's chat, open or not."""
    with app.state.db.reading() as session:
        found = _find(session, token) if token else None
        return found.landlord if found else None


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


def go_on(app: FastAPI, token: str, landlord: str | None = None) -> tuple[Chat, bool]:
    """The token's chat, with `landlord` where one is given: opened again where it rests, and
    whether it was. Raises ChatIsOver."""
    with app.state.db.reading() as session:
        found = _find(session, token)
        if found is None or landlord not in (None, found.landlord):
            raise ChatIsOver
        chat = open_chat_of(found)
    if chat:
        return chat, False
    with app.state.db.writing() as session:
        found = _find(session, token)
        if found and (chat := open_chat_of(found)):
            return chat, False
        if found is None or not _rests(session, found):
            raise ChatIsOver
        if _has_words(session, found):
            # What has come in since it closed, nobody has seen yet.
            found.hidden_until = open_until(found)
        found.reopened_at = clock.now()
        return Chat(found.id, found.landlord, open_until(found)), True


def shown_on_device(
    session: Session, conversation: Conversation, after: int
) -> list[dict[str, Any]]:
    """The messages above `after`, but for those that are not shown on the device any more."""
    since = conversation.hidden_until
    found = messages_of(session, conversation.id, after)
    return [message_json(one) for one in found if since is None or one.at >= since]


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
    """`end_key` of the chat in this frame that nobody has left; empty outside one."""
    token = request.cookies.get(COOKIE, "")
    if not token or not is_framed(request):
        return ""
    with request.app.state.db.reading() as session:
        found = _find(session, token)
        return end_key(token, found.id) if found and not found.ended_at else ""


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


def _rests(session: Session, conversation: Conversation) -> bool:
    until = rests_until(session, conversation)
    return until is not None and open_until(conversation) <= clock.now() < until


def _has_words(session: Session, conversation: Conversation) -> bool:
    own = select(Message.id).where(
        Message.conversation_id == conversation.id, Message.sender == "resident"
    )
    return session.scalar(own.limit(1)) is not None


def _find(session: Session, token: str) -> Conversation | None:
    return session.scalar(select(Conversation).where(Conversation.token_hash == token_hash(token)))
