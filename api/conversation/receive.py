"""A message comes in: it is kept, screened for danger and answered by rule, all in one commit.

The dialogue's turn on it comes afterwards, and may fail without anything being lost.
"""

import re
import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Literal
from uuid import uuid4

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from api.cases.open_case import case_of
from api.conversation.handover import waiting_words
from api.conversation.model import Conversation
from api.conversation.other_language import answer_other_language, language_of
from api.conversation.rasa import likely_kinds
from api.conversation.take_up import take_up
from api.db import hold
from api.intake.roles import take_roles
from api.intake.rulebook import Rulebook
from api.intake.take_report import hear
from api.messages.model import Message
from api.messages.transcript import messages_of, say
from api.messages.wording import Rendered, render
from api.reports.drafts import start_report
from api.reports.model import Report
from api.screening.danger import Danger
from api.screening.opinion import with_opinion
from api.screening.reporter import read_roles

# Made once: this is asked several times in each turn.
WAITING = (
    select(Message.id)
    .where(
        Message.conversation_id == bindparam("conversation"),
        Message.sender == "resident",
        Message.processed_at.is_(None),
    )
    .order_by(Message.id)
    .limit(1)
)
# A fixed text that informs (and does not warn of danger now) is not repeated within this time.
INFORMED = timedelta(hours=24)
# The fixed text of a doubt: it asks whether they are safe.
ASKS_SAFE = "ask_safe"


def token_hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def start_conversation(
    session: Session, *, landlord: str, channel: str, number: str | None, at: datetime
) -> tuple[Conversation, str | None]:
    """A new conversation with its draft report; for a web chat, with the token that opens it."""
    token = secrets.token_urlsafe(32) if channel == "web_chat" else None
    conversation = Conversation(
        id=uuid4().hex,
        landlord=landlord,
        channel=channel,
        number=number,
        token_hash=token_hash(token) if token else None,
        started_at=at,
        last_message_at=at,
    )
    session.add(conversation)
    session.flush()
    report = start_report(
        session, landlord=landlord, conversation_id=conversation.id, channel=channel, at=at
    )
    conversation.report_id = report.id
    return conversation, token


def conversation_of_number(session: Session, landlord: str, number: str) -> Conversation | None:
    """The conversation that a text from this number goes on with. Until the commit nobody else
    begins one with it."""
    hold(session, landlord, number)
    return session.scalar(
        select(Conversation)
        .where(
            Conversation.landlord == landlord,
            Conversation.number == number,
            Conversation.channel == "sms",
            Conversation.ended_at.is_(None),
        )
        .order_by(Conversation.started_at.desc())
        .limit(1)
    )


def receive(
    session: Session,
    conversation: Conversation,
    rulebook: Rulebook,
    text: str,
    *,
    at: datetime,
    provider_id: str | None = None,
    client_message_id: str | None = None,
    raw: Mapping[str, Any] | None = None,
    files: int = 0,
    answered: bool = True,
) -> Message:
    """Keeps a resident's message and answers danger. The caller has looked for a repeat first.

    `files`: how many came with it. `answered`: False where more come in than are answered: then
    only danger is.
    """
    danger = rulebook.danger.screen(text)
    heard = language_of(session, conversation, rulebook, text)
    message = Message(
        landlord=conversation.landlord,
        conversation_id=conversation.id,
        sender="resident",
        text=text,
        provider_id=provider_id,
        client_message_id=client_message_id,
        raw=dict(raw or {}),
        flags=sorted(danger.flags),
        language=heard.code if heard else None,
        at=at,
    )
    session.add(message)
    conversation.last_message_at = at
    session.flush()
    _hear_danger(session, conversation, message, danger, rulebook, at=at)
    if not answered:
        message.processed_at = at
        message.opinion_due = not heard
    elif not re.search(r"\w", text) and not conversation.handed_over_at:
        _answer_unreadable(session, conversation, message, rulebook, files=files, at=at)
    elif heard and not conversation.handed_over_at:
        answer_other_language(session, conversation, message, heard, rulebook, at=at)
    else:
        _answer_by_rule(session, conversation, message, rulebook, at=at)
        # No turn will read it, and it may still tell of danger that no rule lists.
        message.opinion_due = message.processed_at is not None and not heard
    return message


def second_opinion(text: str, read: Mapping[str, Any], rulebook: Rulebook) -> tuple[Danger, bool]:
    """What the screen and the model (`read`, as Bots.read gives it) find in a message together,
    and whether the model raised it."""
    screened = rulebook.danger.screen(text)
    opinion = read.get("danger") or {}
    raised = with_opinion(screened, opinion, rulebook.danger, words=len(text.split()))
    return raised, raised != screened


def raise_danger(
    session: Session,
    message: Message,
    danger: Danger,
    read: Mapping[str, Any],
    rulebook: Rulebook,
    *,
    asked_safe: bool,
    at: datetime,
) -> None:
    """Takes in what the model alone found: the same as if the screen had found it at once.
    `asked_safe`: they were just asked whether they are safe, and the message answers that; a mere
    doubt does not ask it again."""
    conversation = session.get_one(Conversation, message.conversation_id)
    message.opinion = dict(read.get("danger") or {})
    message.flags = sorted({*message.flags, *danger.flags})
    guess = next(iter(likely_kinds(read)), None)
    said = rulebook.danger.screen(message.text).text_key
    is_said = danger.text_key == said or (asked_safe and danger.text_key == ASKS_SAFE)
    unsaid = replace(danger, text_key=None) if is_said else danger
    _hear_danger(session, conversation, message, unsaid, rulebook, at=at, guess=guess)


