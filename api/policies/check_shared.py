"""What the shared files must keep to: the card's bands, the words that are read, the helplines."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date

from api.policies import gsm7
from api.policies.place import Notebook
from api.policies.schema_shared import BehavioursFile, Helpline, RiskMatrix


def highest_score(matrix: RiskMatrix) -> int:
    """The most that the card can come to if every question took several answers."""
    total = 0
    for question in matrix.questions:
        points = [answer.points for answer in question.answers]
        total += sum(points) if question.several or question.number == 7 else max(points)
    return total


def check_matrix(matrix: RiskMatrix, book: Notebook) -> None:
    """Bands cover each score once; questions are numbered, asked shortly, answered distinctly."""
    bands = (matrix.bands.low, matrix.bands.medium, matrix.bands.high)
    for score in range(highest_score(matrix) + 1):
        covering = sum(band.start <= score <= band.end for band in bands)
        if covering != 1:
            what = "in no band" if covering == 0 else "in more than one band"
            book.wrong("bands", f"a score of {score} is {what}")
    numbers = [question.number for question in matrix.questions]
    if numbers != list(range(1, len(numbers) + 1)):
        book.wrong("questions", f"are numbered {numbers}, not 1 to {len(numbers)} in order")
    for index, question in enumerate(matrix.questions):
        place = f"questions[{index}]"
        for code in twice(answer.code for answer in question.answers):
            book.wrong(f"{place}.answers", f"{code!r} is given twice")
        if any(answer.points < 0 for answer in question.answers):
            book.wrong(f"{place}.answers", "points may not be negative")
        check_sms(
            with_choices(question.ask.sms, [answer.label for answer in question.answers]),
            f"{place}.ask.sms",
            book,
        )


def check_behaviours(file: BehavioursFile, book: Notebook) -> None:
    """Codes are given once; every entry has words to read."""
    codes: list[str] = [behaviour.code for behaviour in file.behaviours]
    codes += [cue.code for cue in file.cues]
    for code in twice(codes):
        book.wrong("", f"{code!r} is given twice")
    words = [(f"behaviours[{n}]", entry.words) for n, entry in enumerate(file.behaviours)]
    words += [(f"cues[{n}]", cue.words) for n, cue in enumerate(file.cues)]
    for place, phrases in words:
        if not phrases or not all(phrase.strip(" .") for phrase in phrases):
            book.wrong(f"{place}.words", "there must be words, none of them empty")


def check_helplines(helplines: Iterable[Helpline], on: date) -> list[str]:
    """One line for every helpline whose review date has passed on that day."""
    return [
        f"helplines[{index}].review_by: {line.name} was to be checked again by {line.review_by}"
        for index, line in enumerate(helplines)
        if line.review_by < on
    ]


def check_sms(text: str, place: str, book: Notebook) -> None:
    """A text stays in the alphabet of phones and within two segments."""
    odd = gsm7.outside(text)
    if odd:
        book.wrong(place, f"{' '.join(odd)} would make this text cost double; use plain characters")
    length = gsm7.length(text)
    if length > gsm7.TWO_SEGMENTS:
        book.wrong(place, f"{length} characters, more than {gsm7.TWO_SEGMENTS} (two segments)")


def with_choices(text: str, labels: Sequence[str]) -> str:
    """A text as it is sent: the choices as numbered lines below the words."""
    return "\n".join([text, *(f"{number} {label}" for number, label in enumerate(labels, 1))])


def twice(codes: Iterable[str]) -> list[str]:
    """Those that are given more than once."""
    return [code for code, times in Counter(codes).items() if times > 1]
