"""Free words at a question: the answer, wherever they may be one, and else what they are instead.

A real answer that is refused does more harm than nonsense that is kept.
"""

from pathlib import Path

import pytest
import tomli
from resident import WORDING, Resident

from bot.components.reading import Turn, read
from bot.components.requests import Said, request

LINES = tomli.loads((Path(__file__).parent / "free_answers.toml").read_text(encoding="utf-8"))
ANSWERS: dict[str, list[str]] = LINES["answers"]
BESIDE: dict[str, list[str]] = LINES["beside"]
CHOICES = {
    "who": WORDING["ask_who"]["choices"],
    "evidence": WORDING["ask_evidence"]["choices"],
}
PLACES = ("happened_when", "happened_where", "name", "address")
NEVER = [slot for slot in ANSWERS if slot != "safe_how"]


def turn(text, asked, ranking=(), entities=(), tried=False):
    slots = {"unclear_slot": asked, "unclear_count": 1.0} if tried else {}
    found = [{"entity": name, "value": value} for name, value in entities]
    choices = CHOICES.get(asked, [])
    return Turn(text, list(ranking), found, choices, False, "report_form", asked, slots)


def taken(bot, text, asked, tried=False):
    """What the trained model's reading of the words is taken for at a question."""
    parsed = Resident(bot).post({"text": text}, "parse").json()
    ranking = [(one["name"], one["confidence"]) for one in parsed["ranking"]]
    entities = [(one["entity"], one["value"]) for one in parsed["entities"]]
    meant = read(turn(text, asked, ranking, entities, tried)).intent
    beside = request(Said(text, ranking, meant, loop="report_form", asked=asked))
    return beside[0] if beside else meant


@pytest.mark.parametrize("asked", ANSWERS)
def test_a_real_answer_is_never_refused(bot, asked):
    refused = {text: taken(bot, text, asked) for text in ANSWERS[asked]}
    assert {text: intent for text, intent in refused.items() if intent != "answer"} == {}


@pytest.mark.parametrize("asked", NEVER)
def test_what_is_told_or_asked_beside_it_is_no_answer(bot, asked):
    for intent, texts in BESIDE.items():
        assert {text: taken(bot, text, asked) for text in texts} == dict.fromkeys(texts, intent)


@pytest.mark.parametrize("asked", PLACES)
@pytest.mark.parametrize("words", ["tell me a joke", "asdf qwer zxcv", "i love you"])
def test_chatter_is_no_time_place_or_name(bot, asked, words):
    assert taken(bot, words, asked) == "out_of_scope"


@pytest.mark.parametrize("asked", ["happened_where", "address"])
def test_small_talk_is_no_place(bot, asked):
    assert taken(bot, "lovely weather today", asked) == "out_of_scope"


@pytest.mark.parametrize("asked", NEVER)
@pytest.mark.parametrize("words", ["is it ok if i dont give my name", "do i have to give my name"])
def test_whether_a_name_is_needed_is_a_wish_to_give_none(bot, asked, words):
    assert taken(bot, words, asked) == "stay_anonymous"


@pytest.mark.parametrize("words", ["do i have to say when?", "must i say when"])
def test_a_question_about_the_time_is_no_time(bot, words):
    assert taken(bot, words, "happened_when") in ("ask_why", "unclear")


@pytest.mark.parametrize(
    "words", ["when i got home", "most nights i cant sleep", "do you mean monday"]
)
def test_a_time_is_one_however_it_begins(bot, words):
    assert taken(bot, words, "happened_when") == "answer"


@pytest.mark.parametrize("asked", [*PLACES, "who"])
@pytest.mark.parametrize("words", ["...", "ok", "hmm"])
def test_a_nod_and_no_words_at_all_are_no_answer(asked, words):
    assert read(turn(words, asked)).intent == "unclear"


REPAIRS = [("report_repairs", 0.98)]
NOISE = [("report_noise", 0.9)]


def test_a_time_is_asked_for_once_more_and_then_whatever_is_said_is_kept():
    for words in ("qwx zzk blorp", "banana", "it was raining"):
        assert read(turn(words, "happened_when")).intent == "unclear"
        assert read(turn(words, "happened_when", tried=True)).intent == "answer"
    told = "they also shout at everybody who passes"
    assert read(turn(told, "happened_when", NOISE)).intent == "add_words"
    assert (
        read(turn("my boiler has broken down", "happened_when", REPAIRS)).intent == "other_repair"
    )


