"""A resident's words for a time, made definite: "last tuesday about half 2 in the morning".

Precision before recall: what could mean two times, or none that has passed, is left in words.
"""

import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from api.moments import say
from api.moments.clock import Clock, read_clocks
from api.moments.day import Day, Unclear
from api.moments.days import read_days
from api.moments.parts import AFTER_MIDNIGHT, Part, read_parts
from api.moments.pieces import (
    LONDON,
    MOST_HOURS,
    Piece,
    Precision,
    at_hour,
    in_part,
    on_day,
    on_days,
    one_part,
    utc,
)
from api.moments.spans import Span, read_now, read_often, read_since
from api.moments.words import spelled

MOST_CHARACTERS = 400
_SINCE = re.compile(
    r"\b(?:since|(?:ever|going on|began|starting|start) (?:since|from|in)"
    r"|from)\b"
)
_UNTIL = re.compile(r"\b(?:to|till?|until|and)\b")
_NOT = re.compile(r"\b(?:not|isn't|wasn't|isnt|wasnt|instead of|rather than|except)(?: on)? $")
_BEFORE = re.compile(r"\b(?:before|until|till|by) $")
_OVER = re.compile(r"\bnight (?:from|of|between) [a-z ]+(?:to|on|and|into) ")
_TO = re.compile(r"^ ?(?:[a-z]+ )?(?:to|till|until|through|-) ?$")
_ENDS = re.compile(r"\b(?:from|between)\b.*\b(?:to|till|until|and)\b|\b(?:till|until)\b")
_NEAR = 14  # characters between "since" and what it is about
_BETWEEN = re.compile(r"^[ ,.-]*(?:(?:on|of|in|the|that is|i mean|this|past|ie)[ ,.]*)*$")


@dataclass(frozen=True)
class Moment:
    """From `earliest` to `latest` (UTC, both as exact as `precision` says; equal for a minute), and
    `said`: the plain form in which the resident can confirm it."""

    earliest: datetime
    latest: datetime
    precision: Precision
    said: str


def read_moment(words: str, told_at: datetime, *, often: bool = False) -> Moment | None:
    """When it happened, as told at `told_at` (aware); None where the words leave it open.

    Never a moment that is still to come. `often`: it is known to keep happening, so an hour
    without a day is a habit. Times are of Europe/London.
    """
    told_at = told_at.astimezone(UTC)
    text = spelled(words)[:MOST_CHARACTERS]
    found = _read(text, told_at, often)
    if found is None or found.earliest > told_at:
        return None
    latest = max(found.earliest, min(found.latest, told_at))
    return replace(found, latest=latest)


def _read(text: str, told_at: datetime, often: bool) -> Moment | None:
    told = told_at.astimezone(LONDON)
    since = read_since(text, told)
    bare = _without(text, [(since.start, since.end)] if since else [])
    now = read_now(bare, told_at)
    if now:
        bare = _without(bare, [(now.start, now.end)])
    habit = read_often(bare)
    bare = _without(bare, habit)
    days = read_days(bare, told.date(), told.hour)
    if any(isinstance(day, Unclear) for day in days):
        return None
    known = [day for day in days if isinstance(day, Day)]
    rest = _without(bare, [(day.start, day.end) for day in known])
    clocks = read_clocks(re.sub(AFTER_MIDNIGHT, lambda found: " " * len(found[0]), rest))
    parts = read_parts(_without(rest, [(clock.start, clock.end) for clock in clocks]))
    how = say.often(text, habit)
    if started := _since(bare, known, clocks, parts, told):
        return _until_now(started[0], told_at, how, started[1])
    if since and not known and not now:
        if since.earliest is None:
            return None
        return _until_now(
            since.earliest, told_at, how, say.start(since.earliest, told, since.by_hour)
        )
    if now and not known:
        return _now(now, told)
    if len(known) == 2 and _OVER.search(bare) and (known[1].first - known[0].first).days == 1:
        known = known[:1]
    days_told = _one_day_once(bare, known)
    if days_told is None:
        return None
    if not days_told:
        bare_hour = clocks and not (habit or often or parts or now)
        return _hour_alone(clocks, told) if bare_hour else None
    to = len(days_told) == 2 and _TO.match(bare[days_told[0].end : days_told[1].start]) is not None
    moment = _on(days_told, clocks, parts, told, to=to)
    if moment and len(days_told) == 2 and clocks and _ENDS.search(bare):
        return replace(moment, said=moment.said.replace(" and ", " to "))
    return moment


