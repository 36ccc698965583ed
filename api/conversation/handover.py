"""A person takes over: the assistant is quiet in a conversation until it is handed back on purpose.

By an officer's button, or by the resident who picks "Go on with the questions" before any officer
has joined. Danger is answered all the while.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from api.cases.model import Case
from api.cases.open_case import case_of, note
from api.cases.promises import HEARS, in_words, still_to_hear
from api.conversation.contact import contact_in, is_reachable
from api.conversation.model import Conversation
from api.intake.rulebook import Rulebook
from api.intake.take_report import correct
from api.messages.model import Message
from api.messages.wording import picked
from api.policies.load import Pack
from api.reports.model import Report

Said = list[dict[str, Any]]

# Words that wait for a person are answered, but not each line of several in a row.
SAID_AGAIN_AFTER = timedelta(minutes=15)
REASONS = {
    "asked": "Asked to speak to a person.",
    "not_understood": "Was not understood twice. Please write to them.",
    "distress": "Sounds in distress. Please write to them soon.",
    "accused": "Answers a complaint about themselves. Please read it.",
    "officer": "An officer stepped into the conversation.",
    "unanswered": "Has written, and our assistant cannot answer. Please write to them.",
}


def hand_over(
    session: Session,
    conversation: Conversation,
    *,
    reason: str,
    at: datetime,
    by: str | None = None,
) -> None:
    """Makes the assistant quiet. `by`: the officer who steps in. Safe to repeat."""
    fresh = conversation.handed_over_at is None
    conversation.handed_over_at = conversation.handed_over_at or at
    if fresh or by:
        conversation.handover_reason = reason
    if by:
        conversation.handed_over_by = by
        # What still waited for the assistant is for the officer to answer.
        session.execute(
            update(Message)
            .where(
                Message.conversation_id == conversation.id,
                Message.sender == "resident",
                Message.processed_at.is_(None),
            )
            .values(processed_at=at, opinion_due=Message.language.is_(None))
            .execution_options(synchronize_session="fetch")
        )
    else:
        conversation.person_asked_at = at
    case = session.get(Case, conversation.case_id) if conversation.case_id else None
    if case and (fresh or by):
        note(
            session, case,
            kind="contact" if by else "task",
            by=by or "complainant",
            at=at,
            words=REASONS[reason],
            data={"reason": reason, "conversation": conversation.id},
        )  # fmt: skip
    elif case is None and not by:
        report = session.get(Report, conversation.report_id)
        if report:
            report.person_asked_at = at


def ask_a_person(
    session: Session, conversation: Conversation, *, reason: str, at: datetime
) -> None:
    """Officers are told that somebody waits; the assistant goes on trying. Once for each wait."""
    since, asked = conversation.holding_since, conversation.person_asked_at
    if since and asked and asked >= since:
        return
    conversation.person_asked_at = at
    case = session.get(Case, conversation.case_id) if conversation.case_id else None
    if case:
        words, data = REASONS[reason], {"reason": reason, "conversation": conversation.id}
        note(session, case, kind="task", at=at, words=words, data=data)
    elif report := session.get(Report, conversation.report_id):
        report.person_asked_at = at


def hand_back(session: Session, conversation: Conversation, *, by: str, at: datetime) -> None:
    """The assistant answers again from the next words on."""
    if conversation.handed_over_at is None:
        return
    conversation.handed_over_at = None
    conversation.handed_over_by = None
    conversation.handover_reason = None
    case = session.get(Case, conversation.case_id) if conversation.case_id else None
    if case:
        words = "The conversation was handed back to the assistant."
        note(session, case, kind="contact", words=words, at=at, by=by)


def when_seen(case: Case | None, *, now: datetime) -> Said:
    """When somebody will be in touch: what the policy promises in this case, and nothing else."""
    due = still_to_hear(case)
    if due is None:
        return [{"say": "seen_unknown"}]
    if due.due_at < now:
        return [{"say": "seen_late", "values": {"when_due": in_words(due.due_at)}}]
    return [{"say": "seen_by", "values": {"promise": f"{HEARS[due.kind]} {in_words(due.due_at)}"}}]


def handover_words(
    session: Session, conversation: Conversation, reason: str, *, now: datetime
) -> Said:
    """What a resident is told when the assistant goes quiet."""
    return quiet_words(reason, until_seen(session, conversation, now=now))


def quiet_words(reason: str, until: Said) -> Said:
    """The same, with what is known of when they will be seen."""
    key = {
        "not_understood": "handover_stuck",
        "distress": "handover_distress",
        "accused": "accused_kept",
    }.get(reason, "handover")
    return [{"say": key}, *until, {"say": "go_on_here"}]


def until_seen(session: Session, conversation: Conversation, *, now: datetime) -> Said:
    """When somebody will be in touch and, where nobody could be, how that is helped."""
    case = session.get(Case, conversation.case_id) if conversation.case_id else None
    report = session.get_one(Report, conversation.report_id)
    seen = when_seen(case, now=now)
    if is_reachable(conversation, report) or "anonymous" in report.told_as:
        return seen
    return [*seen, {"say": "leave_contact"}]


def waiting_words(
    session: Session, conversation: Conversation, message: Message, rulebook: Rulebook,
    *, at: datetime,
) -> Said:  # fmt: skip
    """The answer to words that came in while the assistant is quiet; empty where none is due.

    A resident who picks to go on, with no officer there yet, gets the question that stood.
    """
    pack = rulebook.pack(conversation.landlord)
    joined = conversation.handed_over_by is not None
    if not joined and picked(message.text, pack.wording["go_on_here"].choices):
        hand_back(session, conversation, by="complainant", at=at)
        return question_again(conversation, pack)
    if left := _take_contact(session, conversation, message, at=at):
        said: Said = [{"say": "contact_left", "values": {"contact": left}}]
        return said if joined else [*said, {"say": "go_on_here"}]
    last = session.scalar(
        select(Message)
        .where(
            Message.conversation_id == conversation.id,
            Message.id < message.id,
            Message.sender.in_(("officer", "assistant")),
        )
        .order_by(Message.id.desc())
        .limit(1)
    )
    if last and at - last.at < SAID_AGAIN_AFTER and (joined or _told(last.said)):
        return []
    said = [{"say": "kept_for_person"}, *until_seen(session, conversation, now=at)]
    return said if joined else [*said, {"say": "go_on_here"}]


def _take_contact(
    session: Session, conversation: Conversation, message: Message, *, at: datetime
) -> str | None:
    """Writes down a number or an e-mail that is left for a person, where none was known. Nobody
    has said that texts there are safe: we send none by ourselves."""
    report = session.get_one(Report, conversation.report_id)
    left = contact_in(message.text)
    if left is None or is_reachable(conversation, report):
        return None
    correct(
        session, case_of(session, report), report,
        what="contact", to=left, at=at, number=conversation.number,
    )  # fmt: skip
    return left


def question_again(conversation: Conversation, pack: Pack) -> Said:
    """The question that stood, as it was asked; where none did, the first one."""
    pending = [dict(one) for one in conversation.pending]
    if pending and pending[-1]["say"] in {*pack.wording, "ask_policy"} | _risk(pending):
        return pending
    return [{"say": "here_again"}]


def _risk(said: Sequence[Mapping[str, Any]]) -> set[str]:
    return {str(one["say"]) for one in said if str(one["say"]).startswith("ask_r")}


def _told(said: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the last thing said was that it waits for a person."""
    waits = ("seen_", "kept_for_person", "contact_left")
    return any(str(one["say"]).startswith(waits) for one in said)
