"""A turn that is taken again acts once: no incident, request or correction stands twice."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import func, select

from api import clock
from api.cases.model import Case, CaseEntry, Incident
from api.cases.requests import ResidentRequest
from api.conversation.turns import Took, take_turns
from api.db import Database
from api.evidence.model import UploadLink
from tests.api.test_residents_requests import with_case
from tests.fakes import ScriptedBot, say

WRITES: list[tuple[str, dict[str, Any], list[type]]] = [
    ("diary", {"what": "music again", "when": "last night"}, [Incident, CaseEntry]),
    ("close", {"words": "please close it"}, [ResidentRequest, CaseEntry]),
    ("complain", {"words": "nobody calls me back"}, [ResidentRequest, CaseEntry]),
    ("accused", {"words": "it was not me"}, [ResidentRequest]),
    ("correct", {"what": "where", "to": "the car park"}, [CaseEntry]),
    ("checkin", {"words": "it got worse"}, [CaseEntry]),
    ("evidence", {"words": "i have a photo"}, [UploadLink]),
    ("status", {}, [CaseEntry]),
]


def rows(database: Database, tables: list[type]) -> list[int]:
    with database.reading() as session:
        return [session.scalar(select(func.count()).select_from(one)) or 0 for one in tables]


@pytest.mark.parametrize(("what", "body", "tables"), WRITES)
def test_an_action_of_a_turn_that_failed_after_it_acts_once(
    app: FastAPI,
    client: httpx.Client,
    database: Database,
    bot: ScriptedBot,
    what: str,
    body: dict[str, Any],
    tables: list[type],
) -> None:
    chat = with_case(client)
    if what == "status":
        # Only what is late is noted down.
        with database.writing() as session:
            [case] = session.scalars(select(Case))
            case.deadlines[0].due_at = clock.now() - timedelta(days=2)
            case.deadlines[0].met_at = None
    answers: list[Any] = []

    def acts_and_dies(_: Any) -> tuple[int, dict[str, Any]]:
        answers.append(chat.asks_for(what, **body))
        return 500, {}

    def acts(_: Any) -> tuple[int, dict[str, Any]]:
        answers.append(chat.asks_for(what, **body))
        return 200, {**say(), "messages": answers[-1]["messages"]}

    before = rows(database, tables)
    bot.script = acts_and_dies
    assert "safe with us" in chat.hears("words of a resident")
    once = rows(database, tables)
    assert once == [count + 1 for count in before]
    bot.script = acts
    with clock.moved_to(clock.now() + timedelta(seconds=30)):
        assert take_turns(app.state.desk, chat.id) is Took.ALL
    assert len(answers) == 2
    assert answers[1] == answers[0]
    assert rows(database, tables) == once
    assert "safe with us" not in chat.sees()[-1]["text"]


def test_the_same_wish_in_another_message_is_kept_again(
    client: httpx.Client, database: Database, bot: ScriptedBot
) -> None:
    chat = with_case(client)

    def acts(_: Any) -> tuple[int, dict[str, Any]]:
        chat.asks_for("complain", words="nobody calls me back")
        return 200, say("complain_kept")

    bot.script = acts
    for _ in range(2):
        chat.says("nobody calls me back")
    assert rows(database, [ResidentRequest]) == [2]
