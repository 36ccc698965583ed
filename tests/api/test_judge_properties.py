"""The judge over generated reports: what holds for whatever is told, answered and known."""

from dataclasses import replace
from pathlib import Path
from typing import get_args

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.policies.load import load_policies
from api.policies.schema import Category, Flag, Policy
from api.screening.rules import Decision, Known, Told, judge, tell

POLICIES = load_policies(Path(__file__).parents[2] / "data" / "policies")
LANDLORDS = sorted(POLICIES.landlords)
LIFTING = sorted(cue.code for cue in POLICIES.cues if cue.lifts)
AIMED = {"hate", "threat"}


def policy(landlord: str) -> Policy:
    return POLICIES.landlords[landlord].policy


def phrase(words: str) -> str:
    """A phrase of behaviours.toml as someone might write it."""
    return words.replace(" ... ", " the ").rstrip(".")


PHRASES = sorted(
    {phrase(words) for behaviour in POLICIES.behaviours for words in behaviour.words}
    | {phrase(words) for cue in POLICIES.cues for words in cue.words}
)
CUE_PHRASES = sorted(
    {
        (cue.code, phrase(words))
        for cue in POLICIES.cues
        if cue.lifts
        for words in cue.words
        # A word that a denial of its own list takes back is no harm told.
        if cue.code
        in tell(
            category="other",
            text=phrase(words),
            behaviours=POLICIES.behaviours,
            cues=POLICIES.cues,
        ).cues
    }
)
GLUE = ["at 3pm", "at 2am", "23:30", "not", "no", "never", "my neighbour", "and", ".", ",", "since"]
TEXTS = st.lists(st.sampled_from(PHRASES) | st.sampled_from(GLUE), max_size=7).map(" ".join)
QUESTIONS = sorted({q.code for code in LANDLORDS for q in policy(code).questions})
ANSWER_CODES = sorted(
    {a.code for code in LANDLORDS for q in policy(code).questions for a in q.answers}
)
ANSWERS = st.dictionaries(
    st.sampled_from(QUESTIONS),
    st.sampled_from([*ANSWER_CODES, "dont_know", "declined", "something never offered"]),
    max_size=5,
)
KNOWN = st.builds(Known, st.booleans(), st.integers(0, 3))
CATEGORIES = st.sampled_from(get_args(Category))


def told_of(text: str, category: str, flags: set[str], others: list[str]) -> Told:
    return tell(
        category=category,
        text=text,
        behaviours=POLICIES.behaviours,
        cues=POLICIES.cues,
        flags=flags,
        other_categories=others,
    )


def reports(flags: st.SearchStrategy[set[str]]) -> st.SearchStrategy[Told]:
    return st.builds(told_of, TEXTS, CATEGORIES, flags, st.lists(CATEGORIES, max_size=2))


TOLD = reports(st.sets(st.sampled_from(get_args(Flag)), max_size=2))
FLAGGED = reports(st.sets(st.sampled_from(get_args(Flag)), min_size=1, max_size=3))
PLACE = {"asb": 4, "question": 3, "review": 2, "elsewhere": 1, "not_asb": 0}


def place(decision: Decision) -> int:
    """asb, or handed over to a team, before question, review, elsewhere and not_asb."""
    return PLACE["asb"] if decision.hand_to else PLACE[decision.outcome]


def never_milder(before: Decision, after: Decision) -> bool:
    """The place never falls. A question may end in not_asb, so a person who looks for sure is
    no milder than one."""
    if before.outcome == "question" and after.outcome == "review":
        return True
    return place(after) >= place(before)


def ends(told: Told, answers: dict[str, str], known: Known, landlord: str) -> Decision:
    return judge(told, answers, known, policy(landlord))


PROFILE = settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@PROFILE
@given(TOLD, ANSWERS, KNOWN)
def test_it_ends_the_same_way_each_time_with_clause_and_advice_where_it_screens_out(
    told: Told, answers: dict[str, str], known: Known
) -> None:
    for landlord in LANDLORDS:
        decision = ends(told, answers, known, landlord)
        assert decision == ends(told, dict(reversed(answers.items())), known, landlord)
        assert decision.outcome in PLACE
        assert decision.rule
        assert decision.why
        assert {m.outcome for m in decision.matters} <= set(PLACE)
        if decision.outcome == "not_asb":
            assert decision.clause is not None
            assert decision.clause.words
            assert decision.advice is not None
            assert decision.advice.sms
            assert decision.advice.web
            assert {m.outcome for m in decision.matters} == {"not_asb"}
        if decision.outcome == "asb":
            assert decision.clause is not None
            assert decision.severity is not None


