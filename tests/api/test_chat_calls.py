"""The web chat's calls: what a resident gets, and what the database holds."""

import json
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select

from api import clock
from api.conversation.model import Conversation
from api.db import Database
from api.messages.model import Message
from api.reports.model import Report
from tests.fakes import ScriptedBot, say


def open_chat(client: httpx.Client, landlord: str = "vivid") -> tuple[str, dict[str, str]]:
    answer = client.post(f"/chat/{landlord}/conversations")
    assert answer.status_code == 201
    opened = answer.json()
    return opened["conversation"], {"Authorization": f"Bearer {opened['token']}"}


def test_a_chat_opens_with_the_first_words(client: httpx.Client, database: Database) -> None:
    answer = client.post("/chat/vivid/conversations").json()
    [first] = answer["messages"]
    assert "automated" in first["text"]
    assert "999" in first["text"]
    assert first["from"] == "assistant"
    with database.reading() as session:
        kept = session.get_one(Conversation, answer["conversation"])
        assert kept.landlord == "vivid"
        assert answer["token"] not in json.dumps(kept.token_hash)
        assert session.scalar(select(Report.status)) == "draft"


def test_a_landlord_that_does_not_exist_is_said_plainly(
    client: httpx.Client, database: Database
) -> None:
    answer = client.post("/chat/no-such-landlord/conversations")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert "no-such-landlord" in answer.json()["detail"]
    assert "vivid" in answer.json()["detail"]
    with database.reading() as session:
        assert session.scalars(select(Conversation)).all() == []


def test_the_same_message_again_gets_the_same_answer_and_is_done_once(
    client: httpx.Client, bot: ScriptedBot, database: Database
) -> None:
    conversation, key = open_chat(client)
    body = {"client_message_id": "m-1", "text": "loud music most nights"}
    path = f"/chat/conversations/{conversation}/messages"
    first = client.post(path, json=body, headers=key)
    again = client.post(path, json=body, headers=key)
    assert first.status_code == again.status_code == 200
    assert first.json() == again.json() != {"messages": []}
    assert len(bot.turns) == 1
    with database.reading() as session:
        texts = session.scalars(select(Message.text).where(Message.sender == "resident")).all()
    assert texts == ["loud music most nights"]


def test_a_chat_opens_only_with_its_own_token(client: httpx.Client, database: Database) -> None:
    conversation, _ = open_chat(client)
    _, other = open_chat(client)
    path = f"/chat/conversations/{conversation}/messages"
    body = {"client_message_id": "x", "text": "hello"}
    assert client.post(path, json=body).status_code == 401
    assert client.post(path, json=body, headers=other).status_code == 403
    assert client.get(path, headers=other).status_code == 403
    with database.reading() as session:
        assert session.scalars(select(Message).where(Message.sender == "resident")).all() == []


@pytest.mark.parametrize("text", ["", "   ", "🙂🙂", "…!?"])
def test_what_cannot_be_read_is_kept_and_said_kindly(
    text: str, client: httpx.Client, bot: ScriptedBot, database: Database
) -> None:
    conversation, key = open_chat(client)
    answer = client.post(
        f"/chat/conversations/{conversation}/messages",
        json={"client_message_id": "m", "text": text},
        headers=key,
    )
    assert answer.status_code == 200
    [reply] = answer.json()["messages"]
    assert "in words" in reply["text"]
    assert bot.turns == []
    with database.reading() as session:
        kept = session.scalars(select(Message).where(Message.sender == "resident")).one()
        assert kept.text == text
        assert kept.processed_at is not None


def test_a_very_long_message_is_kept_whole_and_the_bot_gets_its_beginning(
    client: httpx.Client, bot: ScriptedBot, database: Database
) -> None:
    conversation, key = open_chat(client)
    text = "they shout all night " * 150
    answer = client.post(
        f"/chat/conversations/{conversation}/messages",
        json={"client_message_id": "m", "text": text},
        headers=key,
    )
    assert answer.status_code == 200
    assert len(bot.turns[0]["text"]) == 2000
    with database.reading() as session:
        kept = session.scalars(select(Message.text).where(Message.sender == "resident")).one()
    assert kept == text


def test_while_the_bot_is_out_the_resident_is_held_and_nothing_is_lost(
    client: httpx.Client, bot: ScriptedBot, database: Database
) -> None:
    conversation, key = open_chat(client)
    path = f"/chat/conversations/{conversation}/messages"
    bot.up = False
    first = client.post(path, json={"client_message_id": "1", "text": "one"}, headers=key)
    [held] = first.json()["messages"]
    assert "safe with us" in held["text"]
    bot.up = True
    bot.script = lambda asked: (200, say("ask_when"))
    second = client.post(path, json={"client_message_id": "2", "text": "two"}, headers=key)
    assert second.status_code == 200
    # Both waiting turns were taken, in order, each once.
    assert [turn["text"] for turn in bot.turns] == ["one", "two"]
    with database.reading() as session:
        waiting = session.scalars(
            select(Message).where(Message.sender == "resident", Message.processed_at.is_(None))
        ).all()
        assert waiting == []
        replies = session.scalars(
            select(Message).where(Message.sender == "assistant").order_by(Message.id)
        ).all()
        assert [one.said[-1]["say"] for one in replies] == [
            "ask_description",
            "holding",
            "ask_when",
            "ask_when",
        ]


