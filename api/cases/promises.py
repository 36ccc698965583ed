"""What the policy promises next in a case, in plain words: only what stands on a clause."""

from datetime import datetime

from api.cases.model import Case, CaseDeadline
from api.cases.open_case import standing_deadlines
from api.clock import LONDON

# Those by which the complainant hears from a person, and how each is put.
HEARS = {"first_contact": "We will contact you by", "acknowledgement": "We will reply by"}


def in_words(moment: datetime) -> str:
    """For example `5pm on Tuesday 24 November`, London time."""
    local = moment.astimezone(LONDON)
    hour = f"{local.hour % 12 or 12}{f':{local.minute:02}' if local.minute else ''}"
    return f"{hour}{'am' if local.hour < 12 else 'pm'} on {local:%A} {local.day} {local:%B}"


def to_keep(case: Case) -> list[CaseDeadline]:
    """Standing promises that may be told to the complainant: to somebody who was told that nobody
    will contact them, none of being in touch."""
    unnamed = "anonymous" in case.told_as
    return [one for one in standing_deadlines(case) if not (unnamed and one.kind in HEARS)]


def promise(case: Case) -> str:
    """What happens next, by when: only what a clause promises, else no time at all."""
    for kind, words in HEARS.items():
        for deadline in to_keep(case):
            if deadline.kind == kind:
                return f"{words} {in_words(deadline.due_at)}"
    return "They will look at what you told us"


def still_to_hear(case: Case | None) -> CaseDeadline | None:
    """The earliest promise that a person will be in touch which has not been kept, if any."""
    if case is None or case.status == "closed":
        return None
    open_ones = [one for one in to_keep(case) if one.kind in HEARS and one.met_at is None]
    return min(open_ones, key=lambda one: one.due_at, default=None)
