"""What somebody wants beside reporting, and who is writing: with the trained model."""

import pytest
import yaml
from fake_api import judged
from resident import ROOT

from bot.components.requests import Said, request

MUSIC = "someone plays really loud music with the bass thumping through my ceiling"
TALK = ROOT / "data" / "training" / "nlu" / "talk"
MINE = (
    "happening_again", "add_evidence", "ask_close", "complain", "for_someone_else", "am_witness",
    "stay_anonymous", "am_staff", "about_contractor", "am_accused", "go_on_by_phone",
)  # fmt: skip


@pytest.mark.parametrize("intent", MINE)
def test_each_request_has_forty_different_lines(intent):
    nlu = yaml.safe_load((TALK / f"{intent}.yml").read_text(encoding="utf-8"))["nlu"][0]
    lines = nlu["examples"].splitlines()
    assert nlu["intent"] == intent
    assert len(set(lines)) == len(lines) >= 40


@pytest.fixture
def in_case(resident, api):
    """A resident whose report has become a case."""

    def make(phase="after"):
        grace = resident(phase, facts={"case_open": True})
        grace.case_open = True
        return grace

    return make


# ---- Another problem beside an open case ------------------------------------------------------


@pytest.fixture
def noise_case(in_case):
    def make(phase="after"):
        grace = in_case(phase)
        grace.case_kind = "noise"
        return grace

    return make


SMASHED = "someone has smashed the windows of my car with a brick"


@pytest.mark.parametrize("phase", ["after", "checkin", "risk"])
def test_another_problem_is_kept_with_the_case_and_asked_about(noise_case, api, phase):
    grace = noise_case(phase)
    grace.says(SMASHED)
    assert grace.keys == ["checkin_words_kept", "ask_if_new"]
    assert api.bodies("checkin", grace.conversation) == [{"answer": None, "words": SMASHED}]
    grace.says("what happens next?")
    grace.says("part of the same")
    assert grace.keys == ["same_matter"]
    assert api.bodies("new_report", grace.conversation) == []


def test_a_new_problem_becomes_a_report_of_its_own(noise_case, api):
    api.writer = {"name": "Grace Hope", "address": "3 Hazel Court"}
    grace = noise_case("after")
    grace.says(SMASHED)
    grace.says("its new")
    assert grace.keys == ["new_report", "ask_kind"]
    assert api.bodies("new_report", grace.conversation) == [{"words": SMASHED}]
    assert grace.slots["phase"] == "report"
    assert grace.slots["description"] == SMASHED
    assert (grace.slots["name"], grace.slots["address"]) == ("Grace Hope", "3 Hazel Court")
    grace.says("yes")
    [body] = api.bodies("judge", grace.conversation)
    assert body["facts"]["kind"] == "vandalism"


def test_what_its_words_hold_is_not_asked_again(noise_case, api):
    grace = noise_case("after")
    grace.says("someone smashed the windows of my car last night at 2am in the car park")
    grace.says("its new")
    assert grace.keys[-1] == "ask_kind"
    assert "last night" in grace.slots["happened_when"]
    assert grace.slots["happened_where"] == "the car park"


@pytest.mark.parametrize(
    "words", ["do i have to give my name?", "must i give my name", "what if i dont give my name"]
)
def test_asking_about_a_name_is_not_refusing_one(resident, api, words):
    grace = resident()
    grace.says(MUSIC)
    grace.says(words)
    assert grace.keys[-1] == "ask_kind"
    assert "contact" not in grace.slots
    assert "name" not in grace.slots
    assert api.bodies("role", grace.conversation) == []


def test_a_new_report_can_be_asked_for_in_plain_words(noise_case, api):
    grace = noise_case("after")
    grace.says("I want to report something else")
    assert grace.keys == ["new_report", "ask_description"]
    grace.says(SMASHED)
    assert grace.keys == ["ask_kind"]
    assert api.bodies("new_report", grace.conversation) == [{"words": ""}]


def test_more_of_the_same_at_a_time_is_an_incident(noise_case, api):
    grace = noise_case("checkin")
    grace.says("really loud music through the ceiling until 3am last night")
    assert grace.keys == ["diary_kept"]
    assert "last night" in api.bodies("diary", grace.conversation)[0]["when"]


@pytest.mark.parametrize(
    ("words", "change"),
    [
        (SMASHED, {"case_kind": "domestic_abuse"}),
        (SMASHED, {"message_flags": ["weapon"]}),
        ("thank you for sorting it out with them", {}),
        ("the officer never rang me back", {}),
        ("my boiler is leaking all over the kitchen floor", {}),
    ],
)
def test_where_nothing_is_to_be_asked_words_are_only_kept(noise_case, api, words, change):
    grace = noise_case("after")
    for name, value in change.items():
        setattr(grace, name, value)
    grace.says(words)
    assert "ask_if_new" not in grace.keys
    assert api.bodies("new_report", grace.conversation) == []


