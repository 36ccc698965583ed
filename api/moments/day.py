"""A day, or several, as read in words; and what the calendar says of it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class Day:
    """Days that the words name, both included. `kind`: day · days · about · week · weekend ·
    month · year. `part`: of the day, where the words for the day tell it ("last night"). `weekday`:
    as named, if it was. `whole`: only how long ("all night"), which another day may go with."""

    start: int
    end: int
    first: date
    last: date
    kind: str = "day"
    part: str | None = None
    weekday: str | None = None
    whole: bool = False


@dataclass(frozen=True)
class Unclear:
    """Words for a time that cannot be made definite."""

    start: int
    end: int


Found = Day | Unclear
# What matched words mean, told on a date at an hour; None: they cannot be made definite.
Meaning = Callable[[re.Match[str], date, int], Day | None]


def several(first: date, last: date, kind: str) -> Day:
    return Day(0, 0, first, last, kind)


def single(day: date, part: str | None = None, weekday: str | None = None) -> Day:
    return Day(0, 0, day, day, part=part, weekday=weekday)


def existing(year: int, month: int, day: int) -> date | None:
    """None for the 31st of November."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def latest(month: int, day: int, today: date) -> date | None:
    """The last time that this day of the year came round."""
    for year in range(today.year, today.year - 9, -1):
        found = existing(year, month, day)
        if found and found <= today:
            return found
    return None


def in_year(groups: dict[str, str | None], month: int, day: int, today: date) -> date | None:
    if groups.get("year"):
        return existing(int(groups["year"] or 0), month, day)
    if groups.get("lastyear"):
        return existing(today.year - 1, month, day)
    return latest(month, day, today)


def month_before(today: date, months: int) -> date:
    """The first day of the month so many months before."""
    count = today.year * 12 + today.month - 1 - months
    return date(max(count // 12, 1), count % 12 + 1, 1)


def month_end(first: date) -> date:
    return month_before(first, -1) - timedelta(days=1)
