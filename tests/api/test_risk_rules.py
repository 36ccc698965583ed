"""The risk card scores as printed: worked by hand, and against a direct sum over many cards."""

import random
import tomllib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.policies import gsm7
from api.policies.load import load_policies
from api.policies.schema import Category, Flag
from api.risk_assessment.rules import UnknownAnswer, assess, band_of
from api.routing.rules import Facts, due, route

ROOT = Path(__file__).parents[2]
POLICIES = load_policies(ROOT / "data" / "policies")
MATRIX = POLICIES.risk_matrix
# The card as printed, number by number: the points of each answer. Q7 takes one answer.
CARD: dict[int, dict[str, int]] = {
    1: {"daily": 5, "most_days": 3, "most_weeks": 2, "most_months": 1, "occasionally": 0},
    2: {"yes": 2, "no": 0},
    3: {"yes": 2, "no": 0},
    4: {"know_well": 2, "known": 1, "not_known": 0},
    5: {"harassing_now": 6, "harassed_before": 4, "reputation": 2, "none": 0},
    6: {"yes": 0, "no": 1},
    7: {"you": 4, "family": 3, "community": 1, "none": 0},
    8: {"yes": 3, "no": 0},
    9: {"yes": 3, "no": 0},
    10: {"not_at_all": 0, "a_little": 1, "moderately": 2, "a_lot": 3, "extremely": 5},
    11: {"physical": 3, "mental": 3},
    12: {"no": 0, "yes": 1},
    13: {"alone_isolated": 3, "isolated": 3, "a_few": 1, "close_network": 0},
    14: {"family": 1, "local_community": 3, "other": 0},
}
SEVERAL = (11, 14)
EVERYTHING = {
    number: tuple(codes) if number in SEVERAL else (max(codes, key=lambda c, n=number: CARD[n][c]),)
    for number, codes in CARD.items()
}


def direct(answers: dict[int, tuple[str, ...]]) -> int:
    return sum(CARD[number][code] for number, codes in answers.items() for code in codes)


def test_the_card_holds_the_printed_points() -> None:
    held = {q.number: {a.code: a.points for a in q.answers} for q in MATRIX.questions}
    assert held == CARD
    assert tuple(q.number for q in MATRIX.questions if q.several) == SEVERAL
    assert not MATRIX.bands.confirmed
    assert MATRIX.bands.reason


def test_the_card_is_the_published_one() -> None:
    path = ROOT.parent / "shared" / "risk_matrix.toml"
    if not path.exists():
        pytest.skip("the published card is not beside this checkout")
    published = tomllib.loads(path.read_text(encoding="utf-8"))
    for theirs, ours in zip(published["questions"], MATRIX.questions, strict=True):
        assert (theirs["number"], theirs["words"]) == (ours.number, ours.words)
        assert theirs.get("several", False) == ours.several
        assert [(a["code"], a["words"], a["points"]) for a in theirs["answers"]] == [
            (a.code, a.words, a.points) for a in ours.answers
        ]


def test_one_answer_each_comes_to_43_and_all_ticks_to_47() -> None:
    single = {number: (max(codes, key=codes.__getitem__),) for number, codes in CARD.items()}
    assert assess(single, MATRIX).score == 43
    assert assess(EVERYTHING, MATRIX).score == 47
    assert assess({}, MATRIX).could_reach == 47


def test_a_card_worked_by_hand() -> None:
    # 3 + 2 + 0 + 1 + 4 + 1 (nobody told) + 4 + 0 + 3 + 3 + 6 (both) + 0 + 1 + 3 = 31
    answers = {
        1: ["most_days"], 2: ["yes"], 3: ["no"], 4: ["known"], 5: ["harassed_before"], 6: ["no"],
        7: ["you"], 8: ["no"], 9: ["yes"], 10: ["a_lot"], 11: ["physical", "mental"], 12: ["no"],
        13: ["a_few"], 14: ["local_community"],
    }  # fmt: skip
    result = assess(answers, MATRIX)
    assert (result.score, result.answered, result.unanswered) == (31, 14, 0)
    assert result.could_reach == 31
    assert result.band == result.lowest_band == result.highest_band == "high"
    assert result.overridden_by == ()
    assert result.in_words == "31, all 14 answered"


