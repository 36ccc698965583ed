"""What the service asks of Twilio is what Twilio's own description says can be asked."""

import pytest

from api.channels.sms.twilio_check import check_account
from api.worker.catching_up import catch_up
from api.worker.fetching import fetch_files
from tests.api.test_text_files import photo
from tests.api.town import Town
from tests.api.twilio_description import Description, listen, load_description
from tests.people import BOB


@pytest.fixture(scope="module")
def description() -> Description:
    return load_description()


def test_everything_that_the_service_asks_of_twilio_is_as_described(
    town: Town, description: Description
) -> None:
    twilio = town.post.carriers.twilio
    seen = listen(twilio._client.http_client, town.settings.twilio_api_base)
    town.control(next_sends=["ok", "429", "500_after"], callbacks="none")
    town.text("look", media=[photo()])
    town.work()
    town.send(BOB.number)
    town.send(BOB.number, "another one")
    fetch_files(town.post)
    catch_up(town.post)
    for minutes in (1, 5, 10):
        town.settle()
        town.work_later(minutes=minutes)
    town.send("+447700900990")
    assert {one.status for one in town.outbox()} == {"delivered", "failed"}

    asked = {(request.method, str(response.status_code)) for request, response in seen}
    assert {("POST", "201"), ("POST", "429"), ("POST", "500"), ("POST", "400")} <= asked
    # Looked up, its status asked for, its words redacted, its file deleted.
    assert {("GET", "200"), ("POST", "200"), ("DELETE", "204")} <= asked
    for request, response in seen:
        if response.ok:
            description.check(request, response)


def test_what_the_check_reads_is_as_described(
    town: Town, description: Description, monkeypatch: pytest.MonkeyPatch
) -> None:
    from api.channels.sms import twilio_check

    seen = []
    real = twilio_check.twilio_client

    def listening(settings):
        client = real(settings)
        seen.append(listen(client.http_client, settings.twilio_api_base))
        return client

    monkeypatch.setattr(twilio_check, "twilio_client", listening)
    list(check_account(town.settings, town.app.state.landlords.values()))
    described = [pair for pair in seen[0] if "/2010-04-01/" in str(pair[0].url)]
    assert len(described) == 6
    for request, response in described:
        description.check(request, response)
