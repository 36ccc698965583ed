"""Answers to the risk questions in people's own words, by the phrases of the card."""

import pytest
from resident import CARD, WORDING

from bot.components.choices import own_words, plain_phrase, plainly
from bot.components.reading import Turn, read


def choices_of(number):
    question = next(q for q in CARD["questions"] if q["number"] == number)
    offered = [
        {"value": a["code"], "label": a["label"], "words": a.get("say", []), "own": a["own"]}
        for a in question["answers"]
    ]
    if question.get("several"):
        offered.append({"value": "none", "label": "None of these", "words": ["no"]})
    return offered, question.get("several", False)


def answer(number, words):
    choices, several = choices_of(number)
    turn = Turn(words, [], [], choices, several, "risk_form", f"r{number}", {})
    return read(turn)


@pytest.mark.parametrize(
    ("number", "words", "value"),
    [
        (1, "most nights really", "most_days"),
        (1, "id say every friday when he gets paid", "most_weeks"),
        (1, "its pretty much nonstop", "daily"),
        (1, "never happened before to be fair", "occasionally"),
        (2, "yeah its the same man as before", "yes"),
        (2, "i dont think so no", "no"),
        (2, "it all started when i complained about the bins", "yes"),
        (3, "definitely getting worse", "yes"),
        (3, "about the same i guess", "no"),
        (3, "its not getting worse", "no"),
        (4, "hes my ex", "know_well"),
        (4, "i only know him by sight", "known"),
        (4, "never met them in my life", "not_known"),
        (5, "he wont leave me alone", "harassing_now"),
        (5, "they threatened me last summer", "harassed_before"),
        (5, "everyone is scared of him", "reputation"),
        (5, "not that i know of", "none"),
        (6, "i rang the police twice", "yes"),
        (6, "i havent told anyone", "no"),
        (6, "only you lot", "no"),
        (6, "yes, but please don't talk to them", "yes"),
        (7, "i think its aimed at me", "you"),
        (7, "its me and my kids", "family"),
        (7, "the whole street gets it", "community"),
        (7, "not aimed at anyone they are just inconsiderate", "none"),
        (8, "no i dont think so", "no"),
        (8, "because im polish", "yes"),
        (8, "he says it cos i am gay", "yes"),
        (8, "i dont think its because im polish", "no"),
        (8, "nothing to do with my race", "no"),
        (9, "im pregnant and on my own with two kids", "yes"),
        (9, "not that i can think of", "no"),
        (10, "its getting me down a fair bit", "moderately"),
        (10, "i cant sleep and im scared", "a_lot"),
        (10, "im at breaking point", "extremely"),
        (10, "im not bothered to be honest", "not_at_all"),
        (11, "panic attacks and my blood pressure is up", "physical,mental"),
        (11, "my anxiety is through the roof", "mental"),
        (12, "i have a support worker from mind", "yes"),
        (12, "havent got one", "no"),
        (12, "there's a nurse who comes. please do not speak to her", "yes"),
        (13, "i live on my own", "alone_isolated"),
        (13, "only my sister", "a_few"),
        (13, "ive got loads of mates round here", "close_network"),
        (14, "my kids are frightened and so are the neighbours", "family,local_community"),
        (14, "just my carer", "other"),
    ],
)
def test_own_words_are_an_answer_and_are_said_back(number, words, value):
    reading = answer(number, words)
    assert (reading.intent, reading.value) == ("answer", value)
    choices, several = choices_of(number)
    assert plainly(words, choices, several) or reading.heard == value


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("last night at 2am", "no"),
        ("it was yesterday evening", "no"),
        ("hes gone now thank god", "no"),
        ("they are still outside", "yes"),
        ("i can hear it through the wall", "yes"),
        ("last night and they are still there", None),
        ("it hasnt stopped", None),
    ],
)
def test_own_words_say_whether_it_is_happening_now(words, value):
    turn = Turn(words, [], [], WORDING["ask_happening_now"]["choices"], False, "report_form",
                "happening_now", {})  # fmt: skip
    reading = read(turn)
    assert (reading.intent, reading.value) == ("answer" if value else "unclear", value)
    assert reading.heard == value


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (8, "no its because im polish"),
        (8, "yes but not because of my faith its nothing to do with that"),
        (1, "not every night but every weekend it isnt most nights"),
        (5, "well hes a funny one"),
        (13, "its complicated"),
    ],
)
def test_words_that_do_not_settle_it_are_asked_again(number, words):
    assert answer(number, words).intent in ("unclear", "correct")


@pytest.mark.parametrize("number", range(1, 15))
def test_numbers_labels_and_passing_are_answers_to_every_question(number):
    choices, _ = choices_of(number)
    for place, choice in enumerate(choices, 1):
        for words in (str(place), choice["label"], choice["label"].upper(), f"{place}."):
            reading = answer(number, words)
            assert (reading.intent, reading.value) == ("answer", choice["value"]), words
            assert reading.heard is None, words
    for words, value in {
        "prefer not to say": "declined",
        "id rather not say": "declined",
        "i dont know": "dont_know",
        "skip": "dont_know",
    }.items():
        assert answer(number, words).value == value, words


@pytest.mark.parametrize("number", range(1, 15))
def test_a_slip_of_typing_in_a_label_is_forgiven_and_said_back(number):
    for choice in choices_of(number)[0]:
        words = choice["label"].split()
        longest = max(words, key=len)
        if len(longest) < 6:
            continue
        slipped = choice["label"].replace(longest, longest[:-2] + longest[-1] + longest[-2])
        reading = answer(number, slipped)
        assert reading.value in (choice["value"], None), slipped


@pytest.mark.parametrize("number", range(1, 15))
def test_every_phrase_of_the_card_means_its_answer_by_itself(number):
    choices, several = choices_of(number)
    for choice in choices:
        for phrase in choice.get("own", ()):
            words = plain_phrase(phrase).replace(" ... ", " ")
            assert own_words(words, choices, several) == choice["value"], phrase
            assert answer(number, words).value in (choice["value"], None), phrase


def test_a_denied_phrase_counts_for_nothing():
    choices, _ = choices_of(10)
    assert own_words("it isnt a lot", choices) is None
    assert own_words("it affects me a lot", choices) == "a_lot"
