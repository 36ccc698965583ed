"""Every example that a landlord's officers wrote down comes out as they expect."""

from datetime import datetime
from pathlib import Path

import pytest

from api.policies.load import Pack, Policies, load_policies
from api.policies.schema_examples import Example
from api.routing.rules import Facts, due, route
from api.routing.working_days import LONDON
from api.screening.rules import Known, judge, tell

PACKS = Path(__file__).parents[2] / "data" / "policies"
POLICIES: Policies = load_policies(PACKS)
EXAMPLES = [
    pytest.param(pack, example, id=f"{code}: {example.name}")
    for code, pack in POLICIES.landlords.items()
    for example in pack.examples
]


def run(pack: Pack, example: Example) -> dict[str, object]:
    """The example through the judge and the router, as fields of `expect`."""
    told = tell(
        category=example.category,
        text=example.text,
        behaviours=POLICIES.behaviours,
        cues=POLICIES.cues,
        flags=example.flags,
        other_categories=example.other_categories,
    )
    known = Known(
        same_category_within_a_year=example.known.same_category_within_a_year,
        screened_out_before=example.known.screened_out_before,
    )
    decision = judge(told, example.answers, known, pack.policy)
    routing = route(
        Facts(
            category=decision.category,
            severity=decision.severity,
            flags=told.flags,
            outcome=decision.outcome,
            band=example.band,
            scheme=example.scheme,
            hand_to=decision.hand_to,
        ),
        pack.policy,
    )
    came: dict[str, object] = {
        "outcome": decision.outcome,
        "category": decision.category,
        "section": decision.clause.section if decision.clause else None,
        "severity": routing.severity or "none",
        "team": routing.team,
        "question": decision.question or "none",
        "rule": decision.rule,
    }
    if example.opened_at:
        opened = example.opened_at.replace(tzinfo=LONDON)
        came["due"] = {
            rule.kind: due(rule, opened, pack.policy).astimezone(LONDON).replace(tzinfo=None)
            for rule in routing.deadlines
        }
    came["why"] = decision.why
    return came


@pytest.mark.parametrize(("pack", "example"), EXAMPLES)
def test_an_example_comes_out_as_expected(pack: Pack, example: Example) -> None:
    came = run(pack, example)
    expected = example.expect.model_dump(exclude_none=True)
    due_by: dict[str, datetime] = expected.pop("due")
    if "rule" in expected and ":" not in expected["rule"]:
        came["rule"] = str(came["rule"]).rpartition(":")[2]
    wrong = {name: came[name] for name, value in expected.items() if came[name] != value}
    for kind, moment in due_by.items():
        found = came["due"].get(kind)  # type: ignore[attr-defined]
        if found != moment:
            wrong[f"due.{kind}"] = found
    assert not wrong, f"{wrong} instead of {expected} {due_by}: {came['why']} ({came['rule']})"


@pytest.mark.parametrize("landlord", sorted(POLICIES.landlords))
def test_every_landlord_has_forty_examples_or_more(landlord: str) -> None:
    assert len(POLICIES.landlords[landlord].examples) >= 40