def test_twenty_thousand_cards_score_as_a_direct_sum() -> None:
    dice = random.Random(14)
    for _ in range(20_000):
        answers = {}
        for number, codes in CARD.items():
            if number in SEVERAL:
                answers[number] = tuple(code for code in codes if dice.random() < 0.5) or ("none",)
            else:
                answers[number] = (dice.choice(list(codes)),)
        ticked = {n: tuple(c for c in codes if c in CARD[n]) for n, codes in answers.items()}
        result = assess(answers, MATRIX)
        assert result.score == direct(ticked) == result.could_reach
        assert result.answered == 14


def single(number: int) -> st.SearchStrategy[tuple[str, ...]]:
    codes = sorted(CARD[number])
    if number in SEVERAL:
        return st.lists(st.sampled_from(codes), unique=True, min_size=1).map(tuple)
    return st.sampled_from(codes).map(lambda code: (code,))


FULL_CARDS = st.fixed_dictionaries({number: single(number) for number in CARD})


@given(card=FULL_CARDS, kept=st.sets(st.sampled_from(sorted(CARD))))
def test_a_partial_card_bounds_every_card_it_can_become(
    card: dict[int, tuple[str, ...]], kept: set[int]
) -> None:
    part = assess({number: card[number] for number in kept}, MATRIX)
    whole = assess(card, MATRIX)
    assert part.score <= whole.score <= part.could_reach
    assert part.answered + part.unanswered == 14
    best = assess({**EVERYTHING, **{number: card[number] for number in kept}}, MATRIX)
    assert part.could_reach == best.score
    order = ["low", "medium", "high"]
    assert (
        order.index(part.lowest_band)
        <= order.index(whole.lowest_band)
        <= order.index(part.highest_band)
    )


@pytest.mark.parametrize("word", ["declined", "dont_know", "skip"])
def test_what_is_not_answered_scores_nothing_and_stays_open(word: str) -> None:
    result = assess({1: ["daily"], 10: [word]}, MATRIX)
    assert (result.score, result.answered, result.unanswered) == (5, 1, 13)
    assert result.could_reach == 47
    assert result.in_words == "5 so far, 13 unanswered, could reach 47"


def test_none_of_these_is_an_answer() -> None:
    result = assess({11: ["none"], 14: ["none"]}, MATRIX)
    assert (result.score, result.answered, result.could_reach) == (0, 2, 47 - 6 - 4)


def test_two_answers_where_one_is_asked_count_the_more_serious() -> None:
    assert assess({7: ["community", "you"]}, MATRIX).score == 4


@pytest.mark.parametrize(
    ("score", "band"),
    [(0, "low"), (15, "low"), (16, "medium"), (23, "medium"), (24, "high"), (51, "high")],
)
def test_provisional_bands(score: int, band: str) -> None:
    assert band_of(score, MATRIX) == band


@pytest.mark.parametrize("flag", ["hate", "domestic_abuse", "weapon", "emergency", "self_harm"])
def test_a_flag_goes_to_the_top_whatever_the_points(flag: str) -> None:
    result = assess({1: ["occasionally"]}, MATRIX, flags=[flag])
    assert (result.band, result.lowest_band, result.overridden_by) == ("high", "low", (flag,))


@pytest.mark.parametrize("category", ["hate", "domestic_abuse", "violence_or_threats", "weapons"])
def test_a_grave_category_goes_to_the_top(category: str) -> None:
    result = assess({}, MATRIX, category=category)
    assert (result.band, result.overridden_by) == ("high", (category,))


