"""The model's opinion on danger: it raises what the rules found, never lowers it, and the resident
is answered before the dialogue goes on."""

from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from api import clock
from api.cases.model import Case
from api.conversation.handover import hand_over
from api.conversation.model import Conversation
from api.conversation.opinions import give_opinion, opinions_due
from api.conversation.turns import Desk
from api.db import Database
from api.messages.model import Message
from api.reports.model import Report
from api.screening.danger import shared_screen
from api.screening.opinion import with_opinion
from tests.api.chats import Chat
from tests.api.test_chat_calls import open_chat
from tests.fakes import ScriptedBot, say

SCREEN = shared_screen()
RULES = SCREEN.data.opinion
LABELS = ("emergency", *RULES.flags)
# Words in which no rule finds anything: all that is found in them is the model's.
UNSEEN = "it is that thing again like before"
TEXTS = (
    UNSEEN,
    "he has a knife outside my door",
    "my ex keeps texting me",
    "loud music every night",
    "he isnt threatening us",
    "i could murder a curry",
    "someone set fire to the bins last year",
)
opinions = st.dictionaries(st.sampled_from(LABELS), st.floats(0, 1), max_size=len(LABELS))


def test_the_words_of_these_tests_hold_no_danger_by_rule() -> None:
    danger = SCREEN.screen(UNSEEN)
    assert (danger.flags, danger.doubtful, danger.text_key) == (frozenset(), False, None)


@given(text=st.sampled_from(TEXTS), opinion=opinions)
def test_an_opinion_never_lowers(text: str, opinion: dict[str, float]) -> None:
    before = SCREEN.screen(text)
    after = with_opinion(before, opinion, SCREEN, words=9)
    assert before.flags <= after.flags
    assert after.category == before.category
    assert set(before.reasons) <= set(after.reasons)
    assert after.emergency >= before.emergency
    assert (after.emergency or after.doubtful) >= (before.emergency or before.doubtful)
    if before.text_key:
        texts = SCREEN.data.texts
        assert after.text_key
        assert texts[after.text_key].rank <= texts[before.text_key].rank


@given(
    text=st.sampled_from(TEXTS),
    opinion=opinions,
    label=st.sampled_from(LABELS),
    more=st.floats(0, 1),
)
def test_more_of_an_opinion_never_finds_less(
    text: str, opinion: dict[str, float], label: str, more: float
) -> None:
    screened = SCREEN.screen(text)
    higher = {**opinion, label: max(more, opinion.get(label, 0.0))}
    less, found = (with_opinion(screened, one, SCREEN, words=9) for one in (opinion, higher))
    assert less.flags <= found.flags
    assert found.emergency >= less.emergency
    assert (found.emergency or found.doubtful) >= (less.emergency or less.doubtful)


def test_a_few_words_need_more_of_an_opinion() -> None:
    screened = SCREEN.screen("it is that thing")
    doubt = {"emergency": RULES.ask_from, "child": RULES.flags["child"]}
    assert with_opinion(screened, doubt, SCREEN, words=4) == screened
    told = with_opinion(screened, doubt, SCREEN, words=5)
    assert (told.doubtful, told.flags) == (True, {"child"})
    alarm = {"emergency": RULES.alarm_from, "domestic_abuse": RULES.flags["domestic_abuse"]}
    told = with_opinion(screened, alarm, SCREEN, words=1)
    assert (told.emergency, told.flags) == (True, {"emergency", "domestic_abuse"})


def test_no_opinion_changes_nothing() -> None:
    for text in TEXTS:
        screened = SCREEN.screen(text)
        assert with_opinion(screened, {}, SCREEN, words=9) == screened


def test_a_likely_danger_is_asked_about_and_a_likelier_one_alarmed() -> None:
    screened = SCREEN.screen(UNSEEN)
    asked = with_opinion(screened, {"emergency": RULES.ask_from}, SCREEN, words=9)
    assert (asked.emergency, asked.doubtful, asked.text_key) == (False, True, "ask_safe")
    alarmed = with_opinion(screened, {"emergency": RULES.alarm_from}, SCREEN, words=9)
    assert (alarmed.emergency, alarmed.text_key) == (True, "danger_now")
    assert alarmed.flags == {"emergency"}


