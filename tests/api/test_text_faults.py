"""When the network fails: no text is lost, none is sent twice, and officers know who was not
reached. Each test looks at the phone and at the database."""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from api import clock
from api.cases.model import Case
from api.messages.model import OptOut, OutboxText
from api.messages.outbox import put_out
from api.portal.texts import text_line
from api.worker import sending
from api.worker.sending import MOST_TRIES
from tests.api.town import IMPATIENT, Town, town_of
from tests.fakes import ScriptedBot, say
from tests.journeys.service import wait_for
from tests.people import ALICE, BOB, CHARLIE


@pytest.fixture(autouse=True)
def a_weekday_morning() -> Iterator[None]:
    """Hours of trying again stay within texting hours."""
    with time_machine.travel(datetime(2026, 6, 2, 8, 30, tzinfo=UTC), tick=True):
        yield


@pytest.fixture
def town(database_url: str, tmp_path: Path, bot: ScriptedBot) -> Iterator[Town]:
    with town_of(database_url, tmp_path, bot, **IMPATIENT) as found:
        yield found


def case_of(town: Town) -> str:
    """A case of Alice's, opened by what she texted."""
    town.text("he's outside my door right now with a knife")
    town.work()
    with town.db.reading() as session:
        return session.scalars(select(Case.id)).one()


def put_out_for(town: Town, landlord: str, **more: Any) -> int:
    with town.db.writing() as session:
        text = put_out(
            session,
            landlord=landlord,
            to=CHARLIE.number,
            body="hello",
            kind="reply",
            at=clock.now(),
            **more,
        )
        session.flush()
        return text.id


# Before or after it was taken: nobody knows


@pytest.mark.parametrize(
    ("fault", "was_taken"),
    [("hang_before", False), ("hang_after", True), ("500", False), ("500_after", True)],
)
def test_a_text_whose_fate_is_unknown_arrives_once(town: Town, fault: str, was_taken: bool) -> None:
    town.control(next_sends=[fault], callbacks="none", hang_seconds=4.5)
    text = town.send(BOB.number)
    assert text.status == "queued"
    assert text.unknown_since is not None
    assert len(town.at_twilio()) == was_taken
    town.work_later(seconds=10)
    # What cannot be found so soon may still turn up: it is not sent again yet.
    assert len(town.at_twilio()) == was_taken
    town.work_later(minutes=2)
    town.settle()
    assert len(town.at_twilio()) == 1
    assert town.on_phone(BOB.number) == ["hello"]
    town.work_later(minutes=10)
    assert town.outbox_text(text.id).status == "delivered"
    assert town.outbox_text(text.id).unknown_since is None


def test_a_receipt_settles_the_fate_of_a_text_before_anybody_asks(town: Town) -> None:
    town.control(next_sends=["hang_after"], hang_seconds=4.5)
    text = town.send(BOB.number)
    town.settle()
    wait_for(lambda: town.outbox_text(text.id).status == "delivered", 30, "the receipt named it")
    town.work_later(minutes=10)
    assert len(town.at_twilio()) == 1
    assert town.outbox_text(text.id).provider_sid == town.at_twilio()[0]["sid"]


def test_a_safety_text_that_was_not_taken_goes_again_within_seconds(town: Town) -> None:
    town.control(next_sends=["hang_before"], hang_seconds=4.5)
    town.send(BOB.number, "In danger? Call 999.", kind="safety")
    town.work_later(seconds=10)
    town.settle()
    assert town.on_phone(BOB.number) == ["In danger? Call 999."]


def test_the_same_words_twice_are_two_texts_even_when_one_is_looked_up(town: Town) -> None:
    town.send(BOB.number, "Thank you.")
    town.control(next_sends=["hang_before"], hang_seconds=4.5)
    second = town.send(BOB.number, "Thank you.")
    # The first one has the same words: it is not taken for the second.
    town.work_later(minutes=2)
    town.settle()
    assert town.on_phone(BOB.number) == ["Thank you.", "Thank you."]
    sids = {one.provider_sid for one in town.outbox()}
    assert len(sids) == 2
    assert town.outbox_text(second.id).provider_sid in sids


