"""What a resident meets when a part of the service is away, and comes back."""

import pytest

from tests.journeys.devices import Phone
from tests.journeys.residents import details, reference_in, resident
from tests.journeys.service import Service, wait_for

pytestmark = pytest.mark.journey


def test_the_bot_stops_in_mid_conversation(service: Service) -> None:
    someone = resident()
    phone = Phone(service, "vivid", person=someone)
    phone.say("loud music at 2am most nights from the flat above")
    service.stop_one("bot")
    try:
        held = phone.say("1")
        assert "safe with us" in held
        # Another text in the meantime waits behind the first, and is not held twice.
        phone.send("the flat above mine")
    finally:
        service.start_one("bot")
    before = len(phone.texts())
    wait_for(lambda: len(phone.texts()) >= before + 2, 120, "both turns are answered")
    texts = [one["body"] for one in phone.texts()]
    assert sum("safe with us" in text for text in texts) == 1
    phone.heard = texts
    last = phone.answer_until("Your reference is", details(someone))
    case = service.case("vivid", reference_in(last))
    # Told in the first words, and not asked for again.
    assert case["report"]["happened_where"] == "the flat above"


def test_the_actions_stop_and_nothing_is_confirmed_without_a_case(service: Service) -> None:
    someone = resident()
    phone = Phone(service, "vivid", person=someone)
    phone.say("loud music at 2am most nights from the flat above")
    phone.answer_until("safe for us to contact", details(someone))
    service.stop_one("actions")
    try:
        held = phone.say("1")
        assert "reference" not in held
        assert "safe with us" in held
        assert not any(
            case["report"]["contact"] == someone.number for case in service.cases("vivid")
        )
    finally:
        service.start_one("actions")
    before = len(phone.texts())
    wait_for(lambda: len(phone.texts()) > before, 60, "the turn is taken up again")
    case = service.case("vivid", reference_in(phone.texts()[-1]["body"]))
    assert case["report"]["contact"] == someone.number
