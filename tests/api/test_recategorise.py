"""A case that turns out to be something else: its team, class and promises are worked out again,
and nothing that was promised before is lost or put off."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from api.cases.model import Case, CaseDeadline
from api.cases.open_case import send_to_team, standing_deadlines
from api.conversation.receive import start_conversation
from api.db import Database
from api.intake.rulebook import Rulebook
from api.intake.take_report import submit
from api.reports.model import Report
from api.screening.rules import Decision, Known, judge, tell
from tests.people import ALICE

AT = datetime(2026, 11, 2, 10, tzinfo=UTC)  # a Monday morning
LATER = AT + timedelta(hours=3)
MUCH_LATER = AT + timedelta(days=2)


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.writing() as session:
        yield session


def noise_case(session: Session, rulebook: Rulebook, landlord: str) -> Case:
    conversation, _ = start_conversation(
        session, landlord=landlord, channel="sms", number=ALICE.number, at=AT
    )
    report = session.get_one(Report, conversation.report_id)
    told = {
        "description": "loud music at 2am most nights",
        "kind": "noise",
        "happened_when": "most nights",
        "name": ALICE.name,
        "address": ALICE.address,
        "contact": ALICE.number,
        "safe_contact": "yes",
    }
    case = submit(session, report, rulebook, facts=told, at=AT, number=ALICE.number)
    assert case is not None
    return case


def decided(rulebook: Rulebook, landlord: str, category: str, text: str) -> Decision:
    policies = rulebook.policies
    told = tell(category=category, text=text, behaviours=policies.behaviours, cues=policies.cues)
    return judge(told, {}, Known(), rulebook.pack(landlord).policy)


def promises(case: Case) -> dict[str, CaseDeadline]:
    return {one.kind: one for one in standing_deadlines(case)}


def past(case: Case) -> dict[str, CaseDeadline]:
    return {one.kind: one for one in case.deadlines if one.superseded_at is not None}


def test_a_graver_category_brings_promises_forward_and_keeps_the_old_ones(
    session: Session, rulebook: Rulebook
) -> None:
    case = noise_case(session, rulebook, "places-for-people")
    before = {kind: (one.due_at, one.clause) for kind, one in promises(case).items()}
    assert before["risk_assessment"][1]["words"].startswith("For cases managed by CHM/LPC")
    decision = decided(rulebook, "places-for-people", "harassment", "he follows me about")
    policy = rulebook.pack("places-for-people").policy
    send_to_team(case, decision, policy, band=None, at=LATER)
    session.flush()
    assert (case.team, case.severity) == ("tenancy-enforcement", "high")
    now, old = promises(case), past(case)
    assert set(now) == set(before)
    assert {kind: (one.due_at, one.clause) for kind, one in old.items()} == before
    for kind, one in now.items():
        assert one.due_at < old[kind].due_at
        assert old[kind].superseded_at == LATER
    # Counted from when the case opened, not from when its category changed.
    assert now["first_contact"].due_at < AT + timedelta(days=1, hours=12)
    sections = {kind: one.clause["section"] for kind, one in now.items()}
    assert sections == {
        "acknowledgement": "paragraph 13",
        "risk_assessment": "Procedure 5.4",
        "first_contact": "Procedure 6.2",
        "action_plan": "Procedure 6.3",
    }
    assert now["risk_assessment"].clause["words"].startswith("For cases managed by TEM")


def test_a_milder_category_puts_no_promise_off(session: Session, rulebook: Rulebook) -> None:
    case = noise_case(session, rulebook, "places-for-people")
    policy = rulebook.pack("places-for-people").policy
    graver = decided(rulebook, "places-for-people", "harassment", "he follows me about")
    send_to_team(case, graver, policy, band=None, at=LATER)
    held = {kind: (one.due_at, one.clause) for kind, one in promises(case).items()}
    count = len(case.deadlines)
    milder = decided(rulebook, "places-for-people", "noise", "loud music at 2am")
    send_to_team(case, milder, policy, band=None, at=MUCH_LATER)
    session.flush()
    assert case.team == "community-housing"
    assert {kind: (one.due_at, one.clause) for kind, one in promises(case).items()} == held
    assert len(case.deadlines) == count


def test_a_promise_that_was_kept_is_not_made_again(session: Session, rulebook: Rulebook) -> None:
    case = noise_case(session, rulebook, "vivid")
    first = promises(case)["first_contact"]
    first.met_at = LATER
    decision = decided(rulebook, "vivid", "violence_or_threats", "he said he will kill me")
    send_to_team(case, decision, rulebook.pack("vivid").policy, band=None, at=MUCH_LATER)
    assert (case.team, case.severity) == ("tenancy-enforcement", "category_a")
    assert promises(case)["first_contact"] is first
    assert first.superseded_at is None


def test_the_same_category_again_changes_no_promise(session: Session, rulebook: Rulebook) -> None:
    case = noise_case(session, rulebook, "nacro")
    before = [(one.id, one.due_at, one.superseded_at) for one in case.deadlines]
    again = decided(rulebook, "nacro", "noise", "loud music at 2am")
    send_to_team(case, again, rulebook.pack("nacro").policy, band=None, at=LATER)
    session.flush()
    assert [(one.id, one.due_at, one.superseded_at) for one in case.deadlines] == before


def test_an_emergency_adds_the_one_day_promise_and_keeps_the_longer_past(
    session: Session, rulebook: Rulebook
) -> None:
    case = noise_case(session, rulebook, "nacro")
    before = promises(case)["first_contact"]
    case.flags = ["hate"]
    decision = decided(rulebook, "nacro", "hate", "racist abuse at my door")
    send_to_team(case, decision, rulebook.pack("nacro").policy, band=None, at=LATER)
    session.flush()
    now = promises(case)["first_contact"]
    assert (case.team, case.severity) == ("service-lead", "serious")
    assert before.superseded_at == LATER
    assert now.due_at < before.due_at
    assert (before.clause["section"], now.clause["section"]) == ("8.6", "8.6")
    assert "hate based behaviour" in now.clause["words"]


def test_a_high_band_raises_and_its_promises_stay_when_the_band_is_gone(
    session: Session, rulebook: Rulebook
) -> None:
    case = noise_case(session, rulebook, "vivid")
    policy = rulebook.pack("vivid").policy
    decision = decided(rulebook, "vivid", "noise", "loud music at 2am")
    slow = promises(case)["first_contact"].due_at
    send_to_team(case, decision, policy, band="high", at=LATER)
    session.flush()
    assert (case.severity, case.team) == ("category_a", "tenancy-enforcement")
    assert case.routing["raised_by"]["section"] == "4.3 Reporting ASB"
    quick = promises(case)["first_contact"]
    assert quick.due_at < slow
    send_to_team(case, decision, policy, band="medium", at=MUCH_LATER)
    assert promises(case)["first_contact"] is quick
