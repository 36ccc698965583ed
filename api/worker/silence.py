"""Reports that were begun and left: one gentle text where that is safe, then what there is goes to
officers. Each happens once, however often and by how many workers it is run."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from api import clock
from api.cases.model import Case
from api.channels.sms.numbers import sendable
from api.contacts.schedule import may_text
from api.conversation.model import Conversation
from api.conversation.receive import speak
from api.conversation.take_up import guessed, is_safe
from api.intake.rulebook import Rulebook
from api.messages.model import Message
from api.messages.outbox import stopped_by
from api.policies.coming_back import Waits
from api.reports.model import Report
from api.worker.pieces import each
from api.worker.post import Post

# Nobody is nudged about what was left longer ago than this: a stopped worker sends no pile.
TOO_LATE = timedelta(days=3)


def nudge_the_silent(post: Post) -> list[dict[str, Any]]:
    """One text to those who left a report, or the risk questions, half-way, and may be texted."""
    now = clock.now()
    with post.db.reading() as session:
        rested = session.execute(
            select(Conversation.id, Conversation.landlord).where(
                Conversation.channel == "sms",
                Conversation.phase.in_(("report", "risk")),
                Conversation.nudged_at.is_(None),
                Conversation.handed_over_at.is_(None),
                Conversation.ended_at.is_(None),
                Conversation.last_message_at > now - TOO_LATE,
                Conversation.last_message_at <= now - _shortest(post.rulebook),
            )
        ).all()

    def nudge(rest: tuple[str, str]) -> dict[str, Any] | None:
        conversation_id, landlord = rest
        if not may_text(now, post.rulebook.pack(landlord).policy):
            return None
        with post.db.writing() as session:
            reference = _nudge(session, conversation_id, post, now=now)
        return {"job": "nudge", "report": reference, "did": "put_out"} if reference else None

    return each("nudge", [(row.id, row.landlord) for row in rested], nudge)


def pass_on_incomplete(post: Post) -> list[dict[str, Any]]:
    """Reports that nobody has finished and nobody goes on with become an officer's to read."""
    now = clock.now()
    with post.db.reading() as session:
        drafts = session.execute(
            select(Report.id, Conversation.id)
            .join(Conversation, Conversation.report_id == Report.id)
            .where(
                Report.status == "draft",
                Conversation.last_message_at <= now - timedelta(hours=1),
                or_(
                    Report.incomplete_at.is_(None),
                    Report.incomplete_at < Conversation.last_message_at,
                ),
            )
            .order_by(Report.started_at)
        ).all()

    def pass_on(draft: tuple[str, str]) -> dict[str, Any] | None:
        with post.db.writing() as session:
            return _pass_on(session, *draft, post.rulebook, now=now)

    return each("incomplete", [(row[0], row[1]) for row in drafts], pass_on)


def may_nudge(
    conversation: Conversation, report: Report, case: Case | None, waits: Waits, *, now: datetime
) -> bool:
    """Whether one text is due and does no harm. Where nobody has said that texts are safe, only
    a plain report without any flag is followed by one; an anonymous one never is."""
    if not waits.nudge or now - conversation.last_message_at < waits.nudge_after:
        return False
    if "anonymous" in report.told_as or not is_safe(report, case):
        return False
    if case is not None:
        return case.safe_to_text and case.status != "closed" and conversation.phase == "risk"
    if report.status != "draft" or not report.description or report.flags:
        return False
    # Most leave at "Is this about …?": until it is settled, all that it may be about counts.
    kinds = {report.category, report.implied_category, *guessed(conversation)} - {None, "other"}
    return bool(kinds) and not kinds & set(waits.never_nudge)


def _shortest(rulebook: Rulebook) -> timedelta:
    return min(rulebook.coming_back.of(code).nudge_after for code in rulebook.landlords)


def _nudge(session: Session, conversation_id: str, post: Post, *, now: datetime) -> str | None:
    conversation = session.get_one(Conversation, conversation_id)
    report = session.get_one(Report, conversation.report_id)
    case = session.get(Case, conversation.case_id) if conversation.case_id else None
    waits = post.rulebook.coming_back.of(conversation.landlord)
    number = conversation.number
    if not number or not sendable(number, demo=post.demo):
        return None
    if not may_nudge(conversation, report, case, waits, now=now):
        return None
    newer = session.scalar(
        select(Conversation.id).where(
            Conversation.report_id == report.id,
            Conversation.last_message_at > conversation.last_message_at,
        )
    )
    if newer or stopped_by(session, conversation.landlord, number):
        return None
    # The empty column is the lock: of several workers one fills it, and only that one goes on.
    taken = session.execute(
        update(Conversation)
        .where(Conversation.id == conversation_id, Conversation.nudged_at.is_(None))
        .values(nudged_at=now)
        .execution_options(synchronize_session="fetch")
    )
    assert isinstance(taken, CursorResult)
    if taken.rowcount != 1:
        return None
    speak(
        session,
        conversation,
        post.rulebook,
        [{"say": "nudge"}],
        kind="nudge",
        in_reply_to=None,
        at=now,
    )
    return report.reference


def _pass_on(
    session: Session, report_id: str, conversation_id: str, rulebook: Rulebook, *, now: datetime
) -> dict[str, Any] | None:
    report = session.get_one(Report, report_id)
    waits = rulebook.coming_back.of(report.landlord)
    rest = waits.incomplete_after(flagged=bool(report.flags))
    # A talk that went on elsewhere has not been left.
    talks = session.scalars(select(Conversation).where(Conversation.report_id == report_id)).all()
    since: Sequence[datetime] = [
        moment for one in talks for moment in (one.last_message_at, one.nudged_at) if moment
    ]
    if now - max(since) < rest or not _has_words(session, conversation_id):
        return None
    before = report.incomplete_at
    taken = session.execute(
        update(Report)
        .where(
            Report.id == report_id,
            Report.status == "draft",
            Report.incomplete_at.is_(None) if before is None else Report.incomplete_at == before,
        )
        .values(incomplete_at=now)
        .execution_options(synchronize_session="fetch")
    )
    assert isinstance(taken, CursorResult)
    if taken.rowcount != 1:
        return None
    return {"job": "incomplete", "report": report.reference, "did": "passed_on"}


def _has_words(session: Session, conversation_id: str) -> bool:
    found = session.scalar(
        select(Message.id)
        .where(
            Message.conversation_id == conversation_id,
            Message.sender == "resident",
            Message.text != "",
        )
        .limit(1)
    )
    return found is not None
