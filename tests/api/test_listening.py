"""The measure of listening: how many facts were asked for though they had been told."""

import httpx
import pytest
from sqlalchemy import select

from api.conversation.listening import asked_again, told_after
from api.conversation.model import Conversation
from api.db import Database
from api.reports.model import Report
from tests.fakes import ScriptedBot, say

OPENING = [
    {"entity": "when", "value": "last night"},
    {"entity": "where", "value": "the stairs"},
    {"entity": "who", "value": "the man at number 9"},
]


def told(before=(), *, asked=None, intent="describe", entities=OPENING, facts=None) -> list[str]:
    return told_after(before, asked=asked, intent=intent, entities=entities, facts=facts or {})


def test_what_stands_in_the_words_is_told() -> None:
    assert told() == ["happened_when", "happened_where", "who"]
    assert told(["how_often"], entities=[]) == ["how_often"]
    assert told(entities=[], facts={"how_often": "daily", "name": "x"}) == ["how_often"]


def test_two_readings_of_how_often_settle_nothing() -> None:
    daily, weekly = ({"entity": "how_often", "value": v} for v in ("daily", "most_weeks"))
    assert told(entities=[daily, weekly]) == []
    assert told(entities=[daily, daily]) == ["how_often"]


@pytest.mark.parametrize("asked", ["address", "safe_how", "name", "policy_answer"])
def test_words_about_something_else_tell_nothing_of_the_report(asked: str) -> None:
    assert told(asked=asked, intent="answer") == []


def test_talk_tells_nothing() -> None:
    assert told(intent="ask_why") == []


def test_going_back_takes_back_what_was_told() -> None:
    told_again = told(["happened_when", "who"], intent="go_back", facts={"who": "him"})
    assert told_again == ["who"]


def test_a_fact_that_was_told_is_asked_again() -> None:
    assert asked_again("who", asked="happened_when", told=["who"], intent="answer")
    assert not asked_again("who", asked="happened_when", told=[], intent="answer")
    # The same question after talk beside it, or because the resident went back, is no new asking.
    assert not asked_again("who", asked="who", told=["who"], intent="ask_why")
    assert not asked_again("who", asked="name", told=["who"], intent="go_back")
    assert not asked_again(None, asked="who", told=["who"], intent="answer")


def test_each_conversation_carries_its_measure(
    client: httpx.Client, bot: ScriptedBot, database: Database
) -> None:
    opened = client.post("/chat/vivid/conversations").json()
    key = {"Authorization": f"Bearer {opened['token']}"}
    path = f"/chat/conversations/{opened['conversation']}/messages"
    turns = [
        say("ask_kind", requested_slot="kind_ok", entities=OPENING,
            intent={"name": "describe", "confidence": 1.0},
            slots={"description": "trouble", "happened_when": "last night",
                   "effect": "cant sleep", "also": ["fly_tipping"]}),
        say("ask_where", requested_slot="happened_where", slots={"happened_when": "last night"}),
        say("ask_how_often", requested_slot="how_often", slots={"happened_when": "last night"}),
    ]  # fmt: skip
    bot.script = lambda asked: (200, turns.pop(0))
    for number, text in enumerate(("trouble on the stairs last night", "1", "the stairs")):
        body = {"client_message_id": str(number), "text": text}
        assert client.post(path, json=body, headers=key).status_code == 200
    with database.reading() as session:
        kept = session.get_one(Conversation, opened["conversation"])
        # Where it happened stood in the first words, and was asked.
        assert kept.reasked == 1
        assert kept.told == ["happened_when", "happened_where", "who"]
        report = session.scalars(select(Report)).one()
        assert (report.effect, report.other_categories) == ("cant sleep", ["fly_tipping"])
