"""Text messages, with the real Twilio client and real signatures, against the simulated phone."""

import httpx
import pytest
from sqlalchemy import select

from api import clock
from api.cases.model import CaseEntry
from api.conversation.model import Conversation
from api.messages.model import Message, OptOut
from api.messages.outbox import put_out
from api.reports.model import Report
from tests.api.town import VIVID, Town
from tests.fakes import say
from tests.journeys.service import wait_for
from tests.people import ALICE


def test_a_text_is_kept_answered_and_delivered(town: Town) -> None:
    town.bot.script = lambda asked: (200, say("ask_when"))
    assert town.text("loud music every night")["webhook_status"] == 204
    town.work()
    wait_for(lambda: len(town.on_phone()) == 1, 5, "the reply is on the phone")
    [reply] = town.on_phone()
    assert reply.startswith("VIVID: automated service")
    wait_for(lambda: town.outbox()[0].status == "delivered", 5, "the receipt has come")
    with town.db.reading() as session:
        kept = session.scalars(select(Message).where(Message.sender == "resident")).one()
        assert kept.text == "loud music every night"
        assert kept.provider_id
        assert kept.provider_id.startswith("SM")


def test_twilios_retry_is_kept_once(town: Town) -> None:
    town.phone.post("/_control", json={"inbound": "twice"})
    town.text("hello there")
    town.work()
    assert len(town.bot.turns) == 1
    with town.db.reading() as session:
        kept = session.scalars(select(Message).where(Message.sender == "resident")).all()
    assert [one.text for one in kept] == ["hello there"]


@pytest.mark.parametrize("how", ["wrong", "missing"])
def test_what_twilio_did_not_sign_is_refused_and_not_kept(town: Town, how: str) -> None:
    town.phone.post("/_control", json={"signature": how})
    assert town.text("let me in")["webhook_status"] == 403
    assert town.count(Message) == 0
    assert town.count(Conversation) == 0


def test_a_second_token_is_good_while_one_is_replaced(town: Town) -> None:
    form = {"MessageSid": "SM1", "From": ALICE.number, "To": VIVID, "Body": "hi", "New": "x"}
    address = f"{town.url}/sms/twilio/inbound"
    signature = RequestValidator("c" * 32).compute_signature(address, form)
    answer = httpx.post(address, data=form, headers={"X-Twilio-Signature": signature})
    assert answer.status_code == 204
    assert answer.content == b""
    assert town.count(Message) == 1


def test_an_empty_text_is_kept_and_said_kindly(town: Town) -> None:
    form = {"MessageSid": "SM2", "From": ALICE.number, "To": VIVID, "Body": "", "NumMedia": "0"}
    address = f"{town.url}/sms/twilio/inbound"
    signature = RequestValidator(TOKEN).compute_signature(address, form)
    answer = httpx.post(address, data=form, headers={"X-Twilio-Signature": signature})
    assert answer.status_code == 204
    town.work()
    wait_for(town.on_phone, 5, "the reply is on the phone")
    assert "no words" in town.on_phone()[0]
    assert town.bot.turns == []
    with town.db.reading() as session:
        assert session.scalars(select(Message.text).where(Message.sender == "resident")).one() == ""


def test_1600_characters_are_kept_whole(town: Town) -> None:
    text = ("they bang on the wall all night " * 50)[:1600]
    assert len(text) == 1600
    assert town.text(text)["webhook_status"] == 204
    town.work()
    with town.db.reading() as session:
        kept = session.scalars(select(Message.text).where(Message.sender == "resident")).one()
    assert kept == text
    assert town.bot.turns[0]["text"] == text


def test_a_text_to_a_number_of_no_landlord_is_kept(town: Town) -> None:
    form = {"MessageSid": "SM3", "From": ALICE.number, "To": "+447700900199", "Body": "help us"}
    address = f"{town.url}/sms/twilio/inbound"
    signature = RequestValidator(TOKEN).compute_signature(address, form)
    answer = httpx.post(address, data=form, headers={"X-Twilio-Signature": signature})
    assert answer.status_code == 204
    with town.db.reading() as session:
        kept = session.scalars(select(Message)).one()
    assert (kept.text, kept.landlord, kept.conversation_id) == ("help us", None, None)


