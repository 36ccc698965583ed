"""Everything a resident has typed for a report, whichever device it was typed on."""

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from api.conversation.model import Conversation
from api.messages.model import Message
from api.reports.model import Report


def typed_for(session: Session, report: Report) -> list[str]:
    """The words in the order in which they came."""
    return list(
        session.scalars(
            select(Message.text)
            .join(Conversation, Conversation.id == Message.conversation_id)
            .where(
                or_(Conversation.id == report.conversation_id, Conversation.report_id == report.id),
                Conversation.landlord == report.landlord,
                Message.sender == "resident",
                Message.text != "",
            )
            .order_by(Message.id)
        )
    )