def _hear_danger(
    session: Session,
    conversation: Conversation,
    message: Message,
    danger: Danger,
    rulebook: Rulebook,
    *,
    at: datetime,
    guess: str | None = None,
) -> None:
    if not (danger.flags or danger.doubtful):
        return
    # Always before its report, as every turn does: two that wait for each other would both fail.
    session.refresh(conversation, with_for_update=True)
    report = session.get_one(Report, conversation.report_id)
    case = hear(
        session,
        report,
        danger,
        rulebook,
        words=message.text,
        at=at,
        number=conversation.number,
        guess=guess,
    )
    conversation.case_id = case.id if case else conversation.case_id
    _answer_danger(session, conversation, message, danger, rulebook, at=at)


def id_in_turn(session: Session, conversation_id: str) -> int | None:
    """The id of the message that a turn is being taken on; None where none waits."""
    return session.scalar(WAITING, {"conversation": conversation_id})


def message_in_turn(session: Session, conversation_id: str) -> Message | None:
    waiting = id_in_turn(session, conversation_id)
    return session.get(Message, waiting) if waiting else None


def told_at(session: Session, conversation_id: str) -> datetime | None:
    """When the message was written that a turn is being taken on: "last night" is told then, even
    where the turn had to wait."""
    message = message_in_turn(session, conversation_id)
    return message.at if message else None


def wordings(conversation: Conversation, report: Report | None) -> dict[str, str]:
    """Values that any message of this conversation may use."""
    if report is None:
        return {}
    return {
        "reference": report.reference,
        "category_label": report.category or "other",
        "when": report.happened_said or report.happened_when or "",
        "moment": report.happened_said or "",
        "where": report.happened_where or "",
        "how_often": report.how_often or "",
        "who": report.who or "",
        "name": report.name or "",
        "address": report.address or "",
        "contact": report.contact or "",
    }


def speak(
    session: Session,
    conversation: Conversation,
    rulebook: Rulebook,
    said: list[dict[str, Any]],
    *,
    kind: str,
    in_reply_to: int | None,
    at: datetime,
    send_after: datetime | None = None,
) -> tuple[Message, Rendered]:
    """Says something by its keys in the landlord's words, on this conversation's channel."""
    report = session.get(Report, conversation.report_id) if conversation.report_id else None
    if not conversation.greeted and kind == "reply":
        said = [{"say": "first_words"}, *said]
        conversation.greeted = True
    rendered = render(
        said,
        pack=rulebook.pack(conversation.landlord),
        policies=rulebook.policies,
        channel=conversation.channel,
        always=wordings(conversation, report),
    )
    message = say(
        session,
        rendered,
        landlord=conversation.landlord,
        conversation_id=conversation.id,
        number=conversation.number,
        said=said,
        kind=kind,
        in_reply_to=in_reply_to,
        at=at,
        case_id=conversation.case_id,
        send_after=send_after,
    )
    return message, rendered


def _answer_danger(
    session: Session,
    conversation: Conversation,
    message: Message,
    danger: Danger,
    rulebook: Rulebook,
    *,
    at: datetime,
) -> None:
    if danger.text_key is None:
        return
    if not danger.emergency and informed(session, conversation, danger.text_key, at):
        return
    policy = rulebook.pack(conversation.landlord).policy
    channel: Literal["sms", "web_chat"] = "sms" if conversation.channel == "sms" else "web_chat"
    text = rulebook.danger.fixed_text(danger.text_key, channel, policy.nation)
    say(
        session,
        Rendered(text),
        landlord=conversation.landlord,
        conversation_id=conversation.id,
        number=conversation.number,
        said=[{"say": danger.text_key}],
        kind="safety",
        in_reply_to=message.id,
        at=at,
        case_id=conversation.case_id,
    )


def _answer_by_rule(
    session: Session,
    conversation: Conversation,
    message: Message,
    rulebook: Rulebook,
    *,
    at: datetime,
) -> None:
    """What needs no turn of the assistant: a code to go on with, and words for a person."""
    report = session.get_one(Report, conversation.report_id)
    said = take_up(session, conversation, message, rulebook, at=at)
    handed_back = False
    if said == []:
        conversation = session.get_one(Conversation, message.conversation_id)
    elif said is None and report.submitted_at is None and (roles := read_roles(message.text)):
        take_roles(
            session,
            report,
            roles,
            words=message.text,
            conversation_id=conversation.id,
            case=case_of(session, report),
            at=at,
        )
    if not said and conversation.handed_over_at:
        said = waiting_words(session, conversation, message, rulebook, at=at)
        message.processed_at = at
        handed_back = conversation.handed_over_at is None
    if said:
        message.processed_at = at
        _, rendered = speak(
            session, conversation, rulebook, said, kind="reply", in_reply_to=message.id, at=at
        )
        if handed_back:
            conversation.offered = [choice.shown() for choice in rendered.choices]


def informed(session: Session, conversation: Conversation, key: str, at: datetime) -> bool:
    """Whether this was said in the last hours, and need not be said again."""
    return any(
        any(part["say"] == key for part in one.said) and at - one.at < INFORMED
        for one in messages_of(session, conversation.id)
        if one.sender == "assistant"
    )


def _answer_unreadable(
    session: Session,
    conversation: Conversation,
    message: Message,
    rulebook: Rulebook,
    *,
    files: int,
    at: datetime,
) -> None:
    """Nothing in it can be read: said at once, without a turn, so that no question is skipped."""
    key = "not_text" if message.text.strip() else "empty_message"
    if files:
        key = "file_received"
    message.processed_at = at
    reply, _ = speak(
        session, conversation, rulebook, [{"say": key}], kind="reply", in_reply_to=message.id, at=at
    )
    # The question before it still stands.
    reply.choices = list(conversation.offered)
    reply.several = conversation.offered_several