def test_danger_goes_first_even_while_the_bot_is_out(town: Town) -> None:
    town.bot.up = False
    town.text("he's outside my door right now with a knife")
    town.work()
    wait_for(lambda: len(town.on_phone()) == 2, 5, "both texts")
    safety, holding = town.on_phone()
    assert "999" in safety
    assert "safe with us" in holding
    assert [one.kind for one in town.outbox()] == ["safety", "holding"]
    with town.db.reading() as session:
        assert session.scalars(select(Report.status)).one() == "case"


def test_stop_stops_texts_and_changes_no_case(town: Town) -> None:
    town.text("he's outside my door right now with a knife")
    town.work()
    before = len(town.outbox())
    town.text("STOP")
    town.work()
    # Twilio has confirmed it itself: we say nothing.
    assert len(town.outbox()) == before
    assert town.count(OptOut) == 1
    with town.db.writing() as session:
        assert session.scalars(select(Report.status)).one() == "case"
        tasks = session.scalars(select(CaseEntry.words).where(CaseEntry.kind == "task")).all()
        assert any("Texts were stopped" in words for words in tasks)
        put_out(session, landlord="vivid", to=ALICE.number, body="x", kind="reply", at=clock.now())
    town.work()
    held = town.outbox()[-1]
    assert held.status == "held"
    assert "asked for texts to stop" in (held.held_because or "")
    town.text("START")
    town.text("are you there")
    town.work()
    assert town.outbox()[-1].status != "held"


@pytest.mark.parametrize("to", ["+442079460000", "+15005550006", "nonsense"])
def test_nothing_is_texted_to_what_is_no_uk_mobile(town: Town, to: str) -> None:
    with town.db.writing() as session:
        put_out(session, landlord="vivid", to=to, body="x", kind="reply", at=clock.now())
    town.work()
    [held] = town.outbox()
    assert held.status == "held"
    assert "mobile" in (held.held_because or "")
    assert town.phone.get("/_messages").json() == []


@pytest.mark.parametrize(
    ("number", "code"),
    [("+447700900990", "21211"), ("+447700900992", "21610"), ("+447700900996", "21635")],
)
def test_a_refusal_is_final_and_says_why(town: Town, number: str, code: str) -> None:
    text = town.send(number)
    assert (text.status, text.error_code, text.tries) == ("failed", code, 1)


def test_a_busy_network_is_tried_again_later(town: Town) -> None:
    text = town.send("+447700900970")
    assert (text.status, text.tries) == ("queued", 1)
    assert text.send_after > clock.now()
    for minutes in (1, 10, 20):
        with clock.moved_to(clock.now() + timedelta(minutes=minutes)):
            town.work()
    assert town.outbox()[0].status in {"sending", "sent", "delivered"}
    wait_for(lambda: town.on_phone("+447700900970") == ["hello"], 5, "it is on the phone")


def test_a_text_whose_fate_is_unknown_is_looked_up_not_sent_twice(town: Town) -> None:
    # Taken, and then an error instead of an answer.
    town.phone.post("/_control", json={"next_sends": ["500_after"]})
    text = town.send(BOB.number)
    assert text.status == "queued"
    assert text.unknown_since is not None
    with clock.moved_to(clock.now() + timedelta(minutes=1)):
        town.work()
    [kept] = town.outbox()
    assert kept.provider_sid is not None
    wait_for(lambda: town.on_phone(BOB.number) == ["hello"], 5, "one text on the phone")
    assert len(town.phone.get("/_messages").json()) == 1


@pytest.mark.parametrize("callbacks", ["twice", "out_of_order"])
def test_receipts_in_any_order_never_take_a_text_back(town: Town, callbacks: str) -> None:
    town.phone.post("/_control", json={"callbacks": callbacks})
    town.send(BOB.number)
    town.phone.post("/_settle")
    wait_for(lambda: town.outbox()[0].status == "delivered", 5, "delivered")
    town.phone.post("/_settle")
    assert town.outbox()[0].status == "delivered"
