"""Officers who sign in."""

from datetime import datetime
from uuid import uuid4

from pwdlib import PasswordHash
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.teams.model import Officer

passwords = PasswordHash.recommended()


def add_officer(
    session: Session,
    *,
    landlord: str,
    team: str,
    role: str,
    email: str,
    password: str,
    at: datetime,
    demo: bool = False,
) -> Officer:
    officer = Officer(
        id=uuid4().hex,
        landlord=landlord,
        team=team,
        role=role,
        email=email.strip().lower(),
        password_hash=passwords.hash(password),
        demo=demo,
        created_at=at,
    )
    session.add(officer)
    return officer


def officer_by_email(session: Session, email: str) -> Officer | None:
    return session.scalar(
        select(Officer).where(Officer.email == email.strip().lower(), Officer.ended_at.is_(None))
    )
