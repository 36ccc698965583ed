"""Working days by nation, closure day and clock; the vectors are those that others test with."""

from datetime import UTC, date, datetime, time

import pytest

from api.policies.schema import Nation, Office
from api.routing.working_days import (
    LONDON,
    bank_holidays,
    by_closing,
    is_open,
    is_working_day,
    working_days_from,
)

WEEK = Office(
    days=("mon", "tue", "wed", "thu", "fri"), opens=time(9), closes=time(17), assumed="a test"
)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


def closing(opened: str, count: int, office: Office = WEEK, nation: Nation = "england") -> str:
    due = by_closing(local(opened), count, office, nation)
    assert due.tzinfo is UTC
    return due.astimezone(LONDON).strftime("%Y-%m-%d %H:%M")


def test_two_days_off_around_a_weekend() -> None:
    closed = WEEK.model_copy(update={"closure_days": (date(2020, 9, 15), date(2020, 9, 21))})
    saturday = date(2020, 9, 19)
    assert working_days_from(saturday, 1, closed, "england") == date(2020, 9, 22)
    assert working_days_from(saturday, -5, closed, "england") == date(2020, 9, 11)


@pytest.mark.parametrize(
    ("moment", "open_"),
    [
        ("2022-07-01T12:00:00+00:00", True),
        ("2022-07-01T20:00:00+00:00", False),
        ("2022-07-02T12:00:00+00:00", False),
        ("2019-12-25T12:00:00+00:00", False),
        ("2022-07-01T07:59:59+00:00", False),  # British Summer Time: one hour ahead
        ("2022-07-01T08:00:00+00:00", True),
        ("2022-07-01T15:59:59+00:00", True),
        ("2022-07-01T16:00:00+00:00", False),
    ],
)
def test_office_hours(moment: str, open_: bool) -> None:
    assert is_open(datetime.fromisoformat(moment), WEEK, "england") is open_


@pytest.mark.parametrize(
    ("opened", "count", "due"),
    [
        ("2026-11-02T10:00", 0, "2026-11-02 17:00"),  # Monday morning: the same day
        ("2026-11-02T06:00", 0, "2026-11-02 17:00"),  # before opening, too
        ("2026-11-02T16:59", 0, "2026-11-02 17:00"),
        ("2026-11-02T17:00", 0, "2026-11-03 17:00"),  # after closing: the next
        ("2026-11-06T17:30", 0, "2026-11-09 17:00"),  # Friday evening: Monday
        ("2026-11-07T12:00", 0, "2026-11-09 17:00"),
        ("2026-11-02T10:00", 1, "2026-11-03 17:00"),
        ("2026-11-02T23:30", 1, "2026-11-03 17:00"),
        ("2026-11-06T10:00", 1, "2026-11-09 17:00"),
        ("2026-11-07T12:00", 1, "2026-11-09 17:00"),
        ("2026-11-02T10:00", 5, "2026-11-09 17:00"),
        ("2026-12-24T18:00", 1, "2026-12-29 17:00"),  # Christmas, its substitute day, a weekend
        ("2026-12-31T09:00", 1, "2027-01-04 17:00"),
    ],
)
def test_by_closing_time(opened: str, count: int, due: str) -> None:
    assert closing(opened, count) == due


@pytest.mark.parametrize(
    ("opened", "utc"),
    [
        # The clocks go back on Sunday 25 October 2026 and forward on 28 March 2027.
        ("2026-10-23T10:00", "2026-10-26T17:00:00+00:00"),
        ("2026-10-22T10:00", "2026-10-23T16:00:00+00:00"),
        ("2027-03-25T10:00", "2027-03-30T16:00:00+00:00"),  # Good Friday to Easter Monday
        ("2027-03-24T10:00", "2027-03-25T17:00:00+00:00"),
        ("2026-10-25T01:30", "2026-10-26T17:00:00+00:00"),  # the hour that comes twice
    ],
)
def test_the_clocks_change_in_between(opened: str, utc: str) -> None:
    assert by_closing(local(opened), 1, WEEK, "england").isoformat() == utc


@pytest.mark.parametrize(
    ("nation", "day", "off"),
    [
        ("northern_ireland", date(2026, 3, 17), True),  # St Patrick's Day
        ("england", date(2026, 3, 17), False),
        ("northern_ireland", date(2026, 7, 13), True),  # the Boyne, on a Sunday this year
        ("wales", date(2026, 7, 13), False),
        ("scotland", date(2026, 11, 30), True),  # St Andrew's Day
        ("wales", date(2026, 11, 30), False),
        ("scotland", date(2026, 1, 2), True),
        ("england", date(2026, 1, 2), False),
        ("england", date(2026, 4, 6), True),  # Easter Monday
        ("wales", date(2026, 4, 6), True),
        ("northern_ireland", date(2026, 4, 6), True),
        ("scotland", date(2026, 4, 6), False),
        ("england", date(2026, 8, 31), True),
        ("scotland", date(2026, 8, 31), False),
        ("scotland", date(2026, 8, 3), True),
        ("england", date(2022, 12, 27), True),  # Christmas Day fell on a Sunday
    ],
)
def test_bank_holidays_of_four_nations(nation: Nation, day: date, off: bool) -> None:
    assert (day in bank_holidays(nation, day.year)) is off
    assert is_working_day(day, WEEK, nation) is not off


def test_a_saturday_office_counts_saturdays() -> None:
    six = WEEK.model_copy(update={"days": (*WEEK.days, "sat")})
    assert closing("2026-11-06T10:00", 1, six) == "2026-11-07 17:00"


def test_a_moment_without_its_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        by_closing(datetime(2026, 11, 2, 10), 1, WEEK, "england")  # noqa: DTZ001
