"""A message that is not English: a person reads it, under a case's promises from the first word."""

from datetime import datetime

from sqlalchemy.orm import Session

from api.cases.model import Case
from api.cases.open_case import case_of, note
from api.intake.rulebook import Rulebook
from api.intake.take_report import open_for_a_person
from api.reports.model import Report
from api.screening.language import Heard


def why(heard: Heard) -> str:
    return f"Written in {heard.name}: a person who reads it looks."


def pass_on(
    session: Session,
    report: Report,
    heard: Heard,
    rulebook: Rulebook,
    *,
    words: str,
    at: datetime,
    number: str | None,
) -> Case:
    """The report's case, opened for review where there is none, with the task to have the message
    read. The words are kept as they were written."""
    report.language = heard.code
    case = case_of(session, report)
    if case is None:
        report.description = report.description or words
        case = open_for_a_person(session, report, rulebook, why=why(heard), at=at, number=number)
    note(
        session,
        case,
        kind="task",
        at=at,
        by="complainant",
        words=f"Wrote in {heard.name}. Please have it read and answered. In their words: {words}",
        data={"language": heard.code},
    )
    case.updated_at = at
    return case
