"""Keys of other systems: shown once when made, kept as a hash."""

import secrets
from datetime import datetime
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.teams.model import ApiKey


def key_hash(key: str) -> str:
    # A key holds 256 random bits: there is nothing to guess, so no slow hash is needed.
    return sha256(key.encode()).hexdigest()


def make_key(session: Session, landlord: str, label: str, *, at: datetime) -> str:
    key = f"ds_{secrets.token_urlsafe(32)}"
    session.add(ApiKey(key_hash=key_hash(key), landlord=landlord, label=label, created_at=at))
    return key


def landlord_of_key(session: Session, key: str) -> str | None:
    """The one landlord that a key belongs to; None when it is unknown or has ended."""
    return session.scalar(
        select(ApiKey.landlord).where(ApiKey.key_hash == key_hash(key), ApiKey.ended_at.is_(None))
    )
