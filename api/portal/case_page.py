"""What the page of a case and of a report shows, put together from rows and the policy."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from api.cases.model import Case, CaseDeadline
from api.channels.chat_lines import in_words
from api.messages.model import Message
from api.policies.schema import Policy
from api.policies.schema_shared import RiskMatrix
from api.portal import labels
from api.reports.model import Report
from api.risk_assessment.model import RiskAssessment

LATE, DUE, MET = "Overdue", "Due", "Met"


@dataclass(frozen=True)
class DeadlineLine:
    """A promise as a line. `state`: Overdue · Due · Met."""

    kind: str
    due_at: datetime
    met_at: datetime | None
    state: str
    clause: Mapping[str, Any]


@dataclass(frozen=True)
class RiskLine:
    """One question of the card as printed and as we ask it, what was answered, and the person's
    own words."""

    number: int
    words: str
    asked: str
    answers: tuple[str, ...]
    raw: str
    points: int | None


@dataclass(frozen=True)
class RiskShown:
    summary: str
    band: str
    provisional: bool
    reason: str
    overridden_by: tuple[str, ...]
    consent: str
    consent_words: str
    lines: tuple[RiskLine, ...]


@dataclass(frozen=True)
class ScreeningShown:
    outcome: str
    rule: str
    why: str
    clause: Mapping[str, Any]
    answers: tuple[tuple[str, str], ...]
    advice: str
    policy_version: str


@dataclass(frozen=True)
class Said:
    """One message of the transcript. `language`: its name, where that is not English."""

    sender: str
    who: str
    text: str
    at: datetime
    flags: tuple[str, ...]
    language: str


def deadline_lines(deadlines: Iterable[CaseDeadline], *, now: datetime) -> list[DeadlineLine]:
    """The promises that stand, earliest first; superseded ones are left out."""
    return [
        DeadlineLine(
            kind=labels.label(labels.DEADLINES, one.kind),
            due_at=one.due_at,
            met_at=one.met_at,
            state=MET if one.met_at else LATE if one.due_at < now else DUE,
            clause=one.clause,
        )
        for one in sorted(deadlines, key=lambda deadline: deadline.due_at)
        if one.superseded_at is None
    ]


def next_deadline(case: Case, *, now: datetime) -> DeadlineLine | None:
    """The earliest promise that is still to be kept; a closed case has none."""
    if case.status == "closed":
        return None
    return next((d for d in deadline_lines(case.deadlines, now=now) if d.state != MET), None)


def told(report: Report) -> list[tuple[str, str]]:
    """What was told, by its label, in the order it is asked. What was never told is left out."""
    lines = [(label, labels.value(getattr(report, name))) for name, label in labels.TOLD.items()]
    if report.happened_said:
        sure = "confirmed" if report.happened_confirmed else "as we read it"
        at = 1 + list(labels.TOLD).index("happened_when")
        lines.insert(at, ("Definite time", f"{_capital(report.happened_said)} ({sure})"))
    also = ", ".join(labels.spelled(kind) for kind in report.other_categories)
    return [(label, value) for label, value in [*lines, ("Also told", also)] if value]


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def screening(
    decision: Mapping[str, Any], policy_version: str | None, policy: Policy
) -> ScreeningShown:
    """The decision as it was taken, under the policy version of then."""
    advice = decision.get("advice")
    return ScreeningShown(
        outcome=labels.label(labels.OUTCOMES, decision.get("outcome")),
        rule=str(decision.get("rule") or ""),
        why=str(decision.get("why") or ""),
        clause=_clause(decision.get("clause")),
        answers=tuple(labels.policy_answers(policy, decision.get("answers") or {})),
        advice=str(advice.get("web", "")) if isinstance(advice, Mapping) else str(advice or ""),
        policy_version=policy_version or str(decision.get("policy_version") or ""),
    )


def routing_reason(routing: Mapping[str, Any]) -> tuple[Mapping[str, Any], str]:
    """Why this team: the clause, and what was assumed where the document is silent."""
    return _clause(routing.get("clause") or routing.get("source")), str(
        routing.get("assumed") or routing.get("why") or ""
    )


def _clause(found: Any) -> Mapping[str, Any]:
    given = found if isinstance(found, Mapping) else {}
    return {name: str(given.get(name) or "") for name in ("document", "section", "words")}


def bounds(card: RiskAssessment, questions: int) -> str:
    """For example `17 so far, 3 unanswered, could reach 28`."""
    left = questions - card.answered
    if left <= 0:
        return f"{card.score}, all {questions} questions answered"
    return f"{card.score} so far, {left} unanswered, could reach {card.could_reach}"


def risk(card: RiskAssessment, matrix: RiskMatrix) -> RiskShown:
    lines = []
    for question in matrix.questions:
        codes = card.answers.get(str(question.number))
        words = {answer.code: answer.words for answer in question.answers}
        points = {answer.code: answer.points for answer in question.answers}
        given = [codes] if isinstance(codes, str) else list(codes or ())
        lines.append(
            RiskLine(
                number=question.number,
                words=question.words,
                asked=question.ask.web,
                answers=tuple(words.get(code) or labels.value(code) for code in given),
                raw=str(card.raw.get(str(question.number)) or ""),
                points=sum(points.get(code, 0) for code in given) if given else None,
            )
        )
    return RiskShown(
        summary=bounds(card, len(matrix.questions)),
        band=labels.label(labels.BANDS, card.band),
        provisional=not card.confirmed,
        reason=matrix.bands.reason,
        overridden_by=tuple(labels.spelled(str(one)) for one in card.overridden_by),
        consent=labels.value(card.consent) or "Not asked yet",
        consent_words=str(card.raw.get("consent") or ""),
        lines=tuple(lines),
    )


def said(
    messages: Sequence[Message] | None, landlord: str, language: Callable[[str], str]
) -> list[Said] | None:
    """The transcript, None where it is withheld. A picked choice is shown by its label."""
    who = {"resident": "Resident", "assistant": "Assistant (automated)", "officer": landlord}
    if messages is None:
        return None
    lines = []
    picked: dict[str, str] = {}
    for message in messages:
        text = message.text
        if message.sender == "resident":
            text = in_words(text, picked)
        elif message.choices:
            picked = {choice["value"]: choice["label"] for choice in message.choices}
        lines.append(
            Said(
                sender=message.sender,
                who=who.get(message.sender, landlord),
                text=text,
                at=message.at,
                flags=tuple(labels.label(labels.FLAGS, flag) for flag in message.flags),
                language=language(message.language) if message.language else "",
            )
        )
    return lines
