"""News of a text that was handed over: late, twice or out of order, it only moves forward."""

import re
from datetime import datetime, timedelta

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.cases.model import Case, CaseEntry
from api.cases.open_case import note
from api.channels.sms.carrier import Carrier, Sent
from api.messages.model import OutboxText
from api.messages.outbox import climb, let_go, send_again, stop_texts

log = structlog.get_logger()
# No more digits than a database can look for.
OUR_ID = re.compile(r"[0-9]{1,18}")


def text_of(session: Session, carrier: Carrier, sid: str, text_id: str) -> OutboxText | None:
    """The text that a receipt speaks of: by the provider's id, or by ours where the provider's
    answer never reached us."""
    text = session.scalar(
        select(OutboxText).where(OutboxText.provider_sid == sid).with_for_update()
    )
    if text or not OUR_ID.fullmatch(text_id):
        return text
    ours = session.get(OutboxText, int(text_id), with_for_update=True)
    if ours is None or ours.provider_sid not in (None, sid) or ours.status == "held":
        return None
    return ours


def take_news(
    session: Session, text: OutboxText, news: Sent, carrier: Carrier, *, at: datetime
) -> bool:
    """Writes down what the provider says of a text. False when it is nothing new."""
    if text.provider_sid is None and news.sid:
        # The receipt has overtaken the answer to our request, or the answer was lost.
        text.provider, text.provider_sid = carrier.name, news.sid
        text.sent_at = at
        text.unknown_since = None
        let_go(text)
        text.status = "queued"
    elif news.sid != text.provider_sid:
        return False
    if not climb(text, news.status, error=news.error, at=at):
        return False
    text.held_because = None
    if text.status in {"undelivered", "failed"}:
        _did_not_arrive(session, text, carrier, at=at)
    return True


def _did_not_arrive(session: Session, text: OutboxText, carrier: Carrier, *, at: datetime) -> None:
    rule = carrier.codes.of(text.error_code)
    waits = carrier.codes.again_after_minutes
    if rule.then != "stop" and text.times_again < len(waits):
        after = at + timedelta(minutes=waits[text.times_again])
        send_again(session, text, after=after, at=at)
        return
    tell_of_failure(session, text, carrier, at=at)


def tell_of_failure(session: Session, text: OutboxText, carrier: Carrier, *, at: datetime) -> None:
    """A text did not and will not get there: the officer hears of it, and who else has to."""
    rule = carrier.codes.of(text.error_code)
    if rule.stops_texts:
        stop_texts(session, text.landlord, text.to, by="provider", at=at)
    if rule.tell_admin:
        log.error("admin_needed", provider=carrier.name, code=text.error_code, words=rule.words)
    what = "A safety text" if text.kind == "safety" else "A text"
    code = f" (code {text.error_code})" if text.error_code else ""
    tell_officer(
        session,
        text,
        f"{what} did not reach them: {rule.words}{code}. Please get in touch by another safe way.",
        at,
    )


def tell_officer(session: Session, text: OutboxText, words: str, at: datetime) -> None:
    """A task on the case, once for each text: a receipt and a look-up may bring the same news at
    the same moment. A text without a case is on the officers' list of texts all the same."""
    case = session.get(Case, text.case_id, with_for_update=True) if text.case_id else None
    if case is None:
        return
    tasks = session.scalars(
        select(CaseEntry).where(CaseEntry.case_id == case.id, CaseEntry.words == words)
    )
    if not any(one.data.get("text") == text.id for one in tasks):
        note(session, case, kind="task", words=words, at=at, data={"text": text.id})
