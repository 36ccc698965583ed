"""Going on with a conversation on another device: with its reference and a one-time code.

From a web chat to a phone the code is shown in the chat and comes in by text. To a web chat it is
texted to the number on record, and only where that person has said that texts there are safe.
Whether a reference exists is never given away.
"""

import re
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.cases.model import Case
from api.cases.open_case import case_of
from api.conversation.codes import make_code, use_code, waits_for_code
from api.conversation.handover import question_again, until_seen
from api.conversation.model import Conversation
from api.intake.rulebook import Rulebook
from api.messages.model import Message
from api.messages.outbox import put_out
from api.messages.wording import render
from api.reports.drafts import ALPHABET
from api.reports.model import Report

Said = list[dict[str, Any]]

REFERENCE = re.compile(rf"\b([A-Z]{{3}})[- ]?([{ALPHABET}]{{6}})\b", re.IGNORECASE)
CODE = re.compile(r"(?<!\d)(\d{6})(?!\d)")
# More words than these tell something, and are not for us.
MOST_WORDS = 10
# What the assistant is given instead of a reference and a code.
RESUME = "carry on"
# A kind that the model gives at least this much is not ruled out: so all but a few written words
# that tell of domestic abuse are held back (73 of 75 in data/evaluation), and 1 plain report in 5.
MAY_BE = 0.02
TAKES_UP = "takes_up"


def is_safe(report: Report, case: Case | None) -> bool:
    """Whether a talk about this report may move to a phone: nothing says that it is not safe."""
    flags = {*report.flags, *(case.flags if case else ())}
    kinds = {report.category, report.implied_category, case.category if case else None}
    return not (
        {"domestic_abuse", "exploitation"} & flags
        or "domestic_abuse" in kinds
        or report.safe_contact == "no"
    )


def may_rest(conversation: Conversation, report: Report, case: Case | None) -> bool:
    """Whether a web chat that was left may be gone on with in the same browser: somebody else may
    sit there by then. One that carries a flag, or may be about somebody at home, may not."""
    flagged = report.flags or (case and case.flags)
    return not flagged and is_safe(report, case) and "domestic_abuse" not in guessed(conversation)


def guessed(conversation: Conversation) -> set[str]:
    """What the assistant takes the words to be about, confirmed or not, and what they may be."""
    facts = conversation.facts
    kinds = facts.get("kinds") or ()
    likely = {one["category"] for one in kinds if one["confidence"] >= MAY_BE}
    taken = {facts.get("kind"), facts.get("kind_guess"), *(facts.get("also") or ())}
    return {*likely, *taken} - {None}


def where_we_were(
    session: Session, conversation: Conversation, rulebook: Rulebook, *, now: datetime
) -> Said:
    """What somebody is told who opens a chat again: where we were, and the question that stood."""
    welcome: Said = [{"say": "welcome_back_short"}]
    if conversation.handed_over_at:
        waits = [*welcome, *until_seen(session, conversation, now=now)]
        return waits if conversation.handed_over_by else [*waits, {"say": "go_on_here"}]
    if not conversation.pending:
        return [*welcome, {"say": "take_up_here"}]
    topic = rulebook.coming_back.topic(conversation.requested_slot, conversation.phase)
    again = question_again(conversation, rulebook.pack(conversation.landlord))
    return [{"say": "welcome_back", "values": {"topic": topic}}, *again]


def show_code(
    session: Session, conversation: Conversation, rulebook: Rulebook, *, at: datetime
) -> Said:
    """For somebody in a web chat who would rather text: what to send, and where to."""
    if conversation.channel == "sms":
        return [{"say": "take_up_here"}]
    report = session.get_one(Report, conversation.report_id)
    case = session.get(Case, conversation.case_id) if conversation.case_id else None
    if not is_safe(report, case):
        return [{"say": "take_up_not_safe"}]
    code = make_code(
        session,
        landlord=conversation.landlord,
        conversation_id=conversation.id,
        asked_in=None,
        at=at,
        valid_for=rulebook.coming_back.of(conversation.landlord).code_valid,
    )
    if code is None:
        return [{"say": "take_up_many"}]
    number = rulebook.landlords[conversation.landlord].number
    return [{"say": "take_up_code", "values": {"number": number, "code": code}}]


