"""What is told stands in the case from then on, though the conversation is never finished."""

import httpx
from sqlalchemy import select

from api.cases.model import Case
from api.db import Database
from api.reports.model import Report
from tests.api.chats import Chat
from tests.fakes import ScriptedBot, say


def case_of_chat(database: Database, chat: Chat) -> Case:
    with database.reading() as session:
        return session.scalars(select(Case).where(Case.conversation_id == chat.id)).one()


def test_a_case_that_danger_opened_holds_each_answer_though_there_is_no_last_one(
    client: httpx.Client, bot: ScriptedBot, database: Database
) -> None:
    chat = Chat(client)
    chat.says("he has a knife outside my door")
    opened = case_of_chat(database, chat).updated_at
    for slot, told, asked in (
        ("name", "Jo Alder", "address"),
        ("address", "3 Ash Walk", "contact"),
    ):
        answer = say(f"ask_{asked}", slots={slot: told}, requested_slot=asked)
        bot.script = lambda _, answer=answer: (200, answer)
        chat.says(told)
    # And then they are gone.
    case = case_of_chat(database, chat)
    with database.reading() as session:
        report = session.get_one(Report, case.report_id)
        assert (report.status, report.name, report.address) == ("case", "Jo Alder", "3 Ash Walk")
    assert case.updated_at > opened


def test_a_case_in_another_language_holds_what_is_told_in_english_later(
    client: httpx.Client, bot: ScriptedBot, database: Database
) -> None:
    chat = Chat(client)
    chat.says("mis vecinos ponen musica muy alta todas las noches y no puedo dormir")
    answer = say("ask_contact", slots={"address": "3 Ash Walk"}, requested_slot="contact")
    bot.script = lambda _: (200, answer)
    chat.says("my address is 3 Ash Walk")
    with database.reading() as session:
        report = session.get_one(Report, case_of_chat(database, chat).report_id)
        assert (report.language, report.address) == ("es", "3 Ash Walk")
