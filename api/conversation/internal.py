"""What the assistant's actions may ask of the service (bearer SERVICE_TOKEN; loopback only).

Only here is a report confirmed, with its reference: the assistant never does that by itself.
"""

import hmac
from typing import Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from api import clock
from api.cases.model import Case
from api.cases.open_case import note
from api.cases.promises import promise
from api.conversation.model import Conversation, conversation_id_of
from api.conversation.once import answer_before, remember
from api.conversation.receive import told_at
from api.errors import NotFound, NotSignedIn
from api.intake.risk import assess_risk
from api.intake.roles import settle_roles
from api.intake.rulebook import Rulebook
from api.intake.take_report import challenge, correct, hear, screen, submit
from api.reports.drafts import start_report
from api.reports.model import Report
from api.screening.danger import Danger

Said = list[dict[str, Any]]
OF_THE_WRITER = ("name", "address", "contact")


def service_only(request: Request) -> None:
    """Raises NotSignedIn without the service's own token."""
    expected = f"Bearer {request.app.state.settings.service_token}"
    if not hmac.compare_digest(request.headers.get("authorization", ""), expected):
        raise NotSignedIn


router = APIRouter(
    prefix="/internal/conversations/{sender}",
    dependencies=[Depends(service_only)],
    include_in_schema=False,
)


class Facts(BaseModel):
    facts: dict[str, Any] = {}


class Kind(BaseModel):
    category: str
    confidence: float = 0.0


class ToJudge(Facts):
    kinds: list[Kind] = []


class RiskAnswers(BaseModel):
    answers: dict[str, list[str]] = {}
    consent: str | None = None
    # In their own words, where there is a condition in them.
    consent_words: str | None = None
    done: bool = False


class Correction(BaseModel):
    what: str
    to: str = Field(max_length=4000)


class CheckinAnswer(BaseModel):
    answer: str | None = None
    words: str | None = None


class Words(BaseModel):
    words: str = ""


@router.post("/judge")
def judge_report(sender: str, body: ToJudge, request: Request) -> dict[str, Any]:
    """Judges what has been told. A report told after the last one was finished is a new one."""
    rulebook: Rulebook = request.app.state.rulebook
    now = clock.now()
    with request.app.state.db.writing() as session:
        conversation, report = find(session, sender)
        if conversation.phase == "after":
            report = _another(session, conversation)
        verdict = screen(
            session,
            report,
            rulebook,
            facts=body.facts,
            kinds=[kind.model_dump() for kind in body.kinds],
            at=now,
            number=conversation.number,
            told_at=told_at(session, conversation.id),
        )
        decision = verdict.decision
        return {
            "outcome": decision.outcome,
            "category": decision.category,
            "question": {"code": decision.question} if decision.question else None,
            "ask_details": verdict.ask_details,
        }


@router.post("/new_report")
def begin_another(sender: str, body: Words, request: Request) -> dict[str, Any]:
    """A report of its own beside what was told before, with what is known of its writer. `words`:
    what it begins with; they are screened for danger as any first words are."""
    rulebook: Rulebook = request.app.state.rulebook
    with request.app.state.db.writing() as session:
        conversation, before = find(session, sender)
        if earlier := answer_before(session, conversation, "new_report", body):
            return earlier
        report = _another(session, conversation)
        report.told_as = sorted({"anonymous", "staff"} & {*before.told_as})
        report.name, report.address, report.contact = before.name, before.address, before.contact
        if body.words:
            danger = rulebook.danger.screen(body.words)
            number = conversation.number
            case = hear(
                session, report, danger, rulebook, words=body.words, at=clock.now(), number=number
            )
            conversation.case_id = case.id if case else None
        facts = {fact: told for fact in OF_THE_WRITER if (told := getattr(report, fact))}
        answer = {"messages": [{"say": "new_report"}], "facts": facts}
        return remember(session, conversation, "new_report", body, answer)


@router.post("/submit")
def submit_report(sender: str, body: Facts, request: Request) -> dict[str, Any]:
    """Opens the case, or records what is not ASB, and says what happens next."""
    rulebook: Rulebook = request.app.state.rulebook
    now = clock.now()
    with request.app.state.db.writing() as session:
        conversation, report = find(session, sender)
        case = submit(
            session,
            report,
            rulebook,
            facts=body.facts,
            at=now,
            number=conversation.number,
            told_at=told_at(session, conversation.id),
        )
        conversation.case_id = case.id if case else None
        if case:
            settle_roles(session, case, report, rulebook, at=now)
        if case is None:
            return {
                "messages": _not_a_case(report, conversation, rulebook),
                "reference": report.reference,
                "phase": "after" if report.challenged_at else "report",
            }
        if "domestic_abuse" in case.flags or case.category == "domestic_abuse":
            # Somebody else may read it: no team, no kind, no promise of a call.
            said = [{"say": "da_contact"}]
            conversation.next_phase = "after"
        else:
            said = [_opened(case, rulebook), {"say": "offer_risk"}]
            conversation.next_phase = "risk"
        return {"messages": said, "reference": case.reference, "phase": conversation.next_phase}


@router.post("/challenge")
def challenge_report(sender: str, body: Facts, request: Request) -> dict[str, Any]:
    """The resident thinks we got it wrong: it stands in the review list from now on."""
    now = clock.now()
    with request.app.state.db.writing() as session:
        _, report = find(session, sender)
        challenge(report, at=now)
        return {"messages": [{"say": "challenge_recorded"}], "ask_details": not report.contact}


