"""From a stored report to the judge's decision. Reads nothing and writes nothing: taking a report
and replaying one under another policy are decided here alike."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

from api.policies.load import Policies
from api.policies.schema import Policy
from api.reports.model import Report
from api.screening.rules import Decision, Known, judge
from api.screening.rules import tell as told_of

A_YEAR = timedelta(days=365)


class Earlier(NamedTuple):
    """An earlier report of the same person or address, as it was decided."""

    category: str | None
    outcome: str | None
    started_at: datetime


def decide(
    report: Report,
    earlier: Sequence[Earlier],
    policies: Policies,
    policy: Policy,
    *,
    category: str,
    at: datetime,
) -> Decision:
    """What a policy makes of a report as told so far. `category` is the kind it is told as;
    of `policies` only the words that are read in a report are used."""
    told = told_of(
        category=category,
        text=" ".join(filter(None, (report.description, report.happened_when))),
        behaviours=policies.behaviours,
        cues=policies.cues,
        flags=report.flags,
        other_categories=report.other_categories,
    )
    known = Known(
        same_category_within_a_year=any(
            one.category == category and at - one.started_at <= A_YEAR for one in earlier
        ),
        screened_out_before=sum(one.outcome == "not_asb" for one in earlier),
    )
    return judge(told, report.answers, known, policy)


def stays(decision: Decision) -> bool:
    """Whether a report stays with the landlord's own teams."""
    return decision.outcome in {"asb", "review", "question"} or bool(decision.hand_to)


def for_a_person(decision: Decision, why: str) -> Decision:
    return replace(decision, outcome="review", question=None, advice=None, why=why)


def in_danger(decision: Decision) -> Decision:
    """A case is opened at once, whatever is still to be settled or would be left to others."""
    if stays(decision) and decision.outcome != "question":
        return decision
    return for_a_person(decision, "Someone may be in danger: a person looks at once.")
