"""One-time codes that let somebody go on with a conversation from another device."""

import hmac
import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import Index, String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from api.db import Base

DIGITS = 6
MOST_TRIES = 5
MOST_A_DAY = 3
A_DAY = timedelta(days=1)


class TakeUpCode(Base):
    """`conversation_id` is the one to go on with. `asked_in`: where the code has to be written;
    empty for one that was shown in a web chat and comes in by text. Only a hash is kept."""

    __tablename__ = "take_up_codes"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    landlord: Mapped[str] = mapped_column(String(40))
    conversation_id: Mapped[str] = mapped_column(String(32))
    asked_in: Mapped[str | None] = mapped_column(String(32))
    code_hash: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_take_up_codes_conversation", "conversation_id"),
        Index("ix_take_up_codes_asked_in", "asked_in"),
    )


def _hash(conversation_id: str, code: str) -> str:
    return sha256(f"{conversation_id}:{code}".encode()).hexdigest()


def make_code(
    session: Session,
    *,
    landlord: str,
    conversation_id: str,
    asked_in: str | None,
    at: datetime,
    valid_for: timedelta,
) -> str | None:
    """A new code; None where that conversation has had enough of them for a day. Earlier ones end
    with it."""
    earlier = TakeUpCode.conversation_id == conversation_id
    today = session.scalar(
        select(func.count()).select_from(TakeUpCode).where(earlier, TakeUpCode.made_at > at - A_DAY)
    )
    if (today or 0) >= MOST_A_DAY:
        return None
    for old in session.scalars(select(TakeUpCode).where(earlier, TakeUpCode.used_at.is_(None))):
        old.expires_at = min(old.expires_at, at)
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    session.add(
        TakeUpCode(
            landlord=landlord,
            conversation_id=conversation_id,
            asked_in=asked_in,
            code_hash=_hash(conversation_id, code),
            made_at=at,
            expires_at=at + valid_for,
        )
    )
    session.flush()
    return code


def use_code(
    session: Session, code: str, *, conversation_id: str | None, asked_in: str | None, at: datetime
) -> str | None:
    """The conversation that a code opens, once; None for a wrong, used or old one.

    Give the conversation that is wanted, or the one that the code is written in.
    """
    query = select(TakeUpCode).where(
        TakeUpCode.used_at.is_(None),
        TakeUpCode.expires_at > at,
        TakeUpCode.tries < MOST_TRIES,
        TakeUpCode.asked_in.is_(None) if asked_in is None else TakeUpCode.asked_in == asked_in,
    )
    if conversation_id is not None:
        query = query.where(TakeUpCode.conversation_id == conversation_id)
    found = session.scalar(query.order_by(TakeUpCode.id.desc()).limit(1).with_for_update())
    if found is None:
        return None
    found.tries += 1
    if not hmac.compare_digest(found.code_hash, _hash(found.conversation_id, code)):
        return None
    found.used_at = at
    return found.conversation_id


def waits_for_code(session: Session, conversation_id: str, *, at: datetime) -> bool:
    """Whether a code was sent that has to be written in this conversation."""
    return (
        session.scalar(
            select(TakeUpCode.id).where(
                TakeUpCode.asked_in == conversation_id,
                TakeUpCode.used_at.is_(None),
                TakeUpCode.expires_at > at,
            )
        )
        is not None
    )
