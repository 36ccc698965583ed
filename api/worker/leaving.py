"""What the gate is told of a text and its reader, as things stand when it is about to leave."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api import clock
from api.cases.model import Case
from api.channels.sms.numbers import sendable
from api.contacts.gate import Leaving
from api.conversation.model import Conversation
from api.messages.model import Message, OutboxText
from api.messages.outbox import opted_out, sent_since
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
        opted_out=opted_out(session, text.landlord, text.to),
        closed=text.kind == "contact" and case is not None and case.status == "closed",
        safe=_safe(case, report),
        safe_from=case.texts_from if case else None,
        safe_until=case.texts_until if case else None,
        parties=tuple(
            one for one in ((report.name, report.address, report.who) if report else ()) if one
        ),
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