def _without(text: str, places: list[tuple[int, int]]) -> str:
    """`text` with these places blank, so that nothing in them is read twice."""
    for start, end in places:
        text = text[:start] + " " * (end - start) + text[end:]
    return text


def _since(
    text: str, days: list[Day], clocks: list[Clock], parts: list[Part], told: datetime
) -> tuple[datetime, str] | None:
    """ "since xmas", "since 11pm last night": the beginning, with its words."""
    match = _SINCE.search(text)
    if not match:
        return None
    if match[0] == "from" and (len(days) != 1 or clocks or _UNTIL.search(text[match.end() :])):
        return None
    after = [day for day in days if -1 <= day.start - match.end() <= _NEAR or _covers(day, match)]
    hours = [clock for clock in clocks if 0 <= clock.start - match.end() <= _NEAR]
    if not after and not hours:
        return None
    if not after:
        after = days[:1]
    if not after:
        alone = _hour_alone(hours, told)
        return (alone.earliest, alone.said) if alone else None
    if after[0].kind == "about":
        start = after[0].first + (after[0].last - after[0].first) / 2
        return utc(datetime.combine(start, time(0))), say.day(start, told.date())
    if after[0].kind != "day":
        begin = utc(datetime.combine(after[0].first, time(0)))
        return begin, say.span(after[0], told.date())
    moment = _on(after[:1], hours, parts if hours or after[0].part else [], told)
    return (moment.earliest, moment.said) if moment else None


def _covers(day: Day, match: re.Match[str]) -> bool:
    return day.start <= match.start() and match.end() <= day.end


def _until_now(earliest: datetime, told_at: datetime, how: str, begin: str) -> Moment:
    return Moment(earliest.astimezone(UTC), told_at, "since", f"{how} since {begin}".strip())


def _now(now: Span, told: datetime) -> Moment | None:
    if now.earliest is None:
        return None
    earliest, latest = (at.astimezone(LONDON) for at in (now.earliest, now.latest))
    exact = earliest == latest
    middle = earliest + (latest - earliest) / 2
    said = say.minute(latest, told.date()) if exact else say.about(middle, told.date())
    precision: Precision = "minute" if exact else "hour"
    return Moment(earliest.astimezone(UTC), latest.astimezone(UTC), precision, said)


def _one_day_once(text: str, days: list[Day]) -> list[Day] | None:
    """The days with those that name one and the same day told once; None where they differ."""
    named = [day for day in days if not day.whole]
    if named and len(named) < len(days):
        whole = next(day.part for day in days if day.whole)
        days = [replace(day, part=day.part or whole) for day in named]
    days = [day for day in days if not _NOT.search(text[: day.start])]
    kept: list[Day] = []
    for day in days:
        if _BEFORE.search(text[: day.start]) and len(days) == 1:
            return None
        before = kept[-1] if kept else None
        if before is None:
            kept.append(day)
            continue
        same = _same(before, day)
        beside = _BETWEEN.match(text[before.end : day.start]) is not None
        if same and (
            beside or before.kind != "day" or day.kind != "day" or before.part == day.part
        ):
            kept[-1] = replace(same, start=before.start, end=day.end)
        elif beside and len(days) < 3:
            return None
        else:
            kept.append(day)
    return kept


