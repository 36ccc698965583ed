"""What is taken back, at any turn and in any form: said back, and the same question again."""

import pytest
from resident import WORDING

from bot.components.corrections import corrected
from bot.components.details import read_details
from bot.components.entities import EntityReader

READER = EntityReader()
TOLD = {
    "happened_when": "monday at 2am",
    "happened_where": "flat 21",
    "who": "the man in flat 21",
    "how_often": "most_days",
    "name": "Grace Hope",
    "address": "12 Rowan Court, M1 1AE",
    "contact": "+447700900123",
}
# A date, a place and a home that all hold the same number.
ALIKE = {
    **TOLD,
    "happened_when": "21 October at 9pm",
    "happened_where": "outside flat 21",
    "who": "my neighbour",
    "address": "21 Hazel Court",
}
LINES = [{"value": v} for v in "yes kind when where how_often who name address contact".split()]


def read(words, asked, choices=(), known=TOLD):
    found = [*READER.read(words), *read_details(words)]
    entities = [{"entity": one.name, "value": one.value} for one in found]
    return corrected(words, known=known, asked=asked, entities=entities, choices=choices)


@pytest.mark.parametrize(
    ("words", "asked", "fixed"),
    [
        ("no, it was Tuesday", "happened_where", {"happened_when": "Tuesday at 2am"}),
        ("No it was tuesday", "kind_ok", {"happened_when": "tuesday at 2am"}),
        ("no, it was Tuesday", "how_often", {"happened_when": "Tuesday at 2am"}),
        ("sorry it was 3am", "r2", {"happened_when": "monday at 3am"}),
        ("wrong date it was friday", "evidence", {"happened_when": "friday at 2am"}),
        ("it wasnt monday it was tuesday", "name", {"happened_when": "tuesday at 2am"}),
        (
            "sorry wrong flat, 12 not 21",
            "how_often",
            {"happened_where": "flat 12", "who": "the man in flat 12"},
        ),
        ("actually its every day", "who", {"how_often": "daily"}),
        ("i meant my brother not my neighbour", "name", {"who": "my brother"}),
        ("sorry its the woman at number 4", "r7", {"who": "the woman at number 4"}),
        ("actually it was on the stairs", "evidence", {"happened_where": "the stairs"}),
        ("actually it was in the flat above mine", "r2", {"happened_where": "the flat above mine"}),
        ("sorry, it happened in my kitchen", "r2", {"happened_where": "my kitchen"}),
        ("change my name to Grace Jones", "r3", {"name": "Grace Jones"}),
        ("sorry wrong number 07700 900 555", "r1", {"contact": "+447700900555"}),
        ("sorry, my name is Jo Alder", "r8", {"name": "Jo Alder"}),
        ("my address is 3 Hazel Court, ZZ1 2AB", "r8", {"address": "3 Hazel Court, ZZ1 2AB"}),
        ("Sorry, my new number is 07700 900 555", "r8", {"contact": "+447700900555"}),
    ],
)
def test_what_is_taken_back_is_put_right(words, asked, fixed):
    assert read(words, asked) == fixed


@pytest.mark.parametrize("asked", ["happened_where", "who", "how_often", "evidence", "name", "r2"])
@pytest.mark.parametrize(
    "words",
    [
        "it was actually tuesday", "it was tuesday sorry", "tuesday not monday sorry",
        "tuesday not monday", "i got the day wrong it was tuesday", "oh no it was tuesday",
        "i got the day wrong, it was tuesday", "wait, i said monday but it was tuesday",
        "wait it was tuesday", "that's not right, it was tuesday", "no, tuesday", "tuesday i mean",
        "the day is wrong it was tuesday", "wrong day, tuesday",
        "i gave you the wrong day its tuesday",
        "i made a mistake it was tuesday", "should be tuesday", "it happened tuesday actually",
    ],
)  # fmt: skip
def test_a_day_is_put_right_in_any_ordinary_form(words, asked):
    assert read(words, asked) == {"happened_when": "tuesday at 2am"}


