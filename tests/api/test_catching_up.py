"""Texts that came in while our webhook was away: fetched later, each taken in once."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from api import clock
from api.channels.sms import twilio
from api.channels.sms.inbound import TextIn
from api.messages.model import Message, OptOut, TextMedia
from api.worker import catching_up
from api.worker.catching_up import catch_up
from tests.api.test_text_files import photo
from tests.api.town import Town, town_of
from tests.fakes import ScriptedBot
from tests.people import ALICE, BOB
from tests.ports import free_port


@pytest.fixture
def town(database_url: str, tmp_path: Path, bot: ScriptedBot) -> Iterator[Town]:
    with town_of(database_url, tmp_path, bot) as found:
        yield found


def away(town: Town) -> None:
    town.control(inbound_url=f"http://127.0.0.1:{free_port()}/sms/twilio/inbound")


def back(town: Town) -> None:
    town.control(inbound_url=f"{town.url}/sms/twilio/inbound")


@contextmanager
def wrong_token(town: Town) -> Iterator[None]:
    """Twilio does not let us in, for as long as the block lasts."""
    right = town.settings
    town.settings = right.model_copy(update={"twilio_auth_token": "f" * 32})
    town.__post_init__()
    yield
    town.settings = right
    town.__post_init__()


def later(town: Town, **much: float) -> list[str]:
    with clock.moved_to(clock.now() + timedelta(**much)):
        return [one["text"] for one in catch_up(town.post)]


def kept(town: Town) -> list[Message]:
    with town.db.reading() as session:
        found = select(Message).where(Message.sender == "resident").order_by(Message.id)
        return list(session.scalars(found))


def test_a_text_that_no_webhook_brought_is_fetched_and_answered_once(town: Town) -> None:
    away(town)
    first = town.text("the music is so loud")
    second = town.text("hes outside my door right now with a knife", number=BOB.number)
    assert first["webhook_status"] is None
    assert kept(town) == []
    back(town)
    # So soon, Twilio itself may still be trying.
    assert later(town, seconds=10) == []
    assert later(town, minutes=2) == [first["sid"], second["sid"]]
    assert kept(town)[0].text == "the music is so loud"
    assert later(town, minutes=2) == []
    # The webhook comes after all.
    town.phone.post("/_replay", json={"sid": first["sid"]}).raise_for_status()
    town.work()
    town.settle()
    assert len(kept(town)) == 2
    assert len(town.on_phone()) == 1
    assert "999" in town.on_phone(BOB.number)[0]
    # It was told when it was sent, not when it was fetched.
    assert all(one.at < clock.now() for one in kept(town))


def test_what_a_webhook_brought_is_not_fetched(town: Town) -> None:
    town.text("the music is so loud")
    assert later(town, minutes=2) == []
    assert len(kept(town)) == 1


def test_texts_from_before_we_first_looked_are_left(town: Town) -> None:
    away(town)
    town.text("the music is so loud")
    assert later(town, hours=26) == []
    assert kept(town) == []


def test_however_long_we_were_away_nothing_is_lost(town: Town) -> None:
    assert later(town) == []
    away(town)
    sent = town.text("the music is so loud")
    # A round that fails does not count as one that has looked.
    with wrong_token(town):
        assert later(town, days=2) == []
    assert later(town, days=9) == [sent["sid"]]
    assert [one.text for one in kept(town)] == ["the music is so loud"]


def test_a_busy_day_is_read_page_by_page_and_the_oldest_is_not_left(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(twilio, "PAGE", 2)
    away(town)
    sent = [town.text(f"text {number}")["sid"] for number in range(5)]
    assert later(town, minutes=2) == sent
    assert [one.text for one in kept(town)] == [f"text {number}" for number in range(5)]


def test_files_are_asked_for_only_where_a_text_is_not_here(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.text("this one came in", media=[photo()])
    away(town)
    missed = town.text("this one did not", media=[photo()])
    asked: list[str] = []
    client = town.post.carriers.twilio._client.http_client
    real = client.request

    def request(method: str, url: str, *more: Any, **named: Any) -> Any:
        asked.append(url)
        return real(method, url, *more, **named)

    monkeypatch.setattr(client, "request", request)
    assert later(town, minutes=2) == [missed["sid"]]
    assert [url for url in asked if "Media" in url] == [
        url for url in asked if f"{missed['sid']}/Media" in url
    ]
    asked.clear()
    assert later(town, minutes=2) == []
    assert not [url for url in asked if "Media" in url]


def test_one_text_that_cannot_be_taken_in_keeps_back_no_other_and_is_met_again(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert later(town) == []
    away(town)
    first, second = town.text("the first"), town.text("the second", number=BOB.number)
    real = catching_up.take_in

    def take_in(db: Any, rulebook: Any, answering: Any, text: TextIn) -> None:
        if text.sid == first["sid"]:
            raise RuntimeError
        real(db, rulebook, answering, text)

    with monkeypatch.context() as patch:
        patch.setattr(catching_up, "take_in", take_in)
        assert later(town, minutes=2) == [second["sid"]]
    assert later(town, days=3) == [first["sid"]]
    assert {one.text for one in kept(town)} == {"the first", "the second"}


def test_while_texts_go_out_by_the_second_provider_those_to_the_first_are_fetched(
    database_url: str, tmp_path: Path, bot: ScriptedBot
) -> None:
    second = {
        "SMS_PROVIDER": "vonage", "VONAGE_API_KEY": "k", "VONAGE_API_SECRET": "s",
        "VONAGE_SIGNATURE_SECRET": "x" * 16, "VONAGE_API_BASE": "http://127.0.0.1:9",
    }  # fmt: skip
    with town_of(database_url, tmp_path, bot, **second) as town:
        assert town.post.carriers.active.name == "vonage"
        away(town)
        sent = town.text("hes outside my door right now with a knife")
        assert later(town, minutes=2) == [sent["sid"]]
        assert [one.kind for one in town.outbox()] == ["safety"]


@pytest.mark.parametrize(("word", "stopped"), [("STOP", 1), ("HELP", 0)])
def test_a_word_that_twilio_has_answered_is_obeyed_and_not_answered_again(
    town: Town, word: str, stopped: int
) -> None:
    away(town)
    town.text(word)
    answered = town.on_phone()
    back(town)
    assert len(later(town, minutes=2)) == 1
    town.work()
    town.settle()
    assert town.on_phone() == answered
    assert town.count(OptOut) == stopped
    assert town.outbox() == []


def test_a_photo_that_came_in_the_meantime_is_taken_in(town: Town) -> None:
    away(town)
    town.text("look", media=[photo()])
    back(town)
    later(town, minutes=2)
    with town.db.reading() as session:
        [media] = session.scalars(select(TextMedia))
    assert "/Media/ME" in media.url
    assert media.url.startswith("https://api.twilio.com/2010-04-01/Accounts/")


def test_while_twilio_cannot_be_asked_nothing_breaks(town: Town) -> None:
    away(town)
    sent = town.text("the music is so loud", number=ALICE.number)
    with wrong_token(town):
        assert later(town, minutes=2) == []
    assert later(town, minutes=2) == [sent["sid"]]
