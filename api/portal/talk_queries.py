"""Which conversations and requests an officer may see: one query per noun."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session

from api.cases.model import Case
from api.cases.requests import ResidentRequest
from api.conversation.model import Conversation
from api.messages.model import Message, OutboxText
from api.portal.queries import visible_reports
from api.reports.model import Report


@dataclass(frozen=True)
class TalkLine:
    """A conversation that waits for a person, or that one is in. `waits_since`: the oldest words
    of the resident after the last ones of an officer; None where nothing waits."""

    conversation: Conversation
    report: Report
    case: Case | None
    waits_since: datetime | None
    last_words: str


def visible_talks(*, landlord: str, team: str) -> Select[Conversation]:
    """A landlord's conversations, but for those behind a case restricted to another team."""
    hidden = and_(
        Case.landlord == landlord,
        Case.restricted.is_(True),
        Case.team != team,
        or_(
            Case.conversation_id == Conversation.id,
            Case.report_id == Conversation.report_id,
            Case.id == Conversation.case_id,
        ),
    )
    return select(Conversation).where(
        Conversation.landlord == landlord, ~select(Case.id).where(hidden).exists()
    )


def find_talk(
    session: Session, conversation_id: str, *, landlord: str, team: str
) -> Conversation | None:
    return session.scalar(
        visible_talks(landlord=landlord, team=team).where(Conversation.id == conversation_id)
    )


def talks_for_a_person(session: Session, *, landlord: str, team: str) -> list[TalkLine]:
    """Those in which the assistant is quiet, whoever waits longest first."""
    talks = session.scalars(
        visible_talks(landlord=landlord, team=team).where(Conversation.handed_over_at.is_not(None))
    ).all()
    lines = [line_of(session, one) for one in talks]
    return sorted(
        lines, key=lambda line: (line.waits_since is None, line.waits_since or _since(line))
    )


def _since(line: TalkLine) -> datetime:
    return line.conversation.handed_over_at or line.conversation.last_message_at


def line_of(session: Session, conversation: Conversation) -> TalkLine:
    answered = session.scalar(
        select(func.max(Message.id)).where(
            Message.conversation_id == conversation.id, Message.sender == "officer"
        )
    )
    waiting = session.scalars(
        select(Message)
        .where(
            Message.conversation_id == conversation.id,
            Message.sender == "resident",
            Message.id > (answered or 0),
        )
        .order_by(Message.id)
    ).all()
    since = waiting[0].at if waiting else None
    if waiting and not answered and conversation.handed_over_at:
        # Words from before the handover were the assistant's to answer.
        since = max(since, conversation.handed_over_at) if since else None
    return TalkLine(
        conversation=conversation,
        report=session.get_one(Report, conversation.report_id),
        case=session.get(Case, conversation.case_id) if conversation.case_id else None,
        waits_since=since,
        last_words=waiting[-1].text if waiting else "",
    )


def incomplete_reports(session: Session, *, landlord: str, team: str) -> Sequence[Report]:
    """Begun, left, and not looked at since: the newest first."""
    return session.scalars(
        visible_reports(landlord=landlord, team=team)
        .where(
            Report.status == "draft",
            Report.incomplete_at.is_not(None),
            or_(Report.looked_at.is_(None), Report.looked_at < Report.incomplete_at),
        )
        .order_by(Report.incomplete_at.desc(), Report.id)
    ).all()


def open_requests(
    session: Session, *, landlord: str, team: str
) -> list[tuple[ResidentRequest, Report | None, Case | None]]:
    """What residents asked of a person and nobody has dealt with, the oldest first."""
    rows = session.scalars(
        _visible_requests(landlord=landlord, team=team)
        .where(ResidentRequest.done_at.is_(None))
        .order_by(ResidentRequest.asked_at, ResidentRequest.id)
    ).all()
    return [
        (
            one,
            session.get(Report, one.report_id) if one.report_id else None,
            session.get(Case, one.case_id) if one.case_id else None,
        )
        for one in rows
    ]


def find_request(
    session: Session, request_id: int, *, landlord: str, team: str
) -> ResidentRequest | None:
    return session.scalar(
        _visible_requests(landlord=landlord, team=team).where(ResidentRequest.id == request_id)
    )


def _visible_requests(*, landlord: str, team: str) -> Select[ResidentRequest]:
    hidden = and_(
        Case.landlord == landlord,
        Case.restricted.is_(True),
        Case.team != team,
        or_(
            Case.id == ResidentRequest.case_id,
            Case.report_id == ResidentRequest.report_id,
            Case.conversation_id == ResidentRequest.conversation_id,
        ),
    )
    return select(ResidentRequest).where(
        ResidentRequest.landlord == landlord, ~select(Case.id).where(hidden).exists()
    )


def not_sent(session: Session, messages: Sequence[Message]) -> dict[int, str]:
    """Message id → why its text has not left, for texts that wait or were held."""
    ids = [one.id for one in messages if one.sender in ("officer", "assistant")]
    if not ids:
        return {}
    rows = session.execute(
        select(OutboxText.message_id, OutboxText.status, OutboxText.held_because).where(
            OutboxText.message_id.in_(ids), OutboxText.status.in_(("queued", "held", "failed"))
        )
    ).all()
    waits = {"queued": "Waits to be sent", "held": "Not sent", "failed": "Could not be sent"}
    return {
        row.message_id: f"{waits[row.status]}{f': {row.held_because}' if row.held_because else ''}"
        for row in rows
    }
