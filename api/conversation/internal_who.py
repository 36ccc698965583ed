"""What the assistant's actions say of who is writing."""

from collections.abc import Iterable
from typing import Any, Literal

from fastapi import APIRouter, Depends, Request

from api import clock
from api.conversation.cases_of import open_case_for
from api.conversation.internal import find, service_only
from api.conversation.internal_requests import Answer, Wish, complaint_ways, keep_wish
from api.conversation.once import answer_before
from api.intake.roles import settle_roles, take_roles
from api.intake.rulebook import Rulebook
from api.policies.schema import Policy
from api.policies.schema_shared import Helpline

router = APIRouter(
    prefix="/internal/conversations/{sender}",
    dependencies=[Depends(service_only)],
    include_in_schema=False,
)

SAID = {
    "someone_else": "for_someone_else",
    "witness": "am_witness",
    "anonymous": "stay_anonymous",
    "staff": "am_staff",
    "contractor": "about_contractor",
}


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
        policy = rulebook.pack(conversation.landlord).policy
        return {"messages": role_words(body.role, policy, rulebook.policies.helplines)}


def role_words(role: str, policy: Policy, helplines: Iterable[Helpline]) -> list[dict[str, Any]]:
    """What is said to whoever has told their role, with the first way that there is for them."""
    said: list[dict[str, Any]] = [{"say": SAID[role]}]
    if role == "staff" and policy.staff:
        said.append({"say": "staff_way"})
    if role == "contractor":
        said += complaint_ways(policy, helplines)[:1]
    return said


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
