"""The dialogue's turns: each waiting message once, in order, one conversation at a time.

No transaction is open while the bot thinks: its actions write to the same database.
"""

import re
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Any
from uuid import uuid4

import structlog
from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from api import clock
from api.cases.model import Case
from api.cases.open_case import case_of
from api.cases.queries import risk_of
from api.conversation import opinions
from api.conversation.before import Before, before
from api.conversation.card import answered_already, is_open, with_how_often
from api.conversation.cases_of import open_case_for
from api.conversation.definite import confirm_time, with_time
from api.conversation.handover import ask_a_person
from api.conversation.listening import asked_again, told_after
from api.conversation.model import Conversation
from api.conversation.rasa import Bots, BotUnavailable, Turn
from api.conversation.receive import id_in_turn, speak
from api.conversation.take_up import RESUME, TAKES_UP
from api.conversation.telling import (
    pending_after,
    question_of,
    said_again,
    stands,
    told_in_turn,
)
from api.db import Base, Database, Moment
from api.intake.risk import assess_risk
from api.intake.rulebook import Rulebook
from api.messages.model import Message
from api.reports.drafts import tell
from api.reports.model import Report

log = structlog.get_logger()

LOCK = timedelta(seconds=60)
RETRIES = (2, 2, 5, 5, 10, 20)  # seconds until a turn is tried again, then every 30
RETRY_LATER = 30
# Whoever has waited so long is a person's to read, whatever becomes of the assistant.
PERSON_AFTER = timedelta(minutes=15)
# Facts of a report that a resident may put right after it is in.
CORRECTABLE = (
    "happened_when", "happened_where", "how_often", "who", "name", "address", "contact",
)  # fmt: skip
RISK_SLOT = re.compile(r"r(\d{1,2})$")
# Statements of each turn, made once. On the table itself: objects in hand are not looked through.
_TABLE = Base.metadata.tables[Conversation.__tablename__]
LOCKED = (
    update(_TABLE)
    .where(
        _TABLE.c.id == bindparam("conversation"),
        or_(
            _TABLE.c.locked_until.is_(None),
            _TABLE.c.locked_until < bindparam("now", type_=Moment),
            _TABLE.c.locked_by == bindparam("owner"),
        ),
    )
    .values(locked_by=bindparam("owner"), locked_until=bindparam("until", type_=Moment))
)
UNLOCKED = (
    update(_TABLE)
    .where(_TABLE.c.id == bindparam("conversation"), _TABLE.c.locked_by == bindparam("owner"))
    .values(locked_by=None, locked_until=None)
)
MET = (
    select(Message, Conversation, Report)
    .join(Conversation, Conversation.id == Message.conversation_id)
    .join(Report, Report.id == Conversation.report_id)
    .where(Message.id == bindparam("message"))
)


@dataclass(frozen=True)
class Desk:
    """What a turn needs: the database, the rulebook and the bots."""

    db: Database
    rulebook: Rulebook
    bots: Bots


@dataclass(frozen=True)
class Request:
    """A message that waits, what the assistant is asked for it, what stood before it, and whether
    the model's opinion on danger comes first."""

    message_id: int
    text: str
    asked: dict[str, Any]
    earlier: Before
    opinion_due: bool


@dataclass(frozen=True)
class Begun:
    """A conversation that `owner` has locked for the turns that wait, and the first of them.
    `reading`: its message is being read for danger already."""

    owner: str
    request: Request
    reading: Future[Mapping[str, Any]] | None = None


class Took(Enum):
    """What became of the turns that waited in a conversation."""

    ALL = auto()  # none waits any more
    HELD = auto()  # someone else holds the conversation
    UNANSWERED = auto()  # the bot could not answer: there is a holding reply, the message waits
    BROKEN = auto()  # its answer could not be written down: likewise


def begin(session: Session, conversation_id: str, rulebook: Rulebook) -> Begun | Took:
    """Locks a conversation for the turns that wait in it; what became of them where it cannot."""
    owner = uuid4().hex
    if not _lock(session, conversation_id, owner):
        return Took.HELD
    request = _next_or_unlock(session, conversation_id, owner, rulebook)
    return Begun(owner, request) if request else Took.ALL


def take_turns(desk: Desk, conversation_id: str, begun: Begun | Took | None = None) -> Took:
    """Takes the turns that wait in a conversation, oldest first. `begun`: by `begin`, just now."""
    if begun is None:
        with desk.db.writing() as session:
            begun = begin(session, conversation_id, desk.rulebook)
    if isinstance(begun, Took):
        return begun
    owner, request, reading = begun.owner, begun.request, begun.reading
    try:
        while True:
            try:
                turn = _think(desk, request, reading)
                with desk.db.writing() as session:
                    _write_turn(session, request, turn, desk.rulebook)
                    following = _next_or_unlock(session, conversation_id, owner, desk.rulebook)
                    if following is None:
                        return Took.ALL
                    if not _lock(session, conversation_id, owner):
                        return Took.HELD
                    request, reading = following, None
            except BotUnavailable as trouble:
                log.warning("turn_failed", message=request.message_id, trouble=str(trouble))
                _put_off(desk, conversation_id, request.message_id, str(trouble), owner)
                return Took.UNANSWERED
            except Exception as trouble:
                # One conversation that breaks a turn must not stop those that wait behind it.
                log.exception("turn_broken", message=request.message_id)
                _put_off(desk, conversation_id, request.message_id, type(trouble).__name__, owner)
                return Took.BROKEN
    except BaseException:
        with desk.db.writing() as session:
            _unlock(session, conversation_id, owner)
        raise


