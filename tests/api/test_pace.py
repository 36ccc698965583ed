"""Going too fast: the resident is told how to go on, and danger is answered all the same."""

from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest
import time_machine
from fastapi import FastAPI
from sqlalchemy import select

from api.cases.model import Case
from api.conversation.model import Conversation
from api.db import Database
from api.main import create_app
from api.messages.model import Message
from api.settings import Settings
from tests.api.test_chat_calls import open_chat
from tests.fakes import ScriptedBot, serving

DANGER = "he's outside my door right now with a knife"
FLAT_A, FLAT_B = {"X-Forwarded-For": "203.0.113.7"}, {"X-Forwarded-For": "203.0.113.8"}


@pytest.fixture
def app(settings: Settings) -> FastAPI:
    tight = {
        "rate_per_chat": "2/minute",
        "rate_per_address": "4/minute",
        "rate_new_chats": "3/minute",
    }
    return create_app(settings.model_copy(update=tight))


@pytest.fixture
def browser(app: FastAPI) -> Iterator[httpx.Client]:
    with serving(app) as url, httpx.Client(base_url=url, timeout=20, follow_redirects=True) as one:
        yield one


def write(
    client: httpx.Client, chat: tuple[str, dict[str, str]], text: str, number: int
) -> httpx.Response:
    conversation, key = chat
    return client.post(
        f"/chat/conversations/{conversation}/messages",
        json={"client_message_id": str(number), "text": text},
        headers=key,
    )


def residents_words(database: Database) -> list[str]:
    with database.reading() as session:
        told = select(Message.text).where(Message.sender == "resident").order_by(Message.id)
        return list(session.scalars(told))


def test_a_chat_that_goes_too_fast_is_told_when_to_go_on_and_its_words_are_not_taken(
    client: httpx.Client, database: Database
) -> None:
    chat = open_chat(client)
    for number in range(2):
        assert write(client, chat, "music again", number).status_code == 200
    answer = write(client, chat, "and again", 3)
    assert answer.status_code == 429
    assert answer.headers["content-type"] == "application/problem+json"
    assert 0 < int(answer.headers["retry-after"]) <= 60
    assert "wait a minute" in answer.json()["detail"]
    assert "999" in answer.json()["detail"]
    assert residents_words(database) == ["music again", "music again"]


def test_danger_is_kept_and_answered_however_fast_it_comes(
    client: httpx.Client, bot: ScriptedBot, database: Database
) -> None:
    chat = open_chat(client)
    for number in range(2):
        write(client, chat, "music again", number)
    answer = write(client, chat, DANGER, 3)
    assert answer.status_code == 200
    assert "999" in answer.json()["messages"][0]["text"]
    assert residents_words(database)[-1] == DANGER
    with database.reading() as session:
        waiting = session.scalars(
            select(Message.text).where(Message.sender == "resident", Message.processed_at.is_(None))
        ).all()
    # The dialogue takes it up as soon as it can: the worker finds it.
    assert waiting == [DANGER]


def test_after_the_wait_the_same_words_are_taken(client: httpx.Client, database: Database) -> None:
    with time_machine.travel("2026-06-05T12:00:00Z", tick=False) as clock:
        fresh = open_chat(client)
        for number in range(3):
            last = write(client, fresh, f"music {number}", number)
        assert last.status_code == 429
        clock.shift(61)
        assert write(client, fresh, "music 2", 2).status_code == 200
    assert residents_words(database) == ["music 0", "music 1", "music 2"]


def test_an_address_is_limited_and_another_one_goes_on(client: httpx.Client) -> None:
    def opened(address: dict[str, str]) -> tuple[str, dict[str, str]]:
        told = client.post("/chat/vivid/conversations", headers=address).json()
        return told["conversation"], {"Authorization": f"Bearer {told['token']}", **address}

    first, second, elsewhere = opened(FLAT_A), opened(FLAT_A), opened(FLAT_B)
    for number in range(2):
        assert write(client, first, "noise", number).status_code == 200
        assert write(client, second, "noise", number).status_code == 200
    third = opened(FLAT_A)
    assert write(client, third, "noise", 1).status_code == 429
    assert "999" in write(client, third, DANGER, 2).json()["messages"][0]["text"]
    assert write(client, elsewhere, "noise", 1).status_code == 200


