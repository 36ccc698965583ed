"""The outbox: texts that wait to leave, each taken by one sender only."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session, aliased

from api.messages.model import OptOut, OutboxText

CLAIM = timedelta(seconds=60)
# A later text waits for an earlier one that is tried again within this time. Longer than that it
# does not wait: one text that cannot leave must not keep back all others.
SOON = timedelta(seconds=60)


def put_out(
    session: Session,
    *,
    landlord: str,
    to: str,
    body: str,
    kind: str,
    at: datetime,
    conversation_id: str | None = None,
    message_id: int | None = None,
    case_id: str | None = None,
    send_after: datetime | None = None,
) -> OutboxText:
    text = OutboxText(
        landlord=landlord,
        conversation_id=conversation_id,
        message_id=message_id,
        case_id=case_id,
        kind=kind,
        to=to,
        body=body,
        status="queued",
        send_after=send_after or at,
        created_at=at,
        updated_at=at,
    )
    session.add(text)
    return text


@dataclass(frozen=True)
class Waiting:
    """A text that waits to leave, as far as the order of sending needs it."""

    id: int
    landlord: str
    kind: str
    body: str


def waiting(session: Session, *, at: datetime, most: int) -> list[Waiting]:
    """The first texts of each landlord that may be tried at `at`, `most` of each, oldest first;
    safety texts before all others."""
    earlier = aliased(OutboxText)
    retried_soon = exists().where(
        earlier.to == OutboxText.to,
        earlier.landlord == OutboxText.landlord,
        earlier.id < OutboxText.id,
        *_retried_soon(earlier, at),
    )
    order = (OutboxText.kind != "safety", OutboxText.id)
    place = func.row_number().over(partition_by=OutboxText.landlord, order_by=order)
    row = (
        select(OutboxText.id, place.label("place"))
        .where(
            OutboxText.status == "queued",
            OutboxText.send_after <= at,
            or_(OutboxText.claimed_until.is_(None), OutboxText.claimed_until < at),
            or_(OutboxText.kind == "safety", ~retried_soon),
        )
        .subquery()
    )
    rows = session.execute(
        select(OutboxText.id, OutboxText.landlord, OutboxText.kind, OutboxText.body)
        .join(row, row.c.id == OutboxText.id)
        .where(row.c.place <= most)
        .order_by(*order)
    )
    return [Waiting(*row) for row in rows]


def claim(session: Session, text_id: int, *, at: datetime) -> OutboxText | None:
    """Takes one text for sending. None when another sender was quicker.

    Texts to one number leave in the order in which they were written.
    """
    text = session.get(OutboxText, text_id)
    if text is None:
        return None
    before_it = session.scalar(
        select(OutboxText.id).where(
            OutboxText.to == text.to,
            OutboxText.landlord == text.landlord,
            OutboxText.id < text.id,
            or_(
                and_(OutboxText.status == "queued", OutboxText.send_after <= at),
                and_(*_retried_soon(OutboxText, at)),
            ),
        )
    )
    if before_it and text.kind != "safety":
        return None
    taken = session.execute(
        update(OutboxText)
        .where(
            OutboxText.id == text_id,
            OutboxText.status == "queued",
            or_(OutboxText.claimed_until.is_(None), OutboxText.claimed_until < at),
        )
        .values(
            claimed_until=at + CLAIM,
            claimed_by=uuid4().hex,
            tries=OutboxText.tries + 1,
            updated_at=at,
        )
        .execution_options(synchronize_session=False)
    )
    assert isinstance(taken, CursorResult)
    if taken.rowcount != 1:
        return None
    session.refresh(text)
    return text


def claimed(session: Session, text_id: int, claim: str | None) -> OutboxText | None:
    """A text, locked, while that claim on it holds. None when another sender has taken it over, or
    it is no longer to be sent."""
    text = session.get_one(OutboxText, text_id, with_for_update=True)
    return text if text.status == "queued" and text.claimed_by == claim else None


def let_go(text: OutboxText) -> None:
    text.claimed_until = text.claimed_by = None


def _retried_soon(text: type[OutboxText], at: datetime) -> tuple[ColumnElement[bool], ...]:
    return (text.status == "queued", text.tries > 0, text.send_after <= at + SOON)


# How far a text has come. A late or repeated report never takes it back.
LADDER = {"queued": 0, "sending": 1, "sent": 2, "delivered": 3, "undelivered": 3, "failed": 3}
FINAL = frozenset({"delivered", "undelivered", "failed"})


def climb(text: OutboxText, status: str, *, error: str | None, at: datetime) -> bool:
    """Moves a text up its ladder. False when the news is old or repeated."""
    if LADDER.get(status, 0) <= LADDER.get(text.status, 0):
        return False
    text.status = status
    text.error_code = error
    text.updated_at = at
    if status in FINAL:
        text.redact_at = at
    return True


def send_again(session: Session, text: OutboxText, *, after: datetime, at: datetime) -> OutboxText:
    """A new text with the words of one that did not arrive."""
    again = put_out(
        session,
        landlord=text.landlord,
        to=text.to,
        body=text.body,
        kind=text.kind,
        at=at,
        conversation_id=text.conversation_id,
        message_id=text.message_id,
        case_id=text.case_id,
        send_after=after,
    )
    again.again_of = text.again_of or text.id
    again.times_again = text.times_again + 1
    return again


def sent_since(session: Session, landlord: str, number: str, since: datetime) -> tuple[int, int]:
    """How many texts have gone to this person since then: all of them, and the contacts."""
    rows = session.execute(
        select(OutboxText.kind, func.count())
        .where(
            OutboxText.landlord == landlord,
            OutboxText.to == number,
            OutboxText.sent_at >= since,
        )
        .group_by(OutboxText.kind)
    ).all()
    counts = {row[0]: row[1] for row in rows}
    return sum(counts.values()), counts.get("contact", 0)


def known_sids(session: Session, to: str) -> frozenset[str]:
    """The provider's ids of the texts to a number that we know of."""
    found = session.scalars(select(OutboxText.provider_sid).where(OutboxText.to == to))
    return frozenset(sid for sid in found if sid)


def stopped_by(session: Session, landlord: str, number: str) -> str | None:
    """Who keeps texts from a number that asked for that: `provider`, `us`, or nobody (None)."""
    stop = _stop_of(session, landlord, number)
    return stop.stopped_by if stop else None


def _stop_of(session: Session, landlord: str, number: str) -> OptOut | None:
    return session.scalar(
        select(OptOut)
        .where(OptOut.landlord == landlord, OptOut.number == number, OptOut.lifted_at.is_(None))
        .order_by(OptOut.stopped_by)
        .limit(1)
    )


def stop_texts(session: Session, landlord: str, number: str, *, by: str, at: datetime) -> None:
    stop = _stop_of(session, landlord, number)
    if stop is None:
        session.add(OptOut(landlord=landlord, number=number, stopped_by=by, stopped_at=at))
    elif by == "provider":
        stop.stopped_by = by


def start_texts(session: Session, landlord: str, number: str, *, at: datetime) -> None:
    for stop in session.scalars(
        select(OptOut).where(
            OptOut.landlord == landlord, OptOut.number == number, OptOut.lifted_at.is_(None)
        )
    ):
        stop.lifted_at = at
