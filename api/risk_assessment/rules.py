"""Scores the risk assessment card. Pure; raw answers are the caller's to keep.

A partly answered card gives its bounds. What was not answered, declined or not known scores
nothing and counts in what the card could still reach. The bands are provisional until the
landlord confirms them, so they may only raise.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from api.policies.schema_shared import RiskMatrix, RiskQuestion

Band = Literal["low", "medium", "high"]
NOT_ANSWERED = frozenset({"declined", "dont_know", "skip", ""})
NONE_OF_THESE = "none"
OVERRIDING_FLAGS = ("hate", "domestic_abuse", "weapon", "emergency", "self_harm")
OVERRIDING_CATEGORIES = ("hate", "domestic_abuse", "violence_or_threats", "weapons")
HARASSING_NOW = (5, "harassing_now")


class UnknownAnswer(ValueError):
    """A question or an answer that is not on the card."""


@dataclass(frozen=True)
class Assessment:
    """The score so far and what it can still become.

    `band` is that of the score, or high where something overrides it (`overridden_by`: flags,
    the category, or `harassing_now`). `lowest_band` and `highest_band` are the bands of the score
    and of `could_reach`, before any override. `points`: question number → points scored.
    """

    score: int
    answered: int
    unanswered: int
    could_reach: int
    band: Band
    lowest_band: Band
    highest_band: Band
    confirmed: bool
    overridden_by: tuple[str, ...]
    points: Mapping[int, int]
    card_version: str

    @property
    def in_words(self) -> str:
        """One line for officers: "17 so far, 3 unanswered, could reach 28"."""
        if not self.unanswered:
            return f"{self.score}, all {self.answered} answered"
        return f"{self.score} so far, {self.unanswered} unanswered, could reach {self.could_reach}"


def assess(
    answers: Mapping[int, Sequence[str]],
    matrix: RiskMatrix,
    flags: Iterable[str] = (),
    category: str | None = None,
) -> Assessment:
    """Scores the card. `answers`: question number → answer codes; ("none",) is "none of these".

    Several answers add up where the card takes several; elsewhere the highest counts.
    Raises UnknownAnswer for a number or a code that the card does not have.
    """
    questions = {question.number: question for question in matrix.questions}
    for number in answers:
        if number not in questions:
            raise UnknownAnswer(f"question {number} is not on the card")
    points: dict[int, int] = {}
    open_points = 0
    for number, question in questions.items():
        scored = _points(question, answers.get(number, ()))
        if scored is None:
            open_points += most(question)
        else:
            points[number] = scored
    score = sum(points.values())
    over = _overrides(answers, flags, category)
    lowest = band_of(score, matrix)
    return Assessment(
        score=score,
        answered=len(points),
        unanswered=len(questions) - len(points),
        could_reach=score + open_points,
        band="high" if over else lowest,
        lowest_band=lowest,
        highest_band=band_of(score + open_points, matrix),
        confirmed=matrix.bands.confirmed,
        overridden_by=over,
        points=points,
        card_version=matrix.version,
    )


def outweighs(flags: Iterable[str], category: str | None) -> bool:
    """Whether something told is above every score: the case is opened before the card is asked."""
    return bool(set(OVERRIDING_FLAGS) & set(flags)) or category in OVERRIDING_CATEGORIES


def most(question: RiskQuestion) -> int:
    """The most that one question can score."""
    points = [answer.points for answer in question.answers]
    return sum(points) if question.several else max(points)


def band_of(score: int, matrix: RiskMatrix) -> Band:
    """The band of a score; the card's loader has checked that there is exactly one."""
    if score >= matrix.bands.high.start:
        return "high"
    return "medium" if score >= matrix.bands.medium.start else "low"


def _points(question: RiskQuestion, given: Sequence[str]) -> int | None:
    """The points of one question; None where it is not answered."""
    codes = {answer.code: answer.points for answer in question.answers}
    ticked = [code for code in dict.fromkeys(given) if code not in NOT_ANSWERED]
    if not ticked:
        return None
    if question.several and ticked == [NONE_OF_THESE] and NONE_OF_THESE not in codes:
        return 0
    scored = []
    for code in ticked:
        if code == NONE_OF_THESE and question.several and code not in codes:
            continue
        if code not in codes:
            raise UnknownAnswer(f"{code!r} is not an answer of question {question.number}")
        scored.append(codes[code])
    return sum(scored) if question.several else max(scored)


def _overrides(
    answers: Mapping[int, Sequence[str]], flags: Iterable[str], category: str | None
) -> tuple[str, ...]:
    given = frozenset(flags)
    over = [flag for flag in OVERRIDING_FLAGS if flag in given]
    if category in OVERRIDING_CATEGORIES and category not in over:
        over.append(category)
    number, code = HARASSING_NOW
    if code in answers.get(number, ()):
        over.append(code)
    return tuple(over)
