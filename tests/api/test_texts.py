"""Text messages in and out, with the real Twilio client and real signatures, against the
simulated phone."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from api import clock
from api.channels.sms.pace import Pace
from api.conversation.model import Conversation
from api.messages.model import Message
from api.messages.outbox import put_out
from api.reports.model import Report
from api.worker.sending import send_waiting
from tests.api.town import SECOND_TOKEN, VIVID, Town
from tests.fakes import say
from tests.journeys.service import wait_for
from tests.people import ALICE, BOB


def kept(town: Town) -> list[str]:
    """The residents' words in the database."""
    with town.db.reading() as session:
        found = select(Message.text).where(Message.sender == "resident").order_by(Message.id)
        return list(session.scalars(found))


def form(sid: str, body: str, **more: str) -> dict[str, str]:
    return {"MessageSid": sid, "From": ALICE.number, "To": VIVID, "Body": body, **more}


# What comes in


def test_a_text_is_kept_answered_and_delivered(town: Town) -> None:
    town.bot.script = lambda asked: (200, say("ask_when"))
    assert town.text("loud music every night")["webhook_status"] == 204
    town.work()
    wait_for(lambda: len(town.on_phone()) == 1, 30, "the reply is on the phone")
    [reply] = town.on_phone()
    assert reply.startswith("VIVID: automated service")
    wait_for(lambda: town.outbox()[0].status == "delivered", 30, "the receipt has come")
    assert kept(town) == ["loud music every night"]
    with town.db.reading() as session:
        row = session.scalars(select(Message).where(Message.sender == "resident")).one()
    assert row.provider_id
    assert row.provider_id.startswith("SM")


def test_the_same_text_twice_is_kept_once(town: Town) -> None:
    town.control(inbound="twice")
    town.text("hello there")
    town.work()
    assert len(town.bot.turns) == 1
    assert kept(town) == ["hello there"]


def test_twilios_retry_with_its_idempotency_token_is_kept_once(town: Town) -> None:
    assert town.post_signed(form("SM1", "hi")).status_code == 204
    again = town.post_signed(form("SM1", "hi"), **{"I_Twilio_Idempotency_Token": "one-and-only"})
    assert again.status_code == 204
    town.work()
    assert kept(town) == ["hi"]
    assert len(town.bot.turns) == 1


def test_a_text_that_failed_at_the_first_address_is_taken_at_the_fallback(town: Town) -> None:
    town.control(
        inbound_url=f"{town.url}/sms/nowhere", fallback_url=f"{town.url}/sms/twilio/fallback"
    )
    assert town.text("can you hear me")["webhook_status"] == 204
    assert kept(town) == ["can you hear me"]


@pytest.mark.parametrize("how", ["wrong", "missing"])
def test_what_twilio_did_not_sign_is_refused_and_not_kept(town: Town, how: str) -> None:
    town.control(signature=how)
    assert town.text("let me in")["webhook_status"] == 403
    assert town.count(Message) == 0
    assert town.count(Conversation) == 0


def test_a_second_token_is_good_while_one_is_replaced(town: Town) -> None:
    answer = town.post_signed(form("SM1", "hi"), token=SECOND_TOKEN)
    assert (answer.status_code, answer.content) == (204, b"")
    assert kept(town) == ["hi"]


def test_the_signature_is_over_the_public_address_whatever_a_proxy_says(town: Town) -> None:
    forged = {"X_Forwarded_Host": "elsewhere.example", "X_Forwarded_Proto": "https"}
    assert town.post_signed(form("SM1", "hi"), **forged).status_code == 204
    for_elsewhere = town.post_signed(
        form("SM2", "let me in"), signed_for="https://elsewhere.example", **forged
    )
    assert for_elsewhere.status_code == 403
    assert kept(town) == ["hi"]


def test_parameters_that_are_new_or_come_twice_are_signed_and_kept(town: Town) -> None:
    town.control(extra_parameters=[["Tomorrow", "yes"], ["Twice", "one"], ["Twice", "two"]])
    assert town.text("hello")["webhook_status"] == 204
    with town.db.reading() as session:
        raw = session.scalars(select(Message.raw)).one()
    assert (raw["Tomorrow"], raw["Twice"]) == ("yes", ["one", "two"])


def test_a_webhook_that_is_too_large_is_refused_unread(town: Town) -> None:
    answer = town.post_signed(form("SM1", "x" * 70_000))
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"
    assert kept(town) == []


def test_an_empty_text_is_kept_and_answered_kindly(town: Town) -> None:
    assert town.post_signed(form("SM2", "", NumMedia="0")).status_code == 204
    town.work()
    wait_for(town.on_phone, 30, "the reply is on the phone")
    assert "no words" in town.on_phone()[0]
    assert town.bot.turns == []
    assert kept(town) == [""]


