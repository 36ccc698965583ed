"""Signing in and out. A session is a row; the browser holds its token, we only a hash of it."""

import hashlib
import hmac
import secrets
from collections import defaultdict, deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy.orm import Session

from api.errors import DoorstepError, NotSignedIn
from api.teams.model import Officer, OfficerSession
from api.teams.officers import officer_by_email, passwords

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=10)
# `seen_at` is written again at most this often, so that reading pages seldom writes.
SEEN_EVERY = timedelta(minutes=1)
WRONG_TRIES = 5
WITHIN = timedelta(minutes=1)


class TooManyTries(DoorstepError):
    status = 429
    title = "Too many wrong tries. Wait a minute, then try again."


@dataclass(frozen=True)
class SignedIn:
    """The officer of this request. `form_token` stands in every form of theirs."""

    officer: Officer
    form_token: str


@cache
def _nobodys_password() -> str:
    return passwords.hash(secrets.token_urlsafe(16))


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def form_token(token: str) -> str:
    """Follows from the session's token, which no other site can read."""
    return hmac.new(token.encode(), b"forms", hashlib.sha256).hexdigest()


def officer_with(session: Session, *, email: str, password: str) -> Officer | None:
    """The officer with this e-mail and password. Takes as long for an unknown e-mail."""
    officer = officer_by_email(session, email)
    known = officer.password_hash if officer else _nobodys_password()
    right = passwords.verify(password, known)
    return officer if right else None


def start_session(session: Session, officer: Officer, *, at: datetime) -> str:
    """A new session and its token (256 bits): never one that the browser brought along."""
    token = secrets.token_urlsafe(32)
    session.add(
        OfficerSession(
            token_hash=token_hash(token),
            officer_id=officer.id,
            landlord=officer.landlord,
            started_at=at,
            seen_at=at,
        )
    )
    return token


def find_session(session: Session, token: str, *, at: datetime) -> tuple[OfficerSession, Officer]:
    """The session that a token opens. Raises NotSignedIn when it is over or never was."""
    found = session.get(OfficerSession, token_hash(token)) if token else None
    if found is None or found.ended_at is not None:
        raise NotSignedIn("Please sign in.")
    if at - found.seen_at > IDLE or at - found.started_at > ABSOLUTE:
        raise NotSignedIn("You were signed out because some time had passed. Please sign in again.")
    officer = session.get(Officer, found.officer_id)
    if officer is None or officer.ended_at is not None:
        raise NotSignedIn("Please sign in.")
    return found, officer


def end_session(session: Session, token: str, *, at: datetime) -> None:
    found = session.get(OfficerSession, token_hash(token)) if token else None
    if found is not None and found.ended_at is None:
        found.ended_at = at


class WrongTries:
    """Counts wrong passwords by e-mail, known or not. In memory: each process counts its own."""

    def __init__(self) -> None:
        self._tries: defaultdict[str, deque[datetime]] = defaultdict(deque)

    def check(self, email: str, *, at: datetime) -> None:
        """Raises TooManyTries after five wrong ones within a minute."""
        self._forget(at)
        if len(self._tries.get(email.strip().lower(), ())) >= WRONG_TRIES:
            raise TooManyTries

    def count(self, email: str, *, at: datetime) -> None:
        self._tries[email.strip().lower()].append(at)

    def _forget(self, at: datetime) -> None:
        for email, tries in list(self._tries.items()):
            while tries and at - tries[0] > WITHIN:
                tries.popleft()
            if not tries:
                del self._tries[email]
