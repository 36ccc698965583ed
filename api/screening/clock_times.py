"""Times of day as people write them: "2am", "23:30", "half 2 in the morning", "midnight"."""

import re
from datetime import time

_NUMBERS = {
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "eleven": 11,
    "twelve": 12,
}
_HOUR = rf"(?:1[0-2]|0?[1-9]|{'|'.join(_NUMBERS)})"
_AM_PM = r"(?P<half>a\.?m\b\.?|p\.?m\b\.?)"
_ISH = r"(?:ish|-ish)?"
_PART = (
    r"(?P<part>(?:early )?(?:in|of) (?:the )?(?:early )?(?:hours|morning|mornin|morn)"
    r"|this morning|every morning|in (?:the )?early hours"
    r"|(?:in|of) the afternoon|this afternoon|every afternoon|in afternoon"
    r"|(?:in|of) the evening|this evening|every evening|in evening"
    r"|at night|at nite|(?:in|of) the night|last night|every night|tonight|each night|most nights)"
)
_OCLOCK = r"(?: ?o ?'?clock)?"

_AFTER_MIDNIGHT_LAST = 5

_PATTERNS = (
    # 2am, 11.30 pm, 2-3am (the second; the first is read below), 10ish pm
    re.compile(rf"\b(?P<hour>{_HOUR})(?:[:.](?P<minute>[0-5]\d))? ?{_ISH} ?{_AM_PM}"),
    # half past 2 in the morning, half two at night, quarter to 3 am
    re.compile(
        rf"\b(?P<frac>half|quarter|1/4)(?: (?P<dir>past|to))? (?P<hour>{_HOUR}){_OCLOCK}"
        rf" ?(?:{_AM_PM}|{_PART})"
    ),
    # 3 in the afternoon, 2 o'clock in the morning, 10.30 at night
    re.compile(rf"\b(?P<hour>{_HOUR})(?:[:.](?P<minute>[0-5]\d))?{_ISH}{_OCLOCK} {_PART}"),
)
_TWENTY_FOUR = re.compile(r"(?<![\d£.:])(?P<hour>[01]?\d|2[0-3])[:.](?P<minute>[0-5]\d)(?![\d:])")
_HUNDRED = re.compile(r"\b(?P<hour>[01]\d|2[0-3])(?P<minute>[0-5]\d) ?(?:hours|hrs|hr|h)\b")
_RANGE = re.compile(
    rf"\b(?P<hour>{_HOUR})(?:[:.](?P<minute>[0-5]\d))? ?(?:-|to|til|till|until|and|or|/) ?"
    rf"(?P<last>{_HOUR})(?:[:.](?P<lastminute>[0-5]\d))? ?{_AM_PM}"
)
_NAMED = (
    (re.compile(r"\bmid ?night\b"), time(0)),
    (re.compile(r"\b(?:mid ?day|noon)\b"), time(12)),
)


def read_times(text: str) -> tuple[time, ...]:
    """Every clock time whose part of the day is told, in the order of the words, each once.

    Times are local. "at 3" alone is ambiguous and is not read.
    """
    words = re.sub("[\u2018\u2019`]", "'", text.lower())
    words = re.sub(r"\s+", " ", words)
    found: list[tuple[int, time]] = []
    taken: list[tuple[int, int]] = []

    def take(match: re.Match[str], moment: time | None) -> None:
        span = match.span()
        if moment is None or any(start < span[1] and span[0] < end for start, end in taken):
            return
        taken.append(span)
        found.append((span[0], moment))

    for match in _RANGE.finditer(words):
        _take_range(match, found, taken)
    for pattern in (_PATTERNS[1], _PATTERNS[0], _PATTERNS[2]):
        for match in pattern.finditer(words):
            take(match, _moment(match))
    for match in (*_TWENTY_FOUR.finditer(words), *_HUNDRED.finditer(words)):
        take(match, _twenty_four(match))
    for named, moment in _NAMED:
        for match in named.finditer(words):
            take(match, moment)
    return tuple(dict.fromkeys(moment for _, moment in sorted(found, key=lambda one: one[0])))


def _take_range(
    match: re.Match[str], found: list[tuple[int, time]], taken: list[tuple[int, int]]
) -> None:
    """Both ends: "2-3am" is 2 and 3 at night, "11 to 2am" starts before midnight."""
    pm = match["half"].startswith("p")
    last = _clock(_number(match["last"]), int(match["lastminute"] or 0), pm)
    first = _number(match["hour"])
    minute = int(match["minute"] or 0)
    same = _clock(first, minute, pm)
    other = _clock(first, minute, not pm)
    start = same if _minutes(same, last) <= _minutes(other, last) else other
    taken.append(match.span())
    found.extend(((match.start(), start), (match.start("last"), last)))


def _minutes(start: time, end: time) -> int:
    return (end.hour * 60 + end.minute - start.hour * 60 - start.minute) % (24 * 60)


def _moment(match: re.Match[str]) -> time | None:
    groups = match.groupdict()
    hour = _number(groups["hour"])
    minute = int(groups.get("minute") or 0)
    if groups.get("half"):
        moment = _clock(hour, minute, groups["half"].startswith("p"))
    else:
        moment = _in_part(hour, minute, groups["part"])
    fraction = groups.get("frac")
    if fraction is None:
        return moment
    back = groups.get("dir") == "to"
    shift = 30 if fraction == "half" else 15
    total = (moment.hour * 60 + moment.minute + (-shift if back else shift)) % (24 * 60)
    return time(total // 60, total % 60)


def _in_part(hour: int, minute: int, part: str) -> time:
    if "morn" in part or "hours" in part:
        return _clock(hour, minute, False)
    if "afternoon" in part or "evening" in part:
        return _clock(hour, minute, True)
    # "12 at night" and "2 at night" are after midnight; "10 at night" is before it.
    small = hour == 12 or hour <= _AFTER_MIDNIGHT_LAST
    return _clock(hour, minute, not small)


def _twenty_four(match: re.Match[str]) -> time | None:
    """ "23:30" and "14.05" are plain; "3:30" could be either and "7.50" a price: left unread."""
    hour = int(match["hour"])
    if hour >= 13 or (match["hour"].startswith("0") and len(match["hour"]) == 2):
        return time(hour, int(match["minute"]))
    return None


def _number(words: str) -> int:
    return _NUMBERS.get(words) or int(words)


def _clock(hour: int, minute: int, afternoon: bool) -> time:
    return time(hour % 12 + (12 if afternoon else 0), minute)