@PROFILE
@given(FLAGGED, ANSWERS, KNOWN)
def test_danger_is_never_screened_out_nor_sent_away(
    told: Told, answers: dict[str, str], known: Known
) -> None:
    for landlord in LANDLORDS:
        decision = ends(told, answers, known, landlord)
        assert decision.outcome != "not_asb"
        assert decision.outcome != "question"
        assert decision.outcome != "elsewhere" or decision.hand_to


@PROFILE
@given(TEXTS, CATEGORIES, st.sampled_from(CUE_PHRASES), ANSWERS, KNOWN)
def test_a_harm_in_the_words_is_never_screened_out(
    text: str, category: str, harm: tuple[str, str], answers: dict[str, str], known: Known
) -> None:
    cue, words = harm
    told = told_of(f"{text}. {words}.", category, set(), [])
    assert cue in told.cues
    for landlord in LANDLORDS:
        decision = ends(told, answers, known, landlord)
        assert decision.outcome != "not_asb", decision.rule
        if cue in AIMED:
            assert decision.outcome != "elsewhere" or decision.hand_to


@PROFILE
@given(TOLD, ANSWERS, KNOWN, st.sampled_from(LIFTING), st.sampled_from(get_args(Flag)))
def test_adding_a_harm_is_never_milder(
    told: Told, answers: dict[str, str], known: Known, cue: str, flag: str
) -> None:
    worse = (
        replace(told, cues=told.cues | {cue}),
        replace(told, flags=told.flags | {flag}),
        replace(told, cues=told.cues | {cue}, flags=told.flags | {flag}),
    )
    for landlord in LANDLORDS:
        before = ends(told, answers, known, landlord)
        for more in worse:
            assert never_milder(before, ends(more, answers, known, landlord)), landlord


@PROFILE
@given(TOLD, ANSWERS, st.integers(0, 3))
def test_an_earlier_report_is_never_milder(
    told: Told, answers: dict[str, str], before: int
) -> None:
    for landlord in LANDLORDS:
        first = ends(told, answers, Known(), landlord)
        again = ends(told, answers, Known(True, before), landlord)
        if first.outcome == "asb":
            assert again.outcome == "asb"
        if first.outcome == "review":
            assert again.outcome in ("review", "asb")
        assert again.outcome != "not_asb" or first.outcome in ("not_asb", "question")


@PROFILE
@given(TOLD, KNOWN, st.sampled_from(LANDLORDS), st.data())
def test_an_answered_question_is_never_asked_again(
    told: Told, known: Known, landlord: str, data: st.DataObject
) -> None:
    pack = policy(landlord)
    answers: dict[str, str] = {}
    for _ in range(len(pack.questions) + 1):
        decision = judge(told, answers, known, pack)
        if decision.question is None:
            break
        assert decision.question not in answers
        question = next(q for q in pack.questions if q.code == decision.question)
        offered = [answer.code for answer in question.answers]
        answers[question.code] = data.draw(st.sampled_from([*offered, "dont_know", "declined"]))
    assert judge(told, answers, known, pack).outcome != "question"


@PROFILE
@given(TOLD, KNOWN, st.sampled_from(["dont_know", "declined", "", "something never offered"]))
def test_an_answer_that_is_not_known_goes_to_a_person(
    told: Told, known: Known, answer: str
) -> None:
    for landlord in LANDLORDS:
        answers: dict[str, str] = {}
        decision = ends(told, answers, known, landlord)
        if decision.question is None:
            continue
        while decision.question is not None:
            answers[decision.question] = answer
            decision = ends(told, answers, known, landlord)
        assert decision.outcome == "review"


@PROFILE
@given(TEXTS, CATEGORIES, st.sampled_from(CUE_PHRASES), ANSWERS, KNOWN)
def test_one_more_sentence_of_harm_is_never_milder(
    text: str, category: str, harm: tuple[str, str], answers: dict[str, str], known: Known
) -> None:
    short = told_of(f"{text}.", category, set(), [])
    long = told_of(f"{text}. {harm[1]}.", category, set(), [])
    assert short.behaviours <= long.behaviours
    assert short.cues <= long.cues
    for landlord in LANDLORDS:
        before = ends(short, answers, known, landlord)
        assert never_milder(before, ends(long, answers, known, landlord)), landlord
