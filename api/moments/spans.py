"""How long ago to the hour, how long it has gone on, and how often, in plainly spelled words."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from api.moments.words import WEEKDAYS

_N = r"(?P<n>\d+(?:\.5)?|an?|half an?|few|several|many)"
_SMALL = r"(?P<unit>minutes?|hours?)"
_ANY = r"(?P<unit>minutes?|hours?|days?|nights?|weekends?|weeks?|months?|years?)"
_DAYS = "|".join((*WEEKDAYS, "day", "night", "morning", "evening", "afternoon", "week", "weekend",
                  "month", "weekday", "evening", "nights", "days", "hour"))  # fmt: skip
_PLURAL = "nights|mornings|evenings|afternoons|weekends|weekdays"

_NOW = re.compile(
    r"\b(?:(?:right|just|happening|going on|outside|here|even|until|till) now|now|at (?:the|this)"
    r" (?:very )?(?:moment|minute)|as (?:we|i) (?:speak|type|write|text)|this (?:minute|second)"
    r"|currently|still going(?: on)?|still happening|still at it)\b"
)
_JUST = re.compile(r"\b(?:just (?:then|happened|this (?:minute|second)|started)|a moment ago)\b")
_AGO = re.compile(
    rf"\b(?:(?:about|around|like) )?{_N}(?P<half> and a half)? {_SMALL}(?P<over> and a half)?"
    r" (?:ago|back)\b"
)
_FOR = re.compile(
    rf"(?:\b(?:for|over|in|within|during|throughout|since)(?: the)?(?: about| around| nearly"
    rf"| almost| over| more than| at least| like| maybe)? (?:last |past |previous )?{_N} {_ANY}\b"
    rf"(?! old| ago)|\b(?:the |these |this )?(?:last|past|previous) (?P<n2>\d+|few|several) "
    r"(?P<unit2>minutes|hours|days|nights|weekends|weeks|months|years)\b"
    r"|\b(?:for|over|in|within|during|throughout) (?:the )?(?:last|past) (?P<unit3>hour|day|night"
    r"|week|month|year)\b|\bthe past (?P<unit4>hour|day|week|month|year)\b"
    r"|\b(?P<n5>\d+) (?P<unit5>weeks|months|years|days|nights|hours) (?:now|running|straight"
    r"|in a row)\b)(?: or so| now| running| in a row| straight)*"
)
_OFTEN = re.compile(
    rf"\b(?:(?:nearly |almost |practically |pretty much )?(?:every|each|most) (?:single |other )?"
    rf"(?:{_DAYS})s?(?:(?: and|,|/| or) ?(?:every )?(?:{_DAYS})s?)*(?: (?:{_PLURAL}|night|morning"
    r"|evening|afternoon))?"
    rf"|(?<!last )(?:(?:{'|'.join(WEEKDAYS)})s?(?: and|,| or|/)? ?)+(?:{_PLURAL})"
    rf"|(?:{'|'.join(day + 's' for day in WEEKDAYS)})|(?:on |at |in the )?(?:{_PLURAL})"
    r"|24 ?/ ?7|all day every day|day and night|night and day|daily|nightly|weekly|monthly"
    r"|constantly|always|usually|normally|regularly|often|sometimes|all the time|all hours"
    r"|non ?-?stop|everyday|on and off|now and (?:then|again)"
    r"|(?:\d+(?: or \d+|-\d+| to \d+)?|few|several|once|twice|once or twice)(?: times?| nights?"
    r"| days?|x)? (?:a|per|each|every) (?:day|night|week|month))\b"
)
_UNIT_DAYS = {"day": 1, "night": 1, "weekend": 7, "week": 7}


@dataclass(frozen=True)
class Span:
    """From `earliest` to `latest` (local, aware); `since` where it has gone on until now. None:
    too vague to say."""

    start: int
    end: int
    earliest: datetime | None
    latest: datetime
    since: bool
    by_hour: bool


def read_now(words: str, told: datetime) -> Span | None:
    """ "right now", "2 hours ago", "just then". `told`: local, aware."""
    if match := _AGO.search(words):
        return _ago(match, told)
    if match := _JUST.search(words):
        return Span(*match.span(), told - timedelta(hours=1), told, since=False, by_hour=True)
    if (match := _NOW.search(words)) and "not " not in words[max(match.start() - 4, 0) :]:
        return Span(*match.span(), told, told, since=False, by_hour=True)
    return None


def _ago(match: re.Match[str], told: datetime) -> Span:
    told_number, small = match["n"], match["unit"].startswith("minute")
    unit = timedelta(minutes=1) if small else timedelta(hours=1)
    if told_number in ("few", "several", "many"):
        least, most = (2, 20) if small else (2, 6)
        return Span(*match.span(), told - most * unit, told - least * unit, False, True)
    number = _number(told_number) + (0.5 if match["half"] or match["over"] else 0)
    if number * unit > timedelta(days=4):
        return Span(*match.span(), None, told, False, True)
    spare = timedelta(minutes=max(5, min(30, number * unit / timedelta(minutes=1) / 4)))
    at = told - number * unit
    return Span(*match.span(), at - spare, min(at + spare, told), since=False, by_hour=True)


def read_since(words: str, told: datetime) -> Span | None:
    """ "for the last 3 weeks": a while that ends now. `told`: local, aware."""
    match = _FOR.search(words)
    if match is None:
        return None
    groups = match.groupdict()
    told_number = groups["n"] or groups["n2"] or groups["n5"] or "1"
    unit = next(filter(None, (groups[k] for k in ("unit", "unit2", "unit3", "unit4", "unit5"))))
    unit = unit.removesuffix("s")
    if told_number in ("few", "several", "many"):
        return Span(*match.span(), None, told, True, False)
    number = _number(told_number)
    try:
        if unit in ("minute", "hour"):
            back = timedelta(minutes=number) if unit == "minute" else timedelta(hours=number)
            return Span(*match.span(), told.astimezone(UTC) - back, told, True, True)
        if unit in ("month", "year"):
            return Span(*match.span(), _months_back(told, number, unit), told, True, False)
        days = timedelta(days=number * _UNIT_DAYS[unit])
        return Span(*match.span(), (told - days).replace(hour=0, minute=0), told, True, False)
    except (ValueError, OverflowError):
        return Span(*match.span(), None, told, True, False)


def _months_back(told: datetime, number: float, unit: str) -> datetime:
    months = round(number * (12 if unit == "year" else 1))
    count = told.year * 12 + told.month - 1 - months
    day = min(told.day, 28)
    return told.replace(year=count // 12, month=count % 12 + 1, day=day, hour=0, minute=0)


def _number(told: str) -> float:
    return 0.5 if told.startswith("half") else 1.0 if told in ("a", "an") else float(told)


def read_often(words: str) -> list[tuple[int, int]]:
    """Where the words say how often."""
    return [match.span() for match in _OFTEN.finditer(words)]
