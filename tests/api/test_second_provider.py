"""The second way out: texts by Vonage, with its own client, against a simulator of its own."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import select
from vonage_http_client import Auth, HttpClient, HttpClientOptions
from vonage_http_client.errors import RateLimitedError, ServerError
from vonage_sms import Sms, SmsMessage
from vonage_sms.errors import PartialFailureError, SmsError

from api.cases.model import Case
from api.channels.sms.codes import load_codes
from api.channels.sms.vonage import _Elsewhere
from api.messages.model import Message
from api.settings import Settings
from tests.api.town import IMPATIENT, Town, town_of
from tests.fakes import ScriptedBot, say, serving
from tests.people import ALICE, BOB
from tests.second_phone import SecondPhone, sign

KEY, API_SECRET, SECRET = "abcd1234", "an api secret of tests", "a signature secret of tests"
THEIR_NUMBER = "+447700900152"


@pytest.fixture(autouse=True)
def a_weekday_morning() -> Iterator[None]:
    with time_machine.travel(datetime(2026, 6, 2, 8, 30, tzinfo=UTC), tick=True):
        yield


@pytest.fixture
def second() -> SecondPhone:
    return SecondPhone(KEY, API_SECRET, SECRET)


@pytest.fixture
def town(
    database_url: str, tmp_path: Path, bot: ScriptedBot, second: SecondPhone
) -> Iterator[Town]:
    """Twilio is configured as before; texts go out by Vonage."""
    with (
        serving(second.app()) as second_url,
        town_of(
            database_url,
            tmp_path,
            bot,
            SMS_PROVIDER="vonage",
            VONAGE_API_KEY=KEY,
            VONAGE_API_SECRET=API_SECRET,
            VONAGE_SIGNATURE_SECRET=SECRET,
            VONAGE_API_BASE=second_url,
            **IMPATIENT,
        ) as found,
    ):
        landlords = found.app.state.rulebook.landlords
        landlords["vivid"] = replace(landlords["vivid"], second_sender=THEIR_NUMBER)
        yield found


# The simulator is as Vonage's own client expects


@pytest.fixture
def client(second: SecondPhone) -> Iterator[Sms]:
    with serving(second.app()) as url:
        auth = Auth(api_key=KEY, api_secret=API_SECRET)
        http = HttpClient(auth, HttpClientOptions(timeout=1, pool_maxsize=1, max_retries=0))
        http._session.mount("https://", _Elsewhere(url))
        yield Sms(http)


def test_vonages_client_sends_and_reads_what_the_simulator_answers(
    client: Sms, second: SecondPhone
) -> None:
    one = SmsMessage(to="447700900202", from_="VIVID", text="hello", client_ref="7")
    answer = client.send(one)
    [message] = answer.messages
    assert (message.status, message.client_ref) == ("0", "7")
    assert [message.message_id] == second.texts[0].ids
    long = client.send(one.model_copy(update={"text": "x" * 200}))
    assert [part.message_id for part in long.messages] == second.texts[1].ids


@pytest.mark.parametrize(
    ("fault", "error"),
    [("1", SmsError), ("29", SmsError), ("429", RateLimitedError), ("500", ServerError)],
)
def test_vonages_client_raises_what_the_simulator_refuses(
    client: Sms, second: SecondPhone, fault: str, error: type[Exception]
) -> None:
    second.faults = [fault]
    with pytest.raises(error):
        client.send(SmsMessage(to="447700900202", from_="VIVID", text="hello"))
    assert second.texts == []


def test_vonages_client_notices_a_part_that_was_refused(client: Sms, second: SecondPhone) -> None:
    second.partly = True
    with pytest.raises(PartialFailureError):
        client.send(SmsMessage(to="447700900202", from_="VIVID", text="x" * 200))


def test_a_wrong_secret_is_refused(client: Sms, second: SecondPhone) -> None:
    second.api_secret = "another one"
    with pytest.raises(SmsError, match="Invalid credentials"):
        client.send(SmsMessage(to="447700900202", from_="VIVID", text="hello"))


def test_vonages_client_and_the_simulator_sign_alike() -> None:
    auth = Auth(api_key=KEY, signature_secret=SECRET, signature_method="sha256")
    given = {"text": "a&b=c", "to": "447700900202", "timestamp": "1780390000"}
    signed = {**given, "sig": sign(given, SECRET)}
    assert auth.check_signature({**signed})
    assert not auth.check_signature({**signed, "text": "something else"})


# Out


def test_a_reply_goes_out_by_the_second_provider_and_is_delivered(
    town: Town, second: SecondPhone
) -> None:
    town.bot.script = lambda asked: (200, say("ask_when"))
    assert second.write_in(
        f"{town.url}/sms/vonage/inbound", ALICE.number, THEIR_NUMBER, "loud music"
    ) == 204  # fmt: skip
    town.work()
    [text] = second.texts
    assert (text.to, text.sender) == (ALICE.number.lstrip("+"), THEIR_NUMBER.lstrip("+"))
    assert text.body.startswith("VIVID: automated service")
    [row] = town.outbox()
    assert (row.status, row.provider, row.provider_sid) == ("sending", "vonage", text.ids[0])
    assert second.receipt(text, "accepted") == 204
    assert second.receipt(text, "delivered") == 204
    assert second.receipt(text, "buffered") == 204
    assert town.outbox()[0].status == "delivered"
    # Nothing has gone through Twilio.
    assert town.at_twilio() == []


def test_without_a_number_there_texts_come_in_the_landlords_name(
    town: Town, second: SecondPhone
) -> None:
    landlords = town.app.state.rulebook.landlords
    landlords["vivid"] = replace(landlords["vivid"], second_sender=None)
    town.send(BOB.number)
    assert second.texts[0].sender == "VIVID"


@pytest.mark.parametrize("fault", ["1", "429", "4", "9"])
def test_what_was_surely_not_taken_is_tried_again(
    town: Town, second: SecondPhone, fault: str
) -> None:
    second.faults = [fault]
    text = town.send(BOB.number)
    assert (text.status, text.error_code, text.unknown_since) == ("queued", fault, None)
    town.work_later(minutes=1)
    assert [one.body for one in second.texts] == ["hello"]
    assert town.outbox_text(text.id).status == "sending"


@pytest.mark.parametrize("fault", ["hang_after", "hang_before", "500", "5"])
def test_a_text_whose_fate_is_unknown_is_never_sent_twice(
    town: Town, second: SecondPhone, fault: str
) -> None:
    town.text("he's outside my door right now with a knife")
    town.work()
    with town.db.reading() as session:
        case_id = session.scalars(select(Case.id)).one()
    before = len(second.texts)
    second.faults = [fault]
    text = town.send(BOB.number, case_id=case_id)
    assert text.unknown_since is not None
    taken = second.texts[before:]
    town.work_later(minutes=5)
    assert town.outbox_text(text.id).status == "queued"
    if taken:
        second.receipt(taken[0], "delivered")
    for minutes in (12, 30, 60):
        town.work_later(minutes=minutes)
    assert len(second.texts) - before == len(taken)
    if taken:
        assert town.outbox_text(text.id).status == "delivered"
    else:
        assert town.outbox_text(text.id).status == "failed"
        assert "Nobody can say whether a text has reached them" in town.tasks()[-1]


def test_a_text_that_was_taken_in_part_is_not_sent_again(town: Town, second: SecondPhone) -> None:
    second.partly = True
    text = town.send(BOB.number, "x" * 200)
    assert text.status == "sending"
    town.work_later(minutes=30)
    assert len(second.texts) == 1


@pytest.mark.parametrize(
    ("code", "again"), [("2", True), ("3", False), ("6", False), ("15", False), ("99", True)]
)
def test_a_text_that_did_not_arrive_goes_again_or_not_by_its_code(
    town: Town, second: SecondPhone, code: str, again: bool
) -> None:
    town.send(BOB.number)
    second.receipt(second.texts[0], "failed", code)
    first, *more = town.outbox()
    assert (first.status, first.error_code) == ("undelivered", f"dlr-{code}")
    assert len(more) == again


def test_a_text_that_twilio_may_have_taken_does_not_go_out_by_the_other_one(
    town: Town, second: SecondPhone
) -> None:
    both = town.settings
    town.settings = both.model_copy(update={"sms_provider": "twilio"})
    town.__post_init__()
    town.control(next_sends=["hang_after"], hang_seconds=4.5, callbacks="none")
    text = town.send(BOB.number)
    assert text.unknown_since is not None
    # Somebody switches while its fate is unknown.
    town.settings = both
    town.__post_init__()
    town.settle()
    town.work_later(minutes=2)
    town.work_later(minutes=10)
    assert second.texts == []
    assert town.on_phone(BOB.number) == ["hello"]
    kept = town.outbox_text(text.id)
    assert (kept.provider, kept.status) == ("twilio", "delivered")


def test_what_waited_for_a_broken_twilio_leaves_by_the_second_one(
    town: Town, second: SecondPhone
) -> None:
    both = town.settings
    town.settings = both.model_copy(update={"sms_provider": "twilio"})
    town.__post_init__()
    town.control(next_sends=["429"] * 5)
    text = town.send(BOB.number)
    town.work_later(seconds=10)
    assert town.outbox_text(text.id).status == "queued"
    town.settings = both
    town.__post_init__()
    town.work_later(minutes=5)
    assert [one.body for one in second.texts] == ["hello"]
    assert town.at_twilio() == []


# In


def test_the_same_text_twice_is_kept_once(town: Town, second: SecondPhone) -> None:
    for as_json in (False, True):
        assert second.write_in(
            f"{town.url}/sms/vonage/inbound", ALICE.number, THEIR_NUMBER, "hello",
            message_id="0B0000001", as_json=as_json,
        ) == 204  # fmt: skip
    with town.db.reading() as session:
        assert session.scalars(select(Message.text)).all() == ["hello"]


def test_what_vonage_did_not_sign_is_refused_and_not_kept(town: Town, second: SecondPhone) -> None:
    url = f"{town.url}/sms/vonage/inbound"
    assert second.write_in(url, ALICE.number, THEIR_NUMBER, "let me in", signed=False) == 403
    assert town.count(Message) == 0
    town.send(BOB.number)
    assert second.receipt(second.texts[0], "failed", signed=False) == 403
    assert town.outbox()[0].status == "sending"


def test_stop_is_obeyed_and_confirmed_by_us(town: Town, second: SecondPhone) -> None:
    second.write_in(f"{town.url}/sms/vonage/inbound", ALICE.number, THEIR_NUMBER, "STOP")
    town.work()
    [text] = second.texts
    assert "stopped texts to this number" in text.body
    assert town.send(ALICE.number).status == "held"


# Settings and the tables of codes


def test_a_provider_without_its_secrets_does_not_start(tmp_path: Path) -> None:
    lines = Settings(DATA_DIR=tmp_path, SMS_PROVIDER="vonage").mistakes()
    assert "VONAGE_API_KEY is not set, and SMS_PROVIDER is vonage" in lines
    assert "VONAGE_SIGNATURE_SECRET is not set, and SMS_PROVIDER is vonage" in lines


@pytest.mark.parametrize("provider", ["twilio", "vonage"])
def test_every_code_has_one_rule_in_words(provider: str) -> None:
    codes = load_codes(provider)
    for rule in codes.rules:
        assert rule.codes
        assert not rule.words.endswith(".")
    assert codes.of("no such code") == codes.unknown
    assert codes.unknown.then == "stop"


@pytest.mark.parametrize(
    ("code", "then", "tells_admin"),
    [
        ("20429", "retry", False),
        ("21610", "stop", False),
        *((code, "stop", False) for code in ("21211", "21614", "21635", "30006")),
        *((code, "stop", True) for code in ("21408", "21612", "21606", "30007")),
        *((code, "again", False) for code in ("30003", "30005", "30008")),
    ],
)
def test_twilios_codes_have_the_rules_that_were_agreed(
    code: str, then: str, tells_admin: bool
) -> None:
    rule = load_codes("twilio").of(code)
    assert (rule.then, rule.tell_admin) == (then, tells_admin)