@pytest.mark.parametrize(
    ("words", "fixed"),
    [
        ("sorry wrong flat, 12 not 21", {"happened_where": "outside flat 12"}),
        ("12 not 21", {"happened_where": "outside flat 12"}),
        ("i said flat 21 but its flat 12", {"happened_where": "outside flat 12"}),
        ("that's not right, it was flat 12", {"happened_where": "outside flat 12"}),
        ("i gave you the wrong flat number its 12", {"happened_where": "outside flat 12"}),
        ("sorry, my flat is 12 not 21", {"address": "12 Hazel Court"}),
        ("i live at 12 not 21 sorry", {"address": "12 Hazel Court"}),
        ("wrong address, 12 not 21", {"address": "12 Hazel Court"}),
        ("i gave you the wrong address, its 14 Elm Court", {"address": "14 Elm Court"}),
        ("sorry 10pm not 9pm", {"happened_when": "21 October at 10pm"}),
    ],
)
def test_a_number_is_put_right_where_it_is_meant(words, fixed):
    assert read(words, "evidence", known=ALIKE) == fixed


def test_a_flat_that_nothing_else_holds_is_their_own_and_never_a_date():
    elsewhere = {**ALIKE, "happened_where": "the stairs"}
    fixed = {"address": "12 Hazel Court"}
    assert read("sorry wrong flat, 12 not 21", "evidence", known=elsewhere) == fixed
    assert read("sorry wrong flat, 12 not 21", "address", known=elsewhere) == {}
    who = {**elsewhere, "who": "the man at 21"}
    fixed = {"who": "the man at 12"}
    assert read("sorry wrong flat, 12 not 21", "evidence", known=who) == fixed


def test_an_address_that_was_told_as_the_place_is_put_right_there():
    place = {**ALIKE, "happened_where": "4 Hazel Court", "address": None}
    words = "i gave you the wrong address, its 14 Elm Court"
    assert read(words, "evidence", known=place) == {"happened_where": "14 Elm Court"}
    nothing = {**place, "happened_where": "the stairs"}
    assert read(words, "evidence", known=nothing) == {"address": "14 Elm Court"}


@pytest.mark.parametrize(
    ("words", "fixed"),
    [
        ("actually my boyfriend does it not my neighbour", "my boyfriend"),
        ("its my boyfriend that does it not my neighbour sorry", "my boyfriend"),
        ("wrong person it was my brother", "my brother"),
        ("it was actually my mum's boyfriend", "my mum's boyfriend"),
        ("it wasnt my neighbour it was my son", "my son"),
    ],
)
def test_somebody_is_put_right_without_what_they_do(words, fixed):
    assert read(words, "how_often", known=ALIKE) == {"who": fixed}


@pytest.mark.parametrize("asked", ["who", "address", "contact", "safe_contact", "name", "r4"])
def test_a_place_is_put_right_whatever_is_asked(asked):
    fixed = {"happened_where": "the car park"}
    assert read("actually it was in the car park", asked, known=ALIKE) == fixed


def test_a_flat_alone_may_be_the_answer_and_is_a_correction_where_they_say_it_was_wrong():
    fixed = {"happened_where": "outside flat 12"}
    for asked in ("who", "evidence", "address"):
        assert read("sorry flat 12", asked, known=ALIKE) == {}
        assert read("that's not right, it was flat 12", asked, known=ALIKE) == fixed


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        ("actually only on mondays", "safe_contact"),
        ("sorry, he came back on friday", None),
        ("sorry they did it again last night", None),
        ("actually my neighbour saw it", "evidence"),
        ("actually the kids are scared", "r2"),
        ("sorry my neighbour is not nice", "r2"),
        ("no sorry", "evidence"),
        ("1 not 2", "how_often"),
        ("photos of monday not tuesday", "evidence"),
        ("sorry flat 12", "address"),
        ("sorry its flat 12", "contact"),
        ("i said no but its getting worse", "r3"),
    ],
)
def test_what_is_told_anew_corrects_nothing(words, asked):
    offered = [{"value": value} for value in "abc"] if asked == "how_often" else ()
    assert read(words, asked, offered, known={**ALIKE, "happened_where": "flat 2"}) == {}


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        ("actually its every day", "how_often"),
        ("sorry, every monday", "how_often"),
        ("no it stopped at 2am", "happening_now"),
        ("no, it was last night", "happening_now"),
        ("sorry i was at work all day and could not answer you", "who"),
        ("no the man at number 9 has", "r5"),
        ("no not really", "r2"),
        ("actually i think they are known for it", "r5"),
        ("start over please the music starts again", "name"),
        ("my name is Grace", "name"),
        ("my name is not on the tenancy", "r8"),
        ("my address is known to him", "r8"),
        ("my phone is broken", "r8"),
        ("my address is 3 Hazel Court", "happened_where"),
        ("sorry, not sure", "who"),
        ("no, it was the stairs where he sat on monday and then he came up and shouted", "who"),
        ("", "who"),
    ],
)
def test_an_answer_is_no_correction(words, asked):
    assert read(words, asked) == {}


