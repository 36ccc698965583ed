"""The judge: what a landlord's policy makes of what was told. Pure, and it always ends.

A report may hold several matters. Each is judged by itself and the most serious leads: asb
(domestic abuse, hate, violence and weapons first, then by class) · question · review ·
elsewhere · not_asb.
A harm, an intent, a targeting or any danger flag lifts every exclusion. Where the document is
silent, a person looks.
"""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from api.policies.clause import Clause, clause_of
from api.policies.schema import CategoryRule, Policy
from api.screening.exclusions import (
    AS_NOISE,
    excluded,
    exclusion_of,
    lifted,
    more_than_everyday,
    unsure,
)
from api.screening.matter import NOTHING, Decision, Known, Matter, Told, tell
from api.screening.settle import settle

__all__ = ["Clause", "Decision", "Known", "Matter", "Told", "judge", "tell"]

FLAG_MEANS = {
    "domestic_abuse": "domestic_abuse",
    "hate": "hate",
    "weapon": "weapons",
    "exploitation": "cuckooing",
}
CUE_MEANS = {"hate": "hate", "threat": "violence_or_threats", "abuse": "verbal_abuse"}
FIRST_OF_ALL = {"domestic_abuse": 0, "hate": 1, "violence_or_threats": 2, "weapons": 2}
# Cues of intent keep a report here even when its kind is another service's; harm alone does not,
# or every boiler repair that makes someone ill would come to the anti-social behaviour team.
AIMED = frozenset({"on_purpose", "targeted", "threat", "abuse", "hate"})
# What makes a party one: these sounds are a part of it, not matters of their own.
OF_A_PARTY = frozenset({"music", "shouting", "talking", "tv_radio"})
EVERYDAY = frozenset({"living_noise", "diy"})
# Words that speak of more than the everyday that a clause on everyday noise has in mind.
BEYOND = frozenset({"excessive", "night"})
SCREENED_OUT_LIMIT = 2


def judge(told: Told, answers: Mapping[str, str], known: Known, policy: Policy) -> Decision:
    """Judges every matter told under a policy. `answers`: question code → answer code.

    Never raises on what was told; an unknown category is judged as `other`.
    """
    rules: dict[str, CategoryRule] = {rule.code: rule for rule in policy.categories}
    matters: list[Matter] = []
    for category, behaviour, main in _split(told, policy, rules):
        matter = _judge_matter(rules[category], behaviour, main, told, answers, known, policy)
        matters.append(_capped(matter, told))
    ranks = {severity.code: severity.rank for severity in policy.severities}
    lead = min(matters, key=lambda matter: _order(matter, ranks))
    lead = _looked_at_again(lead, known)
    return Decision(
        outcome=lead.outcome,
        category=lead.category,
        severity=lead.severity,
        clause=lead.clause,
        question=lead.question,
        advice=lead.advice,
        rule=lead.rule,
        why=lead.why,
        answers_used=MappingProxyType(
            {code: answer for matter in matters for code, answer in matter.answers_used.items()}
        ),
        hand_to=lead.hand_to,
        matters=tuple(matters),
    )


def _split(
    told: Told, policy: Policy, rules: Mapping[str, CategoryRule]
) -> list[tuple[str, str | None, bool]]:
    """The matters: (category, behaviour, whether it is the kind that was confirmed)."""
    main = told.category if told.category in rules else "other"
    read = told.behaviours - OF_A_PARTY if main == "party" else told.behaviours
    homes = {told.home.get(code, main) for code in read}
    if main == "noise" and homes and homes <= EVERYDAY and not told.cues & BEYOND:
        # A washing machine that is called noise is judged as what it is.
        main = min(homes)
    listed = {
        behaviour
        for entry in policy.not_asb
        if main in entry.categories
        for behaviour in entry.behaviours
    }
    own = sorted(code for code in read if told.home.get(code, main) == main)
    # A washing machine in a report of "noise" is that noise, where the policy lists it so.
    own = own or sorted(code for code in read if code in listed)
    matters: list[tuple[str, str | None, bool]] = [(main, code, True) for code in own]
    matters = matters or [(main, None, True)]
    for code in sorted(read - set(own)):
        home = told.home.get(code, main)
        if home in rules:
            matters.append((home, code, False))
    implied = [FLAG_MEANS[flag] for flag in sorted(told.flags) if flag in FLAG_MEANS]
    implied += [CUE_MEANS[cue] for cue in sorted(told.cues) if cue in CUE_MEANS]
    seen = {category for category, _, _ in matters}
    for category in dict.fromkeys((*implied, *told.other_categories)):
        if category in rules and category not in seen:
            matters.append((category, None, False))
    return matters


