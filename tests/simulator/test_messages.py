"""Messages that the product sends: taken, kept, listed, refused as Twilio does."""

import re
import threading

import httpx
import pytest
from twilio.base.exceptions import TwilioRestException

from tests.phone import segments
from tests.simulator.rig import ACCOUNT, NACRO, OLD_TOKEN, RESIDENT, TOKEN, VIVID


def test_a_message_reaches_the_handset_and_the_product_hears_how(phone, product):
    sent = phone.send(body="Your report has arrived.", status_callback=f"{product.url}/status")
    assert sent.status == "queued"
    assert sent.date_sent is None
    assert re.fullmatch(r"SM[0-9a-f]{32}", sent.sid)
    phone.settle()

    fetched = phone.twilio.messages(sent.sid).fetch()
    assert (fetched.status, fetched.body) == ("delivered", "Your report has arrived.")
    assert fetched.date_sent is not None
    assert phone.bodies() == ["Your report has arrived."]
    calls = product.took("/status")
    assert [call["form"]["MessageStatus"] for call in calls] == ["sent", "delivered"]
    assert all(call["signed"] for call in calls)
    assert calls[0]["form"]["AccountSid"] == ACCOUNT
    assert re.fullmatch(r"\d{10}", calls[1]["form"]["RawDlrDoneDate"])


def test_a_messaging_service_chooses_the_landlords_number_and_its_own_callback(phone, product):
    landlords = phone.http.get("/_control").json()["landlords"]
    service = next(one["messaging_service_sid"] for one in landlords if one["code"] == "nacro")
    sent = phone.send(messaging_service_sid=service)
    assert (sent.status, sent.from_, sent.num_segments) == ("accepted", None, "0")
    phone.settle()
    assert phone.twilio.messages(sent.sid).fetch().from_ == NACRO
    assert product.statuses(sent.sid) == ["queued", "sent", "delivered"]
    assert phone.twilio.messaging.v1.services(service).fetch().friendly_name == "Nacro"
    assert len(phone.twilio.incoming_phone_numbers.list()) == 5


def test_no_two_messages_share_a_sid(phone):
    sids = [phone.send(body="the same words").sid for _ in range(50)]
    assert len(set(sids)) == 50