def test_where_a_time_stands_it_is_taken_whatever_it_sounds_like():
    for words in ("my boiler broke last night", "since the lift broke"):
        assert read(turn(words, "happened_when", REPAIRS)).intent == "answer"
    words = "also the lift broke on monday"
    assert read(turn(words, "happened_when", REPAIRS)).intent == "other_repair"


@pytest.mark.parametrize("asked", ["happened_where", "who", "name", "address"])
@pytest.mark.parametrize(
    "words",
    ["my boiler has stopped working", "the lift is broken again", "i have no heating at all"],
)
def test_a_repair_is_told_where_to_go(asked, words):
    assert read(turn(words, asked, REPAIRS)).intent == "other_repair"


def test_a_place_with_a_repair_in_it_stays_a_place():
    for words in ("the lift, its always broken", "by the door that is broken"):
        assert read(turn(words, "happened_where", REPAIRS)).intent == "answer"
    there = "there is a leak in my bathroom"
    seen = [("where", "my bathroom")]
    assert read(turn(there, "happened_where", REPAIRS, seen)).intent == "other_repair"
    assert (
        read(turn("my bathroom has the leak", "happened_where", REPAIRS, seen)).intent == "answer"
    )


def test_what_is_broken_may_be_the_evidence():
    assert read(turn("my front door is still broken", "evidence", REPAIRS)).intent == "answer"
    wish = "can you send someone to fix my front door"
    assert read(turn(wish, "evidence", REPAIRS)).intent == "other_repair"


def test_another_service_is_not_called_a_repair():
    rent = [("report_other_service", 0.98)]
    for asked in ("happened_when", "happened_where", "name", "how_often"):
        assert read(turn("i want to pay my rent", asked, rent)).intent == "out_of_scope"


def test_a_name_that_sounds_like_nonsense_is_taken_the_second_time():
    unsure, sure = [("out_of_scope", 0.8)], [("out_of_scope", 0.95)]
    assert read(turn("Xolani Marula", "name", unsure)).intent == "answer"
    assert read(turn("Qwe Zxc", "name", sure)).intent == "out_of_scope"
    assert read(turn("Qwe Zxc", "name", sure, tried=True)).intent == "answer"


def test_one_word_is_a_name_before_it_is_a_question():
    assert read(turn("Will", "name", [("ask_what_done", 0.9)])).intent == "answer"
    assert read(turn("them", "who", [("ask_what_done", 0.9)])).intent == "answer"
    assert read(turn("privacy?", "name", [("ask_confidential", 0.9)])).intent == "ask_confidential"


# ---- Whole conversations ----------------------------------------------------------------------

MUSIC = "someone plays really loud music with the bass thumping through my ceiling"


def at(resident, *answers):
    grace = resident()
    for words in (MUSIC, "1", *answers):
        grace.says(words)
    return grace


def test_nobody_is_asked_more_than_twice_for_a_time(resident):
    grace = at(resident)
    grace.says("purple monkey dishwasher")
    assert grace.keys == ["say_again", "ask_when"]
    grace.says("banana")
    assert grace.slots["happened_when"] == "banana"
    assert grace.keys == ["ask_where"]


def test_interruptions_at_every_free_question_leave_the_facts_alone(resident):
    grace = at(resident)
    answers = ("last night at 2am", "the stairs", "1", "no", "my neighbour", "no", "photos",
               "Grace Hope", "12 Rowan Court")  # fmt: skip
    for words in answers:
        asked, facts = grace.keys[-1], grace.slots
        if asked not in ("ask_how_often", "ask_happening_now", "ask_police_reference"):
            for beside, key in (
                ("also my boiler is leaking, can you send a plumber", "other_repair"),
                ("what do you need my address for", "why_"),
            ):
                grace.says(beside)
                assert grace.keys[0].startswith(key), (asked, beside)
                assert grace.keys[1:] == [asked]
                assert grace.slots == facts
        grace.says(words)
    assert grace.keys == ["ask_contact"]
    assert (grace.slots["name"], grace.slots["address"]) == ("Grace Hope", "12 Rowan Court")