def test_an_empty_answer_of_the_bot_is_a_failure(
    client: httpx.Client, bot: ScriptedBot, database: Database
) -> None:
    bot.script = lambda asked: (200, {**say(), "messages": []})
    conversation, key = open_chat(client)
    answer = client.post(
        f"/chat/conversations/{conversation}/messages",
        json={"client_message_id": "1", "text": "hello there"},
        headers=key,
    )
    assert "safe with us" in answer.json()["messages"][0]["text"]
    with database.reading() as session:
        kept = session.scalars(select(Message).where(Message.sender == "resident")).one()
        assert kept.processed_at is None
        assert kept.tries == 1


def test_the_choices_on_offer_go_back_to_the_bot(client: httpx.Client, bot: ScriptedBot) -> None:
    conversation, key = open_chat(client)
    path = f"/chat/conversations/{conversation}/messages"
    bot.script = lambda asked: (200, say("ask_how_often"))
    first = client.post(path, json={"client_message_id": "1", "text": "noise"}, headers=key).json()
    labels = [choice["label"] for choice in first["messages"][0]["choices"]]
    assert "Most days" in labels
    client.post(path, json={"client_message_id": "2", "text": "2"}, headers=key)
    offered = bot.turns[1]["metadata"]["choices"]
    assert [choice["label"] for choice in offered] == labels


def test_danger_is_answered_before_and_without_the_bot(
    client: httpx.Client, bot: ScriptedBot, database: Database
) -> None:
    bot.up = False
    conversation, key = open_chat(client)
    answer = client.post(
        f"/chat/conversations/{conversation}/messages",
        json={"client_message_id": "1", "text": "he's outside my door right now with a knife"},
        headers=key,
    )
    first, holding = answer.json()["messages"]
    assert "999" in first["text"]
    assert "55" in first["text"]
    assert "safe with us" in holding["text"]
    with database.reading() as session:
        report = session.scalars(select(Report)).one()
        assert report.status == "case"
        assert "weapon" in report.flags


def test_a_safety_text_is_not_the_whole_answer_while_a_worker_has_the_turn_in_hand(
    client: httpx.Client, bot: ScriptedBot, database: Database
) -> None:
    bot.script = lambda asked: (200, say("ask_when"))
    conversation, key = open_chat(client)
    with database.writing() as session:
        kept = session.get_one(Conversation, conversation)
        kept.locked_by, kept.locked_until = "a worker", clock.now() + timedelta(seconds=0.4)
    answer = client.post(
        f"/chat/conversations/{conversation}/messages",
        json={"client_message_id": "1", "text": "he's outside my door right now with a knife"},
        headers=key,
    )
    first, question = answer.json()["messages"]
    assert "999" in first["text"]
    assert "When did it happen" in question["text"]
    with database.reading() as session:
        said = session.scalars(select(Message).where(Message.sender == "resident")).one()
        assert said.processed_at is not None


def test_events_stream_what_comes_later(client: httpx.Client, bot: ScriptedBot) -> None:
    conversation, key = open_chat(client)
    with client.stream(
        "GET", f"/chat/conversations/{conversation}/events?after=0", headers=key
    ) as stream:
        lines = []
        for line in stream.iter_lines():
            lines.append(line)
            if line.startswith("data:"):
                break
    assert any(line.startswith("id:") for line in lines)
    message = json.loads(lines[-1].removeprefix("data:"))
    assert message["from"] == "assistant"


def test_who_was_cut_off_goes_on_after_the_last_message_they_have(
    client: httpx.Client, bot: ScriptedBot
) -> None:
    conversation, key = open_chat(client)
    path = f"/chat/conversations/{conversation}"
    [first] = client.get(f"{path}/messages", headers=key).json()["messages"]
    said = {"client_message_id": "1", "text": "loud music"}
    client.post(f"{path}/messages", json=said, headers=key)
    # A browser asks again with the address it began with, and says what it has.
    again = {**key, "Last-Event-ID": str(first["id"])}
    with client.stream("GET", f"{path}/events?after=0", headers=again) as stream:
        told = [json.loads(line[5:]) for line in first_lines(stream, 2)]
    assert told[0]["text"] == "loud music"
    assert first["id"] not in [one["id"] for one in told]


def first_lines(stream: httpx.Response, most: int) -> list[str]:
    """The first `most` lines of data of an event stream."""
    found: list[str] = []
    for line in stream.iter_lines():
        if line.startswith("data:"):
            found.append(line)
        if len(found) == most:
            break
    return found


def test_a_stream_ends_with_the_chat(client: httpx.Client, database: Database) -> None:
    conversation, key = open_chat(client)
    with client.stream("GET", f"/chat/conversations/{conversation}/events", headers=key) as stream:
        lines = stream.iter_lines()
        assert next(line for line in lines if line.startswith("event:")) == "event: message"
        with database.writing() as session:
            one = session.get_one(Conversation, conversation)
            one.ended_at = one.started_at
        assert [line for line in lines if line.startswith("event:")] == ["event: closed"]
