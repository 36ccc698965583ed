"""How a case stands, for the person who reported it: promised, done, late, next. Each sentence
comes from a deadline row; what the policy sets no date for is given none."""

from collections.abc import Iterable
from datetime import datetime

from api.cases.model import CaseDeadline
from api.cases.promises import in_words
from api.clock import LONDON

DONE = {
    "acknowledgement": "we replied to you",
    "first_contact": "we contacted you",
    "risk_assessment": "we asked how it affects you",
    "action_plan": "we agreed a plan with you",
    "face_to_face": "we met you",
    "next_contact": "we were in touch",
    "review": "we looked at it again",
}
TO_DO = {
    "acknowledgement": "reply to you",
    "first_contact": "contact you",
    "risk_assessment": "ask how it affects you",
    "action_plan": "agree a plan with you",
    "face_to_face": "meet you",
    "next_contact": "be in touch",
    "review": "look at it again",
}
NOTHING_SET = "No date is set for the next step."


def late(deadlines: Iterable[CaseDeadline], *, now: datetime) -> list[CaseDeadline]:
    """Standing promises that were not kept in time and still wait, the oldest first."""
    return [one for one in _standing(deadlines) if one.met_at is None and one.due_at < now]


def progress(deadlines: Iterable[CaseDeadline], *, now: datetime) -> list[str]:
    """Sentences, what matters most first: late, next, done."""
    standing = _standing(deadlines)
    lines = [
        f"Late: we said we would {TO_DO[one.kind]} by {in_words(one.due_at)}. We are sorry."
        for one in late(standing, now=now)
    ]
    lines += [
        f"Next: we will {TO_DO[one.kind]} by {in_words(one.due_at)}."
        for one in standing
        if one.met_at is None and one.due_at >= now
    ]
    if not lines:
        lines.append(NOTHING_SET)
    for one in standing:
        if one.met_at is not None:
            local = one.met_at.astimezone(LONDON)
            after = ", later than we said" if one.met_at > one.due_at else ""
            lines.append(f"Done: {DONE[one.kind]} on {local.day} {local:%B}{after}.")
    return lines


def shortened(lines: list[str], most: int) -> str:
    """As many whole sentences, from the first on, as fit in that many characters."""
    text = ""
    for line in lines:
        longer = f"{text} {line}".strip()
        if len(longer) <= most:
            text = longer
    return text


def _standing(deadlines: Iterable[CaseDeadline]) -> list[CaseDeadline]:
    return sorted(
        (one for one in deadlines if one.superseded_at is None and one.kind in TO_DO),
        key=lambda one: one.due_at,
    )
