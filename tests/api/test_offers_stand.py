"""What is offered outside a form stays open until it is picked: talk beside it closes nothing."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from api.cases.model import Case
from api.conversation.model import Conversation
from api.reports.model import Report
from api.risk_assessment.model import RiskAssessment
from tests.api.town import Town
from tests.fakes import say

OFFER = "14 short questions"


@pytest.fixture(autouse=True)
def a_weekday_morning() -> Iterator[None]:
    with time_machine.travel(datetime(2026, 6, 2, 8, 30, tzinfo=UTC), tick=True):
        yield


def answers(town: Town, *keys: str, intent: str, **more: Any) -> None:
    more = {"active_loop": None, **more}
    town.bot.script = lambda asked: (200, say(*keys, intent={"name": intent}, **more))


def offered(town: Town) -> Conversation:
    """A conversation whose case is open and which was just offered the risk questions."""
    answers(town, "greet", "offer_risk", intent="answer")
    town.text("he's outside my door right now with a knife")
    town.work()
    with town.db.writing() as session:
        conversation = session.scalars(select(Conversation)).one()
        conversation.phase = "risk"
    return conversation


def stands(town: Town) -> tuple[list[str], str]:
    with town.db.reading() as session:
        conversation = session.scalars(select(Conversation)).one()
        return [choice["value"] for choice in conversation.offered], conversation.phase


@pytest.mark.parametrize(
    ("key", "intent", "said_again"),
    [
        ("thanks", "thanks", False),
        ("goodbye", "goodbye", False),
        ("who_sees", "ask_who_sees", True),
        ("what_next", "ask_what_next", True),
        ("say_again", "unclear", True),
        ("evidence_link", "add_evidence", True),
    ],
)
def test_talk_beside_an_offer_leaves_it_open(
    town: Town, key: str, intent: str, said_again: bool
) -> None:
    offered(town)
    answers(town, key, intent=intent)
    town.text("and so on")
    town.work()
    last = town.on_phone()[-1]
    assert (OFFER in last) is said_again
    assert last.endswith("1 Answer them now\n2 Later") is said_again
    assert stands(town) == (["start_risk", "later"], "risk")
    # The assistant is told of it with the next words.
    answers(
        town, "ask_r1", intent="choose_start_risk", active_loop="risk_form", requested_slot="r1"
    )
    town.text("1")
    town.work()
    values = [one["value"] for one in town.bot.turns[-1]["metadata"]["choices"]]
    assert values == ["start_risk", "later"]


def test_what_is_picked_is_closed(town: Town) -> None:
    offered(town)
    answers(town, "summary", intent="choose_summary", active_loop="summary_form",
            requested_slot="summary_ok")  # fmt: skip
    town.text("see")
    town.work()
    assert "start_risk" not in stands(town)[0]


def test_an_offer_waits_while_a_person_is_asked_for_and_comes_again(town: Town) -> None:
    offered(town)
    answers(town, "handover", intent="ask_person")
    town.text("can I talk to someone")
    town.work()
    assert OFFER not in town.on_phone()[-1]
    town.text("go on")
    town.work()
    assert OFFER in town.on_phone()[-1]
    assert stands(town)[0] == ["start_risk", "later"]


def test_after_advice_it_can_still_be_said_that_it_is_wrong(town: Town) -> None:
    values = {"advice": "Talk to them.", "section": "1", "clause_words": "x"}
    advice = {"say": "not_asb_advice", "values": values}

    def advises(asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        return 200, {**say(intent={"name": "answer"}, active_loop=None), "messages": [advice]}

    town.bot.script = advises
    town.text("i can smell their cooking every day")
    town.work()
    answers(town, "what_next", intent="ask_what_next")
    town.text("what happens next?")
    town.work()
    assert "Is our advice clear?" in town.on_phone()[-1]
    assert stands(town)[0] == ["ok", "challenge"]
    assert town.count(Case) == 0


def test_words_of_their_own_answer_the_weekly_message_and_it_can_still_be_picked(
    town: Town,
) -> None:
    offered(town)
    answers(town, "checkin", intent="none")
    town.text("hello")
    town.work()
    answers(town, "checkin_words_kept", intent="tell_more")
    town.text("it was loud again")
    town.work()
    assert stands(town)[0] == ["better", "same", "worse", "call_me"]


def test_the_card_checks_how_often_and_a_yes_keeps_it(town: Town) -> None:
    offered(town)
    with town.db.writing() as session:
        session.scalars(select(Report)).one().how_often = "daily"
    answers(town, "ask_r1", intent="choose_start_risk", active_loop="risk_form",
            requested_slot="r1")  # fmt: skip
    town.text("now")
    town.work()
    assert "You told us: Every day. Not counting this time, how often" in town.on_phone()[-1]
    with town.db.reading() as session:
        first, second, *_ = session.scalars(select(Conversation)).one().offered
    assert (first["value"], "yes" in first["words"]) == ("daily", True)
    assert "yes" not in second["words"]


def test_a_card_that_was_left_goes_on_where_it_was(town: Town) -> None:
    offered(town)
    with town.db.writing() as session:
        card = session.scalars(select(RiskAssessment)).one()
        card.answers = {"1": ["most_days"], "2": ["no"], "3": ["declined"]}
    answers(town, "ask_r4", intent="choose_start_risk", active_loop="risk_form",
            requested_slot="r4")  # fmt: skip
    town.text("now")
    town.work()
    facts = town.bot.turns[-1]["metadata"]["facts"]
    assert {name: facts[name] for name in ("r1", "r2", "r3")} == {
        "r1": "most_days", "r2": "no", "r3": "declined",
    }  # fmt: skip
    assert town.bot.turns[-1]["metadata"]["card_open"] is True
