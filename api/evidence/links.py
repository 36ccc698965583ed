"""One-time links at which a resident sends photos, sound and video for one report."""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy.orm import Session

from api.errors import DoorstepError
from api.evidence.model import UploadLink

OPEN_FOR = timedelta(days=7)
# Once the first file is there, the person is at it: what is open longer is open to others.
AFTER_THE_FIRST = timedelta(hours=2)


class LinkIsOver(DoorstepError):
    """A link that was used, has run out or never was: which of them is nobody else's business."""

    status = 404
    title = "This link does not work any more."


def create_upload_link(
    session: Session, *, landlord: str, report_id: str, at: datetime, public_url: str
) -> str:
    """A new link for the files of one report: its whole address, below `public_url`."""
    token = secrets.token_urlsafe(24)
    session.add(
        UploadLink(
            token_hash=_hash(token),
            landlord=landlord,
            report_id=report_id,
            made_at=at,
            expires_at=at + OPEN_FOR,
        )
    )
    return f"{public_url}/upload/{token}"


def find_link(session: Session, token: str, *, at: datetime) -> UploadLink:
    """The link of a token. Raises LinkIsOver unless files may still be sent there."""
    link = session.get(UploadLink, _hash(token))
    if link is None or link.closed_at is not None or at >= link.expires_at:
        raise LinkIsOver("Ask us for a new one.")
    return link


def first_file(link: UploadLink, *, at: datetime) -> None:
    if link.first_file_at is None:
        link.first_file_at = at
        link.expires_at = min(link.expires_at, at + AFTER_THE_FIRST)


def close_link(link: UploadLink, *, at: datetime) -> None:
    link.closed_at = link.closed_at or at


def _hash(token: str) -> str:
    return sha256(token.encode("utf-8", "replace")).hexdigest()