@router.post("/unsafe")
def open_in_danger(sender: str, body: Words, request: Request) -> dict[str, Any]:
    """The resident says that they are not safe: the case is opened at once, and what to do said."""
    rulebook: Rulebook = request.app.state.rulebook
    with request.app.state.db.writing() as session:
        conversation, report = find(session, sender)
        session.refresh(conversation, with_for_update=True)
        danger = Danger(
            flags=frozenset({"emergency"}),
            emergency=True,
            doubtful=False,
            category=report.implied_category,
            reasons=(),
            text_key=None,
        )
        case = hear(
            session,
            report,
            danger,
            rulebook,
            words=f"Not safe now: {body.words}",
            at=clock.now(),
            number=conversation.number,
        )
        conversation.case_id = case.id if case else conversation.case_id
        return {"messages": [{"say": "unsafe_now"}]}


@router.post("/risk")
def answer_risk(sender: str, body: RiskAnswers, request: Request) -> dict[str, Any]:
    """Takes the answers to the risk card; with `done`, closes it."""
    rulebook: Rulebook = request.app.state.rulebook
    with request.app.state.db.writing() as session:
        conversation, _ = find(session, sender)
        case = session.get(Case, conversation.case_id) if conversation.case_id else None
        if case is None:
            return {"messages": [{"say": "status_none"}]}
        assess_risk(
            session,
            case,
            rulebook,
            raw={"consent": body.consent_words} if body.consent_words else {},
            consent=body.consent,
            done=body.done,
            at=clock.now(),
            answers={n: ",".join(codes) or "none" for n, codes in body.answers.items()},
        )
        return {"messages": [{"say": "risk_done"}]}


@router.post("/correct")
def correct_report(sender: str, body: Correction, request: Request) -> dict[str, Any]:
    """A correction after the report was made: kept as a new entry, and said back."""
    with request.app.state.db.writing() as session:
        conversation, report = find(session, sender)
        case = session.get(Case, conversation.case_id) if conversation.case_id else None
        if case is None and report.submitted_at is None:
            return {"messages": [{"say": "status_none"}]}
        if earlier := answer_before(session, conversation, "correct", body):
            return earlier
        correct(
            session,
            case,
            report,
            what=body.what,
            to=body.to,
            at=clock.now(),
            number=conversation.number,
            told_at=told_at(session, conversation.id),
        )
        said: dict[str, Any] = {"say": "changed", "values": {"changes": {body.what: body.to}}}
        if body.what == "other":
            said = {"say": "corrected"}
        return remember(session, conversation, "correct", body, {"messages": [said]})


@router.post("/checkin")
def answer_checkin(sender: str, body: CheckinAnswer, request: Request) -> dict[str, Any]:
    """The answer to a weekly message becomes an entry of the case."""
    now = clock.now()
    with request.app.state.db.writing() as session:
        conversation, report = find(session, sender)
        case = session.get(Case, conversation.case_id) if conversation.case_id else None
        if earlier := answer_before(session, conversation, "checkin", body):
            return earlier
        if case is None and report.submitted_at and body.words:
            # More words instead of "OK" or "you got this wrong": a person reads them.
            report.description = f"{report.description}\n{body.words}".strip()
            challenge(report, at=now)
            answer: dict[str, Any] = {"messages": [{"say": "challenge_recorded"}]}
            return remember(session, conversation, "checkin", body, answer)
        if case is None:
            return {"messages": [{"say": "status_none"}]}
        case.unanswered_contacts = 0
        words = body.words or f"Answer to the weekly message: {body.answer}"
        # Words need reading; better and the same only need keeping.
        urgent = body.answer not in {"better", "same"}
        note(
            session,
            case,
            kind="task" if urgent else "contact",
            words=words,
            at=now,
            visibility="complainant",
            by="complainant",
            data={"answer": body.answer},
        )
        key = f"checkin_thanks_{body.answer}" if body.answer else "checkin_words_kept"
        return remember(session, conversation, "checkin", body, {"messages": [{"say": key}]})


def _another(session: Session, conversation: Conversation) -> Report:
    """A fresh report in a conversation whose last one is in."""
    report = start_report(
        session,
        landlord=conversation.landlord,
        conversation_id=conversation.id,
        channel=conversation.channel,
        at=clock.now(),
    )
    conversation.report_id = report.id
    conversation.case_id = None
    conversation.phase = "report"
    conversation.told = []
    return report


def find(session: Session, sender: str) -> tuple[Conversation, Report]:
    conversation = session.get(Conversation, conversation_id_of(sender))
    if conversation is None:
        raise NotFound("no such conversation")
    return conversation, session.get_one(Report, conversation.report_id)


def _opened(case: Case, rulebook: Rulebook) -> dict[str, Any]:
    policy = rulebook.pack(case.landlord).policy
    team = next((team.label for team in policy.teams if team.code == case.team), policy.name)
    key = "case_opened_review" if case.status == "review" else "case_opened"
    return {"say": key, "values": {"team_label": team, "promise": promise(case)}}


def _not_a_case(report: Report, conversation: Conversation, rulebook: Rulebook) -> Said:
    if report.challenged_at:
        return [{"say": "report_recorded"}]
    channel = "sms" if conversation.channel == "sms" else "web"
    decision = report.decision
    advice = (decision.get("advice") or {}).get(channel, "")
    if report.outcome == "elsewhere":
        return [{"say": "elsewhere_advice", "values": {"advice": advice}}]
    clause = decision["clause"]
    values = {"advice": advice, "section": clause["section"], "clause_words": clause["words"]}
    return [{"say": "not_asb_advice", "values": values}]
