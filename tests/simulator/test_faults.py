"""Numbers that fail, faults on order, and callbacks late, twice and out of order."""

import re

import pytest
import requests

from tests.phone import magic as magic_numbers


@pytest.mark.parametrize(
    ("ending", "status", "code"),
    [
        (990, 400, 21211),
        (991, 400, 21614),
        (992, 400, 21610),
        (993, 400, 21408),
        (994, 400, 21612),
        (995, 400, 21606),
        (996, 400, 21635),
        (997, 429, 20429),
        (998, 500, 20500),
        (999, 503, 20503),
    ],
)
def test_numbers_that_are_refused(phone, ending, status, code):
    error = phone.refused(to=f"+447700900{ending}")
    assert (error.status, error.code) == (status, code)
    assert phone.http.get("/_messages").json() == []


@pytest.mark.parametrize(
    ("ending", "ladder", "code"),
    [
        (980, ["sent", "undelivered"], "30003"),
        (981, ["sent", "undelivered"], "30005"),
        (982, ["sent", "undelivered"], "30006"),
        (983, ["sent", "undelivered"], "30007"),
        (984, ["sent", "undelivered"], "30008"),
        (985, ["failed"], "30001"),
        (986, ["sent"], None),
        (987, [], None),
    ],
)
def test_numbers_that_are_not_reached(phone, product, ending, ladder, code):
    sent = phone.send(to=f"+447700900{ending}", status_callback=f"{product.url}/sms/twilio/status")
    phone.settle()
    assert product.statuses(sent.sid) == ladder
    assert all(call["signed"] for call in product.calls)
    if ladder:
        assert product.calls[-1]["form"].get("ErrorCode") == code
    fetched = phone.twilio.messages(sent.sid).fetch()
    assert fetched.status == (ladder[-1] if ladder else "queued")
    assert fetched.error_code == (int(code) if code else None)
    assert phone.bodies(f"+447700900{ending}") == []
    assert len(phone.texts(f"+447700900{ending}", every=True)) == 1


def test_a_number_that_is_reached_the_second_time(phone):
    states = []
    for _ in range(2):
        sent = phone.send(to="+447700900988")
        phone.settle()
        states.append(phone.twilio.messages(sent.sid).fetch().status)
    assert states == ["undelivered", "delivered"]


@pytest.mark.parametrize(("ending", "status"), [(970, 429), (971, 500)])
def test_numbers_that_are_taken_at_the_third_try(phone, ending, status):
    to = f"+447700900{ending}"
    assert [phone.refused(to=to).status for _ in range(2)] == [status, status]
    phone.send(to=to)
    phone.settle()
    assert phone.bodies(to) == ["Hello"]


@pytest.mark.parametrize(("ending", "kept"), [(972, 0), (973, 1), (974, 0), (975, 1)])
def test_numbers_that_time_out_before_and_after_the_message_is_taken(phone, ending, kept):
    phone.wire.timeout = 0.3
    to = f"+447700900{ending}"
    with pytest.raises(requests.exceptions.ReadTimeout):
        phone.send(to=to)
    phone.settle()
    phone.wire.timeout = 5
    assert len(phone.twilio.messages.list(to=to)) == kept
    if ending in (974, 975):
        phone.send(to=to)
        assert len(phone.twilio.messages.list(to=to)) == kept + 1
    else:
        phone.control(hang_seconds=0)
        assert phone.refused(to=to).status == 504


def test_a_number_that_is_taken_and_answered_with_an_error(phone):
    assert phone.refused(to="+447700900976").status == 500
    phone.settle()
    assert phone.bodies("+447700900976") == ["Hello"]


def test_faults_can_be_queued_for_any_number(phone):
    phone.control(next_sends=["429", "ok", "500_after"])
    assert phone.refused(body="one").status == 429
    phone.send(body="two")
    assert phone.refused(body="three").status == 500
    phone.send(body="four")
    phone.settle()
    assert phone.bodies() == ["two", "three", "four"]


def test_every_number_that_fails_is_documented():
    documented = re.findall(r"^    (\+44\d+)", magic_numbers.__doc__ or "", flags=re.MULTILINE)
    assert sorted(documented) == sorted(magic_numbers.MAGIC)


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("twice", ["sent", "sent", "delivered", "delivered"]),
        ("out_of_order", ["delivered", "sent"]),
        ("none", []),
    ],
)
def test_callbacks_twice_out_of_order_or_not_at_all(phone, product, mode, expected):
    phone.control(callbacks=mode)
    sent = phone.send(status_callback=f"{product.url}/sms/twilio/status")
    phone.settle()
    assert product.statuses(sent.sid) == expected
    assert phone.bodies() == ["Hello"]


def test_late_callbacks_come_when_they_are_released(phone, product):
    phone.control(callbacks="late")
    sent = phone.send(status_callback=f"{product.url}/sms/twilio/status")
    phone.settle()
    assert product.statuses(sent.sid) == []
    assert phone.http.post("/_callbacks/release").json() == {"released": 2}
    phone.settle()
    assert product.statuses(sent.sid) == ["sent", "delivered"]
    assert phone.http.post("/_callbacks/release").json() == {"released": 0}
