"""Talk at any point is answered, and the same question comes again."""

import pytest
from resident import CARD, WORDING

from bot.components.reading import Turn, read

MUSIC = "someone plays really loud music with the bass thumping through my ceiling"
TALK = {
    "why do you need to know that": "why_",
    "who will see what i write": "who_sees",
    "who sees this?": "who_sees",
    "is this confidential?": "confidential",
    "will they know it was me": "if_told",
    "what happens next": "what_next",
    "what will you do to them": "what_done",
    "how long will this take": "how_long",
    "are you a robot?": "robot",
    "can i speak to a human": "handover",
    "can I talk to someone": "handover",
    "what is a case review?": "case_review",
    "this is useless": "insult",
    "fuck off": "insult",
    "im safe": "safe",
    "i dont feel safe": "unsafe_now",
    "any update": "status_none",
    "how do i ask for an asb case review": "case_review",
    "hello": "greet",
    "thanks": "thanks",
    "bye": "goodbye",
}
REPORT = {
    "kind_ok": (MUSIC,),
    "happened_when": (MUSIC, "1"),
    "happened_where": (MUSIC, "1", "yesterday"),
    "how_often": (MUSIC, "1", "yesterday", "my flat"),
    "who": (MUSIC, "1", "yesterday", "my flat", "1", "no"),
    "name": (MUSIC, "1", "yesterday", "my flat", "1", "no", "1", "1", "1"),
}
REPAIR = "also my boiler has stopped working and there is no hot water"
KNIFE = "he is outside my door right now with a knife"


def at(resident, slot):
    grace = resident()
    for words in REPORT[slot]:
        grace.says(words)
    assert grace.last["requested_slot"] == slot
    return grace


@pytest.mark.parametrize("slot", REPORT)
def test_every_digression_comes_back_to_the_question(resident, slot):
    grace = at(resident, slot)
    question, slots = grace.keys, grace.slots
    for words, key in TALK.items():
        grace.says(words)
        assert grace.keys[0].startswith(key), words
        assert grace.keys[1:] == question, words
        assert grace.last["requested_slot"] == slot, words
        assert grace.slots == slots, words


@pytest.mark.parametrize("slot", REPORT)
def test_a_repair_is_told_where_to_go_and_the_question_comes_again(resident, slot):
    grace = at(resident, slot)
    question, slots = grace.keys, grace.slots
    grace.says(REPAIR)
    assert grace.keys == ["other_repair", *question]
    assert grace.slots == slots


@pytest.mark.parametrize("slot", ["happened_when", "how_often", "name"])
def test_new_danger_is_kept_and_the_question_comes_again(resident, api, slot):
    """The api has sent the safety text by then; the words are kept with the report."""
    grace = resident()
    for words in {**REPORT, "happened_when": (MUSIC, "1")}[slot]:
        grace.says(words)
    question = grace.keys
    grace.message_flags = ["emergency", "weapon"]
    grace.says(KNIFE)
    assert grace.keys == ["danger_noted", *question]
    assert KNIFE in grace.slots["description"]
    grace.message_flags, grace.asked_safe = [], True
    grace.says("no")
    assert grace.keys == ["unsafe_now", *question]
    assert api.bodies("unsafe", grace.conversation) == [{"words": "no"}]


def test_after_a_safety_text_a_bare_yes_is_about_safety(resident):
    grace = at(resident, "kind_ok")
    grace.asked_safe = True
    grace.says("yes")
    assert grace.keys == ["safe", "ask_kind"]
    assert "kind" not in grace.slots
    grace.asked_safe = False
    grace.says("yes")
    assert grace.slots["kind"] == "noise"


def test_a_bare_yes_is_nobodys_name(resident):
    grace = at(resident, "name")
    grace.says("yes")
    assert grace.keys == ["say_again", "ask_name"]
    assert "name" not in grace.slots


@pytest.mark.parametrize("words", ["later", "not now", "can we do this later"])
def test_not_now_is_fine_and_the_question_waits(resident, words):
    grace = at(resident, "how_often")
    grace.says(words)
    assert grace.keys == ["pause", "ask_how_often"]
    assert grace.last["active_loop"] == "report_form"
    grace.says("most days")
    assert grace.slots["how_often"] == "most_days"
    assert grace.keys == ["ask_happening_now"]


def test_the_summary_comes_again_after_talk(resident):
    grace = resident("risk").offers([{"value": "start_risk", "label": "Answer them now"}])
    for _ in range(16):
        grace.says("1")
    assert grace.last["requested_slot"] == "summary_ok"
    for words, key in TALK.items():
        grace.says(words)
        expected = "why_summary" if key == "why_" else key
        assert grace.keys == [expected, "summary"], words
    grace.says(REPAIR)
    assert grace.keys == ["other_repair", "summary"]


def test_own_words_for_a_risk_question_are_said_back(resident):
    grace = resident("risk").offers([{"value": "start_risk", "label": "Answer them now"}])
    grace.says("1")
    grace.says("most nights really")
    assert grace.slots["r1"] == "most_days"
    assert grace.keys == ["heard_answer", "ask_r2"]
    assert grace.last["messages"][0]["values"] == {"answer": "Most days"}
    grace.says("go back")
    assert grace.keys == ["ask_r1"]


