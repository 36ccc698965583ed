"""Which conversations are taken up: those with something to answer that nobody holds."""

from datetime import timedelta

from sqlalchemy import select

from api import clock
from api.conversation.model import Conversation
from api.conversation.receive import start_conversation
from api.conversation.turns import LOCK
from api.conversation.waiting import waiting_conversations
from api.db import Database
from api.messages.model import Message
from tests.api.town import Town


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
