"""Whole conversations against the running service: what a resident does, what a team gets."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from tests.journeys.devices import Chat, Phone
from tests.journeys.residents import details, reference_in, resident
from tests.journeys.service import Service, wait_for
from tests.people import ALICE, Person

pytestmark = pytest.mark.journey

LONDON = ZoneInfo("Europe/London")
HOLIDAYS = {(2026, 12, 25), (2026, 12, 28), (2027, 1, 1), (2027, 3, 26), (2027, 3, 29)}


def working_day_end(opened_at: str, days: int, closes: int = 17) -> datetime:
    """Worked out beside the product: closing time, `days` working days after a case opened
    (0: that day, or the next working day when it opened after hours)."""
    local = datetime.fromisoformat(opened_at).astimezone(LONDON)

    def works(day: Any) -> bool:
        return day.weekday() < 5 and (day.year, day.month, day.day) not in HOLIDAYS

    day = local.date()
    if days == 0:
        while not works(day) or (day == local.date() and local.time() >= time(closes)):
            day += timedelta(days=1)
    while days:
        day += timedelta(days=1)
        days -= works(day)
    return datetime.combine(day, time(closes), LONDON).astimezone(UTC)


def due(case: dict[str, Any], kind: str) -> datetime:
    [found] = [one for one in case["deadlines"] if one["kind"] == kind]
    return datetime.fromisoformat(found["due_at"])


@pytest.fixture
def someone() -> Person:
    return resident()


def test_loud_music_at_night_by_text_to_vivid(service: Service, someone: Person) -> None:
    phone = Phone(service, "vivid", person=someone)
    first = phone.say("loud music at 2am most nights from the flat above, cant sleep")
    assert "automated" in first
    assert "noise" in first
    last = phone.answer_until("Your reference is", details(someone))
    assert "neighbourhood" in last.lower()
    case = service.case("vivid", reference_in(last))
    assert (case["category"], case["severity"], case["team"]) == (
        "noise",
        "category_b",
        "neighbourhood",
    )
    assert case["screening"]["outcome"] == "asb"
    assert "noisy or rowdy" in case["screening"]["clause"]["words"]
    assert due(case, "first_contact") == working_day_end(case["opened_at"], 1)
    [promise] = [one for one in case["deadlines"] if one["kind"] == "first_contact"]
    assert "next working day" in promise["clause"]["words"]
    assert case["report"]["description"].startswith("loud music at 2am")
    assert case["report"]["name"] == someone.name
    assert case["contact"]["safe_to_text"] is True
    # What the first words already held was not asked again.
    assert not any("How often" in text for text in phone.heard)


def test_racist_abuse_by_web_chat_to_places_for_people(service: Service) -> None:
    chat = Chat(service, "places-for-people").open()
    first = chat.say("the woman next door shouts racist abuse at me every day")
    assert "999" in first
    assert "report-it.org.uk" in first
    someone = resident()
    last = chat.answer_until("Your reference is", details(someone))
    case = service.case("places-for-people", reference_in(last))
    assert case["category"] == "hate"
    assert case["team"] == "tenancy-enforcement"
    assert case["severity"] == "high"
    assert "hate" in case["flags"]
    for kind in ("risk_assessment", "first_contact", "action_plan"):
        assert due(case, kind) == working_day_end(case["opened_at"], 1, closes=18), kind
    # High whatever the points: not one question of the card is answered yet.
    assert case["risk"]["score"] == 0
    assert case["risk"]["band"] == "high"
    assert case["risk"]["confirmed"] is False


def test_a_washing_machine_at_places_for_people_is_advised_on_and_may_be_challenged(
    service: Service,
) -> None:
    before = {case["reference"] for case in service.cases("places-for-people")}
    chat = Chat(service, "places-for-people").open()
    chat.say("my neighbours washing machine is on every evening and it rumbles")
    last = chat.answer_until("washing machines", {"Is this about": "yes"})
    assert "Noise from domestic appliances such as washing machines" in last
    [offer] = [
        [choice["label"] for choice in message["choices"]]
        for message in chat.messages()
        if "domestic appliances" in message["text"]
    ]
    assert "wrong" in offer[1]
    assert {case["reference"] for case in service.cases("places-for-people")} == before
    recorded = service.api("places-for-people", "non-asb")["reports"][0]
    assert recorded["screening"]["clause"]["section"].endswith("32")
    assert recorded["challenged_at"] is None

    someone = resident()
    reply = chat.say("2")
    assert "look at your report again" in reply
    chat.answer_until("Your reference is", details(someone))
    [challenged] = [
        one
        for one in service.api("places-for-people", "non-asb", challenged=True)["reports"]
        if one["reference"] == recorded["reference"]
    ]
    assert challenged["challenged_at"]
    assert challenged["screening"]["outcome"] == "not_asb"
    assert {case["reference"] for case in service.cases("places-for-people")} == before


def test_the_same_washing_machine_at_seven_locks_is_for_a_person(service: Service) -> None:
    someone = resident()
    phone = Phone(service, "seven-locks", person=someone)
    phone.say("my neighbours washing machine is on every evening and it rumbles")
    last = phone.answer_until("Your reference is", details(someone))
    assert "A person in our team will read" in last
    case = service.case("seven-locks", reference_in(last))
    assert case["screening"]["outcome"] == "review"
    assert case["status"] == "review"
    assert case["team"] == "housing"


def test_a_second_party_in_the_year_is_asb_at_nacro(service: Service) -> None:
    someone = resident()
    phone = Phone(service, "nacro", person=someone)
    phone.say("they had a big party next door on saturday, people everywhere till 1am")
    first = phone.answer_until("one-off", {"Is this about": "1", "first party there": "1"})
    assert "Nacro" in first or "policy" in first.lower()
    phone.say("1")
    assert service.cases("nacro") == [] or all(
        case["report"]["contact"] != someone.number for case in service.cases("nacro")
    )
    phone.say("another party at the same house last night, just as bad as before")
    last = phone.answer_until("Your reference is", details(someone))
    case = service.case("nacro", reference_in(last))
    assert case["category"] == "party"
    assert case["screening"]["outcome"] == "asb"
    assert case["severity"] == "medium"
    assert case["team"] == "housing-support"
    assert due(case, "face_to_face") == working_day_end(case["opened_at"], 10)


@pytest.mark.parametrize(
    ("words", "outcome"),
    [
        ("he is drilling and hammering doing diy at 3pm every day", "not_asb"),
        ("he is drilling and hammering doing diy at 2am every night", "asb"),
    ],
)
def test_diy_by_day_and_by_night_at_lyme_trust(service: Service, words: str, outcome: str) -> None:
    someone = resident()
    phone = Phone(service, "lyme-trust", person=someone)
    phone.say(words)
    stop = "7am to 11pm" if outcome == "not_asb" else "Your reference is"
    last = phone.answer_until(stop, details(someone))
    if outcome == "not_asb":
        [recorded] = [
            one
            for one in service.api("lyme-trust", "non-asb")["reports"]
            if one["description"] == words
        ]
        assert recorded["screening"]["outcome"] == "not_asb"
        assert "7am to 11pm" in recorded["screening"]["clause"]["words"]
        return
    case = service.case("lyme-trust", reference_in(last))
    assert case["screening"]["outcome"] == "asb"
    assert case["severity"] == "serious"
    assert case["team"] == "housing-support"
    # The policy sets no times, so none is promised.
    assert case["deadlines"] == []
    assert "by 5pm" not in last


def test_a_knife_at_the_door_gets_999_first_and_a_case_at_once(service: Service) -> None:
    someone = resident()
    phone = Phone(service, "vivid", person=someone)
    phone.say("he's outside my door right now with a knife")
    assert "999" in phone.heard[0]
    assert "55" in phone.heard[0]
    [case] = [
        one
        for one in service.cases("vivid")
        if one["report"]["description"] == "he's outside my door right now with a knife"
    ]
    assert case["team"] == "tenancy-enforcement"
    assert case["severity"] == "category_a"
    assert {"emergency", "weapon"} <= set(case["flags"])
    assert case["risk"]["band"] == "high"
    # The report goes on, and what is told later enriches the same case.
    last = phone.answer_until("Your reference is", details(someone))
    assert reference_in(last) == case["reference"]
    assert service.case("vivid", case["reference"])["report"]["name"] == someone.name


RISK_ANSWERS = {
    # By digit, by word and by label in turn; points worked out by hand from the printed card.
    1: ("1", 5),  # daily
    2: ("yes", 2),
    3: ("Yes", 2),
    4: ("2", 1),  # 'known' to each other
    5: ("2", 4),  # harassed in the past
    6: ("no", 1),  # told nobody: inverted
    7: ("1", 4),  # you
    8: ("2", 0),  # no
    9: ("yes", 3),
    10: ("4", 3),  # a lot
    11: ("1 and 2", 6),  # physical and mental health
    12: ("no", 0),
    13: ("3", 1),  # a few people
    14: ("2", 3),  # local community
}
BY_HAND = 35


def test_the_risk_card_by_text_scores_as_the_card_does(service: Service) -> None:
    assert sum(points for _, points in RISK_ANSWERS.values()) == BY_HAND
    someone = resident()
    phone = Phone(service, "places-for-people", person=someone)
    phone.say("loud music every night until 3am from number 9, it never stops")
    last = phone.answer_until("Your reference is", details(someone))
    reference = reference_in(last)
    assert "14 short questions" in last
    phone.say("1")
    for number, (answer, _) in RISK_ANSWERS.items():
        risk = service.case("places-for-people", reference)["risk"]
        assert risk["answered"] == number - 1, (number, phone.heard[-1])
        phone.say(answer)
    risk = service.case("places-for-people", reference)["risk"]
    assert risk["answered"] == 14
    assert risk["score"] == BY_HAND
    assert risk["could_reach"] == BY_HAND
    assert risk["band"] == "high"
    assert risk["answers"]["11"] == ["physical", "mental"]
    assert "share" in phone.heard[-1]
    phone.say("1")
    assert service.case("places-for-people", reference)["risk"]["consent"] == "yes"
    # The summary, and a correction by number: kept as a new entry, and said back.
    assert "Reply 1" in phone.heard[-1]
    assert "4 Where" in phone.heard[-1]
    phone.say("4")
    phone.say("the communal stairs")
    assert "communal stairs" in phone.heard[-1]
    done = phone.say("1")
    assert "all we need" in done
    assert (
        service.case("places-for-people", reference)["report"]["happened_where"]
        == "the communal stairs"
    )


def test_a_week_later_one_neutral_message(service: Service) -> None:
    someone = resident()
    phone = Phone(service, "vivid", person=someone)
    phone.say("dog barking all day and night at number 4, every single day")
    last = phone.answer_until("Your reference is", details(someone))
    reference = reference_in(last)
    case = service.case("vivid", reference)
    due_at = case["contact"]["next_due_at"]
    opened = datetime.fromisoformat(case["opened_at"])
    assert timedelta(days=4) <= datetime.fromisoformat(due_at) - opened <= timedelta(days=7)
    before = len(phone.texts())
    done = [one for _ in range(3) for one in service.jobs(due_at)]
    ours = [one for one in done if one.get("case") == reference]
    assert [one["did"] for one in ours] == ["put_out"]
    wait_for(lambda: len(phone.texts()) > before, 10, "the weekly message")
    assert len(phone.texts()) == before + 1
    [weekly] = phone.texts()[before:]
    body = weekly["body"]
    assert "VIVID" in body
    assert reference in body
    for private in (someone.name, someone.address, "dog", "bark", "noise", "neighbour", "number 4"):
        assert private.lower() not in body.lower()
    reply = phone.say("3")
    assert "sorry" in reply.lower()
    moved = datetime.fromisoformat(service.case("vivid", reference)["contact"]["next_due_at"])
    assert moved > datetime.fromisoformat(due_at)


def test_an_unsigned_text_is_refused(service: Service) -> None:
    before = service.api("vivid", "cases")
    answer = httpx.post(
        f"{service.url}/sms/twilio/inbound",
        data={
            "MessageSid": "SM" + "0" * 32,
            "From": ALICE.number,
            "To": "+447700900102",
            "Body": "hi",
        },
    )
    assert answer.status_code == 403
    assert service.api("vivid", "cases") == before
