"""The risk card of a case, scored as far as it is answered."""

from collections.abc import Mapping
from datetime import datetime
from uuid import uuid4

from sqlalchemy.orm import Session

from api.cases.model import Case
from api.cases.open_case import note, send_to_team
from api.cases.queries import risk_of
from api.intake.rulebook import Rulebook
from api.policies.clause import Clause
from api.risk_assessment.model import RiskAssessment
from api.risk_assessment.rules import assess
from api.screening.rules import Decision

BANDS = ("low", "medium", "high")
UNANSWERED = frozenset({"declined", "dont_know", ""})


def assess_risk(
    session: Session,
    case: Case,
    rulebook: Rulebook,
    *,
    answers: Mapping[str, str],
    raw: Mapping[str, str],
    consent: str | None,
    done: bool,
    at: datetime,
) -> RiskAssessment:
    """Writes answers down and scores the card. `answers`: question number → codes, by commas.

    A band may raise how soon a case is seen to; it never lengthens a clock.
    """
    matrix = rulebook.policies.risk_matrix
    card = risk_of(session, case)
    if card is None:
        card = RiskAssessment(
            id=uuid4().hex,
            landlord=case.landlord,
            case_id=case.id,
            card_version=matrix.version,
            answers={},
            raw={},
            band="low",
            started_at=at,
            updated_at=at,
        )
        session.add(card)
    given = {
        number: [code for code in codes.split(",") if code]
        for number, codes in answers.items()
        if codes not in UNANSWERED
    }
    declined = {number: [codes] for number, codes in answers.items() if codes in UNANSWERED}
    card.raw = {**card.raw, **raw}
    card.answers = {**card.answers, **given, **declined}
    rated = assess(
        {
            int(number): codes
            for number, codes in card.answers.items()
            if not UNANSWERED & set(codes)
        },
        matrix,
        frozenset(case.flags),
        case.category,
    )
    raised = BANDS.index(rated.band) > BANDS.index(card.band)
    card.score, card.answered, card.could_reach = rated.score, rated.answered, rated.could_reach
    card.band, card.confirmed = rated.band, rated.confirmed
    card.overridden_by = list(rated.overridden_by)
    card.consent = consent or card.consent
    card.updated_at = at
    case.updated_at = at
    if done and card.completed_at is None:
        card.completed_at = at
        of = len(matrix.questions)
        words = f"Risk questions answered: {card.score} points, {card.answered} of {of}."
        note(session, case, kind="risk_assessment", words=words, at=at)
    if raised:
        # A case stays with the version it was decided on.
        pinned = rulebook.policies.version(case.landlord, case.policy_version)
        policy = (pinned or rulebook.pack(case.landlord)).policy
        send_to_team(case, _as_decided(case), policy, band=card.band, at=at)
    session.flush()
    return card


def _as_decided(case: Case) -> Decision:
    """The decision that a case stands on, read back from its record."""
    screening = case.screening
    clause = screening.get("clause")
    return Decision(
        outcome=screening["outcome"],
        category=case.category,
        severity=screening.get("severity"),
        clause=Clause(**clause) if clause else None,
        question=None,
        advice=None,
        rule=screening["rule"],
        why=screening["why"],
        answers_used=screening.get("answers") or {},
        hand_to=screening.get("hand_to"),
        matters=(),
    )