@pytest.mark.parametrize(
    ("label", "key"),
    [
        ("self_harm", "danger_self_harm"),
        ("domestic_abuse", "domestic_abuse_now"),
        ("child", "danger_child"),
        ("weapon", "danger_now"),
        ("hate", "danger_now"),
    ],
)
def test_an_emergency_is_answered_with_the_text_that_fits(label: str, key: str) -> None:
    danger = with_opinion(SCREEN.screen(UNSEEN), {"emergency": 0.99, label: 0.99}, SCREEN, words=9)
    assert danger.flags == {"emergency", label}
    assert danger.text_key == key


def test_a_flag_alone_gets_its_own_text() -> None:
    danger = with_opinion(SCREEN.screen(UNSEEN), {"hate": 0.9}, SCREEN, words=9)
    assert (danger.flags, danger.emergency, danger.text_key) == ({"hate"}, False, "hate")


def test_a_likely_flag_leaves_the_text_that_the_words_called_for() -> None:
    screened = SCREEN.screen("she shouts racist abuse at me every day")
    danger = with_opinion(screened, {"child": 0.9}, SCREEN, words=9)
    assert danger.flags == {"hate", "child"}
    assert danger.text_key == screened.text_key == "hate"


def test_danger_that_only_the_model_sees_opens_a_case_before_the_turn(
    client: httpx.Client, bot: ScriptedBot, database: Database
) -> None:
    bot.danger = {"emergency": 0.9, "domestic_abuse": 0.8}
    bot.ranking = [{"name": "report_domestic_abuse", "confidence": 0.7}]
    conversation, key = open_chat(client)
    answer = client.post(
        f"/chat/conversations/{conversation}/messages",
        json={"client_message_id": "m-1", "text": UNSEEN},
        headers=key,
    ).json()
    assert "999" in answer["messages"][0]["text"]
    assert bot.turns[0]["metadata"]["flags"] == ["domestic_abuse", "emergency"]
    with database.reading() as session:
        case = session.scalars(select(Case)).one()
        assert case.category == "domestic_abuse"
        assert set(case.flags) == {"domestic_abuse", "emergency"}
        assert not case.safe_to_text
        said = session.scalars(select(Message).where(Message.sender == "resident")).one()
        assert said.text == UNSEEN
        assert said.opinion == bot.danger
        assert set(said.flags) == {"domestic_abuse", "emergency"}


def test_an_answer_to_whether_they_are_safe_is_not_asked_about_again(
    client: httpx.Client, bot: ScriptedBot, database: Database
) -> None:
    conversation, key = open_chat(client)
    path = f"/chat/conversations/{conversation}/messages"
    bot.script = lambda asked: (200, say("ask_safe_now", requested_slot="happening_now"))
    client.post(path, json={"client_message_id": "a", "text": "he is a bully"}, headers=key)
    bot.script = lambda asked: (200, say("ask_safe_how_only", requested_slot="safe_how"))
    bot.danger = {"emergency": 0.21}
    body = {"client_message_id": "b", "text": "safe for now, thank you"}
    told = client.post(path, json=body, headers=key).json()["messages"]
    assert not any("Are you safe right now?" in one["text"] for one in told)
    # Where it is not the answer to that, a doubt asks.
    body = {"client_message_id": "c", "text": "no, not with him around here"}
    told = client.post(path, json=body, headers=key).json()["messages"]
    assert told[0]["text"].startswith("Are you safe right now?")
    with database.reading() as session:
        opinions = session.scalars(select(Message.opinion).where(Message.opinion.is_not(None)))
        assert opinions.all() == [{"emergency": 0.21}, {"emergency": 0.21}]


def test_what_the_screen_has_answered_is_not_answered_again(
    client: httpx.Client, bot: ScriptedBot, database: Database
) -> None:
    bot.danger = {"emergency": 0.99, "weapon": 0.9, "child": 0.9}
    conversation, key = open_chat(client)
    answer = client.post(
        f"/chat/conversations/{conversation}/messages",
        json={"client_message_id": "m-1", "text": "he is outside and he will burn us out"},
        headers=key,
    ).json()
    alarms = [one for one in answer["messages"] if "call 999" in one["text"]]
    assert len(alarms) == 1
    with database.reading() as session:
        assert {"emergency", "weapon", "child"} <= set(session.scalars(select(Case)).one().flags)


def test_a_calm_opinion_leaves_the_report_as_it_is(
    client: httpx.Client, bot: ScriptedBot, database: Database
) -> None:
    bot.danger = dict.fromkeys(LABELS, 0.02)
    conversation, key = open_chat(client)
    answer = client.post(
        f"/chat/conversations/{conversation}/messages",
        json={"client_message_id": "m-1", "text": UNSEEN},
        headers=key,
    ).json()
    assert not any("999" in one["text"] for one in answer["messages"])
    with database.reading() as session:
        assert session.scalars(select(Case)).all() == []
        assert session.scalars(select(Report)).one().flags == []


