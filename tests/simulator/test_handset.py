"""The handset's page, the switches, and the traffic as Twilio describes it."""

import base64
import threading

import pytest
from fastapi import Response

from tests.api.twilio_description import Description, load_description
from tests.phone.settings import SettingsError, from_environment, read_landlords
from tests.simulator.rig import ACCOUNT, LANDLORDS, RESIDENT


def test_a_reader_can_wait_for_the_next_text(phone):
    first = phone.text("hello")
    timer = threading.Timer(0.2, phone.send, kwargs={"body": "an answer"})
    timer.start()
    found = phone.texts(after=first["sid"], wait=10)
    timer.join()
    assert [text["body"] for text in found] == ["an answer"]
    assert phone.texts(after=found[0]["sid"]) == []


def test_the_page_shows_both_sides_without_javascript(phone):
    form = {"landlord": "vivid", "number": RESIDENT, "body": "Loud <b>music</b> at 2am"}
    answer = phone.http.post("/texts", data=form)
    assert answer.status_code == 303
    phone.send(body="Thank you. What is the address?")
    phone.send(to="+447700900980", body="Not for this phone")
    phone.settle()
    page = phone.http.get(answer.headers["location"]).text
    assert "Loud &lt;b&gt;music&lt;/b&gt; at 2am" in page
    assert "Thank you. What is the address?" in page
    assert "Not for this phone" not in page
    assert ">Delivered<" in page
    assert 'role="log"' in page
    assert '<label for="body">' in page
    assert "http://" not in page and "https://" not in page
    other = phone.http.get("/", params={"landlord": "vivid", "number": "+447700900980"}).text
    assert "Not delivered: 30003, Unreachable destination handset" in other


def test_the_page_says_when_a_text_was_not_taken(phone, product):
    product.answers.append(Response(status_code=503))
    form = {"landlord": "nacro", "number": "07700 900202", "body": "anyone there?"}
    page = phone.http.post("/texts", data=form, follow_redirects=True).text
    assert "The landlord&#39;s service answered 503" in page
    assert "Texts with Nacro" in page


@pytest.mark.parametrize(
    "wrong", [{"callbacks": "sideways"}, {"unheard_of": 1}, {"rc": 6}, {"next_sends": ["x"]}, []]
)
def test_a_wrong_switch_changes_nothing(phone, wrong):
    before = phone.http.get("/_control").json()
    assert phone.http.post("/_control", json=wrong).status_code == 422
    assert phone.http.get("/_control").json() == before


def test_a_reset_forgets_everything(phone):
    phone.text("STOP")
    phone.control(callbacks="none")
    phone.http.post("/_reset").raise_for_status()
    assert phone.http.get("/_messages").json() == []
    assert phone.http.get("/_webhooks").json() == []
    situation = phone.http.get("/_control").json()
    assert (situation["opted_out"], situation["control"]["callbacks"]) == ([], "normal")


def test_settings_come_from_the_environment_or_end_with_one_line(tmp_path):
    given = {"TWILIO_ACCOUNT_SID": ACCOUNT, "TWILIO_AUTH_TOKEN": "new, old", "PHONE_PORT": "8091"}
    settings = from_environment({**given, "PUBLIC_BASE_URL": "http://127.0.0.1:8001/"})
    assert settings.auth_tokens == ("new", "old")
    assert (settings.port, settings.public_base_url) == (8091, "http://127.0.0.1:8001")
    assert "new" not in repr(settings)
    with pytest.raises(SettingsError, match="TWILIO_AUTH_TOKEN"):
        from_environment({"TWILIO_ACCOUNT_SID": ACCOUNT})
    broken = tmp_path / "landlords.toml"
    broken.write_text('[[landlords]]\ncode = "vivid"\n')
    with pytest.raises(SettingsError, match=r"landlords\.toml: 'number'"):
        read_landlords(broken)


def test_the_demo_landlords_have_the_numbers_of_the_contract():
    numbers = {landlord.code: landlord.number for landlord in read_landlords()}
    assert numbers == {landlord.code: landlord.number for landlord in LANDLORDS}
    assert list(numbers.values()) == [f"+44770090010{n}" for n in range(1, 6)]


@pytest.fixture(scope="module")
def description() -> Description:
    return load_description()


def test_what_goes_over_the_wire_is_as_twilio_describes_it(phone, product, description):
    service = phone.http.get("/_control").json()["landlords"][1]["messaging_service_sid"]
    picture = {"content_type": "image/png", "content": base64.b64encode(b"\x89PNG").decode()}
    with_picture = phone.text("look", media=[picture])
    sent = phone.send(status_callback=f"{product.url}/sms/twilio/status", validity_period=600)
    phone.send(messaging_service_sid=service)
    phone.send(to="+447700900980")
    phone.settle()
    messages = phone.twilio.messages
    assert len(messages.list(page_size=2)) == 4
    messages.list(to=RESIDENT, date_sent_after=sent.date_created)
    messages(sent.sid).fetch()
    messages(sent.sid).update(body="")
    messages(with_picture["sid"]).media.list()
    messages(sent.sid).delete()

    assert len(phone.wire.seen) >= 10
    for request, response in phone.wire.seen:
        description.check(request, response)


def test_the_description_would_find_a_wrong_answer(phone, description):
    from openapi_core.exceptions import OpenAPIError

    phone.send()
    request, response = phone.wire.seen[0]
    response._content = response.content.replace(b'"queued"', b'"on its way"')
    with pytest.raises(OpenAPIError):
        description.check(request, response)
