"""Days with a name of their own: Christmas, bonfire night, Easter, bank holidays."""

import re
from datetime import date, timedelta
from functools import lru_cache

import holidays

from api.moments.day import Day, Meaning, in_year, several, single

EVENTS: dict[str, tuple[int, int]] = {
    r"christmas eve(?:ning)?": (12, 24), r"christmas(?: day)?": (12, 25), r"boxing day": (12, 26),
    r"new year(?:'?s)? ?eve(?:ning)?": (12, 31), r"new year(?:'?s)?(?: day)?": (1, 1),
    r"(?:bonfire|guy fawkes|fireworks?)(?: night)?": (11, 5), r"hall?ow?een(?: night)?": (10, 31),
    r"valentine'?s?(?: day)?": (2, 14), r"(?:st|saint) patrick'?s? day": (3, 17),
}  # fmt: skip
_AT_NIGHT = frozenset({(12, 31), (11, 5), (10, 31)})
_EASTER = r"easter(?: (?P<eday>sunday|monday|weekend))?|good friday"


def _event(month: int, day: int) -> Meaning:
    def meaning(match: re.Match[str], today: date, hour: int) -> Day | None:
        found = in_year(match.groupdict(), month, day, today)
        part = "night" if (month, day) in _AT_NIGHT else None
        return single(found, part) if found and found <= today else None

    return meaning


@lru_cache(maxsize=64)
def _bank_holidays(year: int) -> dict[date, str]:
    return dict(holidays.country_holidays("GB", subdiv="ENG", years=year).items())


def _easter(match: re.Match[str], today: date, hour: int) -> Day | None:
    for year in (today.year, today.year - 1):
        friday = next(day for day, name in _bank_holidays(year).items() if "Good Friday" in name)
        sunday = friday + timedelta(days=2)
        which = match.groupdict().get("eday")
        if "good" in match[0]:
            found = single(friday)
        elif which == "weekend":
            found = several(friday, friday + timedelta(days=3), "days")
        else:
            found = single(sunday + timedelta(days=1 if which == "monday" else 0))
        if found.first <= today:
            return found
    return None


def _bank_holiday(match: re.Match[str], today: date, hour: int) -> Day | None:
    days = sorted({*_bank_holidays(today.year), *_bank_holidays(today.year - 1)})
    before = [day for day in days if day <= today]
    if "weekend" in match[0]:
        before = [day for day in before if day.weekday() == 0]
        return several(before[-1] - timedelta(days=2), before[-1], "days")
    return single(before[-1])


_YEAR = r"(?:,? (?P<year>20\d\d)| (?P<lastyear>last year))?"
NAMED_DAYS: tuple[tuple[str, Meaning], ...] = (
    *(
        (rf"\b(?:last |over |at |on )?{name}\b{_YEAR}", _event(*when))
        for name, when in EVENTS.items()
    ),
    (rf"\b(?:last )?(?:{_EASTER})\b", _easter),
    (r"\b(?:the )?(?:last )?bank holiday(?: monday| weekend)?\b", _bank_holiday),
)
