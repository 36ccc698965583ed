"""What a resident says, the same words on both sides: a report of noise from first words on."""

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


def report(resident: int) -> tuple[str, ...]:
    """The words of a whole conversation: what happened, the details, the risk questions."""
    return (
        FIRST_WORDS[resident % len(FIRST_WORDS)],
        "1",
        "last night at 2am",
        BESIDE,
        "in my bedroom",
        "3",
        "2",
        "the man at number 9",
        "no",
        "no",
        "Robin Rowan",
        f"{resident % 90 + 1} Hazel Court, Sample Town, ZZ1 2AB",
        f"07700 900{resident % 1000:03}",
        "1",
        *RISK,
        *AFTER,
    )


def unfinished(resident: int) -> Iterator[str]:
    """A report that stops at its third question, and talk beside that question for ever."""
    yield FIRST_WORDS[resident % len(FIRST_WORDS)]
    yield "1"
    yield from cycle([BESIDE])
