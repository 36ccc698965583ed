"""Routing: who answers for a case, how serious it is, what is promised by when."""

from datetime import datetime
from itertools import product
from pathlib import Path
from typing import get_args

import pytest

from api.policies.load import load_policies
from api.policies.schema import Category, Policy
from api.routing.rules import Facts, deadline_clause, due, route
from api.routing.working_days import LONDON
from tests.policies.small_pack import small_pack

POLICIES = load_policies(Path(__file__).parents[2] / "data" / "policies")
LANDLORDS = sorted(POLICIES.landlords)
MONDAY = datetime(2026, 11, 2, 10, tzinfo=LONDON)


def policy(landlord: str) -> Policy:
    return POLICIES.landlords[landlord].policy


def promised(facts: Facts, landlord: str) -> dict[str, str]:
    """Kind of deadline → local due time, for a case opened on a Monday at ten."""
    pack = policy(landlord)
    return {
        rule.kind: due(rule, MONDAY, pack).astimezone(LONDON).strftime("%a %d %H:%M")
        for rule in route(facts, pack).deadlines
    }


def test_vivid_noise_goes_to_neighbourhood_by_the_next_working_day() -> None:
    facts = Facts("noise", "category_b")
    routing = route(facts, policy("vivid"))
    assert routing.team == "neighbourhood"
    assert routing.clause is not None
    assert routing.clause.section.startswith("4.3")
    assert promised(facts, "vivid")["first_contact"].startswith("Tue 03")


def test_vivid_hate_goes_to_tenancy_enforcement_on_the_same_day() -> None:
    facts = Facts("hate", "category_a", frozenset({"hate"}))
    assert route(facts, policy("vivid")).team == "tenancy-enforcement"
    assert promised(facts, "vivid")["first_contact"].startswith("Mon 02")


def test_places_for_people_hate_gets_everything_in_one_working_day() -> None:
    facts = Facts("hate", "high", frozenset({"hate"}))
    routing = route(facts, policy("places-for-people"))
    times = promised(facts, "places-for-people")
    assert routing.team == "tenancy-enforcement"
    for kind in ("first_contact", "risk_assessment", "action_plan"):
        assert times[kind].startswith("Tue 03")


def test_places_for_people_living_plus_scheme_has_its_own_team() -> None:
    facts = Facts("noise", "low_medium", scheme="living-plus")
    assert route(facts, policy("places-for-people")).team == "living-plus"
    elsewhere = Facts("noise", "low_medium")
    assert route(elsewhere, policy("places-for-people")).team == "community-housing"


def test_nacro_hate_is_a_one_day_emergency() -> None:
    facts = Facts("hate", "serious", frozenset({"hate"}))
    assert promised(facts, "nacro")["first_contact"].startswith("Tue 03")


@pytest.mark.parametrize("landlord", LANDLORDS)
def test_every_category_reaches_a_team_and_every_deadline_has_its_clause(landlord: str) -> None:
    pack = policy(landlord)
    teams = {team.code for team in pack.teams}
    severities = [*(severity.code for severity in pack.severities), None]
    for category, severity in product(get_args(Category), severities):
        routing = route(Facts(category, severity), pack)
        assert routing.team in teams
        assert (routing.clause is None) == (routing.assumed is not None)
        kinds = [rule.kind for rule in routing.deadlines]
        assert len(kinds) == len(set(kinds))
        for rule in routing.deadlines:
            assert deadline_clause(rule, pack).words


@pytest.mark.parametrize("landlord", LANDLORDS)
@pytest.mark.parametrize("band", ["low", "medium", "high"])
def test_a_band_only_raises(landlord: str, band: str) -> None:
    pack = policy(landlord)
    ranks = {severity.code: severity.rank for severity in pack.severities}
    for category, severity in product(get_args(Category), ranks):
        before = route(Facts(category, severity), pack)
        after = route(Facts(category, severity, band=band), pack)
        assert ranks[after.severity or ""] <= ranks[before.severity or ""]
        days = {rule.kind: rule.within_working_days for rule in after.deadlines}
        for rule in before.deadlines:
            assert days[rule.kind] <= rule.within_working_days
        if band == "low":
            assert after == before


@pytest.mark.parametrize("landlord", LANDLORDS)
def test_what_opens_no_case_is_promised_nothing(landlord: str) -> None:
    pack = policy(landlord)
    for outcome in ("not_asb", "elsewhere"):
        routing = route(Facts("noise", outcome=outcome), pack)
        assert all(outcome in rule.when.outcome for rule in routing.deadlines)


def test_a_report_that_is_handed_over_goes_to_that_team() -> None:
    facts = Facts("domestic_abuse", None, outcome="elsewhere", hand_to="service-lead")
    assert route(facts, policy("nacro")).team == "service-lead"


RAISES = """
[[raises]]
when.band = ["high"]
severity = "urgent"
source = { section = "4", words = "High risk is urgent" }

[[raises]]
when.flags_any = ["child"]
severity = "usual"
source = { section = "4", words = "Never lowers" }
"""


def raised_policy(folder: Path) -> Policy:
    policies = small_pack(folder)
    file = policies / "harbour" / "policy.toml"
    text = file.read_text().replace("\n[[deadlines]]", RAISES + "\n[[deadlines]]", 1)
    quick = "within_working_days = 1\n"
    slow = '[[deadlines]]\nkind = "action_plan"\nwhen.severity = ["urgent"]\n' + (
        "within_working_days = 9\n"
        'source = { section = "5", words = "nine" }\n\n'
        '[[deadlines]]\nkind = "action_plan"\nwithin_working_days = 5\n'
        'source = { section = "5", words = "five" }\n'
    )
    assert quick in text
    file.write_text(text + "\n" + slow)
    return load_policies(policies).landlords["harbour"].policy


def test_a_raise_makes_more_serious_and_never_less(tmp_path: Path) -> None:
    pack = raised_policy(tmp_path)
    calm = route(Facts("noise", "usual"), pack)
    assert (calm.severity, calm.team, calm.raised_by) == ("usual", "estate", None)
    high = route(Facts("noise", "usual", band="high"), pack)
    assert (high.severity, high.team) == ("urgent", "legal")
    assert high.raised_by is not None
    assert high.raised_by.words == "High risk is urgent"
    child = route(Facts("hate", "urgent", frozenset({"child"})), pack)
    assert child.severity == "urgent"


def test_a_band_never_lengthens_a_clock_even_where_the_class_it_raises_to_is_slower(
    tmp_path: Path,
) -> None:
    pack = raised_policy(tmp_path)
    plain = {r.kind: r.within_working_days for r in route(Facts("noise", "usual"), pack).deadlines}
    high = route(Facts("noise", "usual", band="high"), pack).deadlines
    assert plain["action_plan"] == 5
    assert {r.kind: r.within_working_days for r in high}["action_plan"] == 5
