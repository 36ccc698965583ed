"""Texts that came in while our webhook was away: fetched later, each taken in once."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from api import clock
from api.messages.model import Message, OptOut, TextMedia
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


def test_texts_of_long_ago_are_left(town: Town) -> None:
    away(town)
    town.text("the music is so loud")
    assert later(town, hours=25) == []
    assert kept(town) == []


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
    settings = town.settings.model_copy(update={"twilio_auth_token": "f" * 32})
    town.settings, right = settings, town.settings
    town.__post_init__()
    assert later(town, minutes=2) == []
    town.settings = right
    town.__post_init__()
    assert later(town, minutes=2) == [sent["sid"]]
