"""More texts of one number than are answered: all are kept, danger is answered, and how to go on is
said once."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import select

from api import clock
from api.cases.model import Case
from api.conversation.opinions import give_opinion, opinions_due
from api.messages.model import Message
from api.policies.gsm7 import segments
from api.reports.model import Report
from tests.api.town import Town, town_of
from tests.fakes import ScriptedBot
from tests.people import ALICE, BOB

MORNING = datetime(2026, 6, 2, 9, tzinfo=UTC)
TOO_MANY = "cannot answer so many"
KNIFE = "hes outside my door right now with a knife"


@pytest.fixture
def town(database_url: str, tmp_path: Path, bot: ScriptedBot) -> Iterator[Town]:
    with (
        time_machine.travel(MORNING, tick=True),
        town_of(database_url, tmp_path, bot, RATE_PER_NUMBER="3/hour") as found,
    ):
        yield found


def write(town: Town, *texts: str, number: str = ALICE.number) -> None:
    for text in texts:
        town.text(text, number=number)
        town.work()


def messages(town: Town) -> list[Message]:
    with town.db.reading() as session:
        found = select(Message).where(Message.sender == "resident").order_by(Message.id)
        return list(session.scalars(found))


def kept(town: Town) -> list[str]:
    return [one.text for one in messages(town)]


def test_texts_beyond_the_limit_are_kept_and_how_to_go_on_is_said_once(town: Town) -> None:
    texts = [f"the music is so loud, part {n}" for n in range(6)]
    write(town, *texts)
    assert kept(town) == texts
    assert len(town.bot.turns) == 3
    town.settle()
    said = town.on_phone()
    assert len(said) == 4
    assert TOO_MANY in said[-1]
    assert f"{town.url}/chat/vivid" in said[-1]
    assert segments(said[-1]) <= 2
    # A person is to read them, and nothing waits for a turn that never comes.
    with town.db.reading() as session:
        report = session.scalars(select(Report)).one()
    assert report.person_asked_at is not None
    assert all(one.processed_at for one in messages(town))
    # Another number is answered as ever, and so is this one later.
    write(town, "dog barking all day", number=BOB.number)
    assert len(town.bot.turns) == 4
    with time_machine.travel(MORNING + timedelta(hours=2), tick=True):
        write(town, "it is still going on")
    assert len(town.bot.turns) == 5


def test_danger_beyond_the_limit_is_answered_and_opens_a_case(town: Town) -> None:
    write(town, *["the music is so loud"] * 4, KNIFE)
    town.settle()
    assert "999" in town.on_phone()[-1]
    with town.db.reading() as session:
        case = session.scalars(select(Case)).one()
    assert {"emergency", "weapon"} <= set(case.flags)
    assert len(town.bot.turns) == 3


def test_what_only_the_model_hears_beyond_the_limit_is_heard_too(town: Town) -> None:
    write(town, *["the music is so loud"] * 3)
    town.bot.danger = {"self_harm": 0.99}
    write(town, "i cannot see a way on from here any more")
    [due] = with_opinion_due(town)
    desk = town.app.state.desk
    give_opinion(town.db, desk.rulebook, desk.bots, due)
    with town.db.reading() as session:
        report = session.scalars(select(Report)).one()
    assert "self_harm" in report.flags
    assert [one.kind for one in town.outbox()][-1] == "safety"


def with_opinion_due(town: Town) -> list[int]:
    with town.db.reading() as session:
        return opinions_due(session, at=clock.now())


def test_a_case_says_that_somebody_has_to_read(town: Town) -> None:
    write(town, KNIFE, *["the music is so loud"] * 5)
    assert sum("text more than the assistant answers" in one for one in town.tasks()) == 1


def test_near_the_daily_ceiling_it_is_said_before_answers_are_held(
    database_url: str, tmp_path: Path, bot: ScriptedBot
) -> None:
    with (
        time_machine.travel(MORNING, tick=True),
        town_of(database_url, tmp_path, bot, SMS_TEXTS_A_DAY=8) as town,
    ):
        write(town, *[f"the music is so loud, part {n}" for n in range(12)])
        town.settle()
        said = town.on_phone()
        assert (len(said), len(kept(town)), len(town.bot.turns)) == (8, 12, 7)
        assert TOO_MANY in said[-1]
        # Nothing waits for tomorrow without a word.
        assert {one.held_because for one in town.outbox()} == {None}
        write(town, KNIFE)
        town.settle()
        assert "999" in town.on_phone()[-1]
