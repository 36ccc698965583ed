"""Files that came with texts: fetched, checked, kept as evidence, then deleted at the provider."""

from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from api import clock
from api.cases.model import Case
from api.cases.open_case import note
from api.channels.sms.carrier import MediaNotThere
from api.conversation.model import Conversation
from api.conversation.receive import speak
from api.evidence.keep import NotKept, OnDisk, keep_evidence, write_down
from api.messages.model import TextMedia
from api.reports.model import Report
from api.worker.post import Post

log = structlog.get_logger()

# The waits before a file is asked for again, then every half an hour for about four hours; then
# an officer asks for it, and we go on trying more slowly: it is at the provider until we delete it.
WAITS = (10, 60, 300)
LONG_WAIT = 1800
TOLD_AT_TRY = 12
SLOW_WAIT = 6 * 3600
CLAIM = timedelta(seconds=120)


def fetch_files(post: Post, *, most: int = 10) -> list[dict[str, Any]]:
    """Fetches what waits, and deletes at the provider what is decided."""
    now = clock.now()
    with post.db.reading() as session:
        due = session.scalars(
            select(TextMedia.id)
            .where(TextMedia.deleted_at.is_(None), TextMedia.retry_at <= now)
            .order_by(TextMedia.id)
            .limit(most)
        ).all()
    return [{"job": "file", "file": one, "did": _take(post, one)} for one in due]


def _take(post: Post, media_id: int) -> str:
    with post.db.writing() as session:
        media = session.get_one(TextMedia, media_id, with_for_update=True)
        if media.deleted_at or media.retry_at > clock.now():
            return media.status
        media.retry_at = clock.now() + CLAIM
        media.tries += 1
        status, url = media.status, media.url
    carrier = post.carriers.twilio
    if status == "waiting":
        try:
            content = carrier.fetch_media(url, most_bytes=post.evidence.kinds.most_bytes)
        except MediaNotThere as trouble:
            _not_there(post, media_id, trouble)
        else:
            _keep(post, media_id, content)
    return _delete(post, media_id)


def _keep(post: Post, media_id: int, content: bytes) -> None:
    with post.db.reading() as session:
        report_id = session.get_one(TextMedia, media_id).report_id
    try:
        file = write_down(post.db, post.evidence, content, report_id=report_id)
        _keep_written(post, media_id, file)
    except NotKept as refused:
        _refuse(post, media_id, refused)


def _keep_written(post: Post, media_id: int, file: OnDisk) -> None:
    with post.db.writing() as session:
        now = clock.now()
        media = session.get_one(TextMedia, media_id)
        report = session.get_one(Report, media.report_id)
        evidence = keep_evidence(
            session,
            post.evidence.kinds,
            file,
            landlord=media.landlord,
            report_id=report.id,
            channel="sms",
            at=now,
            message_id=media.message_id,
            said_type=media.said_type,
        )
        media.status, media.evidence_id, media.trouble = "kept", evidence.id, None
        words = f"They sent a file by text ({evidence.media_type}). Nobody has opened it yet."
        _note(session, report, words, now, kind="evidence", data={"evidence": evidence.id})


def _refuse(post: Post, media_id: int, refused: NotKept) -> None:
    with post.db.writing() as session:
        now = clock.now()
        media = session.get_one(TextMedia, media_id)
        media.status, media.trouble = "refused", refused.reason
        _say_refused(session, post, media, now)
        words = f"They sent a file that could not be kept: {refused.detail}"
        _note(session, session.get_one(Report, media.report_id), words, now, kind="task")


def _not_there(post: Post, media_id: int, trouble: MediaNotThere) -> None:
    with post.db.writing() as session:
        now = clock.now()
        media = session.get_one(TextMedia, media_id)
        media.trouble = str(trouble)
        if trouble.ever:
            media.status, media.deleted_at = "gone", now
        media.retry_at = now + timedelta(seconds=_wait(media.tries))
        if media.tries == TOLD_AT_TRY or (trouble.ever and media.tries < TOLD_AT_TRY):
            log.error("file_not_fetched", file=media_id, trouble=str(trouble))
            _say_refused(session, post, media, now)
            words = f"They sent a file by text that could not be fetched: {trouble}."
            then = "Please ask for it." if trouble.ever else "Please ask for it; we keep trying."
            report = session.get_one(Report, media.report_id)
            _note(session, report, f"{words} {then}", now, kind="task")


def _wait(tries: int) -> int:
    if tries <= len(WAITS):
        return WAITS[tries - 1]
    return LONG_WAIT if tries < TOLD_AT_TRY else SLOW_WAIT


def _delete(post: Post, media_id: int) -> str:
    with post.db.reading() as session:
        media = session.get_one(TextMedia, media_id)
    if media.status not in {"kept", "refused"}:
        return media.status
    # Only now: what is not on our disk by a commit is still at the provider.
    gone = post.carriers.twilio.delete_media(media.url)
    with post.db.writing() as session:
        media = session.get_one(TextMedia, media_id)
        if gone:
            media.deleted_at = clock.now()
        else:
            media.retry_at = clock.now() + timedelta(seconds=LONG_WAIT)
        return media.status


def _say_refused(session: Session, post: Post, media: TextMedia, now: datetime) -> None:
    conversation = session.get_one(Conversation, media.conversation_id)
    speak(
        session,
        conversation,
        post.rulebook,
        [{"say": "file_refused"}],
        kind="reply",
        in_reply_to=media.message_id,
        at=now,
    )


def _note(
    session: Session,
    report: Report,
    words: str,
    now: datetime,
    *,
    kind: str,
    data: dict[str, Any] | None = None,
) -> None:
    case = session.scalar(select(Case).where(Case.report_id == report.id))
    if case:
        note(session, case, kind=kind, words=words, at=now, data=data)
    elif kind == "task":
        report.person_asked_at = report.person_asked_at or now
