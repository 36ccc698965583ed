"""What the assistant's actions say of who is writing."""

from typing import Any, Literal

from fastapi import APIRouter, Depends, Request

from api import clock
from api.conversation.cases_of import open_case_for
from api.conversation.internal import find, service_only
from api.conversation.internal_requests import Answer, Wish, complaints, keep_wish
from api.conversation.once import answer_before
from api.intake.roles import settle_roles, take_roles
from api.intake.rulebook import Rulebook

router = APIRouter(
    prefix="/internal/conversations/{sender}",
    dependencies=[Depends(service_only)],
    include_in_schema=False,
)


class Role(Wish):
    role: Literal["someone_else", "witness", "anonymous", "staff", "contractor"]


@router.post("/role")
def take_role(sender: str, body: Role, request: Request) -> Answer:
    """Who is writing, and what follows from it."""
    rulebook: Rulebook = request.app.state.rulebook
    now = clock.now()
    with request.app.state.db.writing() as session:
        conversation, report = find(session, sender)
        case = open_case_for(session, conversation)
        of_case = case if case and case.report_id == report.id else None
        take_roles(
            session, report, [body.role],
            words=body.words,
            conversation_id=conversation.id,
            case=of_case,
            at=now,
        )  # fmt: skip
        if of_case:
            settle_roles(session, of_case, report, rulebook, at=now)
        keys = {
            "someone_else": "for_someone_else",
            "witness": "am_witness",
            "anonymous": "stay_anonymous",
            "staff": "am_staff",
            "contractor": "about_contractor",
        }
        said: list[dict[str, Any]] = [{"say": keys[body.role]}]
        staff = rulebook.pack(conversation.landlord).policy.staff
        if body.role == "staff" and staff:
            words = staff.words.sms if conversation.channel == "sms" else staff.words.web
            said.append({"say": "staff_way", "values": {"advice": words}})
        if body.role == "contractor":
            said += complaints(conversation, rulebook)[:1]
        return {"messages": said}


@router.post("/accused")
def keep_answer(sender: str, body: Wish, request: Request) -> Answer:
    """Somebody answers a complaint about themselves: kept for a person. It opens no case."""
    now = clock.now()
    with request.app.state.db.writing() as session:
        conversation, report = find(session, sender)
        if earlier := answer_before(session, conversation, "accused", body):
            return earlier
        if report.status == "draft":
            report.description = report.description or body.words
            report.status = "for_person"
            report.submitted_at = now
        report.told_as = sorted({*report.told_as, "accused"})
        report.person_asked_at = now
        report.updated_at = now
        conversation.next_phase = "after"
        said: list[dict[str, Any]] = [{"say": "accused_kept"}]
        return keep_wish(session, "accused", body, conversation, report.id, None, said=said, at=now)