@pytest.mark.parametrize(
    ("words", "fixed"),
    [
        ("change 3 to friday", {"happened_when": "friday"}),
        ("4: the stairs", {"happened_where": "the stairs"}),
        ("line 5 should be every day", {"how_often": "daily"}),
        ("9 is 07700 900 555", {"contact": "+447700900555"}),
        ("3", {}),
        ("1 is fine", {}),
        ("12 to friday", {}),
    ],
)
def test_a_line_of_the_summary_is_changed_by_its_number(words, fixed):
    assert read(words, "summary_ok", LINES) == fixed


NOISE = "loud music most nights from the flat above"


def at_name(resident):
    grace = resident(facts={"contact": "+447700900123"})
    for words in (NOISE, "1", "monday at 2am", "no", "no", "no"):
        grace.says(words)
    assert grace.last["requested_slot"] == "name"
    return grace


@pytest.mark.parametrize(
    ("words", "slot", "value", "called"),
    [
        ("no, it was Tuesday", "happened_when", "Tuesday at 2am", "when"),
        ("actually its every day", "how_often", "daily", "how_often"),
        ("i meant my brother not the flat above", "who", "my brother", "who"),
        ("actually it was in the car park", "happened_where", "the car park", "where"),
        ("i got the day wrong it was tuesday", "happened_when", "tuesday at 2am", "when"),
        ("i gave you the wrong address, its 14 Elm Court", "address", "14 Elm Court", "address"),
    ],
)
def test_a_correction_in_the_form_is_said_back_and_the_question_stands(
    resident, api, words, slot, value, called
):
    grace = at_name(resident)
    judged = len(api.bodies("judge", grace.conversation))
    grace.says(words)
    assert grace.keys == ["changed", "ask_name"]
    assert grace.last["messages"][0]["values"]["changes"][called] == value
    assert grace.slots[slot] == value
    # What is judged has changed, so it is judged again.
    assert len(api.bodies("judge", grace.conversation)) == judged + 1
    grace.says("Grace Hope")
    assert grace.slots["name"] == "Grace Hope"


def test_a_correction_of_a_second_report_is_its_own(resident, api):
    grace = resident("after", facts={"contact": "+447700900123"})
    for words in (NOISE, "1", "monday at 2am", "no", "no", "no"):
        grace.says(words)
    grace.says("no, it was Tuesday")
    assert grace.keys == ["changed", "ask_name"]
    assert grace.slots["happened_when"] == "Tuesday at 2am"
    assert api.bodies("correct", grace.conversation) == []


def test_danger_told_amid_a_second_report_stays_in_it(resident, api):
    grace = resident("after", facts={"contact": "+447700900123"})
    for words in (NOISE, "1", "monday at 2am"):
        grace.says(words)
    asked = grace.keys[-1]
    grace.message_flags = ["emergency", "weapon"]
    grace.says("he is at my door with a knife")
    assert grace.keys == ["danger_noted", asked]
    assert grace.slots["description"].endswith("he is at my door with a knife")
    assert api.bodies("checkin", grace.conversation) == []