def test_harassment_that_goes_on_now_goes_to_the_top() -> None:
    result = assess({5: ["harassing_now"]}, MATRIX)
    assert (result.score, result.band, result.overridden_by) == (6, "high", ("harassing_now",))
    assert assess({5: ["harassed_before"]}, MATRIX).band == "low"


@pytest.mark.parametrize("flag", ["child", "exploitation"])
def test_other_flags_leave_the_band_to_the_points(flag: str) -> None:
    assert assess({}, MATRIX, flags=[flag], category="noise").band == "low"


@pytest.mark.parametrize("answers", [{15: ["yes"]}, {1: ["hourly"]}, {2: ["none"]}])
def test_what_is_not_on_the_card_is_refused(answers: dict[int, list[str]]) -> None:
    with pytest.raises(UnknownAnswer):
        assess(answers, MATRIX)


def test_every_question_fits_a_text_with_its_answers() -> None:
    for question in MATRIX.questions:
        lines = [f"{n} {answer.label}" for n, answer in enumerate(question.answers, 1)]
        text = "\n".join([question.ask.sms, *lines])
        assert gsm7.outside(text) == []
        assert gsm7.length(text) <= gsm7.TWO_SEGMENTS
        assert question.why
        assert all(answer.say for answer in question.answers)


def test_every_pair_of_answers_adds_up() -> None:
    """No answer changes what another one scores."""
    ticks = [(number, code) for number, codes in CARD.items() for code in codes]
    for (first, one), (second, other) in combinations(ticks, 2):
        if first == second:
            continue
        result = assess({first: [one], second: [other]}, MATRIX)
        assert result.score == CARD[first][one] + CARD[second][other]
        assert (result.answered, result.unanswered) == (2, 12)


@given(card=FULL_CARDS, kept=st.sets(st.sampled_from(sorted(CARD))))
def test_answering_one_more_never_widens_the_bounds(
    card: dict[int, tuple[str, ...]], kept: set[int]
) -> None:
    wide = assess({number: card[number] for number in kept}, MATRIX)
    for number in set(CARD) - kept:
        narrow = assess({one: card[one] for one in (*kept, number)}, MATRIX)
        assert wide.score <= narrow.score
        assert narrow.could_reach <= wide.could_reach
        assert narrow.unanswered == wide.unanswered - 1


@settings(deadline=None)
@given(
    landlord=st.sampled_from(sorted(POLICIES.landlords)),
    category=st.sampled_from(get_args(Category)),
    flags=st.sets(st.sampled_from(get_args(Flag)), max_size=3),
    outcome=st.sampled_from(["asb", "review", "elsewhere", "not_asb"]),
    scheme=st.sampled_from([None, "living-plus"]),
    band=st.sampled_from(["low", "medium", "high"]),
    hours=st.integers(0, 2200),
)
def test_a_band_never_puts_a_promise_off_or_makes_a_class_milder(
    landlord: str,
    category: str,
    flags: set[str],
    outcome: str,
    scheme: str | None,
    band: str,
    hours: int,
) -> None:
    pack = POLICIES.landlords[landlord].policy
    opened_at = datetime(2026, 11, 1, tzinfo=UTC) + timedelta(hours=hours)
    rule = next(one for one in pack.categories if one.code == category)
    plain = Facts(
        category, rule.severity, frozenset(flags), outcome, None, scheme, hand_to=rule.hand_to
    )
    before, after = route(plain, pack), route(replace(plain, band=band), pack)
    ranks = {severity.code: severity.rank for severity in pack.severities}
    lowest = max(ranks.values()) + 1
    assert ranks.get(after.severity or "", lowest) <= ranks.get(before.severity or "", lowest)
    times = {one.kind: due(one, opened_at, pack) for one in after.deadlines}
    for one in before.deadlines:
        assert times[one.kind] <= due(one, opened_at, pack)
    if band == "low":
        assert after == before
