"""After a text has left: late receipts are asked for, and the provider forgets its words."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from api import clock
from api.channels.sms.carrier import Carrier
from api.channels.sms.receipts import take_news, tell_officer
from api.messages.model import Message, OutboxText
from api.worker.post import Post

# A receipt that is later than this is asked for; after three days nobody waits for one.
RECEIPT_DUE = timedelta(minutes=2)
GIVE_UP = timedelta(days=3)
TRY_LATER = timedelta(hours=1)


def reconcile(post: Post, *, most: int = 50) -> list[dict[str, Any]]:
    """Asks about texts whose receipt has not come: it may have been lost on its way."""
    now = clock.now()
    with post.db.reading() as session:
        open_texts = session.execute(
            select(OutboxText.id, OutboxText.provider, OutboxText.provider_sid, OutboxText.sent_at)
            .where(
                OutboxText.status.in_(("sending", "sent")),
                OutboxText.provider_sid.is_not(None),
                OutboxText.updated_at < now - RECEIPT_DUE,
            )
            .order_by(OutboxText.updated_at)
            .limit(most)
        ).all()
    done: list[dict[str, Any]] = []
    for text_id, provider, sid, sent_at in open_texts:
        carrier = post.carriers.of(provider)
        found = carrier.status_of(str(sid)) if carrier else None
        with post.db.writing() as session:
            # Its receipt may come in at this moment: one of the two takes it, not both.
            text = session.get_one(OutboxText, text_id, with_for_update=True)
            text.updated_at = clock.now()
            news = bool(
                carrier and found and take_news(session, text, found, carrier, at=clock.now())
            )
            if not news and (sent_at or now) < now - GIVE_UP and text.status in {"sending", "sent"}:
                text.status, text.error_code = "failed", "no receipt"
                text.redact_at = clock.now()
                words = "For three days nobody could say whether a text has reached them."
                tell_officer(session, text, words, clock.now())
                news = True
            if news:
                done.append({"job": "reconcile", "text": text_id, "did": text.status})
    return done


def redact(post: Post, *, most: int = 100) -> int:
    """Takes words that are no longer needed there off the provider's records. Gives how many."""
    return _redact(post, OutboxText, most) + _redact(post, Message, most)


def _redact(post: Post, table: type[OutboxText] | type[Message], most: int) -> int:
    done = 0
    with post.db.reading() as session:
        due = session.scalars(
            select(table.id)
            .where(table.redact_at <= clock.now())
            .order_by(table.redact_at)
            .limit(most)
        ).all()
    for row_id in due:
        with post.db.reading() as session:
            row: Any = session.get_one(table, row_id)
        sid, carrier = _where(post, row)
        gone = carrier is None or sid is None or carrier.redact(sid)
        with post.db.writing() as session:
            row = session.get_one(table, row_id)
            row.redact_at = None if gone else clock.now() + TRY_LATER
        done += gone
    return done


def _where(post: Post, row: OutboxText | Message) -> tuple[str | None, Carrier | None]:
    if isinstance(row, OutboxText):
        return row.provider_sid, post.carriers.of(row.provider)
    # Twilio's own ids begin so; another provider's texts are not redacted one by one.
    is_twilios = (row.provider_id or "").startswith(("SM", "MM"))
    return row.provider_id, post.carriers.twilio if is_twilios else None