def _think(desk: Desk, request: Request, reading: Future[Mapping[str, Any]] | None) -> Turn:
    """The model's opinion on danger first, then the assistant's turn. Raises BotUnavailable."""
    asked = request.asked
    if request.opinion_due:
        read = _read(desk, request, reading)
        if opinions.raise_danger(
            desk.db, desk.rulebook, request.message_id, text=request.text, read=read
        ):
            with desk.db.reading() as session:
                asked = _request(session, request.message_id, desk.rulebook).asked
    return desk.bots.take_turn(**asked)


def _read(
    desk: Desk, request: Request, reading: Future[Mapping[str, Any]] | None
) -> Mapping[str, Any]:
    if reading is None or reading.cancel():
        # Not begun yet where many others are in front of it: then it is not waited for.
        return desk.bots.read(request.text, request.asked["sender"])
    return reading.result()


def _lock(session: Session, conversation_id: str, owner: str) -> bool:
    """Takes the conversation, or keeps it for another turn. False: someone else has it."""
    now = clock.now()
    bound = {"conversation": conversation_id, "owner": owner, "now": now, "until": now + LOCK}
    taken = session.execute(LOCKED, bound)
    assert isinstance(taken, CursorResult)
    return taken.rowcount == 1


def _unlock(session: Session, conversation_id: str, owner: str) -> None:
    session.execute(UNLOCKED, {"conversation": conversation_id, "owner": owner})


def _next_or_unlock(
    session: Session, conversation_id: str, owner: str, rulebook: Rulebook
) -> Request | None:
    """The oldest message that waits. Where there is none the conversation is let go in the same
    commit: one that comes in afterwards finds it free."""
    waiting = id_in_turn(session, conversation_id)
    if waiting is None:
        _unlock(session, conversation_id, owner)
        return None
    return _request(session, waiting, rulebook)


def _request(session: Session, message_id: int, rulebook: Rulebook) -> Request:
    message, conversation, report = _met(session, message_id)
    earlier = before(session, message)
    case = open_case_for(session, conversation)
    takes_up = TAKES_UP in message.raw
    seeds: dict[str, Any] = {"phase": conversation.phase}
    if conversation.channel == "sms":
        seeds["contact"] = conversation.number
    card_open = False
    if case:
        seeds["case_open"] = True
        card = risk_of(session, case)
        card_open = conversation.case_id == case.id and is_open(card)
        if card_open:
            seeds |= answered_already(card)
    # Only a talk that has moved here begins with facts; elsewhere they stand in the bot's copy.
    seeds |= conversation.facts if takes_up else {}
    asked = {
        "sender": conversation.bot_sender,
        "message_id": str(message.id),
        "text": RESUME if takes_up else message.text,
        "metadata": {
            "landlord": conversation.landlord,
            "channel": conversation.channel,
            "phase": conversation.phase,
            "flags": list(report.flags),
            "message_flags": list(message.flags),
            "asked_safe": opinions.asked_safe(earlier, rulebook),
            "told": _told(report) if conversation.phase != "report" else {},
            "kind_from_flags": report.implied_category,
            "choices": list(conversation.offered),
            "several": conversation.offered_several,
            "case_open": case is not None,
            "case_kind": case.category if case else None,
            "card_open": card_open,
            "resumed": takes_up,
            "facts": {
                **seeds,
                "landlord": conversation.landlord,
                "channel": conversation.channel,
            },
        },
    }
    is_due = opinions.is_due(message, conversation)
    return Request(message.id, message.text, asked, earlier, is_due)


def _told(report: Report) -> dict[str, str]:
    """What stands in a report that is in: it can be corrected at any turn."""
    return {fact: told for fact in CORRECTABLE if (told := getattr(report, fact))}


def _met(session: Session, message_id: int) -> tuple[Message, Conversation, Report]:
    """A message with its conversation and report, by one query."""
    message, conversation, report = session.execute(MET, {"message": message_id}).one()
    return message, conversation, report