def test_a_correction_amid_the_risk_questions_is_a_new_entry(resident, api):
    grace = resident("risk").offers(WORDING["offer_risk"]["choices"])
    grace.told = TOLD
    for words in ("1", "1", "1"):
        grace.says(words)
    assert grace.last["requested_slot"] == "r3"
    grace.says("sorry wrong flat, 12 not 21")
    assert grace.keys == ["changed", "ask_r3"]
    assert api.bodies("correct", grace.conversation) == [
        {"what": "where", "to": "flat 12"},
        {"what": "who", "to": "the man in flat 12"},
    ]
    grace.says("actually it is most weeks")
    assert grace.keys == ["changed", "ask_r3"]
    assert grace.slots["r1"] == "most_weeks"


def test_what_is_told_before_it_is_asked_is_kept_and_not_asked(resident):
    grace = resident(facts={"contact": "+447700900123"})
    for words in (NOISE, "1"):
        grace.says(words)
    assert grace.last["requested_slot"] == "happened_when"
    grace.says("my name is Grace Hope")
    assert grace.keys == ["changed", "ask_when"]
    for words in ("monday at 2am", "no", "no", "no"):
        grace.says(words)
    assert grace.last["requested_slot"] == "address"
    assert grace.slots["name"] == "Grace Hope"


@pytest.mark.parametrize("phase", ["risk", "checkin", "after"])
def test_a_correction_after_the_report_is_in(resident, api, phase):
    grace = resident(phase)
    grace.told = TOLD
    grace.says("no, it was Tuesday")
    assert grace.keys == ["changed"]
    assert api.bodies("correct", grace.conversation) == [{"what": "when", "to": "Tuesday at 2am"}]


def at_summary(resident):
    grace = resident("risk").offers(WORDING["offer_risk"]["choices"])
    grace.told = TOLD
    for _ in range(16):
        grace.says("1")
    assert grace.keys == ["risk_done", "summary"]
    return grace


@pytest.mark.parametrize("words", ["3", "change 3", "line 3", "when", "the date"])
def test_a_line_of_the_summary_is_picked_and_then_told(resident, api, words):
    grace = at_summary(resident)
    grace.says(words)
    assert grace.keys == ["summary_change_to"]
    grace.says("friday night")
    assert grace.keys == ["changed", "summary"]
    assert api.bodies("correct", grace.conversation) == [{"what": "when", "to": "friday night"}]
    grace.says("1")
    assert grace.keys == ["all_done"]


def test_the_summary_is_changed_in_one_message(resident, api):
    grace = at_summary(resident)
    grace.says("change 4 to the stairs")
    assert grace.keys == ["changed", "summary"]
    grace.says("sorry its the woman at number 4")
    assert api.bodies("correct", grace.conversation) == [
        {"what": "where", "to": "the stairs"},
        {"what": "who", "to": "the woman at number 4"},
    ]


@pytest.mark.parametrize(("line", "asked"), [("5", "ask_how_often"), ("3", "summary_change_to")])
def test_another_fact_is_put_right_while_a_line_is_changed(resident, api, line, asked):
    grace = at_summary(resident)
    grace.says(line)
    assert grace.keys == [asked]
    grace.says("my address is 3 Hazel Court, ZZ1 2AB")
    assert grace.keys == ["changed", asked]
    corrected = {"what": "address", "to": "3 Hazel Court, ZZ1 2AB"}
    assert api.bodies("correct", grace.conversation) == [corrected]
    grace.says("why do you need that?")
    assert grace.keys == ["why_change_to", asked]


def test_start_again_says_what_is_kept(resident):
    grace = at_name(resident)
    grace.says("start again")
    assert grace.keys == ["start_again", "ask_description"]
    grace = at_name(resident)
    grace.says("Grace Hope")
    grace.says("start again")
    assert grace.keys == ["start_again_kept", "ask_description"]
    assert grace.slots["name"] == "Grace Hope"
    assert not {"happened_when", "how_often", "who", "also", "effect"} & set(grace.slots)
