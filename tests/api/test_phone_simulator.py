"""The simulated phone behaves as Twilio does, so that what works with it works with Twilio."""

import base64
import re
import socket
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import requests
import uvicorn
from fastapi import FastAPI, Request, Response
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from tests.api.twilio_description import Description, load_description
from tests.phone import magic as magic_numbers
from tests.phone import segments
from tests.phone.app import create_app
from tests.phone.settings import Settings, SettingsError, from_environment, read_landlords

ACCOUNT, TOKEN, OLD_TOKEN = "AC" + "0a" * 16, "the token", "the token before"
VIVID, NACRO, RESIDENT = "+447700900102", "+447700900104", "+447700900201"


class Product:
    """What the product would be: takes webhooks, keeps them, answers as the test says."""

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []
        self.answers: deque[Response] = deque()
        self.app = FastAPI()
        self.app.add_api_route("/{path:path}", self.take, methods=["POST"])
        self.url = ""

    async def take(self, request: Request) -> Response:
        form = await request.form()
        self.calls.append(
            {
                "path": request.url.path,
                "headers": dict(request.headers),
                "form": dict(form),
                "signed": RequestValidator(TOKEN).validate(
                    self.url + request.url.path,
                    form,
                    request.headers.get("X-Twilio-Signature", ""),
                ),
            }
        )
        return self.answers.popleft() if self.answers else Response(status_code=204)

    def took(self, path: str) -> list[dict[str, Any]]:
        return [call for call in self.calls if call["path"] == path]

    def statuses(self, sid: str) -> list[str]:
        calls = self.took("/sms/twilio/status")
        return [c["form"]["MessageStatus"] for c in calls if c["form"]["MessageSid"] == sid]


class Loopback(TwilioHttpClient):
    """The real client's HTTP, with Twilio's host swapped for the simulator's."""

    def __init__(self, base: str, timeout: float = 5) -> None:
        super().__init__(timeout=timeout)
        self.base = base
        self.seen: list[tuple[requests.PreparedRequest, requests.Response]] = []

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        original = url

        def keep(answer: requests.Response, **_: Any) -> None:
            answer.request.url = answer.request.url.replace(self.base, "https://api.twilio.com")
            self.seen.append((answer.request, answer))

        self.request_hooks = {"response": keep}
        swapped = re.sub(r"^https://(api|messaging)\.twilio\.com", self.base, original)
        assert swapped != original, f"not an address of Twilio's: {original}"
        return super().request(method, swapped, *args, **kwargs)


class Phone:
    """The simulator as a test uses it."""

    def __init__(self, url: str) -> None:
        self.http = httpx.Client(base_url=url, timeout=10, trust_env=False)
        self.wire = Loopback(url)
        self.twilio = Client(ACCOUNT, TOKEN, http_client=self.wire)

    def control(self, **fields: Any) -> None:
        self.http.post("/_control", json=fields).raise_for_status()

    def text(self, body: str, to: str = VIVID, **more: Any) -> dict[str, Any]:
        answer = self.http.post(
            f"/_handset/{RESIDENT}/texts", json={"to": to, "body": body, **more}
        )
        assert answer.status_code == 201, answer.text
        return answer.json()

    def texts(self, number: str = RESIDENT, **query: Any) -> list[dict[str, Any]]:
        return self.http.get(f"/_handset/{number}/texts", params=query).json()

    def bodies(self, number: str = RESIDENT) -> list[str]:
        return [t["body"] for t in self.texts(number) if t["direction"] == "received"]

    def send(self, to: str = RESIDENT, body: str = "Hello", **more: Any) -> Any:
        sender = {} if "messaging_service_sid" in more else {"from_": VIVID}
        return self.twilio.messages.create(to=to, body=body, **{**sender, **more})

    def refused(self, **more: Any) -> TwilioRestException:
        with pytest.raises(TwilioRestException) as caught:
            self.send(**more)
        return caught.value

    def settle(self) -> None:
        assert self.http.post("/_settle").json() == {"settled": True}


@contextmanager
def served(app: FastAPI, listening: socket.socket) -> Iterator[None]:
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", ws="none"))
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(timeout=10)


def free_port() -> tuple[socket.socket, int]:
    listening = socket.create_server(("127.0.0.1", 0))
    # Connections inherit it; without it every answer waits 40 ms for an acknowledgement.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening, listening.getsockname()[1]


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[Product, str]]:
    product = Product()
    product_socket, product_port = free_port()
    phone_socket, phone_port = free_port()
    product.url = f"http://127.0.0.1:{product_port}"
    settings = Settings(
        ACCOUNT, (TOKEN, OLD_TOKEN), product.url, phone_port, step_seconds=0, landlords=LANDLORDS
    )
    with served(product.app, product_socket), served(create_app(settings), phone_socket):
        yield product, f"http://127.0.0.1:{phone_port}"


LANDLORDS = read_landlords(Path("no-such-file.toml"))


@pytest.fixture
def product(servers: tuple[Product, str]) -> Product:
    servers[0].calls.clear()
    servers[0].answers.clear()
    return servers[0]


@pytest.fixture
def phone(servers: tuple[Product, str], product: Product) -> Iterator[Phone]:
    phone = Phone(servers[1])
    phone.http.post("/_reset").raise_for_status()
    yield phone
    phone.http.post("/_reset").raise_for_status()
    phone.http.close()
    phone.wire.session.close()


# A message from the product


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


# Numbers that fail on purpose


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


# Status callbacks that misbehave


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


# A text from the handset


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
    closed, port = free_port()
    closed.close()
    phone.control(inbound_url=f"http://127.0.0.1:{port}/in", fallback_url=f"{product.url}/fallback")
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


# Opt-out


def test_stop_blocks_start_lifts_and_both_reach_the_product(phone, product):
    phone.text(" stop ")
    assert product.calls[0]["form"]["OptOutType"] == "STOP"
    assert product.calls[0]["signed"]
    assert phone.bodies()[-1].startswith("VIVID: you will get no more texts")
    error = phone.refused()
    assert (error.status, error.code) == (400, 21610)
    assert phone.send(from_=NACRO).status == "queued"

    phone.text("START")
    assert product.calls[-1]["form"]["OptOutType"] == "START"
    phone.send(body="back again")
    phone.settle()
    assert phone.bodies()[-1] == "back again"


def test_help_is_answered_by_the_network_and_forwarded(phone, product):
    phone.text("Help")
    assert product.calls[0]["form"]["OptOutType"] == "HELP"
    assert "999" in phone.bodies()[0]


@pytest.mark.parametrize("words", ["stop please", "CANCEL", "yes", "help me", "end"])
def test_other_words_are_words_under_advanced_opt_out(phone, product, words):
    phone.text(words)
    assert "OptOutType" not in product.calls[0]["form"]
    assert phone.bodies() == []
    assert phone.send().status == "queued"


@pytest.mark.parametrize("word", ["STOP", "cancel", "End", "QUIT", "revoke"])
def test_the_default_word_list_blocks_without_saying_so(phone, product, word):
    phone.control(opt_out="default")
    phone.text(word)
    assert "OptOutType" not in product.calls[0]["form"]
    assert phone.refused().code == 21610
    phone.text("yes")
    assert phone.send().status == "queued"


def test_an_answer_to_a_stopped_handset_is_not_delivered(phone, product):
    product.answers.append(Response("Goodbye", media_type="text/plain"))
    phone.text("STOP")
    phone.settle()
    assert "Goodbye" not in phone.bodies()


# The handset


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


# Twilio's own description of its API


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
