"""A message that is not English: its language, and what its writer is told."""

from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.conversation.model import Conversation
from api.intake.other_language import pass_on
from api.intake.rulebook import Rulebook
from api.messages.model import Message
from api.messages.transcript import messages_of, say
from api.messages.wording import Rendered
from api.reports.drafts import start_report
from api.reports.model import Report
from api.screening.language import Heard

# What is asked for when a name of another language is no message in that language.
NAMES = frozenset({"name", "address", "contact"})


def language_of(
    session: Session, conversation: Conversation, rulebook: Rulebook, text: str
) -> Heard | None:
    """The language of what has come in, if it is not English."""
    before = session.scalar(
        select(Message.language)
        .where(Message.conversation_id == conversation.id, Message.sender == "resident")
        .order_by(Message.id.desc())
        .limit(1)
    )
    named = conversation.requested_slot in NAMES
    return rulebook.languages.recognise(text, before, named=named)


def answer_other_language(
    session: Session,
    conversation: Conversation,
    message: Message,
    heard: Heard,
    rulebook: Rulebook,
    *,
    at: datetime,
) -> None:
    """Goes to a person; the dialogue, which asks in English, takes no turn on it. What its writer
    is told is said once, and not with each message."""
    message.processed_at = at
    report = session.get_one(Report, conversation.report_id)
    if report.submitted_at and report.status != "case":
        # What was decided stays as it is; these words are a report of their own.
        report = start_report(
            session,
            landlord=conversation.landlord,
            conversation_id=conversation.id,
            channel=conversation.channel,
            at=at,
        )
        conversation.report_id = report.id
    case = pass_on(
        session, report, heard, rulebook, words=message.text, at=at, number=conversation.number
    )
    conversation.case_id = case.id
    said = {"say": "other_language", "language": heard.code}
    if any(said in one.said for one in messages_of(session, conversation.id)):
        return
    channel: Literal["sms", "web_chat"] = "sms" if conversation.channel == "sms" else "web_chat"
    say(
        session,
        Rendered(rulebook.languages.fixed_text(heard.code, channel)),
        landlord=conversation.landlord,
        conversation_id=conversation.id,
        number=conversation.number,
        said=[said],
        kind="reply",
        in_reply_to=message.id,
        at=at,
        case_id=case.id,
    )
