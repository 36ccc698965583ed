"""The risk card in a conversation: what it begins with, and whether questions of it are left."""

from typing import Any

from api.policies.schema_shared import RiskMatrix, RiskQuestion
from api.reports.model import Report
from api.risk_assessment.model import RiskAssessment

HOW_OFTEN = 1  # the number of the question that the report has asked already


def answered_already(
    card: RiskAssessment | None, report: Report, matrix: RiskMatrix
) -> dict[str, Any]:
    """Slots of the card's questions that need no asking: answered before it was left, and how often
    it happens, where the report says it in the card's own terms."""
    known = {
        f"r{number}": ",".join(codes) for number, codes in (card.answers if card else {}).items()
    }
    often = report.how_often
    if often and any(often == answer.code for answer in _question(matrix).answers):
        known.setdefault(f"r{HOW_OFTEN}", often)
    return known


def is_open(card: RiskAssessment | None) -> bool:
    """Whether there are questions left."""
    return card is None or card.completed_at is None


def _question(matrix: RiskMatrix) -> RiskQuestion:
    return next(one for one in matrix.questions if one.number == HOW_OFTEN)
