"""What is due at a moment: weekly contact messages, and reports that were left.

Each is done once, however often it is run.
"""

import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from api import clock
from api.cases.model import Case
from api.cases.open_case import note
from api.channels.sms.numbers import sendable
from api.contacts.schedule import next_contact
from api.conversation.model import Conversation
from api.conversation.receive import conversation_of_number, speak, start_conversation
from api.intake.rulebook import Rulebook
from api.reports.model import Report
from api.worker.catching_up import catch_up
from api.worker.fetching import fetch_files
from api.worker.following_up import reconcile, redact
from api.worker.pieces import each
from api.worker.post import Post
from api.worker.sending import send_waiting
from api.worker.silence import nudge_the_silent, pass_on_incomplete

# Two unanswered messages in a row: silence may be risk, so a person looks.
UNANSWERED = 2
PACE_SECONDS = 0.1


def run_due(post: Post, at: datetime) -> Iterator[dict[str, Any]]:
    """Everything that is due at `at` (aware): missed texts are taken in, contacts are put out,
    what waits is sent, late receipts are asked for."""
    with clock.moved_to(at):
        yield from catch_up(post)
        yield from send_contacts(post)
        yield from nudge_the_silent(post)
        yield from pass_on_incomplete(post)
        yield from _send_all(post)
        yield from fetch_files(post, most=500)
        yield from reconcile(post)
        redact(post)


def _send_all(post: Post) -> Iterator[dict[str, Any]]:
    """Everything that may leave, no faster than the senders may text."""
    while done := send_waiting(post, most=500):
        yield from (one for one in done if one["did"] != "paced")
        if any(one["did"] == "paced" for one in done):
            time.sleep(PACE_SECONDS)


def send_contacts(post: Post) -> list[dict[str, Any]]:
    """Puts out the contact messages that are due now."""
    now = clock.now()
    with post.db.reading() as session:
        due = session.scalars(
            select(Case.id)
            .where(
                Case.status != "closed",
                Case.next_contact_due_at.is_not(None),
                Case.next_contact_due_at <= now,
            )
            .order_by(Case.next_contact_due_at)
        ).all()

    def put_out(case_id: str) -> dict[str, Any] | None:
        with post.db.writing() as session:
            return _contact(session, case_id, post.rulebook, demo=post.demo, now=now)

    return each("contact", due, put_out)


def _contact(
    session: Session, case_id: str, rulebook: Rulebook, *, demo: bool, now: datetime
) -> dict[str, Any] | None:
    case = session.get_one(Case, case_id)
    due_at = case.next_contact_due_at
    if due_at is None or due_at > now:
        return None
    policy = rulebook.pack(case.landlord).policy
    next_at = next_contact(now, case.contact_interval_days, policy)
    # The old value is the lock: of several workers one moves the date, and only that one goes on.
    taken = session.execute(
        update(Case)
        .where(Case.id == case_id, Case.next_contact_due_at == due_at)
        .values(next_contact_due_at=next_at)
        .execution_options(synchronize_session="fetch")
    )
    assert isinstance(taken, CursorResult)
    if taken.rowcount != 1:
        return None
    told = {"job": "contact", "case": case.reference, "due_at": due_at.isoformat()}
    number = case.contact_number
    if not number or not case.safe_to_text or not sendable(number, demo=demo):
        note(
            session,
            case,
            kind="task",
            at=now,
            words="The weekly contact is due. We have no safe number to text: please get in touch.",
        )
        return {**told, "did": "officer_task"}
    if case.unanswered_contacts >= UNANSWERED:
        note(
            session,
            case,
            kind="task",
            at=now,
            words="Two weekly messages were not answered. Please get in touch another way.",
        )
    conversation = _conversation(session, case, number, now)
    if conversation.handed_over_at:
        # A person is writing there: an automated question would cut in.
        words = "The weekly contact is due, and a person has taken over: please write to them."
        note(session, case, kind="task", at=now, words=words)
        return {**told, "did": "officer_task"}
    case.unanswered_contacts += 1
    conversation.phase = "checkin"
    conversation.turn_of_phase += 1
    conversation.facts = {}
    conversation.requested_slot = None
    conversation.pending = [{"say": "checkin"}]
    message, rendered = speak(
        session,
        conversation,
        rulebook,
        [{"say": "checkin"}],
        kind="contact",
        in_reply_to=None,
        at=now,
        send_after=now,
    )
    conversation.offered = [choice.shown() for choice in rendered.choices]
    conversation.offered_several = False
    note(
        session,
        case,
        kind="contact",
        words="The weekly message was sent.",
        at=now,
        visibility="complainant",
        data={"message": message.id},
    )
    return {**told, "did": "put_out", "next_due_at": next_at.isoformat()}


def _tells_of_something_else(session: Session, found: Conversation, case: Case) -> bool:
    """Whether a report of another matter is being told there: it must not be written over."""
    if found.report_id == case.report_id or found.phase != "report":
        return False
    return session.get_one(Report, found.report_id).status == "draft"


def _conversation(session: Session, case: Case, number: str, now: datetime) -> Conversation:
    found = conversation_of_number(session, case.landlord, number)
    if found is None or _tells_of_something_else(session, found, case):
        found, _ = start_conversation(
            session, landlord=case.landlord, channel="sms", number=number, at=now
        )
        found.greeted = True
    found.report_id = case.report_id
    found.case_id = case.id
    return found
