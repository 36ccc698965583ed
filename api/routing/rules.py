"""Who answers for a case, how serious it is, and what is promised by when: each with its clause.

A risk band may only raise: a more serious class, another team, a shorter clock; never the reverse.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from api.policies.clause import Clause, clause_of
from api.policies.schema import DeadlineRule, Policy, Route, When
from api.routing.working_days import by_closing

CASE_OUTCOMES = frozenset({"asb", "review"})


@dataclass(frozen=True)
class Facts:
    """What routing looks at. `band` is low, medium or high, or None while there is none.

    `hand_to` is the team that a report for elsewhere is handed to, where the judge names one.
    """

    category: str
    severity: str | None = None
    flags: frozenset[str] = frozenset()
    outcome: str = "asb"
    band: str | None = None
    scheme: str | None = None
    hand_to: str | None = None


@dataclass(frozen=True)
class Routing:
    """`clause` is the route's, None where it was assumed; `raised_by` is the clause of a raise."""

    team: str
    severity: str | None
    clause: Clause | None
    assumed: str | None
    raised_by: Clause | None
    deadlines: tuple[DeadlineRule, ...]


def route(facts: Facts, policy: Policy) -> Routing:
    """The team, the class after every raise, and the first matching deadline of each kind.

    What is not ASB, or goes elsewhere without being handed over, gets only the deadlines that
    name its outcome.
    """
    plain = _route(replace(facts, band=None), policy)
    if facts.band in (None, "low"):
        return plain
    raised = _route(facts, policy)
    return replace(raised, deadlines=_sooner(plain.deadlines, raised.deadlines))


def due(rule: DeadlineRule, opened_at: datetime, policy: Policy) -> datetime:
    """When a deadline of a case opened at that moment (aware) falls; UTC."""
    return by_closing(opened_at, rule.within_working_days, policy.office, policy.nation)


def deadline_clause(rule: DeadlineRule, policy: Policy) -> Clause:
    """The clause that a deadline stands on."""
    return Clause(policy.document, rule.source.section, rule.source.words)


def matches(when: When, facts: Facts, team: str | None = None) -> bool:
    """Whether every condition that is given holds."""
    return all(
        (
            not when.category or facts.category in when.category,
            not when.severity or facts.severity in when.severity,
            not when.team or team in when.team,
            not when.outcome or facts.outcome in when.outcome,
            not when.flags_any or bool(facts.flags & frozenset(when.flags_any)),
            not when.band or (facts.band in when.band and facts.band != "low"),
            not when.scheme or facts.scheme in when.scheme,
        )
    )


def _route(facts: Facts, policy: Policy) -> Routing:
    severity, raised_by = _raised(facts, policy)
    facts = replace(facts, severity=severity)
    chosen: Route = next(entry for entry in policy.routes if matches(entry.when, facts))
    team = facts.hand_to or chosen.team
    return Routing(
        team=team,
        severity=severity,
        clause=None if facts.hand_to else clause_of(policy, chosen.source),
        assumed=None if facts.hand_to else chosen.assumed,
        raised_by=raised_by,
        deadlines=_deadlines(facts, team, policy),
    )


def _raised(facts: Facts, policy: Policy) -> tuple[str | None, Clause | None]:
    ranks = {severity.code: severity.rank for severity in policy.severities}
    severity, by = facts.severity, None
    lowest = max(ranks.values(), default=0) + 1
    for rule in policy.raises:
        more = ranks.get(rule.severity, lowest) < ranks.get(severity or "", lowest)
        if more and matches(rule.when, facts):
            severity, by = rule.severity, clause_of(policy, rule.source)
    return severity, by


def _deadlines(facts: Facts, team: str, policy: Policy) -> tuple[DeadlineRule, ...]:
    opens_case = facts.outcome in CASE_OUTCOMES or facts.hand_to is not None
    first: dict[str, DeadlineRule] = {}
    for rule in policy.deadlines:
        if not opens_case and not rule.when.outcome:
            continue
        if rule.kind not in first and matches(rule.when, facts, team):
            first[rule.kind] = rule
    return tuple(first.values())


def _sooner(
    plain: tuple[DeadlineRule, ...], raised: tuple[DeadlineRule, ...]
) -> tuple[DeadlineRule, ...]:
    """Per kind the shorter clock; a kind that only one of them has stays."""
    by_kind = {rule.kind: rule for rule in raised}
    for rule in plain:
        other = by_kind.get(rule.kind)
        if other is None or rule.within_working_days < other.within_working_days:
            by_kind[rule.kind] = rule
    return tuple(by_kind.values())
