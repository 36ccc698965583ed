"""Who tells a report: what that changes for the case and for contact. It never changes whether
something is a case."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from api.cases.model import Case
from api.cases.open_case import note
from api.cases.requests import ask_officer, requests_of
from api.intake.rulebook import Rulebook
from api.reports.model import Report

# Those of which an officer is told at once, whatever comes of the report.
FOR_AN_OFFICER = ("staff", "contractor")


def take_roles(
    session: Session,
    report: Report,
    roles: Iterable[str],
    *,
    words: str,
    conversation_id: str,
    case: Case | None,
    at: datetime,
) -> None:
    """Writes down who is writing. Roles are only added."""
    fresh = [role for role in sorted(roles) if role not in report.told_as]
    if not fresh:
        return
    report.told_as = [*report.told_as, *fresh]
    report.updated_at = at
    for role in fresh:
        if role in FOR_AN_OFFICER and not requests_of(session, report.id, role):
            ask_officer(
                session,
                role,
                words,
                landlord=report.landlord,
                conversation_id=conversation_id,
                report_id=report.id,
                case=case,
                at=at,
            )


def settle_roles(
    session: Session, case: Case, report: Report, rulebook: Rulebook, *, at: datetime
) -> None:
    """Carries over to a case what its report says of who is writing. Safe to repeat."""
    fresh = [role for role in report.told_as if role not in case.told_as]
    if not fresh:
        return
    case.told_as = [*case.told_as, *fresh]
    if "anonymous" in fresh:
        # Nobody is asked after who did not want to be: no weekly message, no task to find them.
        case.next_contact_due_at = None
        case.safe_to_text = False
        note(
            session, case, kind="contact", at=at,
            words="Told without a name. No contact was promised; do not try to find out who it is.",
        )  # fmt: skip
    staff = rulebook.pack(case.landlord).policy.staff
    if "staff" in fresh and staff:
        data = {"section": staff.source.section, "words": staff.source.words}
        for task in staff.tasks:
            note(session, case, kind="task", words=task, at=at, data=data)
        if staff.team and case.team != staff.team:
            case.team = staff.team
            words = "A member of staff is affected: the case goes to this team."
            note(session, case, kind="team", words=words, at=at, data=data)
