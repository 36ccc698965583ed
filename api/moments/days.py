"""Days, weeks and months in a resident's words: "last tuesday", "on the 14th", "bonfire night".

Everything told has happened: a day is the latest one that is not to come. What could be two days
("tuesday", told on one) is Unclear.
"""

import re
from dataclasses import replace
from datetime import date, timedelta

from api.moments.day import (
    Day,
    Found,
    Meaning,
    Unclear,
    existing,
    in_year,
    latest,
    month_before,
    several,
    single,
)
from api.moments.named_days import NAMED_DAYS
from api.moments.stretches import MONTH_NAMES, WEEKS
from api.moments.words import MONTHS, WEEKDAYS

_DAY = rf"(?P<day>{'|'.join(WEEKDAYS)})"
_MONTH = rf"(?P<month>{'|'.join(MONTHS)})"
_NUMBER = r"(?P<number>0?[1-9]|[12]\d|3[01])"
_YEAR = r"(?:,? (?P<year>20\d\d)| (?P<lastyear>last year))?"
_UNTIMED = r"(?! ?(?:am|pm)\b|[:.]\d\d|\d|ish)"
_AFTER_ORDINAL = (
    r"(?= ?(?:$|[,.&/-]|(?:at|around|about|in|of (?:this|last|the)|and|to|till|until|on|night|"
    r"morning|afternoon|evening|early|late|half|between|from|by|last|mid ?night|\d|every|it|he|she"
    r"|they|we|i|when)\b))"
)
EARLY = 5  # until this hour, a resident may still be in the night before


def read_days(words: str, today: date, hour: int) -> list[Found]:
    """The days in plainly spelled words, in their order. `today`, `hour`: when it was told."""
    found: list[Found] = []
    for pattern, meaning in _PATTERNS:
        for match in pattern.finditer(words):
            if any(one.start < match.end() and match.start() < one.end for one in found):
                continue
            meant = meaning(match, today, hour)
            if meant is None:
                found.append(Unclear(match.start(), match.end()))
            else:
                found.append(replace(meant, start=match.start(), end=match.end()))
    return sorted(found, key=lambda one: one.start)


def _numbers(match: re.Match[str], today: date, hour: int) -> Day | None:
    groups = match.groupdict()
    day, month = int(groups["d"]), int(groups["m"])
    if month > 12 >= day:
        day, month = month, day
    year = groups.get("y")
    if year is None:
        found = latest(month, day, today) if month <= 12 else None
    else:
        found = existing(int(year) + (2000 if len(year) == 2 else 0), month, day)
    return single(found) if found and found <= today else None


def _named(match: re.Match[str], today: date, hour: int) -> Day | None:
    groups = match.groupdict()
    month, day = MONTHS.index(groups["month"]) + 1, int(groups["number"])
    found = in_year(groups, month, day, today)
    if found is None or found > today:
        return None
    weekday = groups.get("day")
    if weekday and WEEKDAYS[found.weekday()] != weekday:
        return None
    before = groups.get("before")
    if not before:
        return single(found)
    first = existing(found.year, found.month, int(before))
    return several(first, found, "days") if first and first < found else None


def _ordinal(match: re.Match[str], today: date, hour: int) -> Day | None:
    groups = match.groupdict()
    number = int(groups["number"])
    whose = groups.get("whose")
    year, month = today.year, today.month
    for back in range(13):
        found = existing(year, month, number)
        fits = whose is None or back == (1 if whose == "last" else 0)
        weekday = groups.get("day")
        if found and found <= today and fits:
            if weekday and WEEKDAYS[found.weekday()] != weekday:
                return None
            return single(found)
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    return None


def _weekday(match: re.Match[str], today: date, hour: int) -> Day | None:
    groups = match.groupdict()
    lead, name = groups.get("lead") or "", groups["day"]
    back = (today.weekday() - WEEKDAYS.index(name)) % 7
    if "next" in lead or "coming" in lead:
        return None
    past = "last" in lead or "past" in lead or groups.get("gone") is not None
    if back == 0 and past:
        back = 7
    elif (back == 0 and "this" not in lead) or (lead == "this" and back > today.weekday()):
        return None
    if groups.get("again"):
        back += 7
    return single(today - timedelta(days=back), weekday=name)


def _in_week(match: re.Match[str], today: date, hour: int) -> Day | None:
    """ "thursday last week"."""
    monday = today - timedelta(days=today.weekday() + (7 if "last week" in match[0] else 0))
    day = monday + timedelta(days=WEEKDAYS.index(match["day"]))
    return single(day, weekday=match["day"]) if day <= today else None


def _today(match: re.Match[str], today: date, hour: int) -> Day | None:
    groups = match.groupdict()
    part = groups.get("part")
    if part is None and hour < EARLY:
        return None
    late = part in ("evening", "afternoon") and hour < EARLY
    day = single(today - timedelta(days=1 if late else 0), part)
    return replace(day, whole=True) if groups.get("all") else day


def _last_night(match: re.Match[str], today: date, hour: int) -> Day | None:
    return single(today - timedelta(days=1), "late night" if "late" in match[0] else "night")


def _all_night(match: re.Match[str], today: date, hour: int) -> Day | None:
    return replace(single(today - timedelta(days=1), "night"), whole=True)


def _back(days: int, part: str | None = None) -> Meaning:
    return lambda match, today, hour: single(today - timedelta(days=days), part)


