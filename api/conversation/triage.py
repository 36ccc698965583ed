"""What the service makes of a text outside any conversation: a call note, an e-mail, a test."""

from datetime import datetime

from api.cases.open_case import clause_json
from api.cases.queries import label_of, screening_out
from api.cases.schema import TriageOut
from api.conversation.rasa import Bots
from api.intake.deciding import for_a_person
from api.intake.other_language import why
from api.intake.rulebook import Rulebook
from api.routing.rules import Facts, due, route
from api.screening.rules import Known, judge
from api.screening.rules import tell as told_of

PREFIX = "report_"


def triage(text: str, landlord: str, rulebook: Rulebook, bots: Bots, *, at: datetime) -> TriageOut:
    """Category, flags, screening, team and deadlines of a text. Raises BotUnavailable."""
    policy = rulebook.pack(landlord).policy
    danger = rulebook.danger.screen(text)
    heard = rulebook.languages.recognise(text)
    ranking = [
        (one["name"].removeprefix(PREFIX), float(one["confidence"]))
        for one in ({} if heard else bots.parse(text)).get("ranking", ())
        if one["name"].startswith(PREFIX)
    ]
    guessed, confidence = ranking[0] if ranking else ("other", 0.0)
    category = danger.category or guessed
    told = told_of(
        category=category,
        text=text,
        behaviours=rulebook.policies.behaviours,
        cues=rulebook.policies.cues,
        flags=danger.flags,
    )
    decision = judge(told, {}, Known(), policy)
    if heard:
        decision = for_a_person(decision, why(heard))
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
        confidence=round(1.0 if danger.category else confidence, 4),
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
