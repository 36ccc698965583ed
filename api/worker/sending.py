"""Sending what waits in the outbox: each text through one gate, at most once."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from api import clock
from api.cases.model import Case
from api.cases.open_case import note
from api.channels.sms import OPTED_OUT, Sent, Sms, sendable
from api.contacts.schedule import may_text, next_text_time
from api.db import Database
from api.intake.rulebook import Rulebook
from api.messages.model import OutboxText
from api.messages.outbox import claim, climb, opted_out, stop_texts, waiting

log = structlog.get_logger()

# As GOV.UK Notify does: every five minutes for about four hours, then an officer is told.
FIRST_RETRY = timedelta(seconds=5)
RETRY = timedelta(seconds=300)
MOST_TRIES = 48
# A receipt that is later than this is asked for; after three days nobody waits for one.
RECEIPT_DUE = timedelta(minutes=2)
GIVE_UP = timedelta(days=3)


@dataclass(frozen=True)
class Post:
    """What sending needs."""

    db: Database
    rulebook: Rulebook
    sms: Sms
    demo: bool


def send_waiting(post: Post, *, most: int = 20) -> list[dict[str, Any]]:
    """Sends what may leave now, and says what became of each text."""
    with post.db.reading() as session:
        ids = waiting(session, at=clock.now(), most=most)
    return list(_send_each(post, list(ids)))


def reconcile(post: Post, *, most: int = 50) -> list[dict[str, Any]]:
    """Asks Twilio about texts whose receipt has not come: it may have been lost on its way."""
    now = clock.now()
    with post.db.reading() as session:
        open_texts = session.execute(
            select(OutboxText.id, OutboxText.provider_sid)
            .where(
                OutboxText.status.in_(("sending", "sent")),
                OutboxText.provider_sid.is_not(None),
                OutboxText.updated_at < now - RECEIPT_DUE,
                OutboxText.sent_at > now - GIVE_UP,
            )
            .order_by(OutboxText.updated_at)
            .limit(most)
        ).all()
    done: list[dict[str, Any]] = []
    for text_id, sid in open_texts:
        found = post.sms.status_of(str(sid))
        with post.db.writing() as session:
            text = session.get_one(OutboxText, text_id)
            text.updated_at = clock.now()
            if found and climb(text, found.status, error=found.error, at=clock.now()):
                done.append({"job": "reconcile", "text": text_id, "did": text.status})
    return done


def _send_each(post: Post, ids: list[int]) -> Iterator[dict[str, Any]]:
    for text_id in ids:
        now = clock.now()
        with post.db.writing() as session:
            text = claim(session, text_id, at=now)
            if text is None:
                continue
            held = _gate(session, text, post, now)
            if held:
                yield {"job": "send", "text": text_id, "did": "held", "because": held}
                continue
        # No transaction is open while Twilio is asked; the claim keeps other senders away.
        sent = _post(post, text)
        with post.db.writing() as session:
            kept = session.get_one(OutboxText, text_id)
            _write(session, kept, sent, clock.now())
            status, kind = kept.status, kept.kind
        yield {"job": "send", "text": text_id, "kind": kind, "did": status, "error": sent.error}


def _gate(session: Session, text: OutboxText, post: Post, now: datetime) -> str | None:
    """Why a text must not leave now. What may leave later is queued for then."""
    if not sendable(text.to, demo=post.demo):
        return _hold(session, text, "not a UK mobile number", now)
    if opted_out(session, text.landlord, text.to):
        return _hold(session, text, "this number asked for texts to stop", now)
    if text.kind == "contact":
        case = session.get(Case, text.case_id) if text.case_id else None
        if case is None or not case.safe_to_text or case.status == "closed":
            return _hold(session, text, "no safe way to text is on record", now)
        policy = post.rulebook.pack(text.landlord).policy
        if not may_text(now, policy):
            text.send_after = next_text_time(now, policy)
            text.claimed_until = None
            return f"outside texting hours, until {text.send_after.isoformat()}"
    return None


def _hold(session: Session, text: OutboxText, because: str, now: datetime) -> str:
    text.status = "held"
    text.held_because = because
    text.updated_at = now
    text.claimed_until = None
    _tell_officer(session, text, f"A text was not sent: {because}.", now)
    return because


def _tell_officer(session: Session, text: OutboxText, words: str, now: datetime) -> None:
    case = session.get(Case, text.case_id) if text.case_id else None
    if case:
        note(session, case, kind="task", words=words, at=now, data={"text": text.id})


def _post(post: Post, text: OutboxText) -> Sent:
    sender = post.rulebook.landlords[text.landlord].number
    if text.unknown_since:
        try:
            found = post.sms.look_up(
                sender=sender, to=text.to, body=text.body, since=text.unknown_since
            )
        except Exception as trouble:
            # Whatever keeps us from knowing, sending again blindly is the one thing not to do.
            return Sent("unknown", error=type(trouble).__name__)
        if found:
            return found
    return post.sms.send(sender=sender, to=text.to, body=text.body)


def _write(session: Session, text: OutboxText, sent: Sent, now: datetime) -> None:
    text.claimed_until = None
    text.updated_at = now
    text.error_code = sent.error
    if sent.status in {"retry", "unknown"}:
        if sent.status == "unknown":
            text.unknown_since = text.unknown_since or now
        else:
            text.unknown_since = None
        if text.tries >= MOST_TRIES:
            text.status = "failed"
            _tell_officer(session, text, "A text could not be sent.", now)
            return
        text.send_after = now + (FIRST_RETRY if text.tries == 1 else RETRY)
        return
    if sent.status == "failed":
        text.status = "failed"
        if sent.error == str(OPTED_OUT):
            stop_texts(session, text.landlord, text.to, at=now)
        _tell_officer(session, text, f"A text was refused (code {sent.error}).", now)
        return
    text.provider_sid = sent.sid
    text.sent_at = now
    text.unknown_since = None
    climb(text, sent.status, error=None, at=now)
