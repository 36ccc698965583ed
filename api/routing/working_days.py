"""Working days, counted as a landlord's office counts them: its nation's bank holidays and its
own closure days. Moments are aware; offices keep local time (Europe/London)."""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

from api.policies.schema import Nation, Office

LONDON = ZoneInfo("Europe/London")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SUBDIVISIONS: dict[str, str] = {
    "england": "ENG",
    "wales": "WLS",
    "scotland": "SCT",
    "northern_ireland": "NIR",
}


@lru_cache(maxsize=256)
def bank_holidays(nation: Nation, year: int) -> frozenset[date]:
    """The nation's bank holidays of a year, substitute days included."""
    return frozenset(holidays.country_holidays("GB", subdiv=_SUBDIVISIONS[nation], years=year))


def is_working_day(day: date, office: Office, nation: Nation) -> bool:
    """Whether the office works on that day."""
    return (
        WEEKDAYS[day.weekday()] in office.days
        and day not in office.closure_days
        and day not in bank_holidays(nation, day.year)
    )


def is_open(moment: datetime, office: Office, nation: Nation) -> bool:
    """Whether the office is open at that moment (aware)."""
    local = _local(moment)
    return (
        is_working_day(local.date(), office, nation)
        and office.opens <= local.time() < office.closes
    )


def working_days_from(day: date, count: int, office: Office, nation: Nation) -> date:
    """The day that is `count` working days after (or, below zero, before) `day`.

    Zero gives the day itself, or the next working day where it is none.
    """
    step = timedelta(days=-1 if count < 0 else 1)
    left = abs(count)
    if left == 0:
        while not is_working_day(day, office, nation):
            day += step
        return day
    while left:
        day += step
        left -= is_working_day(day, office, nation)
    return day


def by_closing(opened_at: datetime, count: int, office: Office, nation: Nation) -> datetime:
    """Closing time, `count` working days after a moment (aware); UTC.

    Zero days is the same working day; after closing, or on a day off, the next working day.
    """
    local = _local(opened_at)
    day = local.date()
    if count == 0 and local.time() >= office.closes:
        day += timedelta(days=1)
    due_on = working_days_from(day, count, office, nation)
    return datetime.combine(due_on, office.closes, tzinfo=LONDON).astimezone(UTC)


def _local(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    return moment.astimezone(LONDON)
