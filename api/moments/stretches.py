"""Stretches of days: a week, a weekend, a month or a part of one, a year."""

import re
from datetime import date, timedelta

from api.moments.day import Day, Meaning, in_year, month_before, month_end, several
from api.moments.words import MONTHS

_MONTH = rf"(?P<month>{'|'.join(MONTHS)})"
_YEAR = r"(?:,? (?P<year>20\d\d)| (?P<lastyear>last year))?"


def _week(match: re.Match[str], today: date, hour: int) -> Day | None:
    monday = today - timedelta(days=today.weekday())
    if "before last" in match[0]:
        monday -= timedelta(weeks=2)
    elif "last" in match[0]:
        monday -= timedelta(weeks=1)
    elif "next" in match[0]:
        return None
    return several(monday, monday + timedelta(days=6), "week")


def _weekend(match: re.Match[str], today: date, hour: int) -> Day | None:
    """From Friday evening on; the latest that has begun."""
    back = (today.weekday() - 5) % 7
    saturday = today - timedelta(days=back)
    running = back <= 1
    if "before last" in match[0]:
        saturday -= timedelta(weeks=2 if running else 1)
    elif "last" in match[0]:
        saturday -= timedelta(weeks=1 if running else 0)
    elif "this" in match[0] and back > 3:
        return None
    return several(saturday, saturday + timedelta(days=1), "weekend")


def _month(match: re.Match[str], today: date, hour: int) -> Day | None:
    groups = match.groupdict()
    if groups.get("month"):
        number = MONTHS.index(groups["month"]) + 1
        first = in_year(groups, number, 1, today)
        if first and "last" in (groups.get("lead") or "") and first == today.replace(day=1):
            first = first.replace(year=first.year - 1)
    else:
        first = month_before(today, 1 if "last" in match[0] else 0)
    if first is None or first > today:
        return None
    last = month_end(first)
    third = groups.get("third") or ""
    if re.search("early|start|beginning", third):
        last = first.replace(day=10)
    elif "mid" in third:
        first, last = first.replace(day=11), first.replace(day=20)
    elif re.search("late|end", third):
        first = first.replace(day=21)
    kind = "days" if third else "month"
    return several(first, last, kind) if first <= today else None


def _year(match: re.Match[str], today: date, hour: int) -> Day | None:
    told = match.groupdict().get("y")
    year = int(told) if told else today.year - (1 if "last" in match[0] else 0)
    first = date(year, 1, 1)
    return several(first, date(year, 12, 31), "year") if first <= today else None


_THIRD = (
    r"(?:(?P<third>early(?: in)?|(?:the )?(?:start|beginning|end) of|mid(?:dle of)?|late(?: in)?) )"
)
WEEKS: tuple[tuple[str, Meaning], ...] = (
    (
        r"\b(?:the )?week before last\b|\b(?:all |during |sometime )?(?:of )?"
        r"(?:last|this|next) week\b|\ball week(?: long)?\b",
        _week,
    ),
    (
        r"\b(?:the )?weekend before last\b|\b(?:(?:all |over |at |on |during )*(?:the |of )"
        r"?(?:whole )?(?:last |past |this )?weekend)\b",
        _weekend,
    ),
)
MONTH_NAMES: tuple[tuple[str, Meaning], ...] = (
    (r"\b(?:all |during )?(?:last|this) month\b|\ball month\b", _month),
    (rf"\b{_THIRD}(?P<whose>last|this) month\b", _month),
    (
        rf"\b(?:(?P<lead>in|during|since|from|last|all|back in|until) )?{_THIRD}?"
        rf"{_MONTH}\b{_YEAR}",
        lambda match, today, hour: (
            _month(match, today, hour)
            if match["month"] not in ("may", "march") or match["lead"] or match["third"]
            else None
        ),
    ),
    (r"\b(?:last|this) year\b|\b(?:in|since|from|during|back in) (?P<y>20\d\d)\b", _year),
)
