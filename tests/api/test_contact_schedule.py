"""When a complainant is texted: it obeys hours, Sundays, bank holidays and both clock changes."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.clock import LONDON
from api.contacts.schedule import may_text, next_contact
from api.intake.rulebook import Rulebook, load_rulebook
from api.policies.schema import Policy
from api.settings import ROOT

RULEBOOK: Rulebook = load_rulebook(
    ROOT / "data" / "policies", ROOT / "data" / "demo" / "landlords.toml"
)
POLICY: Policy = RULEBOOK.pack("vivid").policy


def london(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON)


@pytest.mark.parametrize(
    ("moment", "may"),
    [
        ("2026-11-23T08:59", False),
        ("2026-11-23T09:00", True),
        ("2026-11-23T18:59", True),
        ("2026-11-23T19:00", False),
        ("2026-11-28T12:00", True),  # Saturday
        ("2026-11-29T12:00", False),  # Sunday
        ("2026-12-25T12:00", False),
        ("2026-12-28T12:00", False),  # Boxing Day's substitute
        ("2026-07-01T09:00", True),  # summer time
    ],
)
def test_texting_hours(moment: str, may: bool) -> None:
    assert may_text(london(moment), POLICY) is may


def test_a_week_keeps_the_time_of_day_over_a_clock_change() -> None:
    due = next_contact(london("2026-10-22T10:00"), 7, POLICY)
    assert due.astimezone(LONDON) == london("2026-10-29T10:00")


@pytest.mark.parametrize(
    ("since", "due"),
    [
        ("2026-11-21T04:30", "2026-11-27T18:00"),  # before opening: the evening before
        ("2026-11-16T23:30", "2026-11-23T18:00"),  # after closing: the last hour of the day
        ("2026-11-22T12:00", "2026-11-28T18:00"),  # a Sunday: the Saturday before
        ("2026-12-18T12:00", "2026-12-24T18:00"),  # Christmas Day: the day before
    ],
)
def test_a_due_moment_out_of_hours_moves_earlier(since: str, due: str) -> None:
    assert next_contact(london(since), 7, POLICY) == london(due)


@given(st.integers(0, 3 * 365 * 24 * 60), st.sampled_from([1, 7, 14]))
def test_a_promise_is_never_kept_late_nor_out_of_hours(minutes: int, days: int) -> None:
    since = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    due = next_contact(since, days, POLICY)
    assert may_text(due, POLICY)
    assert (due.astimezone(LONDON).date() - since.astimezone(LONDON).date()).days <= days
