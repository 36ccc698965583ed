"""The risk card in a conversation: what it begins with, and whether questions of it are left."""

from collections.abc import Iterable, Mapping
from typing import Any

from api.policies.schema_shared import RiskMatrix
from api.reports.model import Report
from api.risk_assessment.model import RiskAssessment

HOW_OFTEN = "ask_r1"  # the question that the report has asked in its own words


def answered_already(card: RiskAssessment | None) -> dict[str, Any]:
    """Slots of the questions that were answered before the card was left."""
    answers = card.answers if card else {}
    return {f"r{number}": ",".join(codes) for number, codes in answers.items()}


def is_open(card: RiskAssessment | None) -> bool:
    """Whether there are questions left."""
    return card is None or card.completed_at is None


def with_how_often(
    said: Iterable[Mapping[str, Any]], report: Report, matrix: RiskMatrix
) -> list[dict[str, Any]]:
    """The messages; the card's question how often it happens is a mere check of what was told."""
    first = next(one for one in matrix.questions if f"ask_r{one.number}" == HOW_OFTEN)
    told = next((one.code for one in first.answers if one.code == report.how_often), None)
    known = {"known": told} if told else {}
    return [
        {**one, "values": {**(one.get("values") or {}), **known}}
        if known and one["say"] == HOW_OFTEN
        else dict(one)
        for one in said
    ]
