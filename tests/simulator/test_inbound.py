"""Texts from a handset to the product: signed, tried again, with files."""

import base64

import httpx
import pytest
from fastapi import Response

from tests.ports import free_port
from tests.simulator.rig import ACCOUNT, RESIDENT, TOKEN, VIVID


def test_a_text_reaches_the_product_signed_and_whole(phone, product):
    sent = phone.text("It's 2am & they're \u201cat it\u201d again +1 \U0001f600\nplease help")
    assert sent["webhook_status"] == 204
    (call,) = product.calls
    assert call["path"] == "/sms/twilio/inbound"
    assert call["signed"]
    assert call["headers"]["content-type"].startswith("application/x-www-form-urlencoded")
    assert "i-twilio-idempotency-token" not in call["headers"]
    form = call["form"]
    assert form["Body"] == "It's 2am & they're \u201cat it\u201d again +1 \U0001f600\nplease help"
    assert form["MessageSid"] == form["SmsSid"] == form["SmsMessageSid"] == sent["sid"]
    assert (form["From"], form["To"]) == (RESIDENT, VIVID)
    assert (form["AccountSid"], form["ApiVersion"]) == (ACCOUNT, "2010-04-01")
    assert (form["NumMedia"], form["NumSegments"]) == ("0", "1")
    assert (form["FromCountry"], form["SmsStatus"]) == ("GB", "received")
    assert "OptOutType" not in form
    fetched = phone.twilio.messages(sent["sid"]).fetch()
    assert (fetched.direction, fetched.status) == ("inbound", "received")


def test_numbers_and_landlords_may_be_named_as_people_do(phone, product):
    answer = phone.http.post("/_handset/07700 900201/texts", json={"to": "vivid", "body": "hi"})
    assert answer.status_code == 201
    assert product.calls[0]["form"]["From"] == RESIDENT
    assert [text["body"] for text in phone.texts(**{"with": VIVID})] == ["hi"]
    assert phone.texts(**{"with": "nacro"}) == []


def test_an_empty_text_and_1600_characters_are_sent_longer_ones_and_unknown_numbers_not(
    phone, product
):
    assert phone.text("")["webhook_status"] == 204
    assert product.calls[0]["form"]["Body"] == ""
    assert phone.text("x" * 1600)["webhook_status"] == 204
    address = f"/_handset/{RESIDENT}/texts"
    assert phone.http.post(address, json={"to": VIVID, "body": "x" * 1601}).status_code == 422
    assert phone.http.post(address, json={"to": "+447700900199", "body": "x"}).status_code == 404
    assert len(product.calls) == 2


@pytest.mark.parametrize(
    ("signature", "signed"),
    [("right", True), ("second", False), ("wrong", False), ("missing", False)],
)
def test_signatures_can_be_right_wrong_or_missing(phone, product, signature, signed):
    phone.control(signature=signature)
    phone.text("hello")
    assert product.calls[0]["signed"] is signed
    assert ("x-twilio-signature" in product.calls[0]["headers"]) is (signature != "missing")


def test_unknown_and_repeated_parameters_are_signed_too(phone, product):
    phone.control(extra_parameters=[["NewThing", "1"], ["Tag", "a"], ["Tag", "b"]])
    phone.text("hello")
    assert product.calls[0]["form"]["NewThing"] == "1"
    assert product.calls[0]["signed"]


def test_a_failed_webhook_is_tried_again_as_the_address_says(phone, product):
    product.answers.extend(Response(status_code=500) for _ in range(2))
    phone.control(inbound_url=f"{product.url}/in#rc=3&rp=all")
    assert phone.text("hello")["webhook_status"] == 204
    first, second, third = product.calls
    assert all(call["signed"] for call in product.calls)
    assert first["form"] == second["form"] == third["form"]
    assert "i-twilio-idempotency-token" not in first["headers"]
    token = second["headers"]["i-twilio-idempotency-token"]
    assert token == third["headers"]["i-twilio-idempotency-token"]
    made = phone.http.get("/_webhooks", params={"kind": "inbound"}).json()
    assert [(call["attempt"], call["status"]) for call in made] == [(1, 500), (2, 500), (3, 204)]


def test_by_default_only_a_failed_connection_is_tried_again_and_once(phone, product):
    product.answers.append(Response(status_code=500))
    assert phone.text("hello")["webhook_status"] == 500
    assert len(product.calls) == 1
    closed = f"http://127.0.0.1:{free_port()}/in"
    phone.control(inbound_url=closed, fallback_url=f"{product.url}/fallback")
    lost = phone.text("hello")
    made = phone.http.get("/_webhooks", params={"sid": lost["sid"]}).json()
    assert [(call["kind"], call["status"]) for call in made] == [
        ("inbound", None),
        ("inbound", None),
        ("fallback", 204),
    ]
    assert product.took("/fallback")[0]["form"]["ErrorCode"] == "11205"
    assert product.took("/fallback")[0]["signed"]


def test_the_same_text_can_come_twice(phone, product):
    phone.control(inbound="twice")
    sent = phone.text("hello")
    assert phone.http.post("/_replay", json={"sid": sent["sid"]}).json()["webhook_status"] == 204
    assert [call["form"]["MessageSid"] for call in product.calls] == [sent["sid"]] * 3
    assert [text["body"] for text in phone.texts()] == ["hello"]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Response("Thank you", media_type="text/plain"), ["Thank you"]),
        (
            Response(
                "<Response><Message>One</Message><Message><Body>Two</Body></Message></Response>",
                media_type="text/xml",
            ),
            ["One", "Two"],
        ),
        (Response("<Response/>", media_type="text/xml"), []),
        (Response("<Response><Message>", media_type="text/xml"), []),
        (Response("{}", media_type="application/json"), []),
        (Response("broken", media_type="text/plain", status_code=500), []),
        (Response(status_code=204), []),
    ],
)
def test_what_the_webhook_answers_is_texted_as_twilio_would(phone, product, answer, expected):
    product.answers.append(answer)
    phone.text("hello")
    phone.settle()
    assert phone.bodies() == expected


def test_media_come_with_addresses_that_want_credentials(phone, product):
    picture = {"content_type": "image/png", "content": base64.b64encode(b"\x89PNG").decode()}
    sent = phone.text("look", media=[picture])
    form = product.calls[0]["form"]
    assert (form["NumMedia"], form["MediaContentType0"]) == ("1", "image/png")
    assert httpx.get(form["MediaUrl0"], trust_env=False).status_code == 401
    fetched = httpx.get(form["MediaUrl0"], auth=(ACCOUNT, TOKEN), trust_env=False)
    assert (fetched.content, fetched.headers["content-type"]) == (b"\x89PNG", "image/png")
    (medium,) = phone.twilio.messages(sent["sid"]).media.list()
    assert phone.twilio.messages(sent["sid"]).media(medium.sid).delete()
    assert httpx.get(form["MediaUrl0"], auth=(ACCOUNT, TOKEN), trust_env=False).status_code == 404