def _judge_matter(
    rule: CategoryRule,
    behaviour: str | None,
    main: bool,
    told: Told,
    answers: Mapping[str, str],
    known: Known,
    policy: Policy,
) -> Matter:
    entry = exclusion_of(rule.code, behaviour, policy)
    harms = _harms(told)
    if entry is None or harms:
        return _by_category(rule, behaviour, main, harms, policy)
    base = _by_category(rule, behaviour, main, (), policy)
    question = next((asked for asked in policy.questions if asked.code == entry.asks), None)
    if more_than_everyday(rule.code, behaviour, entry, told, question):
        return unsure(
            base,
            entry,
            policy,
            "The words say it is more than everyday, and the clause does not say how much is "
            "too much; a person looks.",
        )
    if question is None and rule.code == "living_noise" and behaviour is None:
        return unsure(
            base, entry, policy, "No everyday sound is told by name in the words; a person looks."
        )
    if question is None:
        return excluded(base, entry, policy, {}, "The policy lists this as not ASB.")
    settled = settle(question, entry, told.times, told.cues, answers, _facts(known))
    if settled is None:
        return replace(
            base,
            outcome="question",
            clause=clause_of(policy, entry.source),
            question=question.code,
            advice=None,
            rule=f"not_asb:{entry.code}",
            why="The clause has a condition; one answer settles it.",
        )
    used = {question.code: settled.answer}
    if settled.means == "holds":
        return excluded(
            base, entry, policy, used, f"The policy lists this as not ASB: {settled.by}."
        )
    if settled.means == "unsure":
        why = f"The condition of the clause is not settled ({settled.by}); a person looks."
        return unsure(base, entry, policy, why, used)
    return lifted(base, rule, entry, settled, used, policy)


def _harms(told: Told) -> tuple[str, ...]:
    return (*sorted(told.flags), *sorted(told.cues & told.lifting))


def _facts(known: Known) -> frozenset[str]:
    return frozenset({"same_category_within_a_year"} if known.same_category_within_a_year else ())


def _by_category(
    rule: CategoryRule,
    behaviour: str | None,
    main: bool,
    harms: tuple[str, ...],
    policy: Policy,
) -> Matter:
    """The category's own rule; with a harm it is never less than a person looking."""
    matter = Matter(
        category=rule.code,
        behaviour=behaviour,
        outcome=rule.outcome,
        severity=_severity(rule, policy),
        clause=clause_of(policy, rule.source),
        question=None,
        advice=rule.advice,
        rule=f"category:{rule.code}" if rule.source else f"silent:{rule.code}",
        why=_why(rule),
        answers_used=NOTHING,
        hand_to=rule.hand_to,
        main=main,
    )
    if matter.outcome == "not_asb" and (matter.clause is None or matter.advice is None):
        return replace(matter, outcome="review", why="No clause says that this is not ASB.")
    if not harms or rule.outcome in ("asb", "review") or rule.hand_to:
        return matter
    told = ", ".join(harms).replace("_", " ")
    if rule.outcome == "elsewhere" and not any(h in AIMED or h in _ALL_FLAGS for h in harms):
        return matter
    return replace(
        matter,
        outcome="review",
        advice=None,
        rule=f"harm:{rule.code}",
        why=f"More than the everyday was told ({told}), so a person looks.",
    )


_ALL_FLAGS = frozenset(
    {"emergency", "weapon", "domestic_abuse", "hate", "child", "self_harm", "exploitation"}
)


def _why(rule: CategoryRule) -> str:
    if rule.source is None:
        return f"The document is silent: {rule.silent}"
    return {
        "asb": "The policy names this as ASB.",
        "review": "The policy does not settle this; a person looks.",
        "elsewhere": "The policy leaves this to another service or procedure.",
        "not_asb": "The policy lists this as not ASB.",
    }[rule.outcome]


def _severity(rule: CategoryRule, policy: Policy) -> str | None:
    if rule.severity is not None or rule.code not in AS_NOISE:
        return rule.severity
    return next((other.severity for other in policy.categories if other.code == "noise"), None)


def _capped(matter: Matter, told: Told) -> Matter:
    """A matter that was only read in the words of another kind goes no further than a person
    looking, unless the words are plain or a flag or cue stands behind it."""
    decides = matter.outcome == "asb" or matter.hand_to is not None
    if matter.main or not decides or matter.behaviour in told.plain:
        return matter
    backed = {FLAG_MEANS[flag] for flag in told.flags if flag in FLAG_MEANS}
    backed |= {CUE_MEANS[cue] for cue in told.cues if cue in CUE_MEANS}
    if matter.category in backed:
        return matter
    return replace(
        matter,
        outcome="review",
        hand_to=None,
        rule=f"also:{matter.category}",
        why="The words also speak of this kind; a person looks.",
    )


def _order(matter: Matter, ranks: Mapping[str, int]) -> tuple[int, int, int, int]:
    leads = {"asb": 0, "question": 1, "review": 2, "elsewhere": 3, "not_asb": 4}
    place = 0 if matter.hand_to else leads[matter.outcome]
    first = FIRST_OF_ALL.get(matter.category, 9)
    return (place, first, ranks.get(matter.severity or "", 99), 0 if matter.main else 1)


def _looked_at_again(lead: Matter, known: Known) -> Matter:
    if lead.outcome != "not_asb" or known.screened_out_before < SCREENED_OUT_LIMIT:
        return lead
    return replace(
        lead,
        outcome="review",
        advice=None,
        rule=f"repeat:{lead.rule}",
        why="Two reports from this address were screened out before; a person looks at the third.",
    )
