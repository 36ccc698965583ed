"""The opening words are listened to: what they hold is filled, and never asked."""

import pytest

from actions.report import Heard, noted, settle
from bot.components.details import read_details


def details(words):
    return [(one.name, one.value) for one in read_details(words)]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (
            "the man at number 9 keeps shouting at me on the stairs",
            {"who": "the man at number 9", "home": "number 9", "where": "the stairs"},
        ),
        (
            "loud music from the flat above, cant sleep",
            {"who": "the flat above", "home": "the flat above", "effect": "cant sleep"},
        ),
        (
            "a group of teenagers smoking weed in the bin store",
            {"who": "a group of teenagers", "where": "the bin store"},
        ),
        ("someone dumped a sofa by the bins", {"where": "by the bins"}),
        ("my ex husband turned up again", {"who": "my ex husband"}),
        ("he's outside my door right now", {"where": "outside my door"}),
        ("my son is disabled and they laugh at him", {}),
        ("a man was here", {}),
        ("noise again", {}),
        (
            "Flat 14's dog barks and my kids are scared",
            {"who": "Flat 14", "home": "Flat 14", "effect": "my kids are scared"},
        ),
    ],
)
def test_who_where_and_effect_are_read(words, found):
    assert dict(details(words)) == found


ALL = (
    "the man at number 9 plays loud music in the garden every night, last night until 4am, "
    "its on right now and i cant sleep, police gave me crime ref 42/12345/26"
)


def test_everything_told_first_is_filled_and_not_asked(resident, api):
    grace = resident(facts={"contact": "+447700900123"})
    grace.says(ALL)
    assert grace.keys == ["noted", "ask_kind"]
    assert grace.last["messages"][0]["values"] == {
        "when": grace.slots["happened_when"],
        "now": "yes",
        "how_often": "daily",
        "where": "the garden",
        "who": "the man at number 9",
    }
    asked = []
    for words in ("1", "no", "Grace Hope", "12 Rowan Court, M1 1AE", "1"):
        asked.append(grace.keys[-1])
        grace.says(words)
    assert asked == ["ask_kind", "ask_evidence", "ask_name", "ask_address", "ask_safe_number"]
    facts = api.bodies("submit", grace.conversation)[0]["facts"]
    assert {
        "happened_where": "the garden",
        "how_often": "daily",
        "happening_now": "yes",
        "who": "the man at number 9",
        "police_reference": "42/12345/26",
        "effect": "i cant sleep",
    }.items() <= facts.items()
    assert "4am" in facts["happened_when"]


def test_what_stands_beside_an_answer_is_listened_to_as_well(resident):
    grace = resident()
    grace.says("someone keeps blasting loud music with heavy bass")
    grace.says("1")
    assert grace.keys == ["ask_when"]
    grace.says("last night, it is every night and its from number 9")
    assert grace.slots["how_often"] == "daily"
    assert grace.slots["who"] == "number 9"
    assert grace.keys == ["ask_where"]


def test_where_they_live_told_as_where_it_happens_is_not_asked_again(resident):
    grace = resident(facts={"contact": "+447700900123"})
    for words in ("people are dealing drugs", "1", "monday at 2am"):
        grace.says(words)
    assert grace.keys == ["ask_where"]
    grace.says("my address is 3 Hazel Court, ZZ1 2AB")
    assert grace.slots["happened_where"] == "3 Hazel Court, ZZ1 2AB"
    assert grace.slots["address"] == "3 Hazel Court, ZZ1 2AB"
    assert "ask_where" not in grace.keys


def test_two_kinds_told_at_once_are_both_kept(resident, api):
    grace = resident()
    grace.says("they play really loud music every night, and they dump old mattresses by the bins")
    grace.says("1")
    facts = api.bodies("judge", grace.conversation)[0]["facts"]
    assert {facts["kind"], *facts["also"]} == {"noise", "fly_tipping"}


def test_more_trouble_told_instead_of_an_answer_is_a_matter_beside(resident, api):
    grace = resident()
    grace.says("they play really loud music with heavy bass")
    grace.says("1")
    grace.says("last night")
    grace.says("in my bedroom")
    assert grace.keys == ["ask_how_often"]
    grace.says("someone keeps dumping old mattresses and bin bags by the gate too")
    assert grace.keys == ["words_added", "ask_how_often"]
    facts = api.bodies("judge", grace.conversation)[-1]["facts"]
    assert facts["also"] == ["fly_tipping"]
    assert "mattresses" in facts["description"]


def heard(words, kinds, flagged=None):
    return Heard(text=words, kinds=tuple(kinds), kind_from_flags=flagged)


def test_what_danger_took_the_first_place_from_is_kept_beside():
    words = "he plays music all night and calls me names because im polish"
    facts = settle({"description": words}, heard(words, [("noise", 0.7)], "hate"))
    assert facts["kind"] == "hate"
    assert facts["also"] == ["noise"]


def test_what_the_first_words_hold_is_said_back():
    assert noted({}, {"happened_when": "last night"}) == {}
    assert noted({}, {"happened_when": "now", "happening_now": "yes"}) == {}
    assert noted({}, {"happened_when": "now", "how_often": "daily"}) == {"how_often": "daily"}
    assert noted({}, {"who": "my brother"}) == {"who": "my brother"}
    now = {"happened_when": "now", "happening_now": "yes", "how_often": "daily"}
    assert noted({}, now) == {"now": "yes", "how_often": "daily"}
    both = {"happened_when": "last night", "how_often": "daily"}
    assert noted({}, both) == {"when": "last night", "how_often": "daily"}
    assert noted({"kinds": []}, both) == {}
    assert noted({}, {**both, "kind": "domestic_abuse"}) == {}
