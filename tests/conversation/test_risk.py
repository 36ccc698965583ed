"""The risk questions, consent, the summary and its corrections; the weekly message."""

import pytest
from resident import CARD, WORDING

START = WORDING["offer_risk"]["choices"]


def started(resident):
    grace = resident("risk").offers(START)
    grace.says("1")
    return grace


def test_a_full_card_by_digits_words_and_labels(resident, api):
    grace = started(resident)
    assert grace.keys == ["ask_r1"]
    said = {}
    for question in CARD["questions"]:
        answer = question["answers"][0]
        how = question["number"] % 3
        words = {0: "1", 1: answer["label"], 2: (answer.get("say") or [answer["label"]])[0]}[how]
        assert grace.keys == [f"ask_r{question['number']}"]
        grace.says(words)
        said[str(question["number"])] = [answer["code"]]
    assert grace.keys == ["ask_consent"]
    grace.says("yeah")
    assert grace.keys == ["risk_done", "summary"]
    assert api.bodies("risk", grace.conversation) == [
        {"answers": said, "consent": "yes", "done": True}
    ]
    grace.says("1")
    assert grace.keys == ["all_done"]
    assert grace.last["active_loop"] is None


def test_several_none_and_skipped(resident, api):
    grace = started(resident)
    for question in CARD["questions"]:
        number = question["number"]
        grace.says({11: "1 and 2", 14: "none", 5: "skip", 7: "none"}.get(number, "1"))
    grace.says("prefer not to say")
    body = api.bodies("risk", grace.conversation)[0]
    assert body["answers"]["11"] == ["physical", "mental"]
    assert body["answers"]["14"] == []
    assert body["answers"]["7"] == ["none"]
    assert "5" not in body["answers"]
    assert body["consent"] is None


def test_questions_can_wait_and_go_on(resident, api):
    grace = started(resident)
    grace.says("daily")
    grace.says("later")
    assert grace.keys == ["risk_later"]
    assert grace.last["active_loop"] is None
    assert api.bodies("risk", grace.conversation) == [
        {"answers": {"1": ["daily"]}, "consent": None, "done": False}
    ]
    grace.choices = WORDING["risk_later"]["choices"]
    grace.says("1")
    assert grace.keys == ["ask_r2"]


def test_later_before_the_first(resident, api):
    grace = resident("risk").offers(START)
    grace.says("2")
    assert grace.keys == ["risk_later"]
    assert api.requests == []


def test_words_instead_of_an_answer_are_kept_and_the_offer_stands(resident, api):
    grace = resident("risk").offers(START)
    grace.says("he has just thrown a bottle at my window again")
    assert grace.keys == ["checkin_words_kept", "offer_risk"]
    assert api.bodies("checkin", grace.conversation)[0]["words"].startswith("he has just thrown")


def summary(resident):
    grace = started(resident)
    for _ in range(15):
        grace.says("1")
    assert grace.keys[-1] == "summary"
    return grace


def test_a_correction_then_the_summary_again(resident, api):
    grace = summary(resident)
    grace.says("change something")
    assert grace.keys == ["summary_change_what"]
    grace.says("4")
    assert grace.keys == ["ask_how_often"]
    grace.says("it is nearly every night")
    assert grace.keys == ["changed", "summary"]
    assert api.bodies("correct", grace.conversation) == [{"what": "how_often", "to": "most_days"}]
    grace.says("no")
    grace.says("my name")
    grace.says("Grace Hope-Jones")
    assert api.bodies("correct", grace.conversation)[1] == {
        "what": "name",
        "to": "Grace Hope-Jones",
    }
    grace.says("it is right")
    assert grace.keys == ["all_done"]


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("1", "better"),
        ("the same", "same"),
        ("getting worse", "worse"),
        ("can you call me", "call_me"),
    ],
)
def test_weekly_message_is_answered(resident, api, words, answer):
    grace = resident("checkin").offers(WORDING["checkin"]["choices"])
    grace.says(words)
    assert grace.keys == [f"checkin_thanks_{answer}"]
    assert api.bodies("checkin", grace.conversation) == [{"answer": answer, "words": None}]


def test_weekly_message_answered_in_words(resident, api):
    grace = resident("checkin").offers(WORDING["checkin"]["choices"])
    grace.says("it was quiet until sunday, then they had the music on until four in the morning")
    assert grace.keys == ["checkin_words_kept"]