def take_up(
    session: Session,
    conversation: Conversation,
    message: Message,
    rulebook: Rulebook,
    *,
    at: datetime,
) -> Said | None:
    """What to answer to a reference or a code; None where the words are neither.

    A right code moves the talk: then the message is marked, so that the assistant asks the same
    question again, and an empty list says that nothing is to be answered before that.
    """
    if len(message.text.split()) > MOST_WORDS:
        return None
    reference, code = REFERENCE.search(message.text), CODE.search(message.text)
    if conversation.channel == "sms":
        if not (reference and code):
            return None
        report = _report(session, conversation.landlord, reference)
        source = _talk_of(session, report) if report else None
        opened = use_code(
            session, code[1], conversation_id=source.id if source else "", asked_in=None, at=at
        )
        if not (opened and source and report and is_safe(report, case_of(session, report))):
            return [{"say": "take_up_wrong"}]
        return _move(session, source, _free(session, conversation, message, at), message, at)
    if code and waits_for_code(session, conversation.id, at=at):
        opened = use_code(session, code[1], conversation_id=None, asked_in=conversation.id, at=at)
        source = session.get(Conversation, opened) if opened else None
        if source is None:
            return [{"say": "take_up_wrong"}]
        return _move(session, source, conversation, message, at)
    own = session.get_one(Report, conversation.report_id)
    if reference and own.status == "draft" and not own.description:
        _text_code(session, conversation, reference, rulebook, at)
        return [{"say": "code_asked"}]
    return None


def _report(session: Session, landlord: str, found: re.Match[str]) -> Report | None:
    reference = f"{found[1]}-{found[2]}".upper()
    return session.scalar(
        select(Report).where(Report.landlord == landlord, Report.reference == reference)
    )


def _talk_of(session: Session, report: Report) -> Conversation | None:
    """The conversation in which a report was last talked about."""
    return session.scalar(
        select(Conversation)
        .where(Conversation.landlord == report.landlord, Conversation.report_id == report.id)
        .order_by(Conversation.last_message_at.desc(), Conversation.started_at.desc())
        .limit(1)
    )


def _text_code(
    session: Session,
    conversation: Conversation,
    reference: re.Match[str],
    rulebook: Rulebook,
    at: datetime,
) -> None:
    report = _report(session, conversation.landlord, reference)
    source = _talk_of(session, report) if report else None
    if report is None or source is None:
        return
    case = case_of(session, report)
    number = _safe_number(report, case, source)
    if number is None or not is_safe(report, case):
        return
    code = make_code(
        session,
        landlord=report.landlord,
        conversation_id=source.id,
        asked_in=conversation.id,
        at=at,
        valid_for=rulebook.coming_back.of(report.landlord).code_valid,
    )
    if code is None:
        return
    rendered = render(
        [{"say": "code_text", "values": {"code": code}}],
        pack=rulebook.pack(report.landlord),
        policies=rulebook.policies,
        channel="sms",
        always={},
    )
    put_out(
        session, landlord=report.landlord, to=number, body=rendered.text, kind="reply", at=at,
        case_id=case.id if case else None,
    )  # fmt: skip


def _safe_number(report: Report, case: Case | None, source: Conversation) -> str | None:
    """A number of which its owner said that texts there are safe."""
    if case:
        return case.contact_number if case.safe_to_text else None
    if report.safe_contact != "yes":
        return None
    told = report.contact or ""
    return told if told.startswith("+") else source.number


def _free(
    session: Session, conversation: Conversation, message: Message, at: datetime
) -> Conversation:
    """A conversation of this number that holds no other report in the making."""
    own = session.get_one(Report, conversation.report_id)
    if own.status != "draft" or not own.description:
        return conversation
    fresh = Conversation(
        id=uuid4().hex,
        landlord=conversation.landlord,
        channel="sms",
        number=conversation.number,
        report_id=conversation.report_id,
        started_at=at,
        last_message_at=at,
    )
    session.add(fresh)
    session.flush()
    message.conversation_id = fresh.id
    return fresh


def _move(
    session: Session, source: Conversation, target: Conversation, message: Message, at: datetime
) -> Said:
    own = session.get_one(Report, target.report_id)
    target.report_id, target.case_id = source.report_id, source.case_id
    target.phase, target.facts = source.phase, dict(source.facts)
    target.requested_slot, target.pending = source.requested_slot, list(source.pending)
    target.turn_of_phase += 1
    target.offered, target.offered_several = [], False
    target.greeted = True
    target.handed_over_at, target.handed_over_by = source.handed_over_at, source.handed_over_by
    target.handover_reason = source.handover_reason
    if own.conversation_id == target.id and own.status == "draft" and not own.description:
        # The empty report that every conversation begins with; its words stay in the transcript.
        own.status = "taken_up"
    if source.channel == "web_chat":
        source.ended_at = source.ended_at or at
    message.raw = {**message.raw, TAKES_UP: source.id}
    return []
