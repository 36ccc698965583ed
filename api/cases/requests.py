"""What residents ask of a person: to close, a complaint about the service, an answer to one about
themselves, something put right where no case is. Each is kept until an officer has dealt with it;
none does anything by itself."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Index, String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from api.cases.model import Case
from api.cases.open_case import note
from api.db import Base


class ResidentRequest(Base):
    """`kind`: close · complaint · accused · staff · contractor · evidence · correction."""

    __tablename__ = "resident_requests"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    landlord: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(20))
    words: Mapped[str] = mapped_column(Text)
    conversation_id: Mapped[str] = mapped_column(String(32))
    report_id: Mapped[str | None] = mapped_column(String(32))
    case_id: Mapped[str | None] = mapped_column(String(32))
    asked_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    done_by: Mapped[str | None] = mapped_column(String(200))

    __table_args__ = (Index("ix_resident_requests_landlord", "landlord", "done_at"),)


TASKS = {
    "close": "Asked to close the case. Please confirm with them by a safe way before you decide.",
    "complaint": "Complained about the service. Please answer it as a complaint.",
    "accused": "Answers a complaint about themselves. Please read what they say.",
    "staff": "Reported by a member of staff.",
    "contractor": "It is about the landlord's own contractor.",
    "evidence": "Has photos or recordings, and no link may be sent. Please agree a safe way.",
    "correction": "Put something right in a report without a case. Please see whether it changes "
    "what was decided.",
}


def ask_officer(
    session: Session,
    kind: str,
    words: str,
    *,
    landlord: str,
    conversation_id: str,
    report_id: str | None,
    case: Case | None,
    at: datetime,
) -> ResidentRequest:
    """Keeps a request, and puts a task on the case where there is one."""
    request = ResidentRequest(
        landlord=landlord,
        kind=kind,
        words=words,
        conversation_id=conversation_id,
        report_id=report_id,
        case_id=case.id if case else None,
        asked_at=at,
    )
    session.add(request)
    session.flush()
    if case:
        said = f" In their words: {words}" if words else ""
        data = {"request": request.id, "asked": kind}
        note(session, case, kind="task", words=f"{TASKS[kind]}{said}", at=at, data=data)
    return request


def requests_of(session: Session, report_id: str, kind: str) -> Sequence[ResidentRequest]:
    return session.scalars(
        select(ResidentRequest).where(
            ResidentRequest.report_id == report_id, ResidentRequest.kind == kind
        )
    ).all()
