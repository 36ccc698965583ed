"""The model's opinion on danger, asked of each message once: before its turn is taken, or after it
was answered without one. It only raises what the rules found as the message came in."""

import re
from collections.abc import Mapping
from concurrent.futures import Future
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from api import clock
from api.conversation import receive
from api.conversation.before import Before, before
from api.conversation.model import Conversation
from api.conversation.rasa import Bots, BotUnavailable
from api.db import Database
from api.intake.rulebook import Rulebook
from api.messages.model import Message

log = structlog.get_logger()

AGAIN_AFTER = timedelta(seconds=10)


def raise_danger(
    db: Database, rulebook: Rulebook, message_id: int, *, text: str, read: Mapping[str, Any]
) -> bool:
    """Whether the model's reading of a message (as Bots.read gives it) found more than the rules
    did. What it found is kept and answered in one commit."""
    danger, raised = receive.second_opinion(text, read, rulebook)
    if raised:
        with db.writing() as session:
            message = session.get_one(Message, message_id)
            pending = session.get_one(Conversation, message.conversation_id).pending
            asked = asked_safe(before(session, message), rulebook) or any(
                one["say"] == "ask_safe_now" for one in pending
            )
            receive.raise_danger(
                session, message, danger, read, rulebook, asked_safe=asked, at=clock.now()
            )
    return raised


def start(bots: Bots, conversation: Conversation, text: str) -> Future[Mapping[str, Any]] | None:
    """Lets a message be read while it is kept; None where there will be no opinion on it."""
    if _chosen(text, conversation.offered):
        return None
    return bots.start_reading(text, conversation.bot_sender)


def is_due(message: Message, conversation: Conversation) -> bool:
    """Whether the model is to read a message of this conversation for danger."""
    return message.opinion is None and not _chosen(message.text, conversation.offered)


def opinions_due(session: Session, *, at: datetime, most: int = 20) -> list[int]:
    """Messages that were answered without a turn and not read by the model yet, oldest first."""
    found = session.scalars(
        select(Message.id)
        .where(
            Message.opinion_due.is_(True),
            or_(Message.retry_at.is_(None), Message.retry_at <= at),
        )
        .order_by(Message.id)
        .limit(most)
    )
    return list(found)


def give_opinion(db: Database, rulebook: Rulebook, bots: Bots, message_id: int) -> None:
    """Reads one such message. Where no bot answers it stays due, and is met again."""
    with db.reading() as session:
        message = session.get_one(Message, message_id)
        conversation = session.get_one(Conversation, message.conversation_id)
        due, text, sender = is_due(message, conversation), message.text, conversation.bot_sender
    try:
        if due:
            read = bots.read(text, sender=sender)
            raise_danger(db, rulebook, message_id, text=text, read=read)
        settled: dict[str, Any] = {"opinion_due": False, "retry_at": None}
    except BotUnavailable as trouble:
        log.warning("opinion_failed", message=message_id, trouble=str(trouble))
        settled = {"retry_at": clock.now() + AGAIN_AFTER}
    except Exception:
        # One that breaks it must not stand before all others at each round.
        log.exception("opinion_broken", message=message_id)
        settled = {"retry_at": clock.now() + AGAIN_AFTER}
    with db.writing() as session:
        message = session.get_one(Message, message_id)
        for name, value in settled.items():
            setattr(message, name, value)


def asked_safe(earlier: Before, rulebook: Rulebook) -> bool:
    """Whether a safety text asked if they are safe, since they wrote last."""
    for said in earlier.said:
        for part in said:
            if text := rulebook.danger.data.texts.get(str(part.get("say"))):
                return text.asks_safe
    return False


def _chosen(text: str, offered: list[dict[str, Any]]) -> bool:
    """A number, or an answer that was offered word for word: nothing to have an opinion on."""
    said = text.strip().lower()
    named = {str(one[part]).lower() for one in offered for part in ("value", "label")}
    named |= {str(word).lower() for one in offered for word in one.get("words", ())}
    return said in named or not re.search(r"[^\W\d_]{2}", said)