def test_an_opinion_is_asked_once_when_a_turn_is_tried_again(
    client: httpx.Client, bot: ScriptedBot, database: Database
) -> None:
    bot.danger = {"emergency": 0.9}
    bot.script = lambda asked: (500, {})
    conversation, key = open_chat(client)
    path = f"/chat/conversations/{conversation}/messages"
    body = {"client_message_id": "m-1", "text": UNSEEN}
    first = client.post(path, json=body, headers=key).json()
    bot.script = lambda asked: (200, say("ask_when"))
    bot.danger = {}
    client.post(path, json={"client_message_id": "m-2", "text": "last night"}, headers=key)
    shown = client.get(path, headers=key).json()["messages"]
    alarms = [one for one in shown if "call 999 now" in one["text"]]
    assert len(alarms) == 1
    assert alarms[0] in first["messages"]
    with database.reading() as session:
        assert len(session.scalars(select(Case)).all()) == 1


@pytest.mark.parametrize("answer", ["1", "yes", "12", "Still going"])
def test_a_bare_choice_needs_no_opinion(
    answer: str, client: httpx.Client, bot: ScriptedBot, database: Database
) -> None:
    bot.script = lambda asked: (200, say("ask_happening_now"))
    conversation, key = open_chat(client)
    path = f"/chat/conversations/{conversation}/messages"
    client.post(path, json={"client_message_id": "a", "text": "it goes on"}, headers=key)
    bot.danger = {"emergency": 0.99}
    client.post(path, json={"client_message_id": "b", "text": answer}, headers=key)
    with database.reading() as session:
        kept = session.scalars(select(Message).where(Message.text == answer)).one()
        assert kept.opinion is None
        assert session.scalars(select(Case)).all() == []


def kept(database: Database) -> Message:
    with database.reading() as session:
        return session.scalars(select(Message).where(Message.text == UNSEEN)).one()


def test_words_that_wait_for_a_person_are_read_by_the_model_too(
    client: httpx.Client, app: FastAPI, bot: ScriptedBot, database: Database
) -> None:
    chat = Chat(client)
    bot.script = lambda asked: (200, say("handover"))
    chat.asks("handover", reason="asked")
    chat.says("can i talk to a person")
    bot.danger = {"emergency": 0.9, "weapon": 0.8}
    bot.up = False
    assert "call 999" not in chat.hears(UNSEEN)
    message = kept(database)
    assert (message.opinion_due, message.processed_at is not None) == (True, True)

    # The bot is away: the words stay due, and are read once it is back.
    desk: Desk = app.state.desk
    give_opinion(desk.db, desk.rulebook, desk.bots, message.id)
    with database.reading() as session:
        assert message.id not in opinions_due(session, at=clock.now())
        later = clock.now() + timedelta(minutes=1)
        assert message.id in opinions_due(session, at=later)
    bot.up = True
    give_opinion(desk.db, desk.rulebook, desk.bots, message.id)
    assert sum("call 999 now" in one["text"] for one in chat.sees()) == 1
    message = kept(database)
    assert (message.opinion_due, message.flags) == (False, ["emergency", "weapon"])
    with database.reading() as session:
        case = session.scalars(select(Case)).one()
        assert set(case.flags) == {"emergency", "weapon"}
        assert message.id not in opinions_due(session, at=later)


def test_what_waited_when_an_officer_stepped_in_is_read_by_the_model(
    client: httpx.Client, app: FastAPI, bot: ScriptedBot, database: Database
) -> None:
    chat = Chat(client)
    bot.up = False
    chat.says(UNSEEN)
    with database.writing() as session:
        talk = session.get_one(Conversation, chat.id)
        hand_over(session, talk, reason="officer", at=clock.now(), by="alice@vivid.example")
    assert kept(database).opinion_due
    bot.up, bot.danger = True, {"emergency": 0.9}
    desk: Desk = app.state.desk
    give_opinion(desk.db, desk.rulebook, desk.bots, kept(database).id)
    assert any("call 999 now" in one["text"] for one in chat.sees())
    with database.reading() as session:
        assert set(session.scalars(select(Case)).one().flags) == {"emergency"}
