"""What the gate is told of a text and its reader, as things stand when it is about to leave."""

from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from api import clock
from api.cases.model import Case
from api.channels.sms.numbers import sendable
from api.contacts.gate import Leaving
from api.conversation.model import Conversation
from api.messages.model import Message, OutboxText
from api.messages.outbox import sent_since, stopped_by
from api.reports.model import Report


def leaving(session: Session, text: OutboxText, *, demo: bool, at: datetime) -> Leaving:
    case = session.get(Case, text.case_id) if text.case_id else None
    report = _report(session, text, case)
    texts, contacts = sent_since(session, text.landlord, text.to, clock.midnight(at))
    return Leaving(
        kind=text.kind,
        body=text.body,
        wrote_at=_wrote_at(session, text),
        is_mobile=sendable(text.to, demo=demo),
        stopped_by=stopped_by(session, text.landlord, text.to),
        closed=text.kind == "contact" and case is not None and case.status == "closed",
        safe=_safe(case, report),
        safe_from=case.texts_from if case else None,
        safe_until=case.texts_until if case else None,
        parties=_parties(session, text, case, report),
        texts_today=texts,
        contacts_today=contacts,
    )


def _report(session: Session, text: OutboxText, case: Case | None) -> Report | None:
    if case:
        return session.get(Report, case.report_id)
    if text.conversation_id is None:
        return None
    conversation = session.get_one(Conversation, text.conversation_id)
    return session.get(Report, conversation.report_id) if conversation.report_id else None


def _parties(
    session: Session, text: OutboxText, case: Case | None, report: Report | None
) -> tuple[str, ...]:
    """Everybody and every place that was told of: in this report, in the others of the same talk,
    and in what was told to the case later."""
    talks = {text.conversation_id, case and case.conversation_id, report and report.conversation_id}
    told = session.execute(
        select(Report.name, Report.address, Report.who, Report.happened_where)
        .where(
            or_(
                Report.conversation_id.in_([one for one in talks if one]),
                Report.id == (report.id if report else None),
            )
        )
        .order_by(Report.started_at)
    )
    found = [one for row in told for one in row]
    if case:
        found += [incident.happened_where for incident in case.incidents]
    return tuple(dict.fromkeys(one for one in found if one))


def _wrote_at(session: Session, text: OutboxText) -> datetime:
    """When they last wrote; for a text of no conversation, when it was put out."""
    if text.conversation_id is None:
        return text.created_at
    last = session.scalar(
        select(func.max(Message.at)).where(
            Message.conversation_id == text.conversation_id, Message.sender == "resident"
        )
    )
    return last or text.created_at


def _safe(case: Case | None, report: Report | None) -> bool | None:
    if case and case.safe_to_text:
        return True
    flags = {*(case.flags if case else ()), *(report.flags if report else ())}
    said_no = report is not None and report.safe_contact == "no"
    abuse = "domestic_abuse" in flags or (case is not None and case.category == "domestic_abuse")
    return False if abuse or said_no else None
