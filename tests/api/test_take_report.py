"""Taking a report, step by step: what is decided, opened and written down."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.cases.model import Case, CaseEntry
from api.cases.requests import ResidentRequest
from api.conversation.model import Conversation
from api.conversation.receive import start_conversation
from api.db import Database
from api.intake.risk import assess_risk
from api.intake.rulebook import Rulebook
from api.intake.take_report import challenge, correct, hear, screen, submit
from api.reports.model import Report
from api.risk_assessment.model import RiskAssessment
from tests.people import ALICE, BOB, Person

AT = datetime(2026, 11, 2, 10, tzinfo=UTC)  # a Monday morning


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.writing() as session:
        yield session


def begin(session: Session, landlord: str, person: Person = ALICE) -> tuple[Conversation, Report]:
    conversation, _ = start_conversation(
        session, landlord=landlord, channel="sms", number=person.number, at=AT
    )
    return conversation, session.get_one(Report, conversation.report_id)


def facts(person: Person = ALICE, **told: Any) -> dict[str, Any]:
    return {
        "description": "loud music at 2am most nights",
        "kind": "noise",
        "happened_when": "most nights",
        "name": person.name,
        "address": person.address,
        "contact": person.number,
        "safe_contact": "yes",
        **told,
    }


def handed_in(
    session: Session, rulebook: Rulebook, landlord: str, person: Person = ALICE, **told: Any
) -> tuple[Report, Case | None]:
    _, report = begin(session, landlord, person)
    case = submit(
        session, report, rulebook, facts=facts(person, **told), at=AT, number=person.number
    )
    return report, case


def test_a_report_becomes_a_case_once(session: Session, rulebook: Rulebook) -> None:
    report, case = handed_in(session, rulebook, "vivid")
    again = submit(session, report, rulebook, facts=facts(), at=AT, number=ALICE.number)
    assert case is again
    assert report.status == "case"
    assert len(session.scalars(select(Case)).all()) == 1
    assert case is not None
    assert case.policy_version == rulebook.pack("vivid").policy.version


def test_an_unanswered_settling_question_goes_to_a_person(
    session: Session, rulebook: Rulebook
) -> None:
    told = {"description": "he does diy in the flat above", "kind": "diy", "happened_when": ""}
    _, case = handed_in(session, rulebook, "lyme-trust", **told)
    assert case is not None
    assert case.status == "review"
    assert case.screening["outcome"] == "review"


def test_what_is_not_asb_is_recorded_with_its_clause_and_no_case(
    session: Session, rulebook: Rulebook
) -> None:
    told = {"description": "their washing machine", "kind": "living_noise"}
    report, case = handed_in(session, rulebook, "places-for-people", **told)
    assert case is None
    assert report.status == "screened_out"
    assert "washing machines" in report.decision["clause"]["words"]
    challenge(report, at=AT)
    assert report.challenged_at == AT
    assert report.decision["outcome"] == "not_asb"


def test_the_third_report_from_one_address_goes_to_a_person(
    session: Session, rulebook: Rulebook
) -> None:
    told = {"description": "their washing machine", "kind": "living_noise"}
    outcomes = [
        handed_in(session, rulebook, "vivid", **told)[0].decision["outcome"] for _ in range(3)
    ]
    assert outcomes == ["not_asb", "not_asb", "review"]


def test_a_second_party_within_a_year_needs_no_asking(session: Session, rulebook: Rulebook) -> None:
    told = {
        "description": "a party next door on saturday",
        "kind": "party",
        "happened_when": "saturday",
    }
    first, _ = handed_in(session, rulebook, "nacro", answers={"party_count": "first"}, **told)
    assert first.decision["outcome"] == "not_asb"
    _, report = begin(session, "nacro")
    verdict = screen(
        session,
        report,
        rulebook,
        facts=facts(**told),
        kinds=[],
        at=AT + timedelta(days=300),
        number=ALICE.number,
    )
    assert verdict.decision.outcome == "asb"
    # Somebody else's party is asked about.
    _, other = begin(session, "nacro", BOB)
    asked = screen(
        session, other, rulebook, facts=facts(BOB, **told), kinds=[], at=AT, number=BOB.number
    )
    assert asked.decision.outcome == "question"


def test_danger_opens_the_case_at_once_and_later_words_enrich_it(
    session: Session, rulebook: Rulebook
) -> None:
    conversation, report = begin(session, "vivid")
    words = "he's outside my door right now with a knife"
    danger = rulebook.danger.screen(words)
    case = hear(session, report, danger, rulebook, words=words, at=AT, number=ALICE.number)
    assert case is not None
    assert case.team == "tenancy-enforcement"
    done = submit(
        session,
        report,
        rulebook,
        facts=facts(description=words, kind="weapons"),
        at=AT,
        number=conversation.number,
    )
    assert done is case
    assert report.name == ALICE.name


def test_a_new_danger_raises_an_open_case_and_never_lowers_it(
    session: Session, rulebook: Rulebook
) -> None:
    report, case = handed_in(session, rulebook, "vivid")
    assert case is not None
    assert (case.severity, case.team) == ("category_b", "neighbourhood")
    words = "now he shouts racist abuse at me because im polish"
    danger = rulebook.danger.screen(words)
    hear(session, report, danger, rulebook, words=words, at=AT, number=ALICE.number)
    assert (case.category, case.severity, case.team) == (
        "hate",
        "category_a",
        "tenancy-enforcement",
    )
    standing = [one for one in case.deadlines if one.superseded_at is None]
    past = [one for one in case.deadlines if one.superseded_at is not None]
    assert len(standing) == 1
    assert len(past) == 1
    assert standing[0].due_at < past[0].due_at
    calm = rulebook.danger.screen("it is just a bit of music")
    hear(session, report, calm, rulebook, words="x", at=AT, number=ALICE.number)
    assert case.severity == "category_a"


def test_after_domestic_abuse_nobody_is_texted(session: Session, rulebook: Rulebook) -> None:
    conversation, report = begin(session, "places-for-people")
    words = "my ex partner keeps hitting me"
    danger = rulebook.danger.screen(words)
    hear(session, report, danger, rulebook, words=words, at=AT, number=ALICE.number)
    case = submit(
        session,
        report,
        rulebook,
        facts=facts(description=words, kind="domestic_abuse"),
        at=AT,
        number=conversation.number,
    )
    assert case is not None
    assert case.restricted is True
    assert case.safe_to_text is False
    assert case.team == "tenancy-enforcement"


def test_a_declined_answer_is_kept_and_scores_nothing(session: Session, rulebook: Rulebook) -> None:
    _, case = handed_in(session, rulebook, "vivid")
    assert case is not None
    card = assess_risk(
        session,
        case,
        rulebook,
        answers={"1": "daily", "2": "declined", "11": "physical,mental"},
        raw={"2": "rather not say"},
        consent=None,
        done=False,
        at=AT,
    )
    assert (card.score, card.answered) == (5 + 6, 2)
    assert card.answers["2"] == ["declined"]
    assert card.raw["2"] == "rather not say"
    assert card.could_reach > card.score


def test_a_correction_is_a_new_entry(session: Session, rulebook: Rulebook) -> None:
    report, case = handed_in(session, rulebook, "vivid")
    assert case is not None
    correct(session, case, report, what="contact", to="07700 900299", at=AT, number=ALICE.number)
    session.flush()
    entry = session.scalars(select(CaseEntry).where(CaseEntry.kind == "correction")).one()
    assert entry.data == {"what": "contact", "from": ALICE.number, "to": "07700 900299"}
    assert report.contact == "07700 900299"
    # Nobody has said that the new number is safe.
    assert case.safe_to_text is False


def test_what_was_said_to_be_unsafe_stays_so_at_a_new_number(
    session: Session, rulebook: Rulebook
) -> None:
    told = {"safe_contact": "no", "safe_how": "not when he is home"}
    report, case = handed_in(session, rulebook, "vivid", **told)
    correct(session, case, report, what="contact", to="07700 900299", at=AT, number=ALICE.number)
    assert (report.safe_contact, report.safe_how) == ("no", "not when he is home")


@pytest.mark.parametrize("waits", [False, True])
def test_a_correction_where_there_is_no_case_is_kept_for_an_officer(
    session: Session, rulebook: Rulebook, waits: bool
) -> None:
    told = {"description": "their washing machine", "kind": "living_noise"}
    report, case = handed_in(session, rulebook, "vivid", happened_where="flat 21", **told)
    assert case is None
    if waits:
        challenge(report, at=AT)
    for what, to in (("where", "flat 12"), ("where", "flat 13"), ("kind", "it is loud music")):
        correct(session, None, report, what=what, to=to, at=AT, number=ALICE.number)
    session.flush()
    kept = session.scalars(select(ResidentRequest).order_by(ResidentRequest.id)).all()
    assert {(one.kind, one.report_id, one.case_id, one.done_at) for one in kept} == {
        ("correction", report.id, None, None)
    }
    assert [one.words for one in kept] == [
        "where: flat 12 (told before: flat 21)",
        "where: flat 13 (told before: flat 12)",
        "kind: it is loud music (told before: nothing)",
    ]
    # The report says what was said last.
    assert report.happened_where == "flat 13"


@pytest.mark.parametrize(
    ("address", "team"),
    [
        ("4 Rowan Court, Sample Town, zz1 9lp", "living-plus"),
        ("4 Hazel Court, Sample Town, ZZ1 2AB", "community-housing"),
    ],
)
def test_a_living_plus_home_goes_to_the_living_plus_team(
    session: Session, rulebook: Rulebook, address: str, team: str
) -> None:
    _, case = handed_in(session, rulebook, "places-for-people", address=address)
    assert case is not None
    assert case.team == team
    # What is for Tenancy Enforcement stays there, whoever manages the home.
    told = {"description": "he threatened to hit me", "kind": "violence_or_threats"}
    _, serious = handed_in(session, rulebook, "places-for-people", BOB, address=address, **told)
    assert serious is not None
    assert serious.team == "tenancy-enforcement"


def test_the_words_of_danger_stand_on_the_case(session: Session, rulebook: Rulebook) -> None:
    _, report = begin(session, "vivid")
    report.description = "kids playing football"
    words = "he's outside my door right now with a knife"
    danger = rulebook.danger.screen(words)
    hear(session, report, danger, rulebook, words=words, at=AT, number=ALICE.number)
    session.flush()
    entry = session.scalars(select(CaseEntry).where(CaseEntry.kind == "danger")).one()
    assert words in entry.words


def answer(
    session: Session, case: Case, rulebook: Rulebook, answers: dict[str, str]
) -> RiskAssessment:
    return assess_risk(
        session, case, rulebook, answers=answers, raw={}, consent=None, done=False, at=AT
    )


HIGH = {
    "1": "daily",
    "2": "yes",
    "3": "yes",
    "4": "know_well",
    "10": "extremely",
    "9": "yes",
    "11": "physical,mental",
    "13": "isolated",
}


def test_none_of_these_is_an_answer(session: Session, rulebook: Rulebook) -> None:
    _, case = handed_in(session, rulebook, "vivid")
    assert case is not None
    card = answer(session, case, rulebook, {"5": "none", "7": "none", "11": "none", "14": "none"})
    assert (card.answered, card.score) == (4, 0)


def test_a_band_raises_a_case_and_never_lowers_it_again(
    session: Session, rulebook: Rulebook
) -> None:
    _, case = handed_in(session, rulebook, "vivid")
    assert case is not None
    assert case.severity == "category_b"
    card = answer(session, case, rulebook, HIGH)
    assert card.band == "high"
    assert (case.severity, case.team) == ("category_a", "tenancy-enforcement")
    sooner = [one.due_at for one in case.deadlines if one.superseded_at is None]
    # A mistake in the answers is put right, and the band falls: the case stays where it is.
    card = answer(session, case, rulebook, {"10": "a_little", "1": "occasionally"})
    assert card.band != "high"
    assert (case.severity, case.team) == ("category_a", "tenancy-enforcement")
    assert [one.due_at for one in case.deadlines if one.superseded_at is None] == sooner


def test_a_later_decision_keeps_what_the_band_has_raised(
    session: Session, rulebook: Rulebook
) -> None:
    report, case = handed_in(session, rulebook, "vivid")
    assert case is not None
    answer(session, case, rulebook, HIGH)
    submit(session, report, rulebook, facts=facts(), at=AT, number=ALICE.number)
    assert (case.severity, case.team) == ("category_a", "tenancy-enforcement")


def test_a_repair_that_jumps_the_queue_is_a_task_on_the_case(
    session: Session, rulebook: Rulebook
) -> None:
    told = {"description": "someone smashed the door entry system", "kind": "vandalism"}
    _, case = handed_in(session, rulebook, "seven-locks", **told)
    assert case is not None
    session.flush()
    [task] = session.scalars(select(CaseEntry).where(CaseEntry.kind == "task"))
    assert "door entry" in task.words
    assert "vandalised door entry systems" in task.data["words"]
    # Another landlord's policy does not say so.
    _, other = handed_in(session, rulebook, "vivid", BOB, **told)
    assert other is not None
    session.flush()
    assert len(session.scalars(select(CaseEntry).where(CaseEntry.kind == "task")).all()) == 1