def _same(one: Day, other: Day) -> Day | None:
    """ "tuesday" and "last week" are one day; so are "yesterday" and "the 25th"."""
    if (one.first, one.last) == (other.first, other.last):
        return replace(one, part=one.part or other.part)
    for wide, narrow in ((one, other), (other, one)):
        if wide.kind in ("week", "weekend", "about") and narrow.weekday:
            spare = timedelta(days=2 if wide.kind == "about" else 0)
            spare = timedelta(days=1) if wide.kind == "weekend" else spare
            week = [
                wide.first - spare + timedelta(days=step)
                for step in range((wide.last - wide.first).days + 2 * spare.days + 1)
            ]
            fits = [day for day in week if _weekday(day) == narrow.weekday]
            if len(fits) == 1:
                return replace(narrow, first=fits[0], last=fits[0])
        if wide.kind != "day" and narrow.kind == "day" and wide.first <= narrow.first <= wide.last:
            return narrow
    return None


def _weekday(day: date) -> str:
    return f"{day:%A}".lower()


def _hour_alone(clocks: list[Clock], told: datetime) -> Moment | None:
    """A time of day without a day: the latest that has passed."""
    if len(clocks) != 1:
        return None
    for back in (0, 1):
        day = told.date() - timedelta(days=back)
        piece = at_hour(day, clocks[0], None, told, whole_day=False)
        if piece and utc(piece.earliest) <= told:
            return _moment([piece], told)
    return None


def _on(
    days: list[Day], clocks: list[Clock], parts: list[Part], told: datetime, *, to: bool = False
) -> Moment | None:
    """`to`: the days are the two ends of a stretch."""
    if len(days) == 1:
        return _moment(_single(days[0], clocks, parts, told), told)
    if any(day.kind not in ("day", "days") for day in days) or len(days) > 4:
        return None
    names = {part.name for part in parts} | {day.part for day in days if day.part}
    if not clocks and len(names) <= 1 and all(day.kind == "day" for day in days):
        return _each(days, next(iter(names), None), told, to)
    pieces: list[Piece] = []
    for index, day in enumerate(days):
        until = days[index + 1].start if index + 1 < len(days) else 10_000
        near = [clock for clock in clocks if day.start <= clock.start < until]
        beside = [part for part in parts if day.start <= part.start < until]
        if len(clocks) == len(days):
            near = [clocks[index]]
        elif len(near) != 1:
            near = clocks if len(clocks) == 1 else []
        if not beside and len(parts) == 1 and day.part is None:
            beside = parts
        found = _single(day, near, beside, told)
        if not found:
            return None
        pieces += found
    return _moment(pieces, told)


def _each(days: list[Day], part: str | None, told: datetime, to: bool) -> Moment | None:
    """ "friday and saturday night"."""
    told_in_order = [day.first for day in days]
    if to and told_in_order != sorted(told_in_order):
        return None  # "monday to friday", told on a thursday
    on = sorted(set(told_in_order))
    pieces = [in_part(day, part, told) if part else on_day(day, told) for day in on]
    found = _moment(pieces, told)
    return replace(found, said=say.each(on, part, told.date())) if found else None


def _single(day: Day, clocks: list[Clock], parts: list[Part], told: datetime) -> list[Piece]:
    """What happened on one day; empty where it is still to come."""
    names = {day.part, *(part.name for part in parts)} - {None}
    part = one_part({str(name) for name in names})
    if day.kind != "day":
        return [on_days(day, told)]
    if not clocks:
        return [in_part(day.first, part, told)] if part else [on_day(day.first, told)]
    if len(clocks) > MOST_HOURS:
        return []
    pieces = []
    for clock in clocks:
        piece = at_hour(day.first, clock, part, told, whole_day=True)
        if piece is None:
            return []
        pieces.append(piece)
    return pieces


def _moment(pieces: list[Piece], told: datetime) -> Moment | None:
    if not pieces:
        return None
    pieces = sorted(pieces, key=lambda piece: piece.earliest)
    first, last = pieces[0], max(pieces, key=lambda piece: piece.latest)
    said = say.together([piece.said for piece in pieces])
    precision: Precision = "range" if len(pieces) > 1 else first.precision
    earliest, latest = utc(first.earliest), utc(last.latest, later=True)
    return Moment(earliest, max(earliest, latest), precision, said)
