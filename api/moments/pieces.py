"""One occurrence on the day that it happened: a time of day, a part of it, the whole of it."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from api.moments import say
from api.moments.clock import Clock
from api.moments.day import Day
from api.moments.days import EARLY
from api.moments.parts import PARTS

LONDON = ZoneInfo("Europe/London")
Precision = Literal["minute", "hour", "part", "day", "week", "range", "since"]
_HALF_HOUR = timedelta(minutes=30)


@dataclass(frozen=True)
class Piece:
    """One occurrence in local time, without its zone; `said` as in a list of them."""

    earliest: datetime
    latest: datetime
    precision: Precision
    said: str


# More hours than these in one answer are a story, not a time.
MOST_HOURS = 3


def one_part(names: set[str]) -> str | None:
    """One part of the day out of those told: "night" with "early hours" is after midnight."""
    if "night" in names and names & {"early hours"}:
        return "night hours"
    if "night" in names and "late night" in names:
        return "late night"
    names = names - {"night"} if len(names) > 1 else names
    return next(iter(names)) if len(names) == 1 else None


def at_hour(
    day: date, clock: Clock, part: str | None, told: datetime, *, whole_day: bool
) -> Piece | None:
    """A time on a day: after midnight, a night has gone over into the next."""
    night = part in ("night", "late night", "night hours")
    if part and not night:
        clock = clock.by_half(PARTS[part].afternoon)
    elif night:
        clock = clock.by_night()
    clocks = (clock, clock.last) if clock.last else (clock,)
    choices = [one for one in clocks if one is not None]
    if choices[0].last is not None and night:
        choices = [choices[0], choices[-1].by_night()]
    elif choices[0].last is not None and part:
        choices = [choices[0], choices[-1].by_half(PARTS[part].afternoon)]
    if any(len(one.readings) > 1 for one in choices):
        return either(day, clock, told) if whole_day else None
    starts = datetime.combine(day, choices[0].readings[0])
    shift = (night and starts.time() < time(6)) or (clock.midnight and part != "morning")
    if shift:
        starts += timedelta(days=1)
        if clock.midnight and not night and utc(starts) > told:
            starts -= timedelta(days=1)
    if utc(starts) > told:
        return None
    today = told.date()
    if len(choices) == 2:
        ends = datetime.combine(starts.date(), choices[-1].readings[0])
        if ends <= starts:
            ends += timedelta(days=1)
        return Piece(starts, ends, "range", say.hours(starts, ends, today, clock.about))
    if clock.about:
        said = say.about(starts, today)
        return Piece(starts - _HALF_HOUR, starts + _HALF_HOUR, "hour", said)
    said = say.minute(starts, today)
    if clock.whole_hour and not clock.midnight:
        return Piece(starts, starts + timedelta(minutes=59), "hour", said)
    return Piece(starts, starts, "minute", said)


def either(day: date, clock: Clock, told: datetime) -> Piece | None:
    """ "at 3" of a day: the day is told and the hour is not, unless only one has passed."""
    starts = [datetime.combine(day, at) for at in clock.readings]
    past = [at for at in starts if utc(at) <= told]
    if not past:
        return None
    if len(past) == 1 and clock.last is None:
        only = replace(clock, readings=(past[0].time(),))
        return at_hour(day, only, None, told, whole_day=False)
    all_day = on_day(day, told)
    if clock.last is not None:
        return all_day
    return replace(all_day, said=f"{all_day.said}, {say.unsure(clock)}")


def in_part(day: date, part: str, told: datetime) -> Piece:
    window = PARTS[part]
    starts = datetime.combine(day, window.starts) + timedelta(days=window.days_on)
    ends = starts + timedelta(hours=window.hours) - timedelta(seconds=1)
    if part == "morning" and day == told.date() and told.hour <= EARLY:
        starts = datetime.combine(day, time(0))
    return Piece(starts, ends, "part", say.part(day, part, told.date()))


def on_day(day: date, told: datetime) -> Piece:
    return Piece(*whole(day, day), "day", say.day(day, told.date()))


def on_days(day: Day, told: datetime) -> Piece:
    starts, ends = whole(day.first, day.last)
    if day.kind == "weekend":
        starts -= timedelta(hours=6)
    precision: Precision = {"week": "week", "about": "day", "about month": "range"}.get(
        day.kind, "range"
    )  # type: ignore[assignment]
    return Piece(starts, ends, precision, say.span(day, told.date()))


def whole(first: date, last: date) -> tuple[datetime, datetime]:
    return datetime.combine(first, time(0)), datetime.combine(last, time(23, 59, 59))


def utc(local: datetime, *, later: bool = False) -> datetime:
    """When the clocks go back, an hour comes twice: the first, or the later one."""
    return local.replace(tzinfo=LONDON, fold=1 if later else 0).astimezone(UTC)