def test_the_risk_questions_begin_whenever_they_are_asked_for(noise_case):
    grace = noise_case("after")
    grace.card_open = True
    grace.says("questions")
    assert grace.keys == ["ask_r1"]
    done = noise_case("after")
    done.says("questions")
    assert "ask_r1" not in done.keys


def test_a_card_that_was_left_goes_on_where_it_was(resident):
    grace = resident("risk", facts={"case_open": True, "r1": "daily", "r2": "no"})
    grace.told = {"how_often": "daily"}
    grace.offers([{"value": "start_risk", "label": "Answer them now"}]).says("1")
    assert grace.keys == ["ask_r3"]
    grace.says("no, it is most days")
    assert grace.slots["r1"] == "most_days"


def test_what_was_noted_can_be_seen_without_the_risk_questions(resident):
    grace = resident("risk").offers([{"value": "summary", "label": "See what we noted"}])
    grace.says("1")
    assert grace.keys == ["summary"]
    grace.says("yes")
    assert grace.keys == ["all_done"]


def test_what_happens_right_now_does_not_confirm_the_summary(noise_case, api):
    grace = noise_case("risk").offers([{"value": "summary", "label": "See what we noted"}])
    grace.says("1")
    grace.says("its happening again right now")
    assert grace.keys == ["diary_kept", "summary"]
    assert len(api.bodies("diary", grace.conversation)) == 1
    grace.message_flags = ["emergency"]
    grace.says("he is outside right now with a knife")
    assert grace.keys == ["danger_noted", "summary"]


# ---- A diary by text --------------------------------------------------------------------------


def test_it_is_happening_again_is_asked_what_and_when(in_case, api):
    grace = in_case()
    grace.says("it's happening again")
    assert grace.keys == ["ask_diary_what"]
    grace.says("they threw eggs at my window and shouted")
    assert grace.keys == ["ask_diary_when"]
    grace.says("last night about 11")
    assert grace.keys == ["diary_kept"]
    assert api.bodies("diary", grace.conversation) == [
        {"what": "they threw eggs at my window and shouted", "when": "last night about 11"}
    ]


def test_what_is_told_at_once_is_not_asked_again(in_case, api):
    grace = in_case()
    grace.says("it happened again last night, music blasting until 3am")
    assert grace.keys == ["diary_kept"]
    [body] = api.bodies("diary", grace.conversation)
    assert body["what"].startswith("it happened again last night")
    assert "last night" in body["when"]


def test_a_second_entry_begins_with_nothing_filled(in_case, api):
    grace = in_case()
    grace.says("it happened again last night, music blasting until 3am")
    grace.says("its happening again")
    assert grace.keys == ["ask_diary_what"]


def test_a_question_amid_the_diary_comes_back_to_it(in_case):
    grace = in_case()
    grace.says("it's started again")
    grace.says("why")
    assert grace.keys == ["why_diary", "ask_diary_what"]


def test_an_incident_amid_the_risk_questions_is_kept_and_the_question_asked_again(in_case, api):
    grace = in_case("risk")
    grace.offers([{"value": "start_risk", "label": "Answer them now"}]).says("1")
    question = grace.keys
    grace.says("its happening again right now")
    assert grace.keys == ["diary_kept", *question]
    assert api.bodies("diary", grace.conversation)[0]["when"] == "now"


@pytest.mark.parametrize(
    "words",
    [
        "the music is happening again",
        "loud music next door again last night",
        "the dog has started barking again",
        "they are dumping rubbish by the bins again",
    ],
)
def test_without_a_case_such_words_are_a_report(resident, api, words):
    grace = resident()
    grace.says(words)
    assert grace.slots["description"] == words
    assert api.bodies("diary", grace.conversation) == []


# ---- Wishes -----------------------------------------------------------------------------------

WISHES = {
    "i want to add a photo": "evidence",
    "can i send you a video": "evidence",
    "i want to close my case": "close",
    "i want to make a complaint about how you handled this": "complain",
    "can i carry on by text": "take_up",
    "what's happening with my case": "status",
}


@pytest.mark.parametrize("words", WISHES)
@pytest.mark.parametrize("phase", ["after", "checkin"])
def test_a_wish_goes_to_the_api_with_its_words(in_case, api, words, phase):
    grace = in_case(phase)
    grace.says(words)
    what = WISHES[words]
    [body] = api.bodies(what, grace.conversation)
    assert body == ({} if what == "status" else {"words": words})
    assert len(grace.keys) == 1


@pytest.mark.parametrize("words", ["i want to add a photo", "i want to close my case"])
def test_a_wish_amid_a_question_comes_back_to_the_same_question(resident, api, words):
    grace = resident()
    grace.says(MUSIC)
    grace.says("1")
    grace.says("last night")
    grace.says("my flat")
    assert grace.keys == ["ask_how_often"]
    grace.says(words)
    assert grace.keys[-1] == "ask_how_often"
    assert len(grace.keys) == 2
    grace.says("2")
    assert grace.slots["how_often"] == "most_days"


