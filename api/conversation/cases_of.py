"""Which open case somebody means who writes to us."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.cases.model import Case
from api.conversation.model import Conversation


def open_case_for(session: Session, conversation: Conversation) -> Case | None:
    """The case of this conversation that is not closed; by text also the newest one whose
    complainant gave this very number."""
    if conversation.case_id:
        case = session.get(Case, conversation.case_id)
        if case and case.status != "closed":
            return case
    if conversation.channel != "sms" or not conversation.number:
        return None
    return session.scalar(
        select(Case)
        .where(
            Case.landlord == conversation.landlord,
            Case.contact_number == conversation.number,
            Case.status != "closed",
        )
        .order_by(Case.opened_at.desc())
        .limit(1)
    )
