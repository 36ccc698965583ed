"""What a resident says, the same words on both sides: a report of noise from first words on.

Words that people choose are a conversation's own: where a text is met again it is because anybody
would say it, such as a number, and not because it was said before by this script.
"""

from collections.abc import Iterator
from itertools import cycle

FIRST_WORDS = (
    "the music is so loud that I cannot sleep",
    "music so loud the walls shake",
    "very loud music again and I cannot sleep",
)
# Yes to the questions, the fourteen answers, and consent.
RISK = ("1", "1", "2", "2", "1", "1", "2", "2", "2", "1", "2", "1", "2", "1", "1", "1")
AFTER = ("thank you", "what happens next", "who will see this")
# Talk beside a question: it is answered, and the question is asked again.
BESIDE = "why do you ask"
ROWAN = ("Rowan", "Hazel", "Birch", "Alder", "Aspen")


def report(number: int) -> tuple[str, ...]:
    """The words of a whole conversation: what happened, the details, the risk questions."""
    return (
        first_words(number),
        "1",
        f"last night at {number % 11 + 1}.{number % 60:02}am",
        BESIDE,
        f"in my bedroom by window {number}",
        "3",
        "2",
        f"the man in flat {number}",
        "no",
        "no",
        f"Robin {ROWAN[number % 5]}{ROWAN[number // 5 % 5].lower()}",
        f"{number} Hazel Court, Sample Town, ZZ1 2AB",
        f"07700 900{number % 1000:03}",
        "1",
        *RISK,
        *AFTER,
    )


def first_words(number: int) -> str:
    return f"{FIRST_WORDS[number % len(FIRST_WORDS)]}, this is song {number}"


def unfinished(number: int) -> Iterator[str]:
    """A report that stops at its third question, and talk beside that question for ever."""
    yield first_words(number)
    yield "1"
    yield from cycle([BESIDE])
