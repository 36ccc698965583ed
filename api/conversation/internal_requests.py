"""What the assistant's actions may ask for residents who want something beside reporting."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel
from sqlalchemy.orm import Session

from api import clock
from api.cases.model import Case, Incident
from api.cases.open_case import note
from api.cases.progress import late, progress, shortened
from api.cases.requests import ask_officer
from api.clock import LONDON
from api.conversation.cases_of import open_case_for
from api.conversation.handover import hand_over, when_seen
from api.conversation.internal import find, service_only
from api.conversation.model import Conversation
from api.conversation.once import answer_before, remember
from api.conversation.receive import told_at
from api.conversation.take_up import is_safe, show_code
from api.evidence.links import create_upload_link
from api.intake.rulebook import Rulebook
from api.moments.read import read_moment
from api.policies.check_wording import LONGEST
from api.policies.schema import Policy
from api.policies.schema_shared import Helpline
from api.reports.model import Report

Answer = dict[str, Any]

router = APIRouter(
    prefix="/internal/conversations/{sender}",
    dependencies=[Depends(service_only)],
    include_in_schema=False,
)


class Wish(BaseModel):
    words: str = ""


class Reason(BaseModel):
    reason: str = ""


class DiaryEntry(BaseModel):
    what: str
    when: str | None = None


@router.post("/diary")
def add_incident(sender: str, body: DiaryEntry, request: Request) -> Answer:
    """Another incident of the open case: with its time, and as a task to read."""
    now = clock.now()
    with request.app.state.db.writing() as session:
        conversation, _ = find(session, sender)
        case = open_case_for(session, conversation)
        if case is None:
            return {"messages": [{"say": "status_none"}]}
        if earlier := answer_before(session, conversation, "diary", body):
            return earlier
        when = body.when if body.when not in ("dont_know", "declined") else None
        what = body.what if body.what not in ("dont_know", "declined") else ""
        moment = read_moment(when or "", told_at(session, conversation.id) or now)
        session.add(
            Incident(
                landlord=case.landlord,
                case_id=case.id,
                description=what or "Told that it happened again.",
                happened_when=when,
                happened_from=moment.earliest if moment else None,
                happened_to=moment.latest if moment else None,
                happened_said=moment.said if moment else None,
                told_at=now,
            )
        )
        note(
            session, case,
            kind="task",
            by="complainant",
            visibility="complainant",
            at=now,
            words=f"Another incident. When: {when or 'not told'}. In their words: {what}",
            data={"incident": True, "when": when},
        )  # fmt: skip
        case.unanswered_contacts = 0
        conversation.next_phase = "after" if conversation.phase in ("after", "checkin") else None
        said = {"say": "diary_kept", "values": {"reference": case.reference}}
        return remember(session, conversation, "diary", body, {"messages": [said]})


@router.post("/status")
def tell_status(sender: str, request: Request) -> Answer:
    """How the case stands: what was promised, what is late, what is next, what is done."""
    rulebook: Rulebook = request.app.state.rulebook
    now = clock.now()
    with request.app.state.db.writing() as session:
        conversation, report = find(session, sender)
        case = open_case_for(session, conversation)
        if case is None and conversation.case_id:
            case = session.get(Case, conversation.case_id)
        if case is None:
            key = "status_none"
            if report.status == "draft" and report.description:
                key = "status_draft"
            elif report.challenged_at or report.status == "for_person":
                key = "status_kept"
            return {"messages": [{"say": key}]}
        if case.status == "closed" and case.closed_at:
            values = {"reference": case.reference, "date": _day(case.closed_at)}
            return {"messages": [{"say": "case_closed", "values": values}]}
        if not is_safe(report, case):
            return {"messages": [{"say": "status_private"}]}
        missed = late(case.deadlines, now=now)
        told = {"messages": [_progress(case, conversation, rulebook, now)]}
        if missed and not answer_before(session, conversation, "status", Wish()):
            kinds = ", ".join(one.kind.replace("_", " ") for one in missed)
            words = f"Asked what is happening, and was told that we are late: {kinds}."
            note(session, case, kind="task", words=words, at=now, data={"late": True})
            remember(session, conversation, "status", Wish(), told)
        return told


@router.post("/evidence")
def give_upload_link(sender: str, body: Wish, request: Request) -> Answer:
    """A one-time page for files; never where texts are not safe."""
    now = clock.now()
    with request.app.state.db.writing() as session:
        conversation, report = find(session, sender)
        case = open_case_for(session, conversation)
        of_case = session.get(Report, case.report_id) if case else None
        about = of_case or report
        if earlier := answer_before(session, conversation, "evidence", body):
            return earlier
        kept_away = case is not None and not case.safe_to_text and _told_unsafe(about, case)
        if kept_away or not is_safe(about, case):
            said = [{"say": "evidence_unsafe"}]
            return keep_wish(
                session, "evidence", body, conversation, about.id, case, said=said, at=now
            )
        url = create_upload_link(
            session,
            landlord=conversation.landlord,
            report_id=about.id,
            at=now,
            public_url=request.app.state.settings.public_url,
        )
        answer = {"messages": [{"say": "evidence_link", "values": {"url": url}}]}
        return remember(session, conversation, "evidence", body, answer)


@router.post("/close")
def ask_to_close(sender: str, body: Wish, request: Request) -> Answer:
    """Kept for an officer to decide. Nothing is closed by it: another may hold the phone."""
    now = clock.now()
    with request.app.state.db.writing() as session:
        conversation, report = find(session, sender)
        case = open_case_for(session, conversation)
        if case is None and report.status == "draft" and not report.description:
            return {"messages": [{"say": "close_nothing"}]}
        report_id = case.report_id if case else report.id
        said = [{"say": "close_kept"}]
        return keep_wish(session, "close", body, conversation, report_id, case, said=said, at=now)


@router.post("/complain")
def complain(sender: str, body: Wish, request: Request) -> Answer:
    """A complaint about the service: to an officer, and how it is done where the policy says."""
    rulebook: Rulebook = request.app.state.rulebook
    now = clock.now()
    with request.app.state.db.writing() as session:
        conversation, report = find(session, sender)
        case = open_case_for(session, conversation)
        report_id = case.report_id if case else report.id
        policy = rulebook.pack(conversation.landlord).policy
        said = complaint_words(policy, rulebook.policies.helplines)
        return keep_wish(
            session, "complaint", body, conversation, report_id, case, said=said, at=now
        )


@router.post("/take_up")
def give_code(sender: str, body: Wish, request: Request) -> Answer:
    """What to send to go on by text."""
    with request.app.state.db.writing() as session:
        conversation, _ = find(session, sender)
        said = show_code(session, conversation, request.app.state.rulebook, at=clock.now())
        return {"messages": said}


@router.post("/handover")
def give_to_person(sender: str, body: Reason, request: Request) -> Answer:
    """The resident wants a person. The assistant is quiet from now on."""
    now = clock.now()
    with request.app.state.db.writing() as session:
        conversation, _ = find(session, sender)
        reason = "not_understood" if body.reason == "not_understood" else "asked"
        hand_over(session, conversation, reason=reason, at=now)
        case = session.get(Case, conversation.case_id) if conversation.case_id else None
        return {"messages": [{"say": "handover"}, *when_seen(case, now=now)]}


def keep_wish(
    session: Session,
    kind: str,
    wish: Wish,
    conversation: Conversation,
    report_id: str,
    case: Case | None,
    *,
    said: list[dict[str, Any]],
    at: datetime,
) -> Answer:
    """Keeps a wish of this conversation for an officer, once a message. Answers with `said`."""
    if earlier := answer_before(session, conversation, kind, wish):
        return earlier
    ask_officer(
        session, kind, wish.words,
        landlord=conversation.landlord,
        conversation_id=conversation.id,
        report_id=report_id,
        case=case,
        at=at,
    )  # fmt: skip
    return remember(session, conversation, kind, wish, {"messages": said})


def _progress(
    case: Case, conversation: Conversation, rulebook: Rulebook, now: datetime
) -> dict[str, Any]:
    policy = rulebook.pack(case.landlord).policy
    team = next((team.label for team in policy.teams if team.code == case.team), policy.name)
    lines = progress(case.deadlines, now=now)
    by_text = conversation.channel == "sms"
    told = shortened(lines, LONGEST["progress"]) if by_text else " ".join(lines)
    values = {"reference": case.reference, "team_label": team, "progress": told, "first": lines[0]}
    return {"say": "case_progress", "values": values}


def complaint_words(policy: Policy, helplines: Iterable[Helpline]) -> list[dict[str, Any]]:
    """That a complaint is kept, and where it can be taken."""
    return [{"say": "complain_kept"}, *complaint_ways(policy, helplines)]


def complaint_ways(policy: Policy, helplines: Iterable[Helpline]) -> list[dict[str, Any]]:
    """How to complain, where the policy says it, and who to go to after that."""
    said: list[dict[str, Any]] = [{"say": "complaint_way"}] if policy.complaints else []
    for line in helplines:
        if line.code == "housing_ombudsman" and policy.nation in line.nations and line.number:
            said.append({"say": "ombudsman", "values": {"phone": line.number}})
    return said


def _told_unsafe(report: Report, case: Case) -> bool:
    """Texts were said to be unsafe, or an officer has said so; not merely never asked about."""
    return report.safe_contact not in (None, "yes") or case.contact_channel == "sms"


def _day(moment: datetime) -> str:
    local = moment.astimezone(LONDON)
    return f"{local.day} {local:%B}"
