"""Times of day as people write them: "2am", "23:30", "half 2 in the morning", "10ish".

A time whose part of the day is not told ("at 3") has two readings. All times are local.
"""

import re
from dataclasses import dataclass, replace
from datetime import time

from api.moments.words import spelled

_HOUR = r"(?:1[0-2]|0?[1-9])"
_MINUTE = r"[0-5]\d"
_PART = (
    r"(?:(?:early |late )?(?:in |of )(?:the |a )?(?:early |late |small )?"
    r"(?P<part>hours|morning|afternoon|evening|night)(?: of the morning)?"
    r"|(?:this|every|each|on) (?P<this>morning|afternoon|evening)"
    r"|(?P<night>at night|last night|every night|each night|most nights|tonight))"
)
_ABOUT = (
    r"(?:(?P<about>about|around|approx(?:imately)?|roughly|circa|like|maybe|say|probably|nearly"
    r"|near|almost|just before|just after|just gone|gone|some time around|~) )?"
)
_TAIL = (
    rf"(?P<ish> ?-?ish)?(?: ?o ?'?clock)?(?: ?(?P<half>am|pm)\b)?(?P<late> ?-?ish)?(?: {_PART})?"
)
_FRACTION = re.compile(
    rf"\b{_ABOUT}(?:(?P<frac>half|quarter|1/4|20-?5|5|10|20|25)(?: minutes)?"
    rf" (?P<dir>past|to|after|gone) |(?P<bare>half) )(?P<hour>{_HOUR})(?![\d:/]){_TAIL}"
)
_CLOCK = re.compile(
    rf"(?<![\d£:./-]){_ABOUT}(?P<hour>[01]?\d|2[0-3])(?:[:.]|(?=\d\d ?(?:hours|hrs?|h)\b))"
    rf"(?P<minute>{_MINUTE})(?![\d:/])(?! ?%)(?: ?(?:hours|hrs?|h)\b)?{_TAIL}"
)
_HUNDRED = re.compile(rf"(?:\bat |^ *){_ABOUT}(?P<hour>[01]\d|2[0-3])(?P<minute>{_MINUTE})(?!\d)")
_WHOLE = re.compile(
    rf"(?<![\d£:./])(?<!\d\d\d-){_ABOUT}(?P<hour>{_HOUR})(?![\d:/]|\.\d|(?:st|nd|rd|th)\b){_TAIL}"
)
_NAMED = re.compile(
    rf"\b{_ABOUT}(?:(?P<midnight>mid ?night)|(?P<noon>mid ?day|noon|12 noon))\b(?P<ish> ?-?ish)?"
)
# Numbers of homes and of other things: no time.
_NUMBERED = re.compile(
    r"\b(?:flat|flats|number|no|room|house|block|unit|apartment|apt|door|floor|line|bus) $"
)
# What may stand before a bare hour, for it to be one.
_LEADS = re.compile(
    r"(?:\b(?:at|about|around|from|between|till|until|since|by|before|after|approx|roughly|past"
    r"|gone|like|maybe)|[@~])\s?(?:about |around |like |past |gone )?$"
    r"|\bbetween [^,]{1,18} (?:and|n|&) (?:about |around |like )?$"
)
_JOIN = re.compile(r"^ ?(?:-|to|till|until|and|through|thru|/|or) ?(?:about |around |like )?$")
_RANGES = re.compile(r"\b(?:between|from)\s(?:about |around )?$")
_COUNTED = re.compile(
    r"^ (?:minutes?|hours?|days?|nights?|weeks?|months?|years?|times?|x|of|or \d|people|men|lads"
    r"|kids|guys|police|cars|dogs|am ?/ ?pm|doors?|flats?|floors?|bed|year)\b"
)
_AFTER_MIDNIGHT_LAST = 5


@dataclass(frozen=True)
class Clock:
    """A time in the words, from character `start` to `end`. `readings`: what it may be; `by_night`
    and `by_day` say which one it is once the part of the day is known. `last`: the end of a range.
    """

    start: int
    end: int
    readings: tuple[time, ...]
    about: bool = False
    whole_hour: bool = False
    midnight: bool = False
    last: "Clock | None" = None

    def by_night(self) -> "Clock":
        """ "at 10" of a night is 22:00, "at 2" is 02:00."""
        if len(self.readings) < 2:
            return self
        early, late = self.readings
        small = early.hour <= _AFTER_MIDNIGHT_LAST
        return replace(self, readings=(early if small else late,))

    def by_half(self, afternoon: bool) -> "Clock":
        if len(self.readings) < 2:
            return self
        return replace(self, readings=(self.readings[1 if afternoon else 0],))


def read_times(text: str) -> tuple[time, ...]:
    """Every clock time whose part of the day is told, in the order of the words, each once.

    Times are local. "at 3" alone is ambiguous and is not read.
    """
    found: list[time] = []
    for clock in read_clocks(spelled(text)):
        for one in (clock, clock.last):
            if one is not None and len(one.readings) == 1:
                found.append(one.readings[0])
    return tuple(dict.fromkeys(found))


