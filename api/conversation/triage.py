"""What the service makes of a text outside any conversation: a call note, an e-mail, a test."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from api.cases.open_case import clause_json
from api.cases.queries import label_of, screening_out
from api.cases.schema import TriageOut
from api.conversation.rasa import Bots, ranked_kinds
from api.conversation.receive import second_opinion
from api.intake.rulebook import Rulebook
from api.routing.rules import Facts, due, route
from api.screening.danger import Danger
from api.screening.rules import Known, judge
from api.screening.rules import tell as told_of


def triage(text: str, landlord: str, rulebook: Rulebook, bots: Bots, *, at: datetime) -> TriageOut:
    """Category, flags, screening, team and deadlines of a text. Raises BotUnavailable."""
    return triaged(text, bots.read(text), landlord, rulebook, at=at)


def suggestions(danger: Danger, read: Mapping[str, Any]) -> list[tuple[str, float]]:
    """(category, confidence) in the order in which a resident would be offered them."""
    ranking = ranked_kinds(read) or [("other", 0.0)]
    if danger.category is None:
        return ranking
    return [(danger.category, 1.0), *(one for one in ranking if one[0] != danger.category)]


def triaged(
    text: str, read: Mapping[str, Any], landlord: str, rulebook: Rulebook, *, at: datetime
) -> TriageOut:
    """As `triage`, with what the model has read already (Bots.read)."""
    policy = rulebook.pack(landlord).policy
    danger, _ = second_opinion(text, read, rulebook)
    kinds = suggestions(danger, read)
    category, confidence = kinds[0]
    told = told_of(
        category=category,
        text=text,
        behaviours=rulebook.policies.behaviours,
        cues=rulebook.policies.cues,
        flags=danger.flags,
    )
    decision = judge(told, {}, Known(), policy)
    routing = route(
        Facts(
            category=decision.category,
            severity=decision.severity,
            flags=danger.flags,
            outcome=decision.outcome,
            hand_to=decision.hand_to,
        ),
        policy,
    )
    stays_here = decision.outcome in {"asb", "review", "question"} or bool(decision.hand_to)
    return TriageOut(
        category=decision.category,
        category_label=label_of(policy, decision.category) or decision.category,
        confidence=round(confidence, 4),
        kinds=[{"category": kind, "confidence": round(sure, 4)} for kind, sure in kinds],
        flags=sorted(danger.flags),
        screening=screening_out(
            {
                "outcome": decision.outcome,
                "question": decision.question,
                "advice": decision.advice.model_dump() if decision.advice else None,
                "clause": clause_json(decision.clause),
                "rule": decision.rule,
                "why": decision.why,
                "answers": dict(decision.answers_used),
            }
        ),
        severity=routing.severity if stays_here else None,
        team=routing.team if stays_here else None,
        deadlines=[
            {
                "kind": rule.kind,
                "due_at": due(rule, at, policy).isoformat(),
                "met_at": None,
                "clause": {
                    "document": policy.document,
                    "section": rule.source.section,
                    "words": rule.source.words,
                },
            }
            for rule in routing.deadlines
            if stays_here
        ],
    )
