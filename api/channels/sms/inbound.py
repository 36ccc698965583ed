"""A text came in, by whichever provider: kept once, danger answered, opt-out obeyed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api import clock
from api.cases.model import Case
from api.cases.open_case import note
from api.channels.sms.numbers import e164
from api.channels.sms.pace import Answering
from api.conversation.model import Conversation
from api.conversation.receive import (
    conversation_of_number,
    informed,
    receive,
    speak,
    start_conversation,
)
from api.db import Database
from api.intake.rulebook import Rulebook
from api.messages.model import Message, TextMedia
from api.messages.outbox import sent_since, start_texts, stop_texts, stopped_by
from api.reports.model import Report

log = structlog.get_logger()

# What the networks of the world take for an opt-out, and the plain ways in which people ask.
STOP_WORDS = {"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"}
START_WORDS = {"START", "UNSTOP"}
HELP_WORDS = {"HELP", "INFO"}
ASKS_TO_STOP = re.compile(
    r"(please )?((stop|no more|end|cancel)( (sending|all|these|your|the))*( me)?"
    r" (texts?|texting|messages|messaging|sms)|(do not|dont|stop) (text|message|contact)(ing)? me"
    r"|unsubscribe me|opt( me)? out)( me)?( (any ?more|again|please|now))*",
    re.IGNORECASE,
)
TOO_MANY = "too_many_texts"
TOLD_TO_OFFICERS = {
    "STOP": "Texts were stopped from this number. Please confirm with them by a safe way.",
    "HELP": "They texted HELP. Please find out by a safe way whether they are all right.",
}


@dataclass(frozen=True)
class TextIn:
    """A text as a provider hands it over.

    `opt_out`: STOP, START or HELP, where the provider has acted on the word and answered it.
    `lifts_stop`: the word also lets texts through again, and is an answer as well (YES).
    `media`: address and said type of each file that came with it. `at`: when it was sent, where
    it is taken in late.
    """

    provider: str
    sid: str | None
    sender: str
    to: str
    words: str
    raw: Mapping[str, Any] = field(default_factory=dict)
    opt_out: str = ""
    lifts_stop: bool = False
    media: tuple[tuple[str, str], ...] = ()
    at: datetime | None = None


def asks_to_stop(words: str) -> bool:
    """Whether a whole text asks for texts to stop. "please stop" may mean the noise: it is not."""
    bare = re.sub(r"[^\w ]", "", words).strip()
    return bare.upper() in STOP_WORDS or ASKS_TO_STOP.fullmatch(bare) is not None


def take_in(db: Database, rulebook: Rulebook, answering: Answering, text: TextIn) -> None:
    """Keeps a text once, whatever becomes of it later. Raises where it could not be kept, so that
    the provider tries again."""
    now = text.at or clock.now()
    landlord = rulebook.landlord_of_number(e164(text.to)) or rulebook.landlord_of_number(text.to)
    try:
        with db.writing() as session:
            if _is_kept(session, text):
                return
            if landlord is None:
                log.error("text_to_unknown_number", sid=text.sid)
                _keep(session, text, None, now)
                return
            _take_in_for(session, rulebook, answering, landlord.code, text, now)
    except IntegrityError:
        # The provider's retry was handled beside its first try, and that one kept the text?
        with db.reading() as session:
            if not _is_kept(session, text):
                raise
        log.info("repeated_text", sid=text.sid)


def _is_kept(session: Session, text: TextIn) -> bool:
    return bool(
        text.sid and session.scalar(select(Message.id).where(Message.provider_id == text.sid))
    )


def _take_in_for(
    session: Session,
    rulebook: Rulebook,
    answering: Answering,
    landlord: str,
    text: TextIn,
    now: datetime,
) -> None:
    number = e164(text.sender)
    conversation = conversation_of_number(session, landlord, number)
    if conversation is None:
        conversation, _ = start_conversation(
            session, landlord=landlord, channel="sms", number=number, at=now
        )
    if text.opt_out in {"STOP", "START", "HELP"}:
        # The provider has answered these itself: the word is kept, and nobody is answered twice.
        _obey(session, conversation, text.opt_out, number, now)
        _keep(session, text, conversation, now)
        return
    if asks_to_stop(text.words) and not text.media:
        _keep(session, text, conversation, now)
        _stop_ourselves(session, rulebook, conversation, number, now)
        return
    if text.lifts_stop:
        start_texts(session, landlord, number, at=now)
    too_many = _too_many(session, answering, landlord, number, text)
    message = receive(
        session,
        conversation,
        rulebook,
        text.words,
        at=now,
        provider_id=text.sid,
        raw=text.raw,
        files=len(text.media),
        answered=not too_many,
    )
    if too_many:
        _say_how_to_go_on(session, rulebook, answering, message, now)
    message.redact_at = now if text.sid else None
    for url, said_type in text.media:
        session.add(
            TextMedia(
                landlord=landlord,
                message_id=message.id,
                conversation_id=conversation.id,
                report_id=conversation.report_id,
                url=url,
                said_type=said_type or None,
                retry_at=now,
                at=now,
            )
        )


def _too_many(
    session: Session, answering: Answering, landlord: str, number: str, text: TextIn
) -> bool:
    # What is taken in late comes all at once because of us.
    too_fast = text.at is None and answering.too_fast(landlord, number)
    sent_today, _ = sent_since(session, landlord, number, clock.midnight(clock.now()))
    return too_fast or answering.near_the_ceiling(sent_today)


def _say_how_to_go_on(
    session: Session, rulebook: Rulebook, answering: Answering, message: Message, now: datetime
) -> None:
    """More texts come in than are answered: said once, and left to a person."""
    conversation = session.get_one(Conversation, message.conversation_id)
    if conversation.handed_over_at or informed(session, conversation, TOO_MANY, now):
        return
    log.warning("too_many_texts", conversation=conversation.id)
    speak(
        session,
        conversation,
        rulebook,
        [{"say": TOO_MANY, "values": {"url": answering.chat_of(conversation.landlord)}}],
        kind="reply",
        in_reply_to=message.id,
        at=now,
    )
    words = "They text more than the assistant answers. Please read what they wrote."
    _ask_a_person(session, conversation, words, now)


def _ask_a_person(session: Session, conversation: Conversation, words: str, now: datetime) -> None:
    case = session.get(Case, conversation.case_id) if conversation.case_id else None
    if case:
        note(session, case, kind="task", words=words, at=now)
        return
    report = session.get_one(Report, conversation.report_id)
    report.person_asked_at = report.person_asked_at or now


def _obey(
    session: Session,
    conversation: Conversation,
    word: str,
    number: str,
    now: datetime,
    *,
    by: str = "provider",
) -> None:
    landlord = conversation.landlord
    if word == "STOP":
        stop_texts(session, landlord, number, by=by, at=now)
    elif word == "START":
        start_texts(session, landlord, number, at=now)
    # It may be somebody else who holds the phone: no case is closed or changed by it.
    if word == "HELP" or (word == "STOP" and conversation.case_id):
        _ask_a_person(session, conversation, TOLD_TO_OFFICERS[word], now)


def _stop_ourselves(
    session: Session, rulebook: Rulebook, conversation: Conversation, number: str, now: datetime
) -> None:
    """The provider has not acted on these words, so the one confirmation is ours."""
    if stopped_by(session, conversation.landlord, number):
        return
    _obey(session, conversation, "STOP", number, now, by="us")
    speak(
        session,
        conversation,
        rulebook,
        [{"say": "texts_stopped"}],
        kind="stopped",
        in_reply_to=None,
        at=now,
    )


def _keep(session: Session, text: TextIn, conversation: Conversation | None, now: datetime) -> None:
    """A row, and nothing more to be done with it."""
    session.add(
        Message(
            landlord=conversation.landlord if conversation else None,
            conversation_id=conversation.id if conversation else None,
            sender="resident",
            text=text.words,
            provider_id=text.sid,
            raw=dict(text.raw),
            at=now,
            processed_at=now if conversation else None,
            redact_at=now if text.sid else None,
        )
    )
