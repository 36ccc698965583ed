"""`doorstep twilio check`: what differs in the account, read with the real client."""

import os
import subprocess
import sys
from dataclasses import replace

import pytest

from api.channels.sms.twilio_check import check_account
from api.settings import ROOT
from api.worker.fetching import fetch_files
from tests.api.test_text_files import files, photo
from tests.api.town import TOKEN, VIVID, Town
from tests.people import ALICE


def lines(town: Town, state: str) -> list[str]:
    landlords = [town.app.state.rulebook.landlords["vivid"]]
    found = check_account(town.settings, landlords)
    return [f"{one.about}: {one.words}" for one in found if one.state == state]


@pytest.fixture
def ready(town: Town) -> Town:
    """An account as the service needs it."""
    town.control(
        inbound_url=f"{town.url}/sms/twilio/inbound#rc=3&rp=all",
        fallback_url=f"{town.url}/sms/twilio/fallback",
    )
    return town


def test_an_account_as_it_should_be_has_nothing_to_mend(ready: Town) -> None:
    assert lines(ready, "differs") == []
    assert len(lines(ready, "ok")) == 5
    # What the API does not show is said, so that somebody looks.
    [tokens, files, opt_out] = lines(ready, "look")
    assert "take the old one away" in tokens
    assert "enforce HTTP Auth on media URLs" in files
    assert "STOP, HELP, START alone" in opt_out


@pytest.mark.parametrize(
    ("switches", "words"),
    [
        ({"account_status": "suspended"}, "account: it is suspended"),
        ({"countries": ["US"]}, "texts to the United Kingdom are not allowed"),
        ({"countries": ["GB", "FR", "US"]}, "texts to FR, US are allowed; none are sent there"),
        ({"smart_encoding": True}, "smart encoding: it is on, and changes words"),
        ({"inbound_url": "https://old.example/in"}, "it is https://old.example/in; it must be"),
        ({"fallback_url": None}, "fallback webhook: it is not set"),
        ({"status_url": "https://old.example/x"}, "status callback: it is https://old.example/x"),
        ({"services": False}, "has no Advanced Opt-Out"),
    ],
)
def test_what_differs_is_said(ready: Town, switches: dict[str, object], words: str) -> None:
    ready.control(**switches)
    assert any(words in line for line in lines(ready, "differs")), lines(ready, "differs")


def test_an_address_without_retries_is_said(ready: Town) -> None:
    ready.control(inbound_url=f"{ready.url}/sms/twilio/inbound")
    [line] = lines(ready, "differs")
    assert "it must end in #rc=3&rp=all" in line


def test_a_number_that_is_not_the_accounts_is_said(ready: Town) -> None:
    landlords = ready.app.state.rulebook.landlords
    strange = replace(landlords["vivid"], number="+447700900177")
    found = [one.words for one in check_account(ready.settings, [strange])]
    assert "the account has no such number" in found


def test_a_wrong_token_is_said_and_nothing_else_is_tried(town: Town) -> None:
    town.settings = town.settings.model_copy(update={"twilio_auth_token": "wrong"})
    assert lines(town, "differs") == ["account: Twilio does not let us in: 401, code 20003"]


def test_while_tokens_are_changed_the_second_one_is_tried(ready: Town) -> None:
    ready.settings = ready.settings.model_copy(update={"twilio_auth_token": f"{'f' * 32},{TOKEN}"})
    ready.__post_init__()
    assert lines(ready, "differs") == []
    # Texts go out, and files come in, by the one that is let in.
    text = ready.send(ALICE.number)
    assert text.status != "queued"
    ready.text("look", media=[photo()])
    fetch_files(ready.post)
    assert [one.status for one in files(ready)] == ["kept"]
    assert ready.post.carriers.twilio._client.http_client.tokens[0] == TOKEN
    ready.settle()
    assert "hello" in ready.on_phone()


def test_a_file_is_fetched_by_the_second_token_too(ready: Town) -> None:
    ready.settings = ready.settings.model_copy(update={"twilio_auth_token": f"{'f' * 32},{TOKEN}"})
    ready.__post_init__()
    ready.text("look", media=[photo()])
    fetch_files(ready.post)
    assert [one.status for one in files(ready)] == ["kept"]


def test_the_command_prints_a_line_for_each_and_fails_where_one_differs(town: Town) -> None:
    settings = town.settings
    environment = {
        **os.environ,
        "DATA_DIR": str(settings.data_dir),
        "DATABASE_URL": settings.database_url,
        "TWILIO_ACCOUNT_SID": settings.twilio_account_sid,
        "TWILIO_AUTH_TOKEN": settings.twilio_auth_token,
        "TWILIO_API_BASE": settings.twilio_api_base,
        "PUBLIC_BASE_URL": settings.public_base_url,
    }

    def run() -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "api.cli", "twilio", "check"]
        return subprocess.run(
            command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False
        )

    wrong = run()
    assert wrong.returncode == 1
    assert f"differs  vivid {VIVID}" in wrong.stdout
    assert "to mend." in wrong.stderr
    town.control(
        inbound_url=f"{town.url}/sms/twilio/inbound#rc=3&rp=all",
        fallback_url=f"{town.url}/sms/twilio/fallback",
    )
    right = run()
    assert (right.returncode, right.stderr) == (0, "")
