"""Definite times in plain English: "Tuesday 24 November, about 2:30am"."""

import re
from datetime import date, datetime, time, timedelta

from api.moments.clock import Clock
from api.moments.day import Day
from api.moments.parts import PARTS
from api.moments.words import MONTHS, WEEKDAYS

# From how many days ago the year is said, where it is another one.
_YEAR_FROM = 60


def day(of: date, today: date, *, weekday: bool = True) -> str:
    name = f"{of:%A} " if weekday else ""
    return f"{name}{of.day} {of:%B}{_year(of, today)}"


def _year(of: date, today: date) -> str:
    old = of.year != today.year and (today - of).days > _YEAR_FROM
    return f" {of.year}" if old else ""


def hour(at: time | datetime) -> str:
    if (at.hour, at.minute) == (12, 0):
        return "12 noon"
    minutes = f":{at.minute:02}" if at.minute else ""
    return f"{at.hour % 12 or 12}{minutes}{'am' if at.hour < 12 else 'pm'}"


def minute(at: datetime, today: date) -> str:
    if at.hour == at.minute == 0:
        return f"midnight after {day((at - timedelta(days=1)).date(), today)}"
    return f"{day(at.date(), today)}, {hour(at)}"


def about(at: datetime, today: date) -> str:
    rounded = at.replace(minute=at.minute // 5 * 5, second=0, microsecond=0)
    if rounded.hour == rounded.minute == 0:
        return f"about {minute(rounded, today)}"
    return f"{day(rounded.date(), today)}, about {hour(rounded)}"


def hours(first: datetime, last: datetime, today: date, roughly: bool) -> str:
    return f"{day(first.date(), today)}, {'about ' * roughly}{hour(first)} to {hour(last)}"


def unsure(clock: Clock) -> str:
    """ "at 3": the hour as told, where it may be one of two."""
    at = clock.readings[0]
    return f"at {at.hour % 12 or 12}{f':{at.minute:02}' if at.minute else ''}"


def part(of: date, name: str, today: date) -> str:
    on = of + timedelta(days=PARTS[name].days_on)
    if name == "night":
        return f"the night of {day(of, today)}"
    if name == "night hours":
        return f"{day(on, today)}, after midnight"
    return f"{day(of, today)}, {PARTS[name].words}"


def span(of: Day, today: date) -> str:
    """Several days: a week, a weekend, a month, from one day to another."""
    first, last = of.first, of.last
    if of.kind == "week":
        return f"the week of {day(first, today)}"
    if of.kind == "year":
        return str(first.year)
    if of.kind == "month":
        return f"{first:%B}{_year(first, today)}"
    if of.kind == "about":
        return f"about {day(first + (last - first) / 2, today)}"
    if of.kind == "about month":
        return f"about {first + (last - first) / 2:%B}{_year(first, today)}"
    if of.kind == "weekend":
        return f"the weekend of {days(first, last, today)}"
    return days(first, last, today)


def days(first: date, last: date, today: date) -> str:
    month = "" if first.month == last.month and first.year == last.year else f" {first:%B}"
    year = _year(first, today) if month else ""
    return f"{first:%A} {first.day}{month}{year} to {day(last, today)}"


def each(days_told: list[date], part_name: str | None, today: date) -> str:
    """Some days, and the part of the day of all of them."""
    when = f", {PARTS[part_name].words}" if part_name else ""
    first, last = days_told[0], days_told[-1]
    if (last - first).days == len(days_told) - 1 and len(days_told) > 2:
        return days(first, last, today) + when
    same = first.month == last.month
    before = [f"{of:%A} {of.day}{'' if same else f' {of:%B}'}" for of in days_told[:-1]]
    return f"{', '.join(before)} and {day(last, today)}{when}"


def start(at: datetime, told: datetime, by_hour: bool) -> str:
    local = at.astimezone(told.tzinfo)
    return about(local, told.date()) if by_hour else day(local.date(), told.date())


def often(text: str, places: list[tuple[int, int]]) -> str:
    """How often, in the resident's words."""
    said = " ".join(text[slice(*places[0])].split()) if places else ""
    return said if re.match(r"(?:nearly |almost )?(?:every|each|most|daily|nightly)", said) else ""


def together(said: list[str]) -> str:
    """Several occurrences in one line."""
    told = list(dict.fromkeys(said))
    if len(told) == 1:
        return told[0]
    if len(told) == 2 and ", " in told[0] and ", " in told[1]:
        (first, one), (second, other) = (words.rsplit(", ", 1) for words in told)
        if first == second:
            return f"{first}, {one} and {other}"
    return f"{', '.join(told[:-1])} and {told[-1]}"


_DROP = (
    (r"\b(?:the )?night of (.+)", r"\1 night"), (r", in the ", " "), (r", at (?=[a-z])", " "),
    (r", late at night", " late"), (r", (?=\d|about|early|after)", " "), (r"\bthe (?=week)", ""),
    (r" (?:to|and) (?=\d|[A-Z])", "-"), (r"\babout ", ""), (r"^.+ since ", "since "),
    (r"\bmidnight after (.+)", r"\1 midnight"), (r"\bweekend of ", ""), (r"\bweek of ", "wk of "),
    (r" early hours", " small hrs"), (r"\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) ", ""),
)  # fmt: skip


def shorter(said: str, most: int) -> str:
    """A definite time in at most so many characters, as far as its sense allows."""
    if len(said) > most:
        said = re.sub("|".join(name.title() for name in (*WEEKDAYS, *MONTHS)),
                      lambda found: found[0][:3], said)  # fmt: skip
    for pattern, shorthand in _DROP:
        if len(said) <= most:
            break
        said = re.sub(pattern, shorthand, said)
    return said