def test_1600_characters_are_kept_whole(town: Town) -> None:
    text = ("they bang on the wall all night " * 50)[:1600]
    assert town.text(text)["webhook_status"] == 204
    town.work()
    assert kept(town) == [text]
    assert town.bot.turns[0]["text"] == text


def test_a_text_to_a_number_of_no_landlord_is_kept(town: Town) -> None:
    lost = form("SM3", "help us") | {"To": "+447700900199"}
    assert town.post_signed(lost).status_code == 204
    with town.db.reading() as session:
        row = session.scalars(select(Message)).one()
    assert (row.text, row.landlord, row.conversation_id) == ("help us", None, None)


def test_danger_goes_first_even_while_the_bot_is_out(town: Town) -> None:
    town.bot.up = False
    town.text("he's outside my door right now with a knife")
    town.work()
    wait_for(lambda: len(town.on_phone()) == 2, 30, "both texts")
    safety, holding = town.on_phone()
    assert "999" in safety
    assert "safe with us" in holding
    assert [one.kind for one in town.outbox()] == ["safety", "holding"]
    with town.db.reading() as session:
        assert session.scalars(select(Report.status)).one() == "case"


# What goes out


@pytest.mark.parametrize("to", ["+442079460000", "+15005550006", "nonsense"])
def test_nothing_is_texted_to_what_is_no_uk_mobile(town: Town, to: str) -> None:
    held = town.send(to)
    assert (held.status, held.held_because) == ("held", "not a UK mobile number")
    assert town.at_twilio() == []


def test_a_sender_texts_no_faster_than_its_pace(town: Town) -> None:
    town.post = replace(town.post, pace=Pace(2))
    put_in_row(town, *[("vivid", "reply")] * 4, ("vivid", "safety"))
    did = [one["did"] for one in send_waiting(town.post)]
    # Whoever may be in danger goes first, and waits for no bucket.
    # A quick phone may have it by the time the answer is read.
    assert ["went" if one in ("sending", "sent", "delivered") else one for one in did] == [
        *("went", "went"),
        *("paced", "paced", "paced"),
    ]
    assert town.outbox()[4].status != "queued"
    assert [one.tries for one in town.outbox() if one.status == "queued"] == [0, 0, 0]
    town.work()
    assert all(one.status != "queued" for one in town.outbox())


def test_one_senders_long_row_keeps_nobody_elses_texts_back(town: Town) -> None:
    town.post = replace(town.post, pace=Pace(2))
    put_in_row(town, *[("vivid", "reply")] * 300, ("nacro", "reply"))
    did = [one["did"] for one in send_waiting(town.post, most=20)]
    assert did[2:20] == ["paced"] * 18
    went = [one.to for one in town.outbox() if one.status != "queued"]
    assert went == ["+447700900300", "+447700900301", "+447700900600"]
    # What waited for its sender's pace was left alone.
    assert {(one.tries, one.claimed_until) for one in town.outbox()[2:300]} == {(0, None)}


def put_in_row(town: Town, *texts: tuple[str, str]) -> None:
    """Landlord and kind of each text, to one number after another."""
    with town.db.writing() as session:
        for number, (landlord, kind) in enumerate(texts, 300):
            put_out(
                session,
                landlord=landlord,
                to=f"+447700900{number}",
                body="hello",
                kind=kind,
                at=clock.now(),
            )


def test_the_words_are_taken_off_twilios_records_once_a_text_is_final(town: Town) -> None:
    town.text("it is about my neighbour")
    town.work()
    town.settle()
    wait_for(lambda: town.outbox()[0].status == "delivered", 30, "delivered")
    assert [one["body"] != "" for one in town.at_twilio()] == [True, True]
    town.work_later(seconds=1)
    assert [one["body"] for one in town.at_twilio()] == ["", ""]
    # On the phone and with us they stay.
    assert town.on_phone()[0].startswith("VIVID")
    assert kept(town) == ["it is about my neighbour"]
    with town.db.reading() as session:
        assert session.scalars(select(Message.redact_at)).all() == [None, None]
    assert town.outbox()[0].redact_at is None


def test_a_text_that_is_still_on_its_way_keeps_its_words_at_twilio(town: Town) -> None:
    town.send("+447700900986")  # stays "sent"
    town.settle()
    town.work_later(minutes=5)
    assert [one["body"] for one in town.at_twilio()] == ["hello"]


def test_a_landlord_may_text_by_its_messaging_service(town: Town) -> None:
    found = town.phone.get("/_control").json()["landlords"]
    service = next(one["messaging_service_sid"] for one in found if one["code"] == "vivid")
    landlords = town.app.state.rulebook.landlords
    old = landlords["vivid"]
    landlords["vivid"] = replace(old, messaging_service=service)
    town.send(BOB.number)
    [message] = town.at_twilio()
    assert (message["messaging_service_sid"], message["from"]) == (service, VIVID)
    town.settle()
    wait_for(lambda: town.outbox()[0].status == "delivered", 30, "delivered")
