"""Taking a report: the one place that knows the order of the steps.

told → screened → (case, or advice and a record) → routed → risk assessed. Each step is a pure
decision of its own room; here they are put in order and written down.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from api.cases.model import Case
from api.cases.open_case import (
    RESTRICTING,
    case_of,
    clause_json,
    note,
    open_case,
    send_to_team,
    set_contact,
)
from api.cases.queries import risk_of
from api.cases.requests import ask_officer
from api.contacts.schedule import next_contact
from api.intake.deciding import Earlier, decide, for_a_person, in_danger, stays
from api.intake.risk import assess_risk
from api.intake.rulebook import Rulebook
from api.policies.schema import Policy
from api.reports.drafts import earlier_reports, raise_flags, tell, tell_when
from api.reports.model import Report
from api.risk_assessment.rules import outweighs
from api.screening.danger import Danger
from api.screening.rules import Decision


@dataclass(frozen=True)
class Verdict:
    """A screening, and whether details and a contact are still to be asked for."""

    decision: Decision
    ask_details: bool


def hear(
    session: Session,
    report: Report,
    danger: Danger,
    rulebook: Rulebook,
    *,
    words: str,
    at: datetime,
    number: str | None,
    guess: str | None = None,
) -> Case | None:
    """Takes in what the danger screen read. In danger now, and for what outweighs every point of
    the risk card (hate, domestic abuse, violence, a weapon, self-harm), the case is opened at once;
    whatever is told later enriches it. `guess`: the likeliest kind where the words name none."""
    # As they stand now, and ours until the commit: a danger that is heard beside this one adds to
    # the same flags.
    session.flush()
    session.refresh(report, with_for_update=True)
    raise_flags(report, danger.flags, danger.category)
    case = case_of(session, report)
    if case:
        session.refresh(case, with_for_update=True)
        _pass_on_flags(session, case, report, rulebook, words=words, at=at)
        return case
    above_all = outweighs(report.flags, report.implied_category) and not report.submitted_at
    if not danger.emergency and not above_all:
        return None
    report.description = report.description or words
    category = danger.category or guess or "other"
    decision = _decide(session, report, rulebook, category=category, at=at, number=number)
    decision = in_danger(decision)
    _write(report, decision, rulebook.pack(report.landlord).policy)
    case = _open(session, report, decision, rulebook, at=at, number=number)
    note(session, case, kind="danger", at=at, by="complainant", words=f"In their words: {words}")
    return case


def open_for_a_person(
    session: Session,
    report: Report,
    rulebook: Rulebook,
    *,
    why: str,
    at: datetime,
    number: str | None,
) -> Case:
    """A case in review, where only a person can tell what a report is about."""
    category = report.implied_category or "other"
    decision = _decide(session, report, rulebook, category=category, at=at, number=number)
    decision = for_a_person(decision, why)
    _write(report, decision, rulebook.pack(report.landlord).policy)
    return _open(session, report, decision, rulebook, at=at, number=number)


def screen(
    session: Session,
    report: Report,
    rulebook: Rulebook,
    *,
    facts: Mapping[str, Any],
    kinds: Sequence[Mapping[str, Any]],
    at: datetime,
    number: str | None,
    told_at: datetime | None = None,
) -> Verdict:
    """Judges what has been told so far and writes the decision down. `told_at`: when the resident
    wrote the last of it, if that was not now."""
    tell(report, facts, at=at, told_at=told_at)
    if kinds:
        report.kinds = [dict(kind) for kind in kinds]
    guessed = kinds[0]["category"] if kinds else "other"
    category = str(facts.get("kind") or report.implied_category or guessed)
    decision = _decide(session, report, rulebook, category=category, at=at, number=number)
    case = case_of(session, report)
    if (case or report.challenged_at) and decision.outcome != "asb" and not decision.hand_to:
        kept = "A case is open." if case else "The resident asked for a person to look."
        decision = for_a_person(decision, kept)
    if not report.challenged_at:
        # What a resident has challenged stays on record as it was decided.
        _write(report, decision, rulebook.pack(report.landlord).policy)
    return Verdict(decision, stays(decision))


def submit(
    session: Session,
    report: Report,
    rulebook: Rulebook,
    *,
    facts: Mapping[str, Any],
    at: datetime,
    number: str | None,
    told_at: datetime | None = None,
) -> Case | None:
    """All has been asked: a case for a team, or a record with advice. Safe to repeat."""
    verdict = screen(
        session,
        report,
        rulebook,
        facts=facts,
        kinds=report.kinds,
        at=at,
        number=number,
        told_at=told_at,
    )
    decision = verdict.decision
    if decision.outcome == "question":
        decision = for_a_person(decision, "The settling question was not answered.")
        _write(report, decision, rulebook.pack(report.landlord).policy)
    report.submitted_at = report.submitted_at or at
    case = case_of(session, report)
    if case:
        _enrich(session, case, report, decision, rulebook, at=at, number=number)
        return case
    if report.challenged_at or not verdict.ask_details:
        _file_away(report)
        return None
    return _open(session, report, decision, rulebook, at=at, number=number)


def challenge(report: Report, *, at: datetime) -> None:
    """The resident thinks we got it wrong. It goes to a person; the decision stays on record."""
    report.challenged_at = report.challenged_at or at
    report.submitted_at = report.submitted_at or at
    report.updated_at = at
    _file_away(report)


def correct(
    session: Session,
    case: Case | None,
    report: Report,
    *,
    what: str,
    to: str,
    at: datetime,
    number: str | None,
    told_at: datetime | None = None,
) -> None:
    """A correction is a new entry on the case, or where there is none a request to an officer; the
    report then says what was said last. The words in which it was first told, the incident and the
    transcript stay as they were."""
    columns = {"when": "happened_when", "where": "happened_where"}
    same_name = {"how_often", "who", "name", "address", "contact"}
    column = columns.get(what) or (what if what in same_name else None)
    before = getattr(report, column) if column else None
    words = f"{what.replace('_', ' ')}: {to}"
    if case:
        # What it is about changes what is done: a person decides.
        note(
            session,
            case,
            kind="task" if what == "kind" else "correction",
            at=at,
            by="complainant",
            visibility="complainant",
            words=words,
            data={"what": what, "from": before, "to": to},
        )
    else:
        # It may change what was decided, and nobody else would see it.
        ask_officer(
            session,
            "correction",
            f"{words} (told before: {before or 'nothing'})",
            landlord=report.landlord,
            conversation_id=report.conversation_id,
            report_id=report.id,
            case=None,
            at=at,
        )
    if column == "happened_when":
        tell_when(report, to, told_at=told_at or at)
    elif column:
        setattr(report, column, to)
    if column:
        report.updated_at = at
    if what == "contact":
        # Nobody has said yet that the new way is a safe one. What was said to be unsafe stays so.
        report.safe_contact = "no" if report.safe_contact == "no" else None
        if case:
            set_contact(case, report, number=number)


def _file_away(report: Report) -> None:
    report.status = "elsewhere" if report.outcome == "elsewhere" else "screened_out"


def _decide(
    session: Session,
    report: Report,
    rulebook: Rulebook,
    *,
    category: str,
    at: datetime,
    number: str | None,
) -> Decision:
    earlier = earlier_reports(session, report, number=number)
    policy = rulebook.pack(report.landlord).policy
    before = [Earlier(one.category, one.outcome, one.started_at) for one in earlier]
    return decide(report, before, rulebook.policies, policy, category=category, at=at)


def _write(report: Report, decision: Decision, policy: Policy) -> None:
    report.category = decision.category
    report.outcome = decision.outcome
    report.policy_version = policy.version
    report.decision = {
        "outcome": decision.outcome,
        "category": decision.category,
        "severity": decision.severity,
        "rule": decision.rule,
        "why": decision.why,
        "clause": clause_json(decision.clause),
        "question": decision.question,
        "answers": dict(decision.answers_used),
        "advice": decision.advice.model_dump() if decision.advice else None,
        "hand_to": decision.hand_to,
        "matters": [
            {
                "category": matter.category,
                "behaviour": matter.behaviour,
                "outcome": matter.outcome,
                "rule": matter.rule,
                "why": matter.why,
                "clause": clause_json(matter.clause),
            }
            for matter in decision.matters
        ],
    }


def _open(
    session: Session,
    report: Report,
    decision: Decision,
    rulebook: Rulebook,
    *,
    at: datetime,
    number: str | None,
) -> Case:
    policy = rulebook.pack(report.landlord).policy
    due_at = next_contact(at, policy.contact.interval_days, policy)
    case = open_case(
        session,
        report,
        decision,
        policy,
        at=at,
        next_contact_due_at=due_at,
        number=number,
        scheme=rulebook.scheme_of(report.landlord, report.address),
    )
    told = {matter.behaviour for matter in decision.matters}
    for repair in policy.repairs_first:
        if told & set(repair.behaviours):
            note(
                session,
                case,
                kind="task",
                words=f"{repair.label}.",
                at=at,
                data={"section": repair.source.section, "words": repair.source.words},
            )
    # The hard overrides count before a single question of the card is answered.
    assess_risk(session, case, rulebook, answers={}, raw={}, consent=None, done=False, at=at)
    return case


def _pass_on_flags(
    session: Session, case: Case, report: Report, rulebook: Rulebook, *, words: str, at: datetime
) -> None:
    fresh = set(report.flags) - set(case.flags)
    if not fresh:
        return
    case.flags = list(report.flags)
    case.restricted = case.restricted or bool(RESTRICTING & fresh)
    if "domestic_abuse" in fresh:
        case.safe_to_text = False
    note(
        session,
        case,
        kind="danger",
        at=at,
        by="complainant",
        words=f"New concern: {', '.join(sorted(fresh))}. In their words: {words}",
    )
    decision = _decide(
        session,
        report,
        rulebook,
        category=report.implied_category or case.category,
        at=at,
        number=case.contact_number,
    )
    policy = rulebook.pack(case.landlord).policy
    _recategorise(session, case, report, decision, policy, at=at)
    assess_risk(session, case, rulebook, answers={}, raw={}, consent=None, done=False, at=at)


def _enrich(
    session: Session,
    case: Case,
    report: Report,
    decision: Decision,
    rulebook: Rulebook,
    *,
    at: datetime,
    number: str | None,
) -> None:
    """The details of a case that danger had opened before they were asked for."""
    case.scheme = case.scheme or rulebook.scheme_of(report.landlord, report.address)
    set_contact(case, report, number=number)
    incident = case.incidents[0]
    incident.description = report.description
    incident.happened_when = report.happened_when
    incident.happened_from, incident.happened_to = report.happened_from, report.happened_to
    incident.happened_said = report.happened_said
    incident.happened_where = report.happened_where
    case.updated_at = at
    policy = rulebook.pack(case.landlord).policy
    _recategorise(session, case, report, decision, policy, at=at)


def _recategorise(
    session: Session,
    case: Case,
    report: Report,
    decision: Decision,
    policy: Policy,
    *,
    at: datetime,
) -> None:
    """Takes over a later decision only where it is no milder than the one the case stands on."""
    if decision.outcome != "asb" and not decision.hand_to:
        return
    ranks = {severity.code: severity.rank for severity in policy.severities}
    old, new = ranks.get(case.severity or "", 99), ranks.get(decision.severity or "", 99)
    if case.status != "review" and new > old:
        return
    if (case.category, case.severity) != (decision.category, decision.severity):
        note(
            session,
            case,
            kind="category",
            at=at,
            words=f"From {case.category} to {decision.category}: {decision.why}",
        )
    case.category = decision.category
    case.status = "open"
    _write(report, decision, policy)
    case.screening = report.decision
    case.policy_version = policy.version
    card = risk_of(session, case)
    send_to_team(case, decision, policy, band=card.band if card else None, at=at)
