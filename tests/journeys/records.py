"""What the service's database holds of a conversation, and how its time is moved."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from api.clock import LONDON
from api.conversation.model import Conversation
from api.db import Base, Database, Moment
from api.messages.model import Message, OutboxText
from api.reports.model import Report
from api.tables import Case

ON_ITS_WAY = ("queued", "sending", "sent")


@dataclass
class Records:
    database: str
    db: Database = field(init=False)

    def __post_init__(self) -> None:
        self.db = Database(self.database)

    def conversation_of(self, landlord: str, number: str) -> str | None:
        """The one that a number's last text stands in."""
        with self.db.reading() as session:
            return session.scalar(
                select(Conversation.id)
                .where(Conversation.landlord == landlord, Conversation.number == number)
                .order_by(Conversation.last_message_at.desc(), Conversation.started_at.desc())
                .limit(1)
            )

    def turn_done(self, conversation: str, *, held: bool = False) -> bool:
        """Whether no message of a resident's waits for its turn. `held`: or has a holding reply."""
        with self.db.reading() as session:
            waiting = session.scalars(
                select(Message).where(
                    Message.conversation_id == conversation,
                    Message.sender == "resident",
                    Message.processed_at.is_(None),
                )
            ).all()
        return not waiting or (held and any(one.tries for one in waiting))

    def conversation_with(self, sid: str) -> str | None:
        """The conversation that a text was kept in, by the provider's id; None: not yet."""
        with self.db.reading() as session:
            found = select(Message.conversation_id).where(Message.provider_id == sid)
            return session.scalar(found)

    def all_arrived(self, landlord: str, number: str) -> bool:
        """Whether no text that may leave now is still on its way to a number."""
        soon = datetime.now(UTC) + timedelta(seconds=1)  # noqa: TID251
        with self.db.reading() as session:
            on_its_way = session.scalar(
                select(OutboxText.id)
                .where(
                    OutboxText.landlord == landlord,
                    OutboxText.to == number,
                    OutboxText.status.in_(ON_ITS_WAY),
                    OutboxText.send_after <= soon,
                )
                .limit(1)
            )
        return on_its_way is None

    def report(self, conversation: str) -> dict[str, Any]:
        """The row of the report that a conversation tells, by its columns."""
        with self.db.reading() as session:
            talk = session.get_one(Conversation, conversation)
            row = session.get_one(Report, talk.report_id)
            return {column.name: getattr(row, column.name) for column in Report.__table__.columns}

    def team_of(self, conversation: str) -> str | None:
        with self.db.reading() as session:
            talk = session.get_one(Conversation, conversation)
            return session.scalar(select(Case.team).where(Case.report_id == talk.report_id))

    def reasked(self, conversation: str) -> int:
        """The service's own measure: facts that were asked for though they had been told."""
        with self.db.reading() as session:
            return session.get_one(Conversation, conversation).reasked

    def questions(self, conversation: str) -> list[tuple[int, str]]:
        """Every question of the assistant's, in order: the message's id, and what it asks for."""
        with self.db.reading() as session:
            rows = session.execute(
                select(Message.id, Message.said)
                .where(Message.conversation_id == conversation, Message.sender == "assistant")
                .order_by(Message.id)
            ).all()
        return [
            (row.id, f"{one['say']} {(one.get('values') or {}).get('question', '')}".strip())
            for row in rows
            for one in row.said
            if str(one["say"]).startswith("ask_")
        ]

    def last_message(self, conversation: str | None) -> int:
        if conversation is None:
            return 0
        with self.db.reading() as session:
            return (
                session.scalar(
                    select(Message.id)
                    .where(Message.conversation_id == conversation)
                    .order_by(Message.id.desc())
                    .limit(1)
                )
                or 0
            )

    def moved(self, conversation: str, span: timedelta) -> None:
        """Moves every moment of a conversation, its report and its case: back for a span below
        zero, as if that much time had gone by since."""
        with self.db.writing() as session:
            talk = session.get_one(Conversation, conversation)
            ids = {"conversation_id": conversation, "report_id": talk.report_id}
            if talk.case_id:
                ids["case_id"] = talk.case_id
            own = {"conversations": conversation, "reports": talk.report_id, "cases": talk.case_id}
            for table in Base.metadata.sorted_tables:
                rows = [table.c[name] == one for name, one in ids.items() if name in table.c]
                if own.get(table.name):
                    rows.append(table.c.id == own[table.name])
                if rows:
                    _move(session, table, or_(*rows), span)


def _move(session: Session, table: Any, where: Any, span: timedelta) -> None:
    moments = [column for column in table.c if isinstance(column.type, Moment)]
    keys = list(table.primary_key.columns)
    for row in session.execute(select(*keys, *moments).where(where)).mappings().all():
        later = {one.name: row[one.name] + span for one in moments if row[one.name]}
        this = [key == row[key.name] for key in keys]
        if later:
            session.execute(update(table).where(*this).values(**later))


def texting_time(after: datetime) -> datetime:
    """The first moment from `after` on at which texts of ours may go out: 10 to 18 o'clock on a
    working day is well within every landlord's hours."""
    local = after.astimezone(LONDON)
    while local.weekday() > 4 or not 10 <= local.hour < 18 or (local.month, local.day) in QUIET:
        local = (local + timedelta(hours=1)).replace(minute=0)
    return local.astimezone(UTC)


# Bank holidays with a fixed date, their substitutes, and the days of Easter 2027.
QUIET = {(12, 25), (12, 26), (12, 27), (12, 28), (1, 1), (1, 2), (1, 3), (3, 26), (3, 29)}
