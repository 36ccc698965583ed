"""The outbox: texts that wait to leave, each taken by one sender only."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from api.messages.model import OptOut, OutboxText

CLAIM = timedelta(seconds=60)


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


def waiting(session: Session, *, at: datetime, most: int = 20) -> Sequence[int]:
    """Ids of texts that may be tried at `at`, oldest first; safety texts before all others."""
    rows = session.execute(
        select(OutboxText.id, OutboxText.kind)
        .where(
            OutboxText.status == "queued",
            OutboxText.send_after <= at,
            or_(OutboxText.claimed_until.is_(None), OutboxText.claimed_until < at),
        )
        .order_by(OutboxText.id)
        .limit(most)
    ).all()
    return [row.id for row in sorted(rows, key=lambda row: (row.kind != "safety", row.id))]


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
            OutboxText.status == "queued",
            OutboxText.send_after <= at,
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
        .values(claimed_until=at + CLAIM, tries=OutboxText.tries + 1, updated_at=at)
        .execution_options(synchronize_session=False)
    )
    assert isinstance(taken, CursorResult)
    if taken.rowcount != 1:
        return None
    session.refresh(text)
    return text


# How far a text has come. A late or repeated report never takes it back.
LADDER = {"queued": 0, "sending": 1, "sent": 2, "delivered": 3, "undelivered": 3, "failed": 3}
PROVIDER = {
    "accepted": "sending",
    "scheduled": "sending",
    "queued": "sending",
    "sending": "sending",
    "sent": "sent",
    "delivered": "delivered",
    "read": "delivered",
    "undelivered": "undelivered",
    "failed": "failed",
    "canceled": "failed",
}


def climb(text: OutboxText, provider_status: str, *, error: str | None, at: datetime) -> bool:
    """Moves a text up its ladder. False when the news is old or repeated."""
    status = PROVIDER.get(provider_status)
    if status is None or LADDER[status] <= LADDER.get(text.status, 0):
        return False
    text.status = status
    text.error_code = error or text.error_code
    text.updated_at = at
    return True


def opted_out(session: Session, landlord: str, number: str) -> bool:
    return (
        session.scalar(
            select(OptOut.id).where(
                OptOut.landlord == landlord, OptOut.number == number, OptOut.lifted_at.is_(None)
            )
        )
        is not None
    )


def stop_texts(session: Session, landlord: str, number: str, *, at: datetime) -> None:
    if not opted_out(session, landlord, number):
        session.add(OptOut(landlord=landlord, number=number, stopped_at=at))


def start_texts(session: Session, landlord: str, number: str, *, at: datetime) -> None:
    for stop in session.scalars(
        select(OptOut).where(
            OptOut.landlord == landlord, OptOut.number == number, OptOut.lifted_at.is_(None)
        )
    ):
        stop.lifted_at = at
