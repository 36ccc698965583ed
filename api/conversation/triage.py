"""What the service makes of a text outside any conversation: a call note, an e-mail, a test."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from api.cases.open_case import clause_json
from api.cases.queries import label_of, screening_out
from api.cases.schema import TriageOut
from api.conversation.rasa import Bots, ranked_kinds
from api.conversation.receive import second_opinion
from api.intake.deciding import for_a_person, stays
from api.intake.other_language import why
from api.intake.rulebook import Rulebook
from api.routing.rules import Facts, due, route
from api.screening.danger import Danger
from api.screening.rules import Known, judge
from api.screening.rules import tell as told_of

# A text is screened out only where the model is this sure of its kind.
SURE = 0.75
CLEAR = 0.35


def triage(text: str, landlord: str, rulebook: Rulebook, bots: Bots, *, at: datetime) -> TriageOut:
    """Category, flags, screening, team and deadlines of a text. Raises BotUnavailable."""
    read = {} if rulebook.languages.recognise(text) else bots.read(text)
    return triaged(text, read, landlord, rulebook, at=at)


def suggestions(danger: Danger, read: Mapping[str, Any]) -> list[tuple[str, float]]:
    """(category, confidence) in the order in which a resident would be offered them.

    Words of danger name a kind where the model sees none clearly; domestic abuse always leads.
    """
    ranking = ranked_kinds(read) or [("other", 0.0)]
    named = danger.category
    if named is None:
        return ranking
    others = [one for one in ranking if one[0] != named]
    clear = ranking[0][1] >= CLEAR and named != "domestic_abuse"
    if clear and others and ranking[0][0] != named:
        return [others[0], (named, ranking[0][1]), *others[1:]]
    return [(named, 1.0), *others]


def triaged(
    text: str, read: Mapping[str, Any], landlord: str, rulebook: Rulebook, *, at: datetime
) -> TriageOut:
    """As `triage`, with what the model has read already (Bots.read)."""
    policy = rulebook.pack(landlord).policy
    heard = rulebook.languages.recognise(text)
    # What the model makes of words that are not English is no opinion.
    read = {} if heard else read
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
    if heard:
        decision = for_a_person(decision, why(heard))
    elif not stays(decision) and confidence < SURE:
        # In a conversation the resident confirms the kind; here nobody does.
        decision = for_a_person(decision, "The kind of report is a guess; a person looks.")
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
    stays_here = stays(decision)
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