def test_an_address_that_opens_too_many_chats_is_told_so(
    client: httpx.Client, database: Database
) -> None:
    answers = [client.post("/chat/vivid/conversations", headers=FLAT_A) for _ in range(4)]
    assert [one.status_code for one in answers] == [201, 201, 201, 429]
    assert "A lot of chats" in answers[-1].json()["detail"]
    page = client.get("/chat/vivid", headers={**FLAT_A, "Accept": "text/html"})
    assert page.status_code == 429
    assert "call 999" in page.text
    assert "Exit this page" in page.text
    with database.reading() as session:
        assert len(session.scalars(select(Conversation)).all()) == 3


def test_in_a_frame_it_is_said_there(app: FastAPI, client: httpx.Client) -> None:
    site = "https://www.vivid.example"
    landlords = dict(app.state.landlords)
    landlords["vivid"] = replace(landlords["vivid"], frames=(site,))
    app.state.landlords = landlords
    framed = {**FLAT_A, "Accept": "text/html", "Sec-Fetch-Dest": "iframe"}
    answers = [client.get("/chat/vivid", headers=framed) for _ in range(4)]
    assert answers[-1].status_code == 429
    assert "A lot of chats" in answers[-1].text
    for answer in (answers[-1], client.get("/chat/vivid/nothing", headers=framed)):
        assert f"frame-ancestors 'self' {site}" in answer.headers["content-security-policy"]
        assert "VIVID" in answer.text


def test_a_proxy_of_ours_that_names_nobody_stands_for_everyone_and_is_not_limited(
    client: httpx.Client,
) -> None:
    answers = [client.post("/chat/vivid/conversations") for _ in range(5)]
    assert {one.status_code for one in answers} == {201}


def test_words_for_which_no_chat_may_be_opened_are_given_back(
    client: httpx.Client, database: Database
) -> None:
    """A browser that sends no cookie opens a chat with each message."""
    for words in ("music", "music again", "and again"):
        assert client.post("/chat/vivid", data={"text": words}, headers=FLAT_A).status_code == 200
        client.cookies.clear()
    sent = {"text": "a fourth thing", "client_message_id": "4"}
    page = client.post("/chat/vivid", data=sent, headers=FLAT_A)
    assert page.status_code == 429
    assert 0 < int(page.headers["retry-after"]) <= 60
    assert "Your message was not sent" in page.text
    assert "wait a minute" in page.text
    assert "999" in page.text
    assert ">a fourth thing</textarea>" in page.text
    assert 'name="client_message_id" value="4"' in page.text
    assert "Exit this page" in page.text
    assert residents_words(database) == ["music", "music again", "and again"]
    # Danger is kept and answered all the same, at once.
    page = client.post("/chat/vivid", data={"text": DANGER}, headers=FLAT_A)
    assert page.status_code == 200
    assert "call 999" in page.text
    assert "We cannot send help from here." in page.text
    assert residents_words(database)[-1] == DANGER
    with database.reading() as session:
        [case] = session.scalars(select(Case)).all()
    assert "weapon" in case.flags


def test_without_javascript_the_words_stay_in_the_box(
    browser: httpx.Client, database: Database
) -> None:
    browser.get("/chat/vivid")
    for _ in range(2):
        assert browser.post("/chat/vivid", data={"text": "music again"}).status_code == 200
    page = browser.post("/chat/vivid", data={"text": "and a third thing"})
    assert page.status_code == 429
    assert "This one was not sent." in page.text
    assert ">and a third thing</textarea>" in page.text
    assert "and a third thing" not in residents_words(database)
    page = browser.post("/chat/vivid", data={"text": DANGER})
    assert page.status_code == 200
    assert DANGER in residents_words(database)
