"""The exclusions of a policy: which one fits a matter, and what comes of it."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from api.policies.clause import clause_of
from api.policies.schema import CategoryRule, NotAsb, Outcome, Policy, Question
from api.screening.matter import NOTHING, Matter, Told
from api.screening.settle import Settled

# Kinds of noise that a policy may list only as exclusions: their class is that of noise.
AS_NOISE = frozenset({"living_noise", "diy", "party", "children_playing"})
NIGHTLY = frozenset({"night", "repeated"})


def exclusion_of(category: str, behaviour: str | None, policy: Policy) -> NotAsb | None:
    """The first entry that names the matter; None where the policy excludes it nowhere."""
    for entry in policy.not_asb:
        if category in entry.categories and (
            not entry.behaviours or (behaviour is not None and behaviour in entry.behaviours)
        ):
            return entry
    return None


def more_than_everyday(
    category: str, behaviour: str | None, entry: NotAsb, told: Told, question: Question | None
) -> bool:
    """Whether noise is told as more than a clause without a fitting question has in mind.

    That is: as excessive; or, night after night, as costing sleep, as work, or as a sound that
    the clause does not name.
    """
    if category not in AS_NOISE | {"noise"}:
        return False
    if question is None and told.cues >= NIGHTLY:
        is_work = "diy" in (category, told.home.get(behaviour or "", ""))
        return "sleep" in told.cues or is_work or not entry.behaviours
    if "excessive" not in told.cues:
        return False
    return question is None or all(answer.cue != "excessive" for answer in question.answers)


def excluded(
    base: Matter, entry: NotAsb, policy: Policy, used: Mapping[str, str], why: str
) -> Matter:
    """Not ASB: the clause and its advice, no class and no team."""
    return replace(
        base,
        outcome="not_asb",
        severity=None,
        clause=clause_of(policy, entry.source),
        advice=entry.advice,
        rule=f"not_asb:{entry.code}",
        why=why,
        answers_used=MappingProxyType(dict(used)),
        hand_to=None,
    )


def unsure(
    base: Matter,
    entry: NotAsb,
    policy: Policy,
    why: str,
    used: Mapping[str, str] = NOTHING,
) -> Matter:
    """A person looks, with the clause that the matter may or may not fall under."""
    return replace(
        base,
        outcome="review",
        clause=clause_of(policy, entry.source),
        advice=None,
        rule=f"unsure:{entry.code}",
        why=why,
        answers_used=MappingProxyType(dict(used)),
    )


def lifted(
    base: Matter,
    rule: CategoryRule,
    entry: NotAsb,
    settled: Settled,
    used: Mapping[str, str],
    policy: Policy,
) -> Matter:
    """The exception does not hold: the category's own rule, and never not ASB."""
    outcome: Outcome = base.outcome
    if outcome == "not_asb":
        outcome = "asb" if base.severity is not None and entry.lifted_source else "review"
    return replace(
        base,
        outcome=outcome,
        clause=clause_of(policy, entry.lifted_source or rule.source or entry.source),
        advice=rule.advice if rule.outcome != "not_asb" else None,
        rule=f"lifted:{entry.code}",
        why=f"The exception does not hold: {settled.by}.",
        answers_used=MappingProxyType(dict(used)),
    )