@pytest.mark.parametrize(
    "words",
    [
        "i want to complain about the noise from the flat above",
        "i want to make a complaint about loud music",
        "i want to complain about next door's dog barking",
        "i saw two lads kick in the glass in the main door",
        "my neighbour made a complaint about me and then hit me with a stick",
    ],
)
def test_a_report_that_sounds_like_a_request_stays_a_report(resident, api, words):
    grace = resident()
    grace.says(words)
    if grace.keys == ["ask_accused"]:
        grace.says("2")
    assert grace.slots["description"] == words
    assert api.bodies("complain", grace.conversation) == []


# ---- Who is writing ---------------------------------------------------------------------------

ROLES = {
    "i'm reporting this for my mum": "someone_else",
    "i am a witness": "witness",
    "i want to stay anonymous": "anonymous",
    "i'm a member of staff": "staff",
    "it's about one of your contractors": "contractor",
}


@pytest.mark.parametrize("words", ROLES)
def test_who_is_writing_is_said_and_the_report_goes_on(resident, api, words):
    grace = resident()
    grace.says(words)
    assert api.bodies("role", grace.conversation) == [{"role": ROLES[words], "words": words}]
    assert grace.keys[-1] == "ask_description"
    assert "description" not in grace.slots


def test_without_a_name_nothing_of_it_is_asked(resident, api):
    grace = resident(facts={"contact": "+447700900123"})
    grace.says("can i report anonymously")
    for words in (MUSIC, "1", "last night", "my flat", "2", "no", "1", "1", "1"):
        grace.says(words)
    [body] = api.bodies("submit", grace.conversation)
    told = body["facts"]
    assert (told["name"], told["contact"], told["safe_contact"]) == ("declined", "declined", "no")


def test_a_contractors_deed_is_the_description_too(resident, api):
    grace = resident()
    words = "your roofers keep shouting and swearing at my children"
    grace.says(words)
    assert grace.slots.get("description") == words


# ---- Somebody who is accused ------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        "i got a letter saying i play loud music and it's not true",
        "someone has made a complaint about me and it is lies",
        "i have had a letter from you saying i deal drugs",
    ],
)
def test_an_accused_person_is_asked_and_never_becomes_a_complainant(resident, api, words):
    grace = resident()
    grace.says(words)
    assert grace.keys == ["ask_accused"]
    grace.says("1")
    assert grace.keys == ["accused_kept"]
    assert api.bodies("accused", grace.conversation) == [{"words": words}]
    assert api.bodies("judge", grace.conversation) == []
    assert api.bodies("submit", grace.conversation) == []


def test_words_that_only_sounded_like_it_become_the_report(resident, api):
    api.judgements.append(judged("asb", {"facts": {"kind": "noise"}}))
    grace = resident()
    words = "next door complained about me so now they bang on my wall all night"
    grace.says(words)
    if grace.keys == ["ask_accused"]:
        grace.says("No, I want to report something")
        assert grace.keys[0] == "thanks_for_saying"
    assert grace.slots["description"] == words


def test_in_danger_nothing_is_asked_before_the_report(resident):
    grace = resident()
    grace.flags = ["emergency"]
    grace.says("someone made a complaint about me and now he is kicking my door in")
    assert "ask_accused" not in grace.keys


# ---- A talk that moves ------------------------------------------------------------------------


def test_a_talk_that_moves_asks_the_same_question(resident, api):
    grace = resident()
    for words in (MUSIC, "1", "last night", "my flat"):
        grace.says(words)
    assert grace.keys == ["ask_how_often"]
    later = resident(facts=dict(grace.slots))
    later.resumed = True
    later.says("carry on")
    assert later.keys == ["ask_how_often"]
    later.resumed = False
    later.says("2")
    assert later.slots["how_often"] == "most_days"
    assert later.slots["happened_where"] == "my flat"


# ---- Pure reading -----------------------------------------------------------------------------


def said(text, top, meant="describe", confidence=0.9, **more):
    return Said(text=text, ranking=[(top, confidence)], meant=meant, **more)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (said("it's happening again", "happening_again"), None),
        (said("it's happening again", "happening_again", case_open=True), "happening_again"),
        (said("it's back", "happening_again", "tell_more", phase="after"), None),
        (
            said("it's back", "happening_again", "tell_more", phase="after", case_open=True),
            "happening_again",
        ),
        (said("i want to add a photo", "add_evidence"), "add_evidence"),
        (said("i want to add a photo", "add_evidence", confidence=0.3), None),
        (said("word " * 20, "complain"), None),
        (said("1", "complain", "answer", loop="report_form", asked="how_often"), None),
        (
            said("no names", "stay_anonymous", "answer", loop="report_form", asked="name"),
            "stay_anonymous",
        ),
        (
            said("i saw it", "am_witness", "answer", loop="report_form", asked="happened_when"),
            None,
        ),
        (said("thanks", "complain", "thanks", phase="after"), None),
    ],
)
def test_where_a_request_is_read(words, expected):
    found = request(words)
    assert (found[0] if found else None) == expected