def read_clocks(words: str) -> list[Clock]:
    """Every time of day in words as `spelled` gives them, in their order; two that make a range
    ("from 11 till 3am") are one."""
    found: list[Clock] = []
    for pattern in (_FRACTION, _CLOCK, _NAMED, _HUNDRED, _WHOLE):
        for match in pattern.finditer(words):
            if any(one.start < match.end() and match.start() < one.end for one in found):
                continue
            clock = _clock(match, words, whole=pattern is _WHOLE)
            if clock:
                found.append(clock)
    return _ranges(sorted(found, key=lambda one: one.start), words)


def _clock(match: re.Match[str], words: str, *, whole: bool) -> Clock | None:
    groups = match.groupdict()
    about = bool(groups.get("about") or groups.get("ish") or groups.get("late"))
    start, end = match.span()
    if groups.get("midnight") or groups.get("noon"):
        midnight = groups.get("midnight") is not None
        at = time(0) if midnight else time(12)
        return Clock(start, end, (at,), about=about, whole_hour=True, midnight=midnight)
    told = groups.get("half") or _part(groups)
    if whole and not (
        told
        or groups.get("about") in ("about", "around", "approx", "approximately", "roughly", "~")
        or groups.get("ish")
        or groups.get("late")
        or "clock" in match[0]
        or _LEADS.search(words[: match.start()])
        or _in_a_range(match, words)
    ):
        return None
    if whole and _NUMBERED.search(words[: match.start("hour")]):
        return None
    if whole and not told and _COUNTED.match(words[match.end() :]):
        return None
    readings = _readings(groups)
    sharp = groups.get("frac") or groups.get("bare") or groups.get("minute")
    return Clock(start, end, readings, about=about, whole_hour=not sharp)


def _in_a_range(match: re.Match[str], words: str) -> bool:
    """ "11-2am": the first of two, where the second is surely a time."""
    return bool(re.match(rf" ?(?:-|to|till|until|and|or|/) ?{_HOUR}(?:[:.]\d\d)? ?(?:am|pm)\b",
                         words[match.end() :]))  # fmt: skip


def _part(groups: dict[str, str | None]) -> str | None:
    return groups.get("part") or groups.get("this") or ("night" if groups.get("night") else None)


def _readings(groups: dict[str, str | None]) -> tuple[time, ...]:
    hour = int(groups["hour"] or 0)
    minute = int(groups.get("minute") or 0)
    written = groups["hour"] or ""
    fraction = groups.get("frac") or groups.get("bare")
    back = groups.get("dir") == "to"
    shift = {"half": 30, "quarter": 15, "1/4": 15, "20-5": 25, "205": 25}.get(
        fraction or "", int(fraction) if fraction and fraction.isdigit() else 0
    )

    def moved(of: int) -> time:
        total = (of * 60 + minute + (-shift if back else shift)) % (24 * 60)
        return time(total // 60, total % 60)

    plain = hour > 12 or hour == 0 or (written[0] == "0" and groups.get("half") != "pm")
    if fraction is None and plain:
        return (time(hour, minute),)
    early, late = sorted((moved(hour % 12), moved(hour % 12 + 12)))
    half, part = groups.get("half"), _part(groups)
    if half:
        return (late if half == "pm" else early,)
    if part in ("morning", "hours"):
        return (early,)
    if part in ("afternoon", "evening"):
        return (late,)
    if part == "night":
        return (early if early.hour <= _AFTER_MIDNIGHT_LAST else late,)
    return (early, late)


def _ranges(found: list[Clock], words: str) -> list[Clock]:
    joined: list[Clock] = []
    for clock in found:
        before = joined[-1] if joined else None
        if before is None or before.last or not _JOIN.match(words[before.end : clock.start]):
            joined.append(clock)
            continue
        told = _RANGES.search(words[: before.start])
        between = words[before.end : clock.start].strip().split(" ")[0]
        if between in ("and", "or", "/") and not told and len(before.readings) == 1:
            joined.append(clock)
            continue
        joined[-1] = _range(before, clock)
    return joined


def _range(first: Clock, last: Clock) -> Clock:
    """Both ends: "2-3am" is 2 and 3 at night, "11 to 2am" starts before midnight."""
    if len(first.readings) > len(last.readings):
        nearest = min(first.readings, key=lambda at: _minutes(at, last.readings[0]))
        first = replace(first, readings=(nearest,))
    elif len(last.readings) > len(first.readings):
        nearest = min(last.readings, key=lambda at: _minutes(first.readings[0], at) or 24 * 60)
        last = replace(last, readings=(nearest,))
    return replace(first, end=last.end, last=last, about=first.about or last.about)


def _minutes(start: time, end: time) -> int:
    return (end.hour * 60 + end.minute - start.hour * 60 - start.minute) % (24 * 60)
