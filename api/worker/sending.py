"""Sending what waits in the outbox: each text through one gate, at most once."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy.orm import Session

from api import clock
from api.channels.sms.carrier import Carrier, Sent
from api.channels.sms.receipts import take_news, tell_of_failure, tell_officer
from api.clock import LONDON
from api.contacts.gate import Hold, check
from api.messages.model import OutboxText
from api.messages.outbox import CLAIM, Waiting, claim, claimed, known_sids, let_go, waiting
from api.policies.gsm7 import segments
from api.worker.leaving import leaving
from api.worker.post import Post

log = structlog.get_logger()

# The waits before a text is tried again, then every five minutes for about four hours, as
# GOV.UK Notify does; then it has failed.
WAITS = (5, 30, 60, 120)
LONG_WAIT = 300
MOST_TRIES = 48
# A text that warns of danger is not left waiting as long, and officers hear of it sooner.
SAFETY_WAIT = 60
TOLD_AT_TRY = 6
SAFETY_TOLD_AT_TRY = 3
# A provider may still be busy with a request that we gave up on: a text that cannot be found
# there is sent anew only after this time.
SETTLED = timedelta(seconds=30)
# Where texts cannot be looked up, this is how long a receipt is waited for.
SETTLED_BY_RECEIPT = timedelta(minutes=10)
# What officers read of a text that we cannot deal with; why stands in the log, for operators.
OUR_TROUBLE = "something is broken on our side; an administrator has to look"


def send_waiting(post: Post, *, most: int = 20) -> list[dict[str, Any]]:
    """Sends what may leave now, and says what became of each text."""
    with post.db.reading() as session:
        texts = waiting(session, at=clock.now(), most=most)
    return list(_send_each(post, texts, most))


def _send_each(post: Post, texts: Sequence[Waiting], most: int) -> Iterator[dict[str, Any]]:
    tried, full = 0, set[str]()
    for text in texts:
        if tried == most:
            return
        became: dict[str, Any] | None
        try:
            if text.kind != "safety" and (text.landlord in full or not _has_room(post, text)):
                # Not even claimed: a sender's long row is no work, and keeps nobody else's back.
                full.add(text.landlord)
                became = {"did": "paced"}
            else:
                tried += 1
                became = _send_one(post, text.id)
        except Exception:
            # One text that we cannot deal with must not keep back those behind it.
            log.exception("text_trouble", text=text.id, landlord=text.landlord)
            became = _put_by(post, text.id)
        if became:
            yield {"job": "send", "text": text.id, **became}


def _has_room(post: Post, text: Waiting) -> bool:
    sender = post.carriers.active.sender_of(post.rulebook.landlords[text.landlord])
    return post.pace.has_room(sender, segments(text.body))


def _put_by(post: Post, text_id: int) -> dict[str, Any]:
    """A text that something of ours is broken for: tried again later, and seen by officers."""
    with post.db.writing() as session:
        text = session.get_one(OutboxText, text_id, with_for_update=True)
        if text.status == "queued":
            if text.claimed_by is None:
                text.tries += 1
            let_go(text)
            text.held_because = OUR_TROUBLE
            _try_later(session, text, post.carriers.active, clock.now())
        return {"did": text.status, "because": text.held_because}


def _send_one(post: Post, text_id: int) -> dict[str, Any] | None:
    with post.db.writing() as session:
        text = claim(session, text_id, at=clock.now())
        if text is None:
            return None
        mine, asked = text.claimed_by, text.unknown_since
        known = known_sids(session, text.to) if asked else frozenset()
    # No transaction is open while the provider is asked; the claim keeps other senders away.
    if asked:
        carrier = post.carriers.of(text.provider)
        found = _find(post, text, carrier, asked, known)
        if found:
            return _write_down(post, text_id, found, carrier or post.carriers.active, mine)
    carrier = post.carriers.active
    with post.db.writing() as session:
        # We may have been away for longer than a claim holds, and a receipt may have come.
        text = claimed(session, text_id, mine)
        if text is None:
            return None
        held = _gate(session, text, post, carrier)
        if held:
            return held
        # Written down before it is asked: should we die now, the text is looked up first.
        text.unknown_since = asked or clock.now()
        text.claimed_until = clock.now() + CLAIM
        text.provider = carrier.name
        to, body = text.to, text.body
        landlord = post.rulebook.landlords[text.landlord]
    sent = carrier.send(landlord, text_id=text_id, to=to, body=body)
    return _write_down(post, text_id, sent, carrier, mine)


def _find(
    post: Post, text: OutboxText, carrier: Carrier | None, asked: datetime, known: frozenset[str]
) -> Sent | None:
    """What became of a text whose fate is not known; None: it was not taken, send it."""
    unknown = Sent("unknown", error=text.error_code)
    if carrier is None or not carrier.looks_up:
        return unknown if clock.now() - asked < SETTLED_BY_RECEIPT else Sent("lost")
    try:
        found = carrier.look_up(
            post.rulebook.landlords[text.landlord],
            to=text.to,
            body=text.body,
            since=asked,
            is_known=known.__contains__,
        )
    except Exception as trouble:
        # Whatever keeps us from knowing, sending again blindly is the one thing not to do.
        return Sent("unknown", error=type(trouble).__name__)
    if found is None and text.kind != "safety" and clock.now() - asked < SETTLED:
        return unknown
    return found


def _gate(
    session: Session, text: OutboxText, post: Post, carrier: Carrier
) -> dict[str, Any] | None:
    """Why a text does not leave now. What may leave later is queued for then."""
    now = clock.now()
    facts = leaving(session, text, demo=post.demo, at=now)
    policy = post.rulebook.pack(text.landlord).policy
    hold = check(facts, policy, post.ceilings, at=now)
    if hold:
        text.unknown_since = None
        return _hold(session, text, hold, now)
    sender = carrier.sender_of(post.rulebook.landlords[text.landlord])
    if not post.pace.take(sender, segments(text.body)) and text.kind != "safety":
        text.tries -= 1
        let_go(text)
        return {"did": "paced"}
    text.held_because = None
    return None


def _hold(session: Session, text: OutboxText, hold: Hold, now: datetime) -> dict[str, Any]:
    text.held_because = hold.because
    text.updated_at = now
    let_go(text)
    text.tries -= 1
    if hold.until:
        text.send_after = hold.until
        return {"did": "held", "because": hold.because, "until": hold.until.isoformat()}
    text.status = "held"
    what = "A safety text" if text.kind == "safety" else "A text"
    tell_officer(session, text, f"{what} was not sent: {hold.because}.", now)
    return {"did": "held", "because": hold.because}


def _write_down(
    post: Post, text_id: int, sent: Sent, carrier: Carrier, mine: str | None
) -> dict[str, Any]:
    with post.db.writing() as session:
        # A receipt may come in at this moment: the later of the two reads what the first wrote.
        text = session.get_one(OutboxText, text_id, with_for_update=True)
        _write(session, text, sent, carrier, mine, clock.now())
        return {"kind": text.kind, "did": text.status, "error": sent.error}


def _write(
    session: Session,
    text: OutboxText,
    sent: Sent,
    carrier: Carrier,
    mine: str | None,
    now: datetime,
) -> None:
    is_mine = text.status == "queued" and text.claimed_by == mine
    if is_mine:
        let_go(text)
        text.updated_at = now
    if sent.sid:
        take_news(session, text, sent, carrier, at=now)
    elif not is_mine:
        # Its receipt has overtaken the answer, or another sender has it by now: they know better.
        return
    elif sent.status in {"retry", "unknown"}:
        text.error_code = sent.error
        if sent.status == "retry":
            text.unknown_since = None
        _try_later(session, text, carrier, now)
    elif sent.status == "refused":
        text.error_code = sent.error
        text.unknown_since = None
        text.status = "failed"
        tell_of_failure(session, text, carrier, at=now)
    elif sent.status == "lost":
        _give_up(session, text, "Nobody can say whether a text has reached them", now)


def _try_later(session: Session, text: OutboxText, carrier: Carrier, now: datetime) -> None:
    if text.tries >= MOST_TRIES:
        _give_up(session, text, "A text could not be sent", now)
        return
    wait = WAITS[text.tries - 1] if text.tries <= len(WAITS) else LONG_WAIT
    is_safety = text.kind == "safety"
    text.send_after = now + timedelta(seconds=min(wait, SAFETY_WAIT) if is_safety else wait)
    rule = carrier.codes.of(text.error_code)
    if rule.tell_admin:
        log.error("admin_needed", provider=carrier.name, code=text.error_code, words=rule.words)
    if text.told_late_at is None and text.tries >= (
        SAFETY_TOLD_AT_TRY if is_safety else TOLD_AT_TRY
    ):
        text.told_late_at = now
        since = text.created_at.astimezone(LONDON)
        what = "A safety text" if is_safety else "A text"
        tell_officer(
            session,
            text,
            f"{what} waits since {since:%H:%M}: it cannot be sent at the moment, and they have "
            "not been reached. We keep trying.",
            now,
        )


def _give_up(session: Session, text: OutboxText, words: str, now: datetime) -> None:
    text.status = "failed"
    tell_officer(session, text, f"{words}. Please get in touch by another safe way.", now)