def _ago(match: re.Match[str], today: date, hour: int) -> Day | None:
    groups = match.groupdict()
    unit, told = groups["unit"].rstrip("s"), groups["n"]
    few = told in ("few", "several")
    number = 0 if few else 1 if told in ("a", "an") else int(told)
    if number > 400 or (few and unit not in ("day", "night")):
        return None
    if few:
        return several(today - timedelta(days=5), today - timedelta(days=2), "days")
    if unit in ("day", "night", "evening", "morning"):
        part = None if unit == "day" else unit
        return single(today - timedelta(days=number), part)
    if unit == "week":
        middle = today - timedelta(weeks=number)
        if groups.get("sharp"):
            return single(middle)
        spare = timedelta(days=1 if number == 1 else 3)
        return several(middle - spare, middle + spare, "about")
    months = number * (12 if unit == "year" else 1)
    middle = month_before(today, months) + timedelta(days=min(today.day, 28) - 1)
    spare = timedelta(days=10 if months == 1 else 20 if months < 12 else 45)
    return several(middle - spare, middle + spare, "about" if months == 1 else "about month")


def _never(match: re.Match[str], today: date, hour: int) -> None:
    return None


_PATTERNS: tuple[tuple[re.Pattern[str], Meaning], ...] = (
    *(
        (re.compile(pattern), meaning)
        for pattern, meaning in (
            (r"\b24 ?/ ?7\b", _never),
            (r"\b(?:tomorrow|next (?:week|month|year|weekend|night|time))\b", _never),
            (
                r"\b(?P<n>\d+|an?|few|several) (?P<unit>(?:days?|nights?|evenings?|mornings?|weeks?"
                r"|months?|years?)) (?:ago|back|before now)\b(?P<sharp> today)?",
                _ago,
            ),
            (
                r"\b(?:the )?other (?:night|day|week|morning|evening|weekend|month)\b|\b(?:a )?"
                r"while (?:ago|back)\b|\b(?:ages|years|months|weeks|days|hours|long time) ago\b"
                r"|\brecently\b|\blately\b"
                r"|\bthe (?:day|night|week) before\b(?! (?:last|yesterday))",
                _never,
            ),
            (r"\b(?P<y>20\d\d)-(?P<m>\d\d?)-(?P<d>\d\d?)\b", _numbers),
            (
                r"(?<![\d/.-])(?P<d>\d\d?)(?P<mark>[/.-])(?P<m>\d\d?)(?P=mark)"
                r"(?P<y>(?:20)?\d\d)(?![\d/-])",
                _numbers,
            ),
            (r"(?<![\d/.-])(?P<d>\d\d?)/(?P<m>\d\d?)(?![\d/-])", _numbers),
            (
                rf"(?:{_DAY},? )?(?:\b(?:the )?(?P<before>\d\d?)(?:st|nd|rd|th)? ?(?:-|to|and|&"
                rf"|till|until) ?)?(?:\bthe )?\b{_NUMBER}(?:st|nd|rd|th)?(?: day)?(?: of)? ?"
                rf"{_MONTH}\b{_YEAR}",
                _named,
            ),
            (
                rf"(?:{_DAY},? )?\b{_MONTH} (?:the )?{_NUMBER}(?:st|nd|rd|th)?\b{_UNTIMED}{_YEAR}",
                _named,
            ),
            (
                rf"(?:{_DAY},? )?(?:the )?\b{_NUMBER}(?:st|nd|rd|th)(?: of)? (?P<whose>last|this)"
                r" month\b",
                _ordinal,
            ),
            (
                rf"(?:{_DAY},? (?:the )?|(?:\b(?:on|the|since|until|till|from|and|between)|^) "
                rf"?(?:the )?)\b{_NUMBER}(?:st|nd|rd|th)\b{_AFTER_ORDINAL}",
                _ordinal,
            ),
            *NAMED_DAYS,
            (rf"\b{_DAY}(?: of)? (?:last|this) week\b", _in_week),
            (rf"\b(?:last|this) week,? (?:on )?{_DAY}\b", _in_week),
            (
                rf"\b(?P<again>a week last|week last) {_DAY}\b",
                _weekday,
            ),
            (rf"\b(?:the )?{_DAY} (?P<again>before last)\b", _weekday),
            *WEEKS,
            (
                rf"\b(?P<lead>(?:this |the )?(?:last|past)|this|on|next|coming)? ?\b{_DAY}\b"
                r"(?P<gone> (?:just )?(?:gone|passed|past))?(?P<again> week ago)?",
                _weekday,
            ),
            (r"\b(?:the )?(?:night before last|other night there)\b", _back(2, "night")),
            (r"\b(?:the )?(?:evening before last)\b", _back(2, "evening")),
            (r"\b(?:the )?day before (?:yesterday|last)\b", _back(2)),
            (r"\b(?:late )?last night\b|\byesterday(?:'s)? (?:late )?night\b", _last_night),
            (r"\ball night(?: long)?\b|\bovernight\b|\bthrough the night\b", _all_night),
            (r"\blast evening\b", _back(1, "evening")),
            (r"\byesterday\b", _back(1)),
            (r"\b(?:tonight|this night)\b", lambda m, today, hour: single(
                today - timedelta(days=1 if hour < EARLY else 0), "night")),
            (
                r"\b(?:(?P<all>all)|this|today(?: in the)?|earlier this) (?P<part>morning|afternoon"
                r"|evening)\b",
                _today,
            ),
            (r"\b(?:earlier )?today\b|\bthis day\b|\b(?P<all>all) day(?: long)?\b", _today),
            *MONTH_NAMES,
        )
    ),
)  # fmt: skip
