"""When a complainant next hears from the landlord, and whether a text may go out now. Pure."""

from datetime import UTC, datetime, time, timedelta

from api.clock import LONDON
from api.policies.schema import Policy
from api.routing.working_days import bank_holidays

OPENS = time(9, 0)
CLOSES = time(19, 0)
# A contact that falls after closing time is sent in the day's last hour, so that it is not late.
LAST = time(18, 0)
SUNDAY = 6


def may_text(at: datetime, policy: Policy) -> bool:
    """Monday to Saturday, 09:00–19:00 in London, never on a bank holiday of the nation."""
    local = at.astimezone(LONDON)
    if local.weekday() == SUNDAY or local.date() in bank_holidays(policy.nation, local.year):
        return False
    return OPENS <= local.time() < CLOSES


def next_contact(since: datetime, interval_days: int, policy: Policy) -> datetime:
    """The interval after `since`, moved earlier into texting hours: a promise is not kept late."""
    local = since.astimezone(LONDON)
    due = datetime.combine(local.date() + timedelta(days=interval_days), local.time(), LONDON)
    if due.time() >= CLOSES:
        due = datetime.combine(due.date(), LAST, LONDON)
    elif due.time() < OPENS:
        due = datetime.combine(due.date() - timedelta(days=1), LAST, LONDON)
    while not may_text(due, policy):
        due = datetime.combine(due.date() - timedelta(days=1), LAST, LONDON)
    return due.astimezone(UTC)
