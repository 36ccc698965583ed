"""The only place that knows what time it is. Every moment is an aware UTC datetime."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")

_moved: ContextVar[datetime | None] = ContextVar("doorstep_clock", default=None)


def now() -> datetime:
    """This moment, or the one that `moved_to` has set for the running job."""
    return _moved.get() or datetime.now(UTC)


def midnight(moment: datetime) -> datetime:
    """When the day of that moment began, in London."""
    return datetime.combine(moment.astimezone(LONDON).date(), time(), LONDON)


@contextmanager
def moved_to(moment: datetime) -> Iterator[None]:
    """Runs a block as if it were `moment` (aware), for `doorstep jobs run --at`."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    token = _moved.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _moved.reset(token)