@pytest.mark.parametrize("number", [1, 7, 14])
def test_every_digression_comes_back_to_the_risk_question(resident, number):
    grace = resident("risk").offers([{"value": "start_risk", "label": "Answer them now"}])
    for _ in range(number):
        grace.says("1")
    assert grace.last["requested_slot"] == f"r{number}"
    for words, key in TALK.items():
        grace.says(words)
        expected = f"why_r{number}" if key == "why_" else key
        assert grace.keys == [expected, f"ask_r{number}"], words


@pytest.mark.parametrize(
    ("words", "agrees"),
    [
        ("that looks right to me", True),
        ("yes that is right, thank you", True),
        ("all right then", True),
        ("its happening again right now", False),
        ("he is outside right now", False),
        ("there is a man right outside my door", False),
        ("thats right but he has a knife", False),
    ],
)
def test_only_an_agreement_confirms_the_summary(words, agrees):
    offered = WORDING["summary"]["choices"]
    reading = read(Turn(words, [], [], offered, False, "summary_form", "summary_ok", {}))
    assert (reading.value == "yes") is agrees


@pytest.mark.parametrize("phase", ["risk", "checkin", "after"])
def test_talk_outside_a_form(resident, phase):
    grace = resident(phase)
    for words, key in TALK.items():
        grace.says(words)
        assert len(grace.keys) == 1, words
        assert grace.keys[0].startswith(key), words


def test_talk_before_anything_is_told_asks_what_happened(resident):
    grace = resident()
    grace.says("hello")
    assert grace.keys == ["greet", "ask_description"]
    grace.says("ok")
    assert grace.keys == ["say_again", "ask_description"]
    grace.says(MUSIC)
    assert grace.slots["description"] == MUSIC
    assert grace.keys == ["ask_kind"]


def test_why_names_the_question(resident):
    grace = at(resident, "who")
    grace.says("why")
    assert grace.keys == ["why_who", "ask_who"]


def test_back_asks_the_question_before(resident):
    grace = at(resident, "how_often")
    grace.says("go back")
    assert grace.keys == ["ask_where"]
    grace.says("the stairs")
    assert grace.slots["happened_where"] == "the stairs"
    assert grace.keys == ["ask_how_often"]


def test_back_to_the_kind_forgets_the_judgement(resident, api):
    grace = at(resident, "happened_when")
    grace.says("back")
    assert grace.keys == ["ask_kind"]
    assert "outcome" not in grace.slots
    grace.says("2")
    assert grace.keys == ["ask_kind_list"]


def test_back_at_the_first_question(resident):
    grace = resident()
    grace.says("hello")
    grace.says("back")
    assert grace.keys == ["first_question", "ask_description"]


def test_start_again_asks_what_happened(resident):
    grace = at(resident, "how_often")
    grace.says("start again")
    assert grace.keys == ["start_again", "ask_description"]
    assert "happened_when" not in grace.slots
    grace.says("someone keeps dumping old mattresses and bin bags by the gate")
    assert grace.last["messages"][0]["values"] == {"category": "fly_tipping"}


def test_a_narrative_is_never_a_command(resident):
    words = (
        "please make it start over here it is the music again and again, they go back inside "
        "when i talk to a person from the council and then it starts again"
    )
    grace = resident()
    grace.says(words)
    assert grace.slots["description"] == words
    grace = at(resident, "name")
    grace.says("start over please the music starts again")
    assert grace.slots["name"] == "start over please the music starts again"


def test_a_reply_beside_the_question_is_the_first_of_two_tries(resident):
    grace = at(resident, "how_often")
    grace.says("what is the capital of france")
    assert grace.keys == ["out_of_scope", "ask_how_often"]
    grace.says("banana")
    assert grace.keys == ["offer_person", "ask_how_often"]


def test_starting_again_amid_the_risk_questions_is_no_answer_either(resident):
    grace = resident("risk").offers([{"value": "start_risk", "label": "Answer them now"}])
    grace.says("1")
    asked = grace.keys[-1]
    grace.says("/restart")
    assert grace.keys[-1] == asked
    grace.says("/restart")
    assert grace.keys[-1] == asked
    grace.says("banana")
    assert grace.keys == ["offer_person", asked]


def test_two_unclear_answers_offer_a_person(resident, api):
    grace = at(resident, "how_often")
    grace.says("the bins the bins")
    assert grace.keys == ["say_again", "ask_how_often"]
    grace.says("purple monkey dishwasher on a hill")
    assert grace.keys == ["offer_person", "ask_how_often"]
    grace.says("9")
    assert grace.keys == ["say_again", "ask_how_often"]
    grace.says("99")
    assert grace.keys == ["offer_person", "ask_how_often"]
    grace.says("person")
    assert grace.keys == ["handover", "ask_how_often"]
    assert api.bodies("handover", grace.conversation) == [{"reason": "not_understood"}]
    grace.says("2")
    assert grace.slots["how_often"] == "most_days"


def test_every_risk_question_has_its_reason(resident):
    grace = resident("risk").offers([{"value": "start_risk", "label": "Answer them now"}])
    grace.says("1")
    for question in CARD["questions"]:
        grace.says("why")
        assert grace.keys[0] == f"why_r{question['number']}"
        grace.says("1")
