"""Parts of the day: which hours a resident means by "early hours", "teatime", "night"."""

import re
from dataclasses import dataclass
from datetime import time


@dataclass(frozen=True)
class Window:
    """From `starts` for so many hours, `days_on` days after the day it is told of. `words`: as
    said after the day. `afternoon`: an hour in it is pm."""

    starts: time
    hours: int
    words: str
    afternoon: bool
    days_on: int = 0


@dataclass(frozen=True)
class Part:
    start: int
    name: str


# Wide: the hours in which somebody may call it so.
PARTS: dict[str, Window] = {
    "early hours": Window(time(0), 5, "in the early hours", False),
    "early morning": Window(time(4), 4, "early morning", False),
    "morning": Window(time(5), 7, "in the morning", False),
    "lunchtime": Window(time(12), 2, "at lunchtime", True),
    "afternoon": Window(time(12), 6, "in the afternoon", True),
    "teatime": Window(time(16), 3, "at teatime", True),
    "evening": Window(time(17), 7, "in the evening", True),
    "night": Window(time(18), 12, "at night", True),
    "late night": Window(time(22), 5, "late at night", True),
    # After the midnight that ends the day.
    "night hours": Window(time(0), 6, "after midnight", False, days_on=1),
}
AFTER_MIDNIGHT = r"\b(?:just )?(?:after|gone|past) midnight\b"
_WORDS: tuple[tuple[str, str], ...] = (
    ("night hours", AFTER_MIDNIGHT + r"|\b(?:middle|dead) of (?:the )?night\b"),
    ("early hours", r"\b(?:early|small|wee) hours\b(?: of the morning)?"),
    ("early morning", r"\b(?:early (?:in the |on )?morning|early doors|(?:at |the )?crack of dawn"
                      r"|(?:at )?dawn|first thing)\b"),
    ("lunchtime", r"\b(?:lunch ?time|dinner ?time|midday ish|lunch)\b"),
    ("teatime", r"\b(?:tea ?time|school run)\b"),
    ("late night", r"\b(?:late (?:at |in the |on )?night|late on|late)\b(?! (?:morn|after))"),
    ("morning", r"\bmorning\b"),
    ("afternoon", r"\bafternoon\b"),
    ("evening", r"\b(?:evening|eve)\b"),
    ("night", r"\b(?:night|night ?time|bedtime)\b"),
)  # fmt: skip
_PATTERNS = tuple((name, re.compile(pattern)) for name, pattern in _WORDS)
_GREETING = re.compile(r"\bgood (?:morning|afternoon|evening|night)\b")


def read_parts(words: str) -> list[Part]:
    """The parts of the day in plainly spelled words, in their order."""
    words = _GREETING.sub(lambda found: " " * len(found[0]), words)
    found: list[Part] = []
    for name, pattern in _PATTERNS:
        for match in pattern.finditer(words):
            found.append(Part(match.start(), name))
        words = pattern.sub(lambda match: " " * len(match[0]), words)
    return sorted(found, key=lambda part: part.start)
