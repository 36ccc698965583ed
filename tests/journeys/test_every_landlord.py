"""The same report under each of the five landlords, by text and by web chat."""

import pytest

from api.intake.rulebook import Rulebook
from tests.journeys.devices import Chat, Phone
from tests.journeys.residents import details, reference_in, resident
from tests.journeys.service import Service

pytestmark = pytest.mark.journey

# landlord: (severity, team, words of the clause that screens it in)
MUSIC = {
    "lyme-trust": ("serious", "housing-support", "noise nuisance"),
    "vivid": ("category_b", "neighbourhood", "noisy or rowdy"),
    "seven-locks": ("standard", "housing", "Excessive noise"),
    "nacro": ("medium", "housing-support", "noise nuisance"),
    "places-for-people": ("low_medium", "community-housing", "Noise Nuisance"),
}
DEALING = {
    "lyme-trust": ("very_serious", "housing-support", "drug"),
    "vivid": ("category_a", "tenancy-enforcement", "drug dealing"),
    "seven-locks": ("standard", "housing", "selling drugs"),
    "nacro": ("serious", "housing-support", "rug"),
    "places-for-people": ("high", "tenancy-enforcement", "drug dealing"),
}


@pytest.mark.parametrize("landlord", sorted(MUSIC))
def test_loud_music_by_text(service: Service, landlord: str) -> None:
    severity, team, words = MUSIC[landlord]
    someone = resident()
    phone = Phone(service, landlord, person=someone)
    phone.say("loud music every night until 3am from the flat above, i cant sleep")
    case = service.case(
        landlord, reference_in(phone.answer_until("Your reference is", details(someone)))
    )
    assert (case["category"], case["severity"], case["team"]) == ("noise", severity, team)
    assert words in case["screening"]["clause"]["words"]
    assert case["report"]["address"] == someone.address
    assert all(deadline["clause"]["words"] for deadline in case["deadlines"])


@pytest.mark.parametrize("landlord", sorted(DEALING))
def test_drug_dealing_by_web_chat_with_every_risk_question(
    service: Service, rulebook: Rulebook, landlord: str
) -> None:
    severity, team, words = DEALING[landlord]
    someone = resident()
    chat = Chat(service, landlord).open()
    chat.say("people are dealing drugs on our stairs every night")
    reference = reference_in(chat.answer_until("Your reference is", details(someone)))
    case = service.case(landlord, reference)
    assert (case["category"], case["severity"], case["team"]) == ("drug_dealing", severity, team)
    assert words in case["screening"]["clause"]["words"]

    chat.say("Answer them now")
    points = 0
    for question in rulebook.policies.risk_matrix.questions:
        [first] = chat.messages()[-1:]
        assert question.ask.web in first["text"]
        chat.say(first["choices"][0]["label"])
        points += question.answers[0].points
    risk = service.case(landlord, reference)["risk"]
    assert (risk["answered"], risk["score"], risk["could_reach"]) == (14, points, points)
    chat.say("No, please do not")
    chat.say("It is right")
    assert "all we need" in chat.heard[-1]
    assert service.case(landlord, reference)["risk"]["consent"] == "no"
