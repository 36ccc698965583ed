"""A resident who does not write English: what they see, what is kept, and who is told."""

from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from api.cases.model import Case, CaseEntry
from api.conversation.model import Conversation
from api.db import Database
from api.messages.model import Message, OutboxText
from api.policies import gsm7
from api.reports.model import Report
from api.teams.keys import make_key
from tests.api.test_chat_calls import open_chat
from tests.api.test_officers_api import AT
from tests.api.town import Town
from tests.fakes import ScriptedBot, say

POLISH = "Sąsiad z góry puszcza głośną muzykę każdej nocy do trzeciej rano."
POLISH_AGAIN = "Nie możemy spać i dzieci są zmęczone, proszę o pomoc."
POLISH_THREAT = "sasiad z gory grozi ze mnie zabije, ma noz, prosze o pomoc"
URDU = "میرا پڑوسی ساری رات شور کرتا ہے اور ہم سو نہیں سکتے"
ENGLISH = "the man upstairs plays loud music every night"


class Chat:
    """One resident in the web chat."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client
        self.conversation, self.key = open_chat(client)
        self.said = 0

    def write(self, text: str) -> list[str]:
        self.said += 1
        answer = self.client.post(
            f"/chat/conversations/{self.conversation}/messages",
            json={"client_message_id": str(self.said), "text": text},
            headers=self.key,
        )
        assert answer.status_code == 200
        return [message["text"] for message in answer.json()["messages"]]


def rows(database: Database, table: type) -> list[Any]:
    with database.reading() as session:
        return list(session.scalars(select(table).order_by(table.id)))


def tasks(database: Database) -> list[CaseEntry]:
    return [entry for entry in rows(database, CaseEntry) if entry.kind == "task"]


def residents(database: Database) -> list[Message]:
    return [one for one in rows(database, Message) if one.sender == "resident"]


def test_it_is_answered_in_that_language_and_a_case_waits_for_a_person(
    client: httpx.Client, bot: ScriptedBot, database: Database
) -> None:
    [reply] = Chat(client).write(POLISH)
    assert "po polsku" in reply
    assert "seems to be in Polish" in reply and "call 999" in reply
    assert bot.turns == []
    [message] = residents(database)
    assert (message.text, message.language) == (POLISH, "pl")
    assert message.processed_at is not None
    [case] = rows(database, Case)
    assert (case.status, case.category, case.flags) == ("review", "other", [])
    assert case.team and case.screening["outcome"] == "review"
    assert case.screening["why"] == "Written in Polish: a person who reads it looks."
    [report] = rows(database, Report)
    assert (report.status, report.language, report.description) == ("case", "pl", POLISH)
    [task] = tasks(database)
    assert "Wrote in Polish" in task.words and POLISH in task.words
    assert task.data == {"language": "pl"}
    [conversation] = rows(database, Conversation)
    assert conversation.case_id == case.id


def test_it_is_said_once_and_every_message_is_a_task(
    client: httpx.Client, bot: ScriptedBot, database: Database
) -> None:
    chat = Chat(client)
    chat.write(POLISH)
    assert chat.write(POLISH_AGAIN) == []
    assert chat.write("tak, dziekuje") == []
    assert bot.turns == []
    assert [one.language for one in residents(database)] == ["pl", "pl", "pl"]
    assert all(one.processed_at for one in residents(database))
    assert len(rows(database, Case)) == 1
    assert [POLISH in tasks(database)[0].words, len(tasks(database))] == [True, 3]


def test_another_language_is_answered_in_its_own(client: httpx.Client, database: Database) -> None:
    chat = Chat(client)
    chat.write(POLISH)
    [reply] = chat.write(URDU)
    assert "اردو" in reply and "seems to be in Urdu" in reply
    assert [one.language for one in residents(database)] == ["pl", "ur"]
    assert rows(database, Report)[0].language == "ur"


def test_a_language_without_a_text_is_answered_in_english(
    client: httpx.Client, database: Database
) -> None:
    [reply] = Chat(client).write("이웃이 매일 밤 시끄럽게 해요")
    assert "seems not to be in English" in reply and "999" in reply
    assert residents(database)[0].language == "und"
    assert "a language other than English" in tasks(database)[0].words


def test_english_takes_the_dialogue_up_again(
    client: httpx.Client, bot: ScriptedBot, database: Database
) -> None:
    chat = Chat(client)
    chat.write(POLISH)
    bot.script = lambda asked: (200, say("ask_when"))
    [reply] = chat.write(ENGLISH)
    assert "When did it happen" in reply
    assert [turn["text"] for turn in bot.turns] == [ENGLISH]
    assert [one.language for one in residents(database)] == ["pl", None]
    assert len(rows(database, Case)) == 1


@pytest.mark.parametrize(
    "text", ["neighbour want hit me", "cn sum1 sort dis m8 its evry nite", "GET THEM OUT NOW", "no"]
)
def test_english_of_any_sort_is_left_to_the_dialogue(
    text: str, client: httpx.Client, bot: ScriptedBot, database: Database
) -> None:
    Chat(client).write(text)
    assert [turn["text"] for turn in bot.turns] == [text]
    assert residents(database)[0].language is None


def test_an_address_of_welsh_names_is_an_answer(
    client: httpx.Client, bot: ScriptedBot, database: Database
) -> None:
    chat = Chat(client)
    bot.script = lambda asked: (200, say("ask_address", requested_slot="address"))
    chat.write(ENGLISH)
    chat.write("Ty Gwyn, Heol y Bont, Llanfair yn y Wern, ger yr eglwys")
    assert len(bot.turns) == 2
    assert rows(database, Case) == []


def test_danger_is_answered_as_well_and_first(
    client: httpx.Client, bot: ScriptedBot, database: Database
) -> None:
    danger, reply = Chat(client).write(POLISH_THREAT)
    assert "call 999 now" in danger
    assert "po polsku" in reply
    assert bot.turns == []
    [case] = rows(database, Case)
    assert {"emergency", "weapon"} <= set(case.flags)
    assert case.category in {"weapons", "violence_or_threats"}
    [message] = residents(database)
    assert message.language == "pl" and "emergency" in message.flags
    assert len(tasks(database)) == 1
    assert len([one for one in rows(database, CaseEntry) if one.kind == "danger"]) == 1


def test_words_in_another_language_never_reopen_what_was_decided(
    client: httpx.Client, bot: ScriptedBot, database: Database
) -> None:
    chat = Chat(client)
    chat.write(ENGLISH)
    with database.writing() as session:
        first = session.scalars(select(Report)).one()
        first.status, first.outcome, first.submitted_at = "screened_out", "not_asb", AT
    chat.write(POLISH)
    with database.reading() as session:
        old, new = session.scalars(select(Report).order_by(Report.started_at)).all()
        assert (old.status, old.outcome, old.language) == ("screened_out", "not_asb", None)
        assert (new.status, new.language, new.description) == ("case", "pl", POLISH)


def test_after_a_person_has_taken_over_nothing_automatic_is_said(
    client: httpx.Client, bot: ScriptedBot, database: Database
) -> None:
    chat = Chat(client)
    with database.writing() as session:
        session.scalars(select(Conversation)).one().handed_over_at = AT
    assert chat.write(POLISH) == []
    [message] = residents(database)
    assert (message.text, message.language) == (POLISH, "pl")
    assert message.processed_at is not None
    assert bot.turns == []


@pytest.mark.parametrize(("text", "code"), [(POLISH, "pl"), (URDU, "ur"), (
    "deriska habeenkii oo dhan ayay buuq sameeyaan mana seexan karno", "so")])  # fmt: skip
def test_by_text_it_is_one_short_text(
    text: str,
    code: str,
    town: Town,
) -> None:
    town.text(text)
    town.work()
    town.text(text + " " + text)
    town.work()
    [sent] = town.outbox()
    assert sent.body == town.app.state.rulebook.languages.fixed_text(code, "sms")
    assert gsm7.segments(sent.body) <= 2
    assert sent.kind == "reply" and sent.status in {"sending", "sent", "delivered"}
    assert town.bot.turns == []
    assert [one.language for one in residents(town.db)] == [code, code]
    assert [one.text for one in residents(town.db)] == [text, text + " " + text]
    assert len(rows(town.db, Case)) == 1
    assert len(tasks(town.db)) == 2


def test_by_text_danger_goes_out_too(town: Town) -> None:
    town.text(POLISH_THREAT)
    town.work()
    safety, reply = town.outbox()
    assert safety.kind == "safety" and "999" in safety.body
    assert "po polsku" in reply.body
    assert "emergency" in rows(town.db, Case)[0].flags


# ------------------------------------------------------------------ triage and officers' systems


@pytest.fixture
def key(app: FastAPI, database: Database) -> dict[str, str]:
    with database.writing() as session:
        return {"Authorization": f"Bearer {make_key(session, 'vivid', 'test', at=AT)}"}


@pytest.mark.parametrize("landlord_up", [True, False])
def test_triage_leaves_it_to_a_person_whatever_the_model_says(
    landlord_up: bool, client: httpx.Client, bot: ScriptedBot, key: dict[str, str]
) -> None:
    """The model is not even asked, so it may be out."""
    bot.up = landlord_up
    bot.ranking = [{"name": "report_cooking_smell", "confidence": 0.99}]
    found = client.post("/api/triage", json={"text": POLISH}, headers=key).json()
    assert (found["category"], found["confidence"], found["flags"]) == ("other", 0.0, [])
    assert found["screening"]["outcome"] == "review"
    assert "Polish" in found["screening"]["why"]
    assert found["team"]


def test_triage_keeps_danger_in_another_language(
    client: httpx.Client, key: dict[str, str], database: Database
) -> None:
    found = client.post("/api/triage", json={"text": POLISH_THREAT}, headers=key).json()
    assert {"emergency", "weapon"} <= set(found["flags"])
    assert found["screening"]["outcome"] == "review"
    assert "Polish" in found["screening"]["why"]
    assert rows(database, Message) == [] and rows(database, OutboxText) == []


def test_officers_systems_are_told_the_language(
    client: httpx.Client, key: dict[str, str], database: Database
) -> None:
    Chat(client).write(POLISH)
    [case] = client.get("/api/cases", headers=key).json()["cases"]
    assert case["report"]["language"] == "pl"
    assert case["report"]["description"] == POLISH
