"""Leaving and coming back: after a pause, on another device, and not at all."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import time_machine
from fastapi import FastAPI
from sqlalchemy import select

from api import clock
from api.conversation.codes import TakeUpCode
from api.conversation.model import Conversation
from api.db import Database, Moment
from api.messages.model import Message, OutboxText
from api.reports.model import Report
from api.teams.keys import make_key
from api.worker.jobs import run_due
from api.worker.post import make_post
from api.worker.silence import pass_on_incomplete
from tests.api.chats import AtPortal, Chat, conversation_of, report_of
from tests.api.town import Town
from tests.fakes import ScriptedBot, say
from tests.people import ALICE, BOB

MONDAY = datetime(2026, 11, 2, 10, tzinfo=UTC)
TOLD = {"description": "loud music", "kind": "noise", "happened_where": "my flat"}


def asks(key: str, slot: str, **slots: Any) -> Any:
    return lambda asked: (200, say(key, slots={**TOLD, **slots}, requested_slot=slot))


def later(database: Database, **pause: float) -> None:
    """Everything that has happened was that much longer ago."""
    back = timedelta(**pause)
    with database.writing() as session:
        for kept in (Message, Conversation, Report):
            moments = [one.name for one in kept.__table__.columns if isinstance(one.type, Moment)]
            for row in session.scalars(select(kept)):
                for name in moments:
                    if (moment := getattr(row, name)) is not None:
                        setattr(row, name, moment - back)


def opens_again(client: httpx.Client, chat: Chat) -> httpx.Response:
    """Presses "Yes, go on" in the browser that a chat rests in."""
    return client.post("/chat/vivid/go-on", headers=in_browser(chat))


def in_browser(chat: Chat) -> dict[str, str]:
    token = chat.key["Authorization"].partition(" ")[2]
    return {"Cookie": f"doorstep_chat={token}"}


# ---- The same chat ----------------------------------------------------------------------------


@pytest.mark.parametrize("pause", [{"hours": 2}, {"days": 3}])
def test_who_comes_back_is_told_where_we_were_and_asked_the_same(
    pause: dict[str, float], client: httpx.Client, bot: ScriptedBot, database: Database
) -> None:
    chat = Chat(client)
    bot.script = asks("ask_how_often", "how_often")
    chat.says("loud music next door")
    later(database, **pause)
    bot.script = lambda asked: (
        200,
        say("greet", "ask_how_often", slots=TOLD, requested_slot="how_often"),
    )
    text = chat.hears("hello again")
    assert text.startswith("Welcome back. We were at how often it happens.")
    assert "How often does it happen?" in text
    assert "Hello." not in text


def test_an_answer_after_a_pause_is_an_answer(
    client: httpx.Client, bot: ScriptedBot, database: Database
) -> None:
    chat = Chat(client)
    bot.script = asks("ask_how_often", "how_often")
    chat.says("loud music next door")
    later(database, hours=5)
    bot.script = asks("ask_happening_now", "happening_now", how_often="daily")
    text = chat.hears("every day")
    assert text.startswith("Welcome back.")
    assert "We were at" not in text
    assert "Is it happening right now?" in text
    assert report_of(database, chat.id).how_often == "daily"


def test_words_from_a_page_that_was_left_open_are_welcomed_too(
    client: httpx.Client, bot: ScriptedBot, database: Database
) -> None:
    chat = Chat(client)
    bot.script = asks("ask_how_often", "how_often")
    chat.says("loud music next door")
    later(database, days=2)
    client.post("/chat/vivid", data={"text": "hello again"}, headers=in_browser(chat))
    assert chat.sees()[-1]["text"].startswith("Welcome back. We were at how often it happens.")


def test_who_opens_the_chat_again_is_welcomed_once(
    client: httpx.Client, bot: ScriptedBot, database: Database
) -> None:
    chat = Chat(client)
    bot.script = asks("ask_how_often", "how_often")
    chat.says("loud music next door")
    later(database, hours=5)
    assert opens_again(client, chat).status_code == 303
    assert "We were at how often it happens." in chat.sees()[-1]["text"]
    client.get("/chat/vivid", headers=in_browser(chat))
    bot.script = asks("ask_happening_now", "happening_now", how_often="daily")
    assert chat.hears("1").startswith("Is it happening right now?")
    assert bot.turns[-1]["metadata"]["choices"][0]["value"] == "daily"


def test_who_waits_for_a_person_and_opens_the_chat_again_still_waits(
    client: httpx.Client, bot: ScriptedBot, database: Database
) -> None:
    chat = Chat(client)
    bot.script = lambda asked: (200, say("handover", "ask_when", requested_slot="happened_when"))
    chat.says("can i talk to a person")
    later(database, hours=5)
    assert opens_again(client, chat).status_code == 303
    last = chat.sees()[-1]
    assert last["text"].startswith("Welcome back.")
    assert "We cannot say yet when they will read it." in last["text"]
    assert [choice["value"] for choice in last["choices"]] == ["go_on"]
    assert conversation_of(database, chat.id).handed_over_at is not None


def test_a_short_pause_is_no_coming_back(
    client: httpx.Client, bot: ScriptedBot, database: Database
) -> None:
    chat = Chat(client)
    bot.script = asks("ask_how_often", "how_often")
    chat.says("loud music next door")
    later(database, minutes=20)
    assert "Welcome back" not in chat.hears("sorry, the kettle")


# ---- Another device ---------------------------------------------------------------------------


def half_told(town: Town, client: httpx.Client) -> Chat:
    chat = Chat(client)
    town.bot.script = asks("ask_how_often", "how_often")
    chat.says("loud music next door")
    return chat


@pytest.fixture
def web(town: Town) -> Any:
    with httpx.Client(base_url=town.url, timeout=20) as client:
        yield client


def shown_code(town: Town, chat: Chat) -> tuple[str, str]:
    """The reference and the code that the chat shows for going on by text."""
    answer = chat.client.post(
        f"/internal/conversations/{chat.id}.1/take_up",
        json={"words": "can i carry on by text"},
        headers={"Authorization": "Bearer s"},
    ).json()
    [said] = answer["messages"]
    assert said["say"] == "take_up_code", said
    assert said["values"]["number"] == "+447700900102"
    return report_of(town.db, chat.id).reference, said["values"]["code"]


def test_a_web_chat_goes_on_by_text_with_the_same_question(town: Town, web: httpx.Client) -> None:
    chat = half_told(town, web)
    reference, code = shown_code(town, chat)
    turns = len(town.bot.turns)
    town.text(f"{reference} {code}")
    town.work()
    town.settle()
    [text] = town.on_phone()
    assert text.startswith("Welcome back. We were at how often it happens.")
    assert "How often does it happen?" in text
    asked = town.bot.turns[turns]
    assert asked["text"] == "carry on"
    assert asked["metadata"]["resumed"] is True
    assert asked["metadata"]["facts"]["happened_where"] == "my flat"
    with town.db.reading() as session:
        talks = session.scalars(select(Conversation).order_by(Conversation.started_at)).all()
        assert {talk.report_id for talk in talks} == {talks[0].report_id}
        assert talks[0].ended_at is not None
        codes = session.scalars(select(TakeUpCode)).all()
    assert [one.used_at is not None for one in codes] == [True]
    assert code not in codes[0].code_hash
    # The chat is over where it was begun.
    gone = web.get(f"/chat/conversations/{chat.id}/messages", headers=chat.key)
    assert gone.status_code == 401


@pytest.mark.parametrize("wrong", ["another", "used", "old", "unsafe"])
def test_a_wrong_old_or_used_code_opens_nothing(wrong: str, town: Town, web: httpx.Client) -> None:
    chat = half_told(town, web)
    reference, code = shown_code(town, chat)
    if wrong == "another":
        code = f"{(int(code) + 1) % 1_000_000:06}"
    if wrong == "used":
        town.text(f"{reference} {code}", number=BOB.number)
    if wrong == "unsafe":
        with town.db.writing() as session:
            report = session.scalars(select(Report).where(Report.reference == reference)).one()
            report.flags = ["domestic_abuse"]
    if wrong == "old":
        with town.db.writing() as session:
            session.scalars(select(TakeUpCode)).one().expires_at = clock.now()
    turns = len(town.bot.turns)
    town.text(f"{reference} {code}")
    with town.db.reading() as session:
        talk = session.scalars(
            select(Conversation).where(Conversation.number == ALICE.number)
        ).one()
        assert talk.report_id != report_of(town.db, chat.id).id
        reply = session.scalars(select(OutboxText).where(OutboxText.to == ALICE.number)).one()
    assert "that code is not right" in reply.body
    assert len(town.bot.turns) == turns


def test_nobody_guesses_a_code(town: Town, web: httpx.Client) -> None:
    chat = half_told(town, web)
    reference, code = shown_code(town, chat)
    for guess in range(5):
        wrong = f"{(int(code) + 1 + guess) % 1_000_000:06}"
        town.text(f"{reference} {wrong}", number=BOB.number)
    town.text(f"{reference} {code}")
    with town.db.reading() as session:
        assert session.scalars(select(TakeUpCode)).one().used_at is None


@pytest.mark.parametrize("why", ["abuse", "said_no"])
def test_a_chat_that_is_not_safe_moves_to_no_phone(
    why: str, client: httpx.Client, database: Database
) -> None:
    chat = Chat(client)
    with database.writing() as session:
        report = session.scalars(select(Report)).one()
        report.flags = ["domestic_abuse"] if why == "abuse" else []
        report.safe_contact = "no" if why == "said_no" else None
    assert chat.asks("take_up", words="can i text") == ["take_up_not_safe"]
    with database.reading() as session:
        assert session.scalars(select(TakeUpCode)).all() == []


def test_three_codes_a_day_are_enough(client: httpx.Client, database: Database) -> None:
    chat = Chat(client)
    keys = [chat.asks("take_up", words="by text please")[0] for _ in range(4)]
    assert keys == ["take_up_code"] * 3 + ["take_up_many"]


def test_a_new_web_chat_takes_up_a_report_by_a_texted_code(town: Town, web: httpx.Client) -> None:
    town.bot.script = asks("ask_how_often", "how_often")
    town.text("loud music next door")
    town.work()
    with town.db.writing() as session:
        report = session.scalars(select(Report)).one()
        report.safe_contact, report.contact = "yes", ALICE.number
        reference = report.reference
    chat = Chat(web)
    assert "we have sent a code" in chat.hears(f"my reference is {reference}")
    town.work()
    town.settle()
    code = re.search(r"your code is (\d{6})", town.on_phone()[-1])
    assert code
    assert "loud" not in town.on_phone()[-1]
    text = chat.hears(code[1])
    assert text.startswith("Welcome back. We were at how often it happens.")
    assert report_of(town.db, chat.id).reference == reference


def test_a_new_chat_without_a_report_is_told_to_send_a_reference(
    town: Town, web: httpx.Client
) -> None:
    town.bot.script = lambda asked: (200, say("status_none", "ask_description"))
    told = Chat(web).hears("what's happening with my case")
    assert "If you have a reference, send it here." in told
    town.text("any news")
    town.work()
    town.settle()
    # Whoever texts is known by the number.
    assert "reference" not in town.on_phone()[-1]


@pytest.mark.parametrize("safe", [None, "no", "declined"])
def test_no_code_is_texted_unless_texts_were_said_to_be_safe(
    safe: str | None, town: Town, web: httpx.Client
) -> None:
    town.bot.script = asks("ask_how_often", "how_often")
    town.text("loud music next door")
    town.work()
    with town.db.writing() as session:
        report = session.scalars(select(Report)).one()
        report.safe_contact = safe
        reference = report.reference
    before = len(town.outbox())
    told = Chat(web).hears(reference)
    # What is said is the same as for a reference that does not exist.
    assert told == Chat(web).hears("VIV-222222")
    assert len(town.outbox()) == before
    assert town.count(TakeUpCode) == 0


# ---- Not coming back --------------------------------------------------------------------------


def left(town: Town, **more: Any) -> str:
    """A report left half-way by text; its reference."""
    town.bot.script = asks("ask_how_often", "how_often")
    town.text("loud music next door")
    town.work()
    with town.db.writing() as session:
        report = session.scalars(select(Report)).one()
        report.category = "noise"
        for name, value in more.items():
            setattr(report, name, value)
        return report.reference


def jobs(town: Town, at: datetime, *names: str) -> list[dict[str, Any]]:
    return [done for done in run_due(town.post, at) if done["job"] in (names or ("nudge",))]


@pytest.fixture
def monday() -> Any:
    with time_machine.travel(MONDAY, tick=True):
        yield MONDAY


def test_one_gentle_text_in_hours_then_an_officer_gets_what_there_is(
    monday: datetime, town: Town, web: httpx.Client
) -> None:
    reference = left(town)
    assert jobs(town, monday + timedelta(hours=1)) == []
    nudged = monday + timedelta(hours=5)
    assert jobs(town, nudged) == [{"job": "nudge", "report": reference, "did": "put_out"}]
    assert jobs(town, nudged + timedelta(minutes=1)) == []
    town.settle()
    assert town.on_phone()[-1] == (
        f"VIVID: we kept your place. To go on, just reply here when you like. Ref {reference}."
    )
    assert jobs(town, monday + timedelta(hours=25), "incomplete") == []
    passed = jobs(town, monday + timedelta(hours=30), "incomplete", "nudge")
    assert passed == [{"job": "incomplete", "report": reference, "did": "passed_on"}]
    assert jobs(town, monday + timedelta(hours=31), "incomplete", "nudge") == []
    with time_machine.travel(monday + timedelta(hours=32), tick=True):
        olive = AtPortal(town.app, web)
        nell = AtPortal(town.app, web, "nacro", "housing-support", "nell")
        page = olive.reads("/officers/incomplete")
        assert reference in page
        assert "loud music next door" in page
        assert reference not in nell.reads("/officers/incomplete")
        olive.presses(f"/officers/reports/{reference}", f"/officers/reports/{reference}/looked-at")
        assert reference not in olive.reads("/officers/incomplete")
    with town.db.writing() as session:
        own = make_key(session, "vivid", "test", at=clock.now())
        other = make_key(session, "nacro", "test", at=clock.now())
    headers = {"Authorization": f"Bearer {own}"}
    [found] = web.get("/api/incomplete", headers=headers).json()["reports"]
    assert found["typed"] == ["loud music next door"]
    assert found["report"]["happened_where"] == "my flat"
    assert web.get(f"/api/incomplete/{reference}", headers=headers).json() == found
    headers = {"Authorization": f"Bearer {other}"}
    assert web.get("/api/incomplete", headers=headers).json() == {"reports": []}
    assert web.get(f"/api/incomplete/{reference}", headers=headers).status_code == 404


def test_nobody_is_texted_at_night(monday: datetime, town: Town) -> None:
    left(town)
    assert jobs(town, monday + timedelta(hours=15)) == []
    assert len(town.on_phone()) == 1


@pytest.mark.parametrize(
    "more",
    [
        {"safe_contact": "no"},
        {"flags": ["domestic_abuse"]},
        {"flags": ["child"]},
        {"category": "domestic_abuse"},
        {"category": "hate"},
        {"told_as": ["anonymous"]},
        {"description": ""},
    ],
)
def test_where_a_text_may_do_harm_there_is_none_and_an_officer_reads_it_all_the_same(
    more: dict[str, Any], monday: datetime, town: Town
) -> None:
    reference = left(town, **more)
    assert jobs(town, monday + timedelta(hours=5)) == []
    [passed] = (
        jobs(town, monday + timedelta(hours=25), "incomplete", "nudge")
        or jobs(town, monday + timedelta(hours=5), "incomplete")
        or [{"report": reference}]
    )
    assert passed["report"] == reference
    with town.db.reading() as session:
        assert session.scalars(select(Report)).one().incomplete_at is not None
    assert [text.kind for text in town.outbox()] == ["reply"]


def left_at_the_kind(town: Town, *kinds: tuple[str, float], **more: Any) -> str:
    """A report left at "Is this about …?", with what the model takes it for; its reference."""
    guess = {"kind_guess": kinds[0][0]} if kinds else {}
    likely = [{"category": kind, "confidence": sure} for kind, sure in kinds]
    slots = {"description": "loud music", "kinds": likely, **guess}
    town.bot.script = lambda asked: (200, say("ask_kind", slots=slots, requested_slot="kind_ok"))
    town.text("loud music next door")
    town.work()
    with town.db.writing() as session:
        report = session.scalars(select(Report)).one()
        assert report.category is None
        for name, value in more.items():
            setattr(report, name, value)
        return report.reference


def test_who_leaves_at_the_first_question_is_nudged_too(monday: datetime, town: Town) -> None:
    reference = left_at_the_kind(town, ("noise", 0.9), ("party", 0.04), ("harassment", 0.01))
    nudged = monday + timedelta(hours=5)
    assert jobs(town, nudged) == [{"job": "nudge", "report": reference, "did": "put_out"}]
    town.settle()
    assert "loud" not in town.on_phone()[-1]
    assert "noise" not in town.on_phone()[-1]


@pytest.mark.parametrize(
    ("kinds", "more"),
    [
        ([("domestic_abuse", 0.6)], {}),
        ([("harassment", 0.5), ("noise", 0.4)], {}),
        # Less likely, but not ruled out.
        ([("noise", 0.8), ("domestic_abuse", 0.1)], {}),
        ([("verbal_abuse", 0.7), ("hate", 0.2)], {}),
        ([("noise", 0.9)], {"flags": ["child"]}),
        ([("noise", 0.9)], {"implied_category": "hate"}),
        ([("other", 0.9)], {}),
        ([], {}),
    ],
)
def test_where_what_it_is_about_is_open_and_may_be_sensitive_there_is_no_nudge(
    kinds: list[tuple[str, float]], more: dict[str, Any], monday: datetime, town: Town
) -> None:
    reference = left_at_the_kind(town, *kinds, **more)
    assert jobs(town, monday + timedelta(hours=5)) == []
    assert [text.kind for text in town.outbox()] == ["reply"]
    jobs(town, monday + timedelta(hours=30), "incomplete")
    with town.db.reading() as session:
        kept = session.scalars(select(Report)).one()
    assert (kept.reference, kept.incomplete_at is not None) == (reference, True)


def test_what_carries_a_flag_goes_to_an_officer_within_the_hour(
    monday: datetime, town: Town
) -> None:
    reference = left(town, flags=["child"])
    passed = jobs(town, monday + timedelta(minutes=70), "incomplete")
    assert [one["report"] for one in passed] == [reference]


def test_a_number_that_stopped_texts_gets_no_nudge(monday: datetime, town: Town) -> None:
    left(town)
    town.text("STOP")
    assert jobs(town, monday + timedelta(hours=5)) == []


def test_who_comes_back_after_that_finishes_as_usual(
    monday: datetime, town: Town, web: httpx.Client
) -> None:
    left(town)
    jobs(town, monday + timedelta(hours=30), "incomplete")
    town.bot.script = asks("ask_how_often", "how_often")
    with time_machine.travel(monday + timedelta(hours=40), tick=True):
        town.text("hello, still here")
        town.work()
        town.settle()
    assert town.on_phone()[-1].startswith("Welcome back. We were at how often it happens.")
    with town.db.reading() as session:
        assert session.scalars(select(Report)).one().status == "draft"


def test_a_chat_in_which_nothing_was_written_is_no_report(
    app: FastAPI, client: httpx.Client, database: Database
) -> None:
    chat = Chat(client)
    later(database, days=3)
    post = make_post(app.state.settings, database, app.state.rulebook)
    assert pass_on_incomplete(post) == []
    assert report_of(database, chat.id).incomplete_at is None


def test_words_the_assistant_never_saw_are_passed_on_too(
    app: FastAPI, client: httpx.Client, bot: ScriptedBot, database: Database
) -> None:
    chat = Chat(client)
    bot.up = False
    chat.says("the bins are tipped over again")
    later(database, days=2)
    post = make_post(app.state.settings, database, app.state.rulebook)
    assert [one["did"] for one in pass_on_incomplete(post)] == ["passed_on"]
    olive = AtPortal(app, client)
    assert "the bins are tipped over again" in olive.reads("/officers/incomplete")
    assert conversation_of(database, chat.id).nudged_at is None
