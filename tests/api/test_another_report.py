"""A second report beside an open case: its own, with its writer known, and nothing of the first
one written over."""

import httpx
from sqlalchemy import select

from api.cases.model import Case
from api.conversation.model import Conversation
from api.db import Database
from api.reports.model import Report
from tests.api.chats import Chat
from tests.api.test_residents_requests import with_case
from tests.fakes import ScriptedBot, say
from tests.people import ALICE

SMASHED = "someone has smashed the windows of my car with a brick"


def reports(database: Database) -> list[Report]:
    with database.reading() as session:
        return list(session.scalars(select(Report).order_by(Report.started_at, Report.id)))


def with_new_report(client: httpx.Client, words: str) -> tuple[Chat, dict[str, object]]:
    chat = with_case(client)
    return chat, chat.asks_for("new_report", words=words)


def test_a_second_report_leaves_the_first_as_it_was(client, database):
    chat, told = with_new_report(client, SMASHED)
    assert told["messages"] == [{"say": "new_report"}]
    assert told["facts"] == {
        "name": ALICE.name, "address": ALICE.address, "contact": ALICE.number,
    }  # fmt: skip
    first, second = sorted(reports(database), key=lambda one: one.submitted_at is None)
    assert (first.status, first.category) == ("case", "noise")
    assert (second.status, second.name, second.safe_contact) == ("draft", ALICE.name, None)
    with database.reading() as session:
        conversation = session.scalars(select(Conversation)).one()
    assert (conversation.report_id, conversation.case_id) == (second.id, None)
    assert conversation.phase == "report"
    facts = {**told["facts"], "description": SMASHED, "kind": "vandalism", "safe_contact": "yes"}
    chat.asks_for("judge", facts=facts)
    chat.asks_for("submit", facts=facts)
    with database.reading() as session:
        cases = session.scalars(select(Case)).all()
        assert sorted(case.category for case in cases) == ["noise", "vandalism"]
        assert len({case.reference for case in cases}) == 2
    assert len(reports(database)) == 2


def test_its_first_words_are_screened_for_danger(client, database):
    with_new_report(client, "he is outside my door right now with a knife")
    with database.reading() as session:
        cases = session.scalars(select(Case)).all()
    assert len(cases) == 2
    assert [case.flags for case in cases if case.category != "noise"] == [["emergency", "weapon"]]


def test_a_turn_that_is_taken_again_begins_one_report(
    client: httpx.Client, bot: ScriptedBot, database
):
    chat = with_case(client)
    answers = []

    def begins(asked):
        answers.append(chat.asks_for("new_report", words=SMASHED))
        answers.append(chat.asks_for("new_report", words=SMASHED))
        return 200, say("new_report", "ask_kind", requested_slot="kind_ok")

    bot.script = begins
    chat.says("it is new")
    assert answers[0] == answers[1]
    assert len(reports(database)) == 2