def _write_turn(session: Session, request: Request, turn: Turn, rulebook: Rulebook) -> None:
    message, conversation, report = _met(session, request.message_id)
    if message.processed_at:
        return
    now = clock.now()
    if turn.active_loop == "risk_form":
        # Begun at whatever point: the answers are the card's from here on.
        conversation.phase = "risk"
    if conversation.phase == "risk":
        _write_risk(session, conversation, message, turn, rulebook, now)
    elif report.status == "draft" or conversation.phase == "report":
        # A case that danger opened at once is added to with each answer: there may be no last one.
        tell(report, turn.slots, at=now, told_at=message.at)
        if conversation.case_id and (case := case_of(session, report)):
            case.updated_at = now
    confirm_time(conversation, report, turn, at=now)
    if conversation.phase == "report":
        _count_reasked(conversation, turn)
    said = with_how_often(
        with_time(conversation, report, turn), report, rulebook.policies.risk_matrix
    )
    turn = replace(turn, said=tuple(said))
    conversation.facts = dict(turn.slots)
    asks = pending_after(said, turn, rulebook.pack(conversation.landlord))
    kept_open = not asks and stands(conversation, turn)
    if kept_open:
        turn = replace(turn, said=(*turn.said, *said_again(conversation, turn)))
    told = told_in_turn(
        session, conversation, report, message, turn, rulebook, earlier=request.earlier, now=now
    )
    _, rendered = speak(
        session, conversation, rulebook, told, kind="reply", in_reply_to=message.id, at=now
    )
    conversation.pending = conversation.pending if kept_open else asks
    if kept_open or told[-1:] != said[-1:]:
        # Where the assistant has gone quiet, the question that stands is not in what was said.
        rendered = question_of(conversation, report, rulebook)
    conversation.offered = [choice.shown() for choice in rendered.choices]
    conversation.offered_several = rendered.several
    conversation.requested_slot = turn.requested_slot
    conversation.holding_since = None
    message.processed_at = now
    message.trouble = None
    ended = any(one["say"] == "all_done" for one in said)
    settled = report.status != "draft" and not turn.active_loop and not rendered.choices
    next_phase = conversation.next_phase or ("after" if ended or settled else None)
    # A phase that an action has set begins anew even by the same name: another diary entry.
    if next_phase and (conversation.next_phase or next_phase != conversation.phase):
        conversation.phase = next_phase
        conversation.turn_of_phase += 1
        conversation.facts = {}
    conversation.next_phase = None


def _count_reasked(conversation: Conversation, turn: Turn) -> None:
    intent, asked = turn.intent.get("name"), conversation.requested_slot
    told = told_after(
        conversation.told, asked=asked, intent=intent, entities=turn.entities, facts=turn.slots
    )
    if asked_again(turn.requested_slot, asked=asked, told=told, intent=intent):
        conversation.reasked += 1
        log.warning("asked_again", conversation=conversation.id, fact=turn.requested_slot)
    conversation.told = told


def _write_risk(
    session: Session,
    conversation: Conversation,
    message: Message,
    turn: Turn,
    rulebook: Rulebook,
    now: datetime,
) -> None:
    answers = {
        found[1]: str(value)
        for slot, value in turn.slots.items()
        if (found := RISK_SLOT.match(slot)) and value is not None
    }
    asked = RISK_SLOT.match(conversation.requested_slot or "")
    begun = asked or turn.active_loop == "risk_form"
    if not begun or not answers or not conversation.case_id:
        return
    # Words that were no answer (a question back, say) are not kept as one.
    raw = {asked[1]: message.text} if asked and asked[1] in answers else {}
    case = session.get_one(Case, conversation.case_id)
    assess_risk(session, case, rulebook, answers=answers, raw=raw, consent=None, done=False, at=now)


def _put_off(desk: Desk, conversation_id: str, message_id: int, trouble: str, owner: str) -> None:
    """Keeps a message for another try, lets its conversation go, and tells its writer once."""
    for told in (True, False):
        try:
            with desk.db.writing() as session:
                _hold(session, message_id, desk.rulebook, trouble, told=told)
                _unlock(session, conversation_id, owner)
            return
        except Exception:
            # Where what is to be said is what breaks the turn, the wait still counts.
            log.exception("not_put_off", message=message_id, told=told)


def _hold(
    session: Session, message_id: int, rulebook: Rulebook, trouble: str, *, told: bool
) -> None:
    now = clock.now()
    message = session.get_one(Message, message_id)
    conversation = session.get_one(Conversation, message.conversation_id)
    message.tries += 1
    message.trouble = trouble
    wait = RETRIES[message.tries - 1] if message.tries <= len(RETRIES) else RETRY_LATER
    message.retry_at = now + timedelta(seconds=wait)
    if told and conversation.holding_since is None:
        speak(
            session,
            conversation,
            rulebook,
            [{"say": "holding"}],
            kind="holding",
            in_reply_to=message.id,
            at=now,
        )
    conversation.holding_since = conversation.holding_since or now
    if now - conversation.holding_since >= PERSON_AFTER:
        ask_a_person(session, conversation, reason="unanswered", at=now)
