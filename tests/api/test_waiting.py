"""Which conversations are taken up: those with something to answer that nobody holds."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from api import clock
from api.conversation.model import Conversation
from api.conversation.receive import start_conversation
from api.conversation.turns import LOCK
from api.conversation.waiting import waiting_conversations
from api.db import Database
from api.messages.model import Message
from api.reports.model import Report
from tests.api.town import Town
from tests.fakes import say
from tests.people import ALICE, BOB


def test_a_conversation_that_somebody_holds_is_left_to_them(database: Database) -> None:
    now = clock.now()
    with database.writing() as session:
        conversation, _ = start_conversation(
            session, landlord="vivid", channel="web_chat", number=None, at=now
        )
        session.add(
            Message(
                landlord="vivid",
                conversation_id=conversation.id,
                sender="resident",
                text="loud music",
                raw={},
                at=now,
            )
        )
        # Kept of a number that is nobody's: no conversation, and never taken up.
        session.add(Message(sender="resident", text="hello", raw={}, at=now))

    def waiting(seconds: float) -> list[str]:
        with database.reading() as session:
            at = now + timedelta(seconds=seconds)
            rows = waiting_conversations(session, at=at, held=False)
        return [one.conversation_id for one in rows]

    assert waiting(0) == [conversation.id]
    with database.writing() as session:
        held = session.get_one(Conversation, conversation.id)
        held.locked_by, held.locked_until = "somebody", now + LOCK
    assert waiting(0) == []
    assert waiting(LOCK.total_seconds() - 1) == []
    # Whoever held it is gone: somebody else takes it.
    assert waiting(LOCK.total_seconds() + 1) == [conversation.id]


def test_a_silent_bot_is_asked_by_one_of_those_who_wait_and_by_everyone_new(town: Town) -> None:
    numbers = [f"+4477009003{number:02}" for number in range(6)]
    town.bot.up = False
    for number in numbers[:4]:
        town.text("loud music every night", number)
    town.work()
    assert tries(town) == [1, 1, 1, 1]
    assert [len(town.on_phone(number)) for number in numbers[:4]] == [1, 1, 1, 1]
    for number in numbers[4:]:
        town.text("loud music every night", number)
    # They are all due again; the two who are new have their holding reply as soon as the others.
    town.work_later(seconds=3)
    assert tries(town) == [1, 1, 1, 1, 1, 1]
    assert [len(town.on_phone(number)) for number in numbers] == [1] * 6
    town.work_later(seconds=3.5)
    assert tries(town) == [2, 1, 1, 1, 1, 1]
    town.work_later(seconds=4)
    assert tries(town) == [2, 2, 1, 1, 1, 1]
    town.bot.up = True
    town.work_later(seconds=20)
    assert [len(town.on_phone(number)) for number in numbers] == [2] * 6
    with town.db.reading() as session:
        left = select(Message.id).where(
            Message.sender == "resident", Message.processed_at.is_(None)
        )
        assert session.scalars(left).all() == []


def test_more_words_of_somebody_who_waits_are_tried_no_sooner(town: Town) -> None:
    town.bot.up = False
    town.text("loud music every night")
    town.work()
    town.text("and shouting")
    town.work()
    assert tries(town) == [1, 0]
    assert len(town.on_phone()) == 1
    town.bot.up = True
    town.work_later(seconds=3)
    assert [turn["text"] for turn in town.bot.turns] == ["loud music every night", "and shouting"]
    assert len(town.on_phone()) == 3


def tries(town: Town) -> list[int]:
    with town.db.reading() as session:
        found = select(Message.tries).where(Message.sender == "resident").order_by(Message.id)
        return list(session.scalars(found))


def test_a_turn_that_breaks_stops_nobody_else_and_comes_before_a_person(town: Town) -> None:
    def script(asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        return 200, say("no_such_words" if "bins" in asked["text"] else "ask_description")

    town.bot.script = script
    town.text("the bins are kicked over every night", ALICE.number)
    town.text("loud music every night", BOB.number)
    town.work()
    assert tries(town) == [1, 0]
    assert "what is happening" in town.on_phone(BOB.number)[0]
    [held] = town.on_phone(ALICE.number)
    assert "Your message is safe with us" in held
    assert asked_for(town) == {ALICE.number: None, BOB.number: None}
    for minutes in range(1, 20):
        town.work_later(minutes=minutes)
    assert len(town.on_phone(ALICE.number)) == 1
    told = asked_for(town)
    assert told[ALICE.number] is not None
    assert told[BOB.number] is None
    town.work_later(minutes=21)
    assert asked_for(town) == told
    # Mended, it is answered after all.
    town.bot.script = lambda asked: (200, say("ask_description"))
    town.work_later(minutes=23)
    assert len(town.on_phone(ALICE.number)) == 2


def test_who_waits_long_with_a_case_is_a_task_of_it_once(town: Town) -> None:
    town.text("he's outside my door right now with a knife")
    town.work()
    before = len(town.tasks())
    town.bot.up = False
    town.text("are you there?")
    for minutes in range(1, 20):
        town.work_later(minutes=minutes)
    assert town.tasks()[before:] == [
        "Has written, and our assistant cannot answer. Please write to them."
    ]


def asked_for(town: Town) -> dict[str, datetime | None]:
    with town.db.reading() as session:
        found = select(Conversation.number, Report.person_asked_at).join(
            Report, Report.id == Conversation.report_id
        )
        return {str(number): at for number, at in session.execute(found)}