def test_a_worker_that_dies_after_sending_does_not_send_again(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die(*_: Any) -> None:
        raise Killed

    town.control(callbacks="none")
    with monkeypatch.context() as patch:
        patch.setattr(sending, "_write_down", die)
        with pytest.raises(Killed):
            town.send(BOB.number)
    [text] = town.outbox()
    assert (text.status, text.provider_sid) == ("queued", None)
    town.settle()
    town.work_later(minutes=5)
    town.work_later(minutes=10)
    assert town.on_phone(BOB.number) == ["hello"]
    assert town.outbox()[0].status == "delivered"


# Busy, broken, refused


def test_a_busy_network_is_tried_again_with_longer_waits(town: Town) -> None:
    text = town.send("+447700900970")  # busy twice
    assert (text.status, text.tries, text.error_code) == ("queued", 1, "20429")
    assert text.unknown_since is None
    town.work_later(minutes=1)
    town.work_later(minutes=5)
    town.settle()
    assert town.on_phone("+447700900970") == ["hello"]
    wait_for(lambda: town.outbox()[0].status == "delivered", 30, "delivered")


def test_a_later_text_waits_for_one_that_is_tried_again_soon(town: Town) -> None:
    town.control(next_sends=["429"])
    first = town.send(BOB.number, "the first")
    second = town.send(BOB.number, "the second")
    safety = town.send(BOB.number, "In danger? Call 999.", kind="safety")
    assert [one.status for one in (first, second)] == ["queued", "queued"]
    assert second.tries == 0
    assert safety.status != "queued"
    town.work_later(minutes=1)
    town.settle()
    assert town.on_phone(BOB.number) == ["In danger? Call 999.", "the first", "the second"]
    assert {one.status for one in town.outbox()} <= {"sending", "sent", "delivered"}


def test_one_text_that_cannot_leave_keeps_back_no_other_for_long(town: Town) -> None:
    town.control(next_sends=["429"] * 4)
    stuck = town.send(BOB.number, "stuck")
    for minutes in (1, 2, 4):
        town.work_later(minutes=minutes)
    # Its next try is two minutes away.
    assert town.outbox_text(stuck.id).status == "queued"
    with clock.moved_to(clock.now() + timedelta(minutes=4)):
        assert town.send(BOB.number, "later").status != "queued"
    town.settle()
    assert town.on_phone(BOB.number) == ["later"]


@pytest.mark.parametrize(
    "number",
    [
        "+447700900997",  # busy
        "+447700900998",  # broken
        "+447700900972",  # silent
    ],
)
def test_while_the_provider_fails_texts_wait_and_officers_are_told(town: Town, number: str) -> None:
    town.control(hang_seconds=4.5)
    case_id = case_of(town)
    text = town.send(number, case_id=case_id)
    for minutes in (1, 2, 4, 8, 15, 25):
        town.work_later(minutes=minutes)
    waits = town.outbox_text(text.id)
    assert waits.status == "queued"
    [told] = [words for words in town.tasks() if "waits since" in words]
    assert "they have not been reached" in told
    # They are told once. After about four hours it has failed, and they are told that as well.
    with town.db.writing() as session:
        session.get_one(OutboxText, text.id).tries = MOST_TRIES - 2
    town.work_later(minutes=40)
    town.work_later(minutes=50)
    assert len([words for words in town.tasks() if "waits since" in words]) == 1
    assert town.outbox_text(text.id).status == "failed"
    assert "get in touch by another safe way" in town.tasks()[-1]
    assert town.on_phone(number) == []


@pytest.mark.parametrize(
    ("number", "code", "words"),
    [
        ("+447700900990", "21211", "not a phone number"),
        ("+447700900991", "21614", "landline"),
        ("+447700900993", "21408", "not set up"),
        ("+447700900994", "21612", "not set up"),
        ("+447700900995", "21606", "not set up"),
        ("+447700900996", "21635", "landline"),
    ],
)
def test_a_refusal_is_final_and_an_officer_is_told_why(
    town: Town, number: str, code: str, words: str
) -> None:
    text = town.send(number, case_id=case_of(town))
    assert (text.status, text.error_code, text.tries) == ("failed", code, 1)
    assert words in town.tasks()[-1]
    assert code in town.tasks()[-1]


def test_somebody_who_opted_out_at_twilio_is_not_tried_again(town: Town) -> None:
    text = town.send("+447700900992", case_id=case_of(town))
    assert (text.status, text.error_code) == ("failed", "21610")
    assert "stopped texts" in town.tasks()[-1]
    assert town.count(OptOut) == 1
    again = town.send("+447700900992")
    assert (again.status, again.tries) == ("held", 0)


def test_a_wrong_token_of_ours_loses_no_text(town: Town) -> None:
    settings = town.settings.model_copy(update={"twilio_auth_token": "f" * 32})
    town.settings, right = settings, town.settings
    town.__post_init__()
    text = town.send(BOB.number)
    assert (text.status, text.error_code) == ("queued", "20003")
    town.settings = right
    town.__post_init__()
    town.work_later(minutes=1)
    town.settle()
    assert town.on_phone(BOB.number) == ["hello"]


def test_a_text_that_we_cannot_deal_with_keeps_back_no_other(town: Town) -> None:
    case_id = case_of(town)
    of_nobody = put_out_for(town, "gone-homes", case_id=case_id)
    first, other = town.send(BOB.number), put_out_for(town, "nacro")
    town.work_later(seconds=1)
    town.settle()
    assert {town.outbox_text(one).status for one in (first.id, other)} <= {"sending", "delivered"}
    assert town.on_phone(BOB.number) == ["hello"]
    waits = town.outbox_text(of_nobody)
    assert (waits.status, waits.tries, waits.claimed_until) == ("queued", 1, None)
    assert waits.send_after > clock.now()
    # Officers see it on the case and on the list of texts; in the end it is theirs to make up for.
    line = text_line(waits, now=clock.now())
    assert (line.state, line.reached) == ("Waits", False)
    assert "an administrator has to look" in line.why
    for minutes in (2, 4, 8, 15, 25):
        town.work_later(minutes=minutes)
    assert any("waits since" in task for task in town.tasks())
    with town.db.writing() as session:
        session.get_one(OutboxText, of_nobody).tries = MOST_TRIES - 1
    town.work_later(hours=1)
    assert town.outbox_text(of_nobody).status == "failed"
    assert "could not be sent" in town.tasks()[-1]


# Taken, and not delivered


@pytest.mark.parametrize("number", ["+447700900980", "+447700900981", "+447700900984"])
def test_a_text_that_did_not_arrive_goes_twice_more_then_an_officer_is_told(
    town: Town, number: str
) -> None:
    case_id = case_of(town)
    before = len(town.outbox())
    town.send(number, case_id=case_id)

    def undelivered() -> int:
        return [one.status for one in town.outbox()[before:]].count("undelivered")

    for times, minutes in enumerate((6, 70, 200), start=1):
        town.settle()
        wait_for(lambda times=times: undelivered() == times, 30, "its receipt")
        town.work_later(minutes=minutes)
    sent = town.outbox()[before:]
    assert [one.times_again for one in sent] == [0, 1, 2]
    assert {one.status for one in sent} == {"undelivered"}
    assert [one.again_of for one in sent] == [None, sent[0].id, sent[0].id]
    told = [words for words in town.tasks() if "did not reach them" in words]
    assert len(told) == 1
    assert "out of reach" in told[0]


def test_a_phone_that_is_back_gets_the_text_at_the_second_try(town: Town) -> None:
    town.send("+447700900988", case_id=case_of(town))
    town.settle()
    wait_for(lambda: town.outbox()[-1].times_again == 1, 30, "it is to go again")
    town.work_later(minutes=6)
    town.settle()
    assert town.on_phone("+447700900988") == ["hello"]
    wait_for(lambda: town.outbox()[-1].status == "delivered", 30, "delivered")
    assert not [words for words in town.tasks() if "did not reach them" in words]


@pytest.mark.parametrize(
    ("number", "code"), [("+447700900982", "30006"), ("+447700900983", "30007")]
)
def test_a_landline_or_a_filter_is_final(town: Town, number: str, code: str) -> None:
    case_id = case_of(town)
    text = town.send(number, case_id=case_id)
    town.settle()
    wait_for(lambda: town.outbox_text(text.id).status == "undelivered", 30, "its receipt")
    assert town.outbox_text(text.id).error_code == code
    assert town.outbox()[-1].id == text.id
    assert f"code {code}" in town.tasks()[-1]


def test_a_text_of_which_nobody_hears_for_three_days_has_failed(town: Town) -> None:
    text = town.send("+447700900986", case_id=case_of(town))  # stays "sent"
    town.settle()
    town.work_later(days=2)
    assert town.outbox_text(text.id).status == "sent"
    town.work_later(days=3, hours=1)
    assert town.outbox_text(text.id).status == "failed"
    assert "For three days" in town.tasks()[-1]


# Receipts


@pytest.mark.parametrize("callbacks", ["twice", "out_of_order", "late", "none"])
def test_receipts_in_any_order_never_take_a_text_back(town: Town, callbacks: str) -> None:
    town.control(callbacks=callbacks)
    town.send(BOB.number)
    town.settle()
    if callbacks == "none":
        town.work_later(minutes=5)
    town.phone.post("/_callbacks/release")
    wait_for(lambda: town.outbox()[0].status == "delivered", 30, "delivered")
    sid = town.outbox()[0].provider_sid
    for old in ("queued", "sent", "undelivered"):
        late = {"MessageSid": str(sid), "MessageStatus": old, "ErrorCode": "30003"}
        assert town.post_signed(late, "/sms/twilio/status").status_code == 204
    assert [one.status for one in town.outbox()] == ["delivered"]


def test_a_receipt_for_a_text_that_is_not_ours_changes_nothing(town: Town) -> None:
    text = town.send(BOB.number)
    for path in ("/sms/twilio/status", f"/sms/twilio/status?text={text.id}", "?text=x"):
        path = path if path.startswith("/") else f"/sms/twilio/status{path}"
        stray = {"MessageSid": "SM" + "f" * 32, "MessageStatus": "failed"}
        assert town.post_signed(stray, path).status_code == 204
    town.settle()
    wait_for(lambda: town.outbox()[0].status == "delivered", 30, "delivered")


# Everything at once


@pytest.mark.parametrize("seed", [1, 2])
def test_whatever_the_network_does_each_text_arrives_exactly_once(town: Town, seed: int) -> None:
    chance = random.Random(seed)
    faults = ["ok", "429", "500", "503", "500_after", "hang_before", "hang_after"]
    modes = ["normal", "twice", "out_of_order", "late", "none"]
    people = [ALICE, BOB, CHARLIE]
    town.control(hang_seconds=4.5)
    expected: Counter[tuple[str, str]] = Counter()
    for number in range(24):
        town.control(
            callbacks=chance.choice(modes),
            next_sends=chance.choices(faults, weights=[4, 2, 1, 1, 2, 1, 1], k=2),
        )
        person = chance.choice(people)
        body = f"text {number}" if chance.random() < 0.8 else "the same words"
        expected[person.number, body] += 1
        town.send(person.number, body)
    town.control(next_sends=[], callbacks="normal")
    for minutes in (1, 2, 4, 8, 16, 32):
        town.work_later(minutes=minutes)
        town.phone.post("/_callbacks/release")
    town.settle()
    town.work_later(minutes=40)
    arrived = Counter(
        (person.number, body) for person in people for body in town.on_phone(person.number)
    )
    assert arrived == expected
    assert {one.status for one in town.outbox()} == {"delivered"}


@pytest.mark.parametrize("seed", [1])
def test_residents_are_answered_once_each_while_the_network_fails(town: Town, seed: int) -> None:
    chance = random.Random(seed)
    town.bot.script = lambda asked: (200, say("ask_when"))
    town.control(inbound="twice", callbacks="out_of_order", hang_seconds=4.5)
    numbers = [f"+4477009003{n:02}" for n in range(10)]
    for number in numbers:
        town.control(next_sends=chance.choices(["ok", "429", "500_after", "hang_after"], k=1))
        town.text("the music is so loud", number=number)
        town.work()
    town.control(next_sends=[], callbacks="normal")
    for minutes in (1, 3, 6):
        town.work_later(minutes=minutes)
    town.settle()
    assert {number: len(town.on_phone(number)) for number in numbers} == dict.fromkeys(numbers, 1)
    assert len(town.bot.turns) == len(numbers)
