"""What is read in plain words: behaviours, cues and times of day."""

from datetime import time
from pathlib import Path

import pytest

from api.policies.load import load_policies
from api.screening.told import Read, read_told

POLICIES = load_policies(Path(__file__).parents[2] / "data" / "policies")


def read(text: str) -> Read:
    return read_told(text, POLICIES.behaviours, POLICIES.cues)


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("music at 2am", [time(2)]),
        ("music at 2 a.m. again", [time(2)]),
        ("half 2 in the morning", [time(2, 30)]),
        ("half past two in the morning", [time(2, 30)]),
        ("quarter to 3 am", [time(2, 45)]),
        ("it was 23:30", [time(23, 30)]),
        ("drilling at 3 in the afternoon", [time(15)]),
        ("3 o'clock in the morning", [time(3)]),
        ("10 at night", [time(22)]),
        ("12 at night", [time(0)]),
        ("2 at night", [time(2)]),
        ("11pm till 3am", [time(23), time(3)]),
        ("between 2 and 4am", [time(2), time(4)]),
        ("from 11 to 2am", [time(23), time(2)]),
        ("9-5pm", [time(9), time(17)]),
        ("gone midnight", [time(0)]),
        ("at noon", [time(12)]),
        ("12pm and 12am", [time(12), time(0)]),
        ("0200hrs", [time(2)]),
        ("at 3", []),
        ("it cost 7.50", []),
        ("in flat 2a", []),
        ("for 3 years", []),
        ("2 men in the street", []),
    ],
)
def test_times_of_day(text: str, times: list[time]) -> None:
    assert list(read(text).times) == times


@pytest.mark.parametrize(
    ("text", "behaviour"),
    [
        ("their washing machine is on", "washing_machine"),
        ("the washin machine", "washing_machine"),
        ("hoovering upstairs", "vacuum"),
        ("he slams the front door", "doors"),
        ("banging doors", "doors"),
        ("the toilet flushing", "toilets"),
        ("footsteps above", "footsteps"),
        ("heavy walking about upstairs, stomping", "footsteps"),
        ("moving furniture about", "moving_objects"),
        ("kids playing outside", "children_playing"),
        ("kicking a ball against my wall", "ball_games"),
        ("the babys crying", "baby_crying"),
        ("baby keeps crying", "baby_crying"),
        ("drillin all day", "diy_work"),
        ("hamering", "diy_work"),
        ("smell of curry", "cooking"),
        ("he parks across my drive", "parking"),
        ("dog barkin", "barking"),
        ("dog poo everywhere", "fouling"),
        ("someone selling drugs", "dealing"),
        ("dumped a mattress", "dumped_rubbish"),
        ("weve fallen out", "falling_out"),
        ("gives me dirty looks", "unfriendly_looks"),
        ("chucking things? no, throwing bottles out of the window", "throwing_objects"),
        ("graffitti on the wall", "graffiti"),
        ("the intercom has been smashed", "door_entry"),
        ("sooooo loud musiccc", "music"),
        ("MUSIC BLARING", "music"),
        ("stamping about upstairs", "footsteps"),
        ("furniture being dragged about", "moving_objects"),
        ("the normal sounds of a home", "everyday_sounds"),
        ("strangers who only stay five minutes", "signs_of_dealing"),
        ("the door lock was smashed by kids", "damaged_property"),
        ("it smells of drugs", "drug_smell"),
    ],
)
def test_behaviours(text: str, behaviour: str) -> None:
    assert behaviour in read(text).behaviours


@pytest.mark.parametrize(
    ("text", "behaviour"),
    [
        ("it is not the washing machine", "washing_machine"),
        ("not just footsteps", "footsteps"),
        ("banging on my door", "doors"),
        ("shooting hoops", "shouting"),
        ("binge drinking", "dumped_rubbish"),
        ("I work nights", "working_patterns"),
        ("stopped talking to me", "talking"),
        ("car dealer next door", "dealing"),
        ("this is more than normal noise", "everyday_sounds"),
        ("smells like chemicals from their cooking", "cooking"),
        ("my brother lives here too", "sex_work"),
        ("the paint is peeling", "urine"),
        ("a defect in the lift", "urine"),
        ("the gate is swinging", "diy_work"),
        ("a scrambler on the path", "shouting"),
    ],
)
def test_behaviours_that_are_not_there(text: str, behaviour: str) -> None:
    assert behaviour not in read(text).behaviours


@pytest.mark.parametrize(
    ("text", "cue"),
    [
        ("every nite", "repeated"),
        ("evry night", "night"),
        ("it was a one-off", "one_off"),
        ("in the middle of the night", "night"),
        ("music at 2am", "night"),
        ("all night", "night"),
        ("during the day", "day"),
        ("music at 3pm", "day"),
        ("hes doing it deliberatly", "on_purpose"),
        ("on purpose", "on_purpose"),
        ("he said hes going to hurt me", "threat"),
        ("she swore at me", "abuse"),
        ("theyve smashed my car", "damage"),
        ("panic attacks", "health"),
        ("my son is autistic", "vulnerable"),
        ("racist names", "hate"),
        ("it's constant", "excessive"),
        ("bangs on my door", "targeted"),
        ("not only threats", "threat"),
        ("he treatened me", "threat"),
        ("the ambulance could not get past", "safety"),
        ("there is a smell of gas", "safety"),
        ("I am worried about the baby", "worry"),
        ("the child is left on his own, something is wrong", "worry"),
        ("he stands outside my house", "targeted"),
        ("they ring my bell and run off", "targeted"),
        ("it went on for three days", "excessive"),
        ("so loud I hear every word", "excessive"),
        ("they dented the car", "damage"),
        ("he has never stopped threatening us", "threat"),
    ],
)
def test_cues(text: str, cue: str) -> None:
    assert cue in read(text).cues


@pytest.mark.parametrize(
    ("text", "cue"),
    [
        ("no damage", "damage"),
        ("he has not threatened me", "threat"),
        ("never been abusive", "abuse"),
        ("not a one off", "one_off"),
        ("water damage from the leak", "damage"),
        ("not on purpose", "on_purpose"),
        ("disabled bay", "vulnerable"),
        ("it is killing me", "threat"),
        ("racing cars", "hate"),
        ("my Nigerian neighbour", "hate"),
        ("they treat the stairs as theirs", "threat"),
        ("the insulation is poor", "abuse"),
        ("mediation was offered", "health"),
        ("the visit was cancelled", "vulnerable"),
        ("I am not worried about it", "worry"),
        ("they were starting at nine", "targeted"),
        ("the smell comes through my window", "targeted"),
        ("environmental health came", "health"),
        ("music at 8 in the evening", "night"),
    ],
)
def test_cues_that_are_not_there(text: str, cue: str) -> None:
    assert cue not in read(text).cues


def test_nothing_is_read_in_nothing() -> None:
    assert read("") == Read(frozenset(), frozenset(), ())
    assert read("\U0001f620\U0001f620") == Read(frozenset(), frozenset(), ())


def test_every_listed_word_is_read_as_what_it_is_listed_for() -> None:
    unread = [
        (behaviour.code, word)
        for behaviour in POLICIES.behaviours
        for word in behaviour.words
        if behaviour.code not in read(word.replace(" ... ", " some ").replace(".", "")).behaviours
    ]
    unread += [
        (cue.code, word)
        for cue in POLICIES.cues
        for word in cue.words
        if cue.code not in read(word.replace(" ... ", " some ").replace(".", "")).cues
    ]
    assert unread == []
