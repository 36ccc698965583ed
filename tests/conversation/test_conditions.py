"""Yes, but: what is said on a condition is never a plain yes, and its words are kept."""

import pytest
from resident import WORDING

from bot.components.reading import Turn, read

SAFE = WORDING["ask_safe_number"]["choices"]
CONSENT = WORDING["ask_consent"]["choices"]


def answer(words, asked="safe_contact", ranking=(), flags=()):
    loop, choices = ("report_form", SAFE) if asked == "safe_contact" else ("risk_form", CONSENT)
    turn = Turn(words, list(ranking), [], choices, False, loop, asked, {}, list(flags))
    reading = read(turn)
    return reading.value if reading.intent == "answer" else reading.intent


@pytest.mark.parametrize(
    "words",
    [
        "yes but only in mornings", "not when hes home", "not when he's home", "only by text",
        "yes but dont ring", "yes during the day", "safe during the day", "not safe at night",
        "its safe when he is at work",
        "yes any time after 6", "yes no calls", "yes texts only", "yes for now", "safe for now",
        "yes by email", "yes call me anytime", "yes 9 to 3", "yes mon to fri", "yes not after 8",
        "yes except weekends", "yep but hes home at 5", "yes my sister has this phone",
        "in the mornings", "mornings", "text only", "by email", "after 6",
        "depends who is here", "please dont ring", "dont leave a voicemail", "call my sister",
        "as long as you dont ring", "when i text first", "if hes out", "monday to friday",
        "only when he has gone to work", "no but my work number is ok", "no only by email",
        "no not when hes here", "no you can email me", "1 but not evenings", "can you text instead",
        "please only text me", "only by text?",
    ],
)  # fmt: skip
def test_contact_that_is_safe_on_a_condition_is_no_plain_yes(words):
    assert answer(words) == "in_part"


@pytest.mark.parametrize(
    ("words", "value"),
    [
        *((words, "yes") for words in (
            "1", "yes", "y", "yes it is", "yes thats fine", "yes its safe", "fine", "its safe",
            "yes i live alone", "yes no one else has my phone", "yes nobody else sees it",
            "yes only me", "yes its just me here", "yes its my own phone", "yes you can text me",
            "yes text is fine", "yes anytime", "yes any time day or night", "yes i think so",
            "yes this number is fine", "yes if you need to", "yes please",
        )),
        *((words, "no") for words in (
            "2", "no", "not safe", "not really", "it is not safe", "its not safe", "no its not",
            "no he checks my phone", "he checks my phone",
            "my husband sees my texts", "he reads my messages at night", "not on this number",
            "no not on this number", "no but he reads it", "no because he is home when i am",
        )),
        *((words, "dont_know") for words in (
            "not sure", "i dont know if its safe", "depends", "maybe", "yes but",
        )),
        *((words, "unclear") for words in ("banana", "is it safe", "can he see it if you text")),
    ],
)  # fmt: skip
def test_whether_contact_is_safe(words, value):
    assert answer(words) == value


def test_a_question_about_contact_is_answered_and_is_no_yes():
    assert answer("will he see it", ranking=[("ask_if_told", 0.9)]) == "ask_if_told"
    assert answer("how do i know its safe", ranking=[("ask_why", 0.4)]) == "ask_why"
    assert answer("can you ring me", ranking=[("ask_person", 0.9)]) == "ask_person"


def test_a_condition_that_tells_of_abuse_is_still_the_condition():
    words = "only when my husband is out"
    assert answer(words, flags=["domestic_abuse"]) == "in_part"
    assert answer(words, flags=["domestic_abuse", "emergency"]) == "danger"


@pytest.mark.parametrize(
    "words",
    [
        "yes but not the police", "only the council", "not the police", "yes if you dont tell him",
        "yes except my neighbour", "yes but keep my name out of it", "yes without my name",
        "as long as he doesnt find out", "ask me first", "no but you can tell the council",
        "i dont want the police involved", "the police yes but not the council",
    ],
)  # fmt: skip
def test_consent_on_a_condition_is_no_plain_yes(words):
    assert answer(words, "consent") == "in_part"


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("yes", "yes"), ("yes you may", "yes"), ("yes of course", "yes"), ("i dont mind", "yes"),
        ("yes if it helps", "yes"), ("no", "no"), ("no thanks", "no"), ("id rather not", "no"),
        ("i dont know", "dont_know"), ("prefer not to say", "declined"), ("banana", "unclear"),
        ("what if he finds out", "unclear"),
    ],
)  # fmt: skip
def test_consent(words, value):
    assert answer(words, "consent") == value


# ---- Whole conversations ----------------------------------------------------------------------

MUSIC = "someone plays really loud music with the bass thumping through my ceiling"
ANSWERS = (MUSIC, "1", "last night at 2am", "my flat", "2", "no", "1", "1", "1", "Grace Hope",
           "12 Rowan Court, M1 1AE")  # fmt: skip


@pytest.mark.parametrize("words", ["yes but only in mornings", "not when hes home", "only by text"])
def test_a_condition_on_contact_is_kept_as_how_it_is_safe(resident, api, words):
    grace = resident(facts={"contact": "+447700900123"})
    for answer_ in ANSWERS:
        grace.says(answer_)
    assert grace.keys == ["ask_safe_number"]
    grace.says(words)
    assert grace.keys == ["case_opened", "offer_risk"]
    facts = api.bodies("submit", grace.conversation)[0]["facts"]
    assert (facts["safe_contact"], facts["safe_how"]) == ("no", words)


def test_after_domestic_abuse_a_condition_is_all_that_is_asked(resident, api):
    grace = resident(facts={"contact": "+447700900123"})
    grace.kind_from_flags, grace.flags = "domestic_abuse", ["domestic_abuse"]
    for words in ("my husband hit me again", "1"):
        grace.says(words)
    assert grace.keys == ["ask_safe_number"]
    grace.message_flags = ["domestic_abuse"]
    grace.says("only when my husband is at work")
    facts = api.bodies("submit", grace.conversation)[0]["facts"]
    assert facts["safe_contact"] == "no"
    assert facts["safe_how"] == "only when my husband is at work"


def test_that_he_checks_the_phone_asks_for_another_way(resident, api):
    grace = resident(facts={"contact": "+447700900123"})
    for words in (*ANSWERS, "he checks my phone"):
        grace.says(words)
    assert grace.keys == ["ask_safe_how"]
    grace.says("call my sister")
    facts = api.bodies("submit", grace.conversation)[0]["facts"]
    assert (facts["safe_contact"], facts["safe_how"]) == ("no", "call my sister")


def test_consent_on_a_condition_is_handed_in_as_no_with_its_words(resident, api):
    grace = resident("risk").offers(WORDING["offer_risk"]["choices"])
    for _ in range(15):
        grace.says("1")
    assert grace.keys == ["ask_consent"]
    grace.says("yes but not the police")
    assert grace.keys == ["risk_done", "summary"]
    body = api.bodies("risk", grace.conversation)[-1]
    assert (body["consent"], body["consent_words"]) == ("no", "yes but not the police")