def test_many_senders_at_once_lose_and_double_nothing(servers, phone, product):
    def send_twenty(sender: int) -> None:
        with httpx.Client(base_url=servers[1], trust_env=False, auth=(ACCOUNT, TOKEN)) as http:
            for n in range(20):
                form = {"To": RESIDENT, "From": VIVID, "Body": f"{sender} {n}"}
                form["StatusCallback"] = f"{product.url}/sms/twilio/status"
                http.post(f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json", data=form)

    senders = [threading.Thread(target=send_twenty, args=(sender,)) for sender in range(8)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    phone.settle()
    assert sorted(phone.bodies()) == sorted(f"{s} {n}" for s in range(8) for n in range(20))
    created = [message.body for message in reversed(phone.twilio.messages.list())]
    assert phone.bodies() == created
    sids = [message.sid for message in phone.twilio.messages.list()]
    assert len(set(sids)) == 160
    assert all(product.statuses(sid) == ["sent", "delivered"] for sid in sids)


def test_lists_are_filtered_newest_first_and_in_pages(phone):
    for n in range(7):
        phone.send(body=f"number {n}", to=RESIDENT if n % 2 else "+447700900202")
    phone.text("an answer")
    phone.settle()
    messages = phone.twilio.messages
    assert [m.body for m in messages.list(to=RESIDENT)] == ["number 5", "number 3", "number 1"]
    assert [m.body for m in messages.list(from_=RESIDENT)] == ["an answer"]
    paged = messages.list(from_=VIVID, page_size=2)
    assert [m.body for m in paged] == [f"number {n}" for n in range(6, -1, -1)]
    sent_at = messages.list(limit=1)[0].date_created
    assert len(messages.list(to=RESIDENT, date_sent=sent_at)) == 3
    assert len(messages.list(to=RESIDENT, date_sent_after=sent_at.replace(year=2000))) == 3
    assert messages.list(to=RESIDENT, date_sent_before=sent_at.replace(year=2000)) == []


def test_redaction_and_deletion_at_twilio_leave_the_handsets_text(phone):
    sent = phone.send(body="Words to forget")
    phone.settle()
    assert phone.twilio.messages(sent.sid).update(body="").body == ""
    assert phone.twilio.messages(sent.sid).fetch().body == ""
    assert phone.bodies() == ["Words to forget"]
    assert phone.twilio.messages(sent.sid).delete()
    with pytest.raises(TwilioRestException) as gone:
        phone.twilio.messages(sent.sid).fetch()
    assert (gone.value.status, gone.value.code) == (404, 20404)
    assert phone.twilio.messages.list() == []
    assert phone.bodies() == ["Words to forget"]


def test_a_message_on_its_way_can_be_cancelled_but_not_redacted(phone):
    waiting = phone.send(to="+447700900987")
    with pytest.raises(TwilioRestException) as early:
        phone.twilio.messages(waiting.sid).update(body="")
    assert early.value.code == 20009
    assert phone.twilio.messages(waiting.sid).update(status="canceled").status == "canceled"
    sent = phone.send()
    phone.settle()
    with pytest.raises(TwilioRestException) as late:
        phone.twilio.messages(sent.sid).update(status="canceled")
    assert late.value.code == 30409


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"body": ""}, 21602),
        ({"body": "x" * 1601}, 21617),
        ({"to": ""}, 21604),
        ({"to": "my neighbour"}, 21211),
        ({"to": VIVID}, 21266),
        ({"from_": ""}, 21603),
        ({"from_": "+447700900300"}, 21606),
        ({"from_": "vivid"}, 21606),
        ({"messaging_service_sid": "MG" + "0" * 32}, 21701),
        ({"status_callback": "not an address"}, 21609),
        ({"validity_period": 36001}, 21624),
    ],
)
def test_what_twilio_would_refuse_is_refused_and_not_kept(phone, wrong, code):
    error = phone.refused(**wrong)
    assert (error.status, error.code) == (400, code)
    assert phone.http.get("/_messages").json() == []


def test_1600_characters_are_taken_and_counted(phone):
    assert phone.send(body="x" * 1600).num_segments == "11"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x" * 160, 1),
        ("x" * 161, 2),
        ("x" * 306, 2),
        ("x" * 307, 3),
        ("[" * 80, 1),
        ("[" * 81, 2),
        ("\u2019" * 70, 1),
        ("\u2019" * 71, 2),
        ("\U0001f600" * 36, 2),
        ("", 1),
    ],
)
def test_segments_are_counted_in_gsm_7_and_ucs_2(text, expected):
    assert segments.count(text) == expected


@pytest.mark.parametrize(
    ("account", "token"), [(ACCOUNT, "wrong"), ("AC" + "1" * 32, TOKEN), (None, None)]
)
def test_without_the_right_token_nothing_is_taken(phone, account, token):
    answer = phone.http.post(
        f"/2010-04-01/Accounts/{account or ACCOUNT}/Messages.json",
        data={"To": RESIDENT, "From": VIVID, "Body": "Hello"},
        auth=None if account is None else (account, token),
    )
    assert answer.status_code == 401
    assert answer.json() == {
        "code": 20003,
        "message": "Authenticate",
        "more_info": "https://www.twilio.com/docs/errors/20003",
        "status": 401,
    }
    assert phone.http.get("/_messages").json() == []


def test_the_token_before_lets_in_during_a_change_of_tokens(phone):
    address = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    assert phone.http.get(address, auth=(ACCOUNT, OLD_TOKEN)).status_code == 200
