"""Whether a clause's condition is settled: by what is known, by an answer, or by what was told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import time
from typing import Literal

from api.policies.schema import Hours, NotAsb, Question, QuestionAnswer


@dataclass(frozen=True)
class Settled:
    """The answer, what it means for the exclusion, and by what it was settled, in plain words."""

    answer: str
    means: Literal["holds", "unsure", "lifted"]
    by: str


def settle(
    question: Question,
    entry: NotAsb,
    times: Sequence[time],
    cues: frozenset[str],
    answers: Mapping[str, str],
    facts: frozenset[str],
) -> Settled | None:
    """None while only the resident can say.

    What lifts an exclusion is looked for first, so that mixed words never screen a report out:
    any told time inside an hour that lifts is enough, but for the exclusion to hold every told
    time must lie inside, with nothing said of the night.
    """
    for answer in question.answers:
        if answer.known in facts and _means(answer.code, entry) != "holds":
            return _settled(answer, entry, "there was a report of this within the year")
    given = answers.get(question.code)
    if given is not None:
        for answer in question.answers:
            if answer.code == given:
                found = _settled(answer, entry, f"the resident answered '{answer.label}'")
                if found.means == "holds" and _told_otherwise(question, entry, times, cues):
                    return replace(found, means="unsure", by="the answer and the words differ")
                return found
        return Settled(answer=given, means="unsure", by="the resident could not say")
    by_meaning = {
        meaning: [a for a in question.answers if _means(a.code, entry) == meaning]
        for meaning in ("lifted", "unsure", "holds")
    }
    for answer in (*by_meaning["lifted"], *by_meaning["unsure"]):
        if any(inside(moment, answer.hours) for moment in times):
            return _settled(answer, entry, "the time that was told")
        if answer.cue in cues:
            return _settled(answer, entry, "the words that were told")
    for answer in by_meaning["holds"]:
        within = bool(times) and all(inside(moment, answer.hours) for moment in times)
        outside = bool(times) and bool(answer.hours) and not within
        if within and "night" not in cues:
            return _settled(answer, entry, "the time that was told")
        if answer.cue in cues and not outside and not (answer.cue == "day" and "night" in cues):
            return _settled(answer, entry, "the words that were told")
    return None


def inside(moment: time, hours: Sequence[Hours]) -> bool:
    """Whether a local time lies in one of the hours; those may pass midnight."""
    for span in hours:
        if span.start <= span.end and span.start <= moment < span.end:
            return True
        if span.start > span.end and (moment >= span.start or moment < span.end):
            return True
    return False


def _told_otherwise(
    question: Question, entry: NotAsb, times: Sequence[time], cues: frozenset[str]
) -> bool:
    return any(
        answer.cue in cues or any(inside(moment, answer.hours) for moment in times)
        for answer in question.answers
        if _means(answer.code, entry) == "lifted"
    )


def _means(code: str, entry: NotAsb) -> Literal["holds", "unsure", "lifted"]:
    if code in entry.holds_for:
        return "holds"
    return "unsure" if code in entry.unsure else "lifted"


def _settled(answer: QuestionAnswer, entry: NotAsb, by: str) -> Settled:
    return Settled(answer=answer.code, means=_means(answer.code, entry), by=by)
