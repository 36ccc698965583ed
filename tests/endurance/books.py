"""The service's own database, read from beside it: where every turn and every text stands."""

import sqlite3
from typing import Any

from sqlalchemy import Select, select, text

from api import clock
from api.conversation.model import Conversation
from api.conversation.turns import LOCK
from api.db import Database
from api.messages.model import Message, OutboxText
from api.reports.model import Report
from tests.journeys.service import Service

Row = dict[str, Any]

# Each step of a turn, in order, with the rows that stand at it.
TURNS = (
    select(
        Message.id,
        Message.tries,
        Conversation.channel,
        Conversation.id.label("conversation"),
        Conversation.turn_of_phase,
        Conversation.locked_until,
        Report.updated_at,
    )
    .join(Conversation, Conversation.id == Message.conversation_id)
    .join(Report, Report.id == Conversation.report_id)
    .where(Message.sender == "resident", Message.processed_at.is_(None))
)
TEXTS = select(OutboxText.status, OutboxText.unknown_since, OutboxText.claimed_until).where(
    OutboxText.status.in_(("queued", "sending", "sent"))
)
ANSWERED = """
SELECT count(*) FROM events
WHERE sender_id = ? AND type_name = 'user' AND json_extract(data, '$.message_id') = ?
"""
Query = str | Select[Any]


class Books:
    """Read-only. The bot's own are read from one thread."""

    def __init__(self, service: Service) -> None:
        self._own = Database(service.database)
        self._bots = sqlite3.connect(
            f"file:{service.data_dir / 'conversations.sqlite3'}?mode=ro", uri=True, timeout=15
        )

    def close(self) -> None:
        self._own.engine.dispose()
        self._bots.close()

    def all(self, query: Query, **values: object) -> list[Row]:
        """Moments and JSON come as they are in what a Select names, and else as the database
        keeps them."""
        asked = text(query) if isinstance(query, str) else query
        with self._own.reading() as session:
            return [dict(row) for row in session.execute(asked, values).mappings()]

    def one(self, query: Query, **values: object) -> Any:
        """The first value of the first row."""
        return next(iter(self.all(query, **values)[0].values()))

    def steps(self) -> set[str]:
        """The steps at which a turn or a text stands right now."""
        turns = {self._step_of_turn(row) for row in self.all(TURNS)}
        return turns | {_step_of_text(row) for row in self.all(TEXTS)}

    def _step_of_turn(self, row: Row) -> str:
        until = row["locked_until"]
        if until is None or until <= clock.now():
            return "held until later" if row["tries"] else "kept"
        step = "turn taken"
        sender = f"{row['conversation']}.{row['turn_of_phase']}"
        if self._bots.execute(ANSWERED, (sender, str(row["id"]))).fetchone()[0]:
            step = "turn answered by the bot, not written"
        elif row["updated_at"] >= until - LOCK:
            step = "turn in mid-action"
        return f"{step} ({'text' if row['channel'] == 'sms' else 'chat'})"

    def taken_up(self) -> int:
        """How many messages have had their turn."""
        found: int = self.one(
            "SELECT count(*) FROM messages WHERE sender = 'resident' AND processed_at IS NOT NULL"
        )
        return found

    def waiting(self) -> tuple[int, int]:
        """How many messages wait for a turn, and how many texts for their way out or a receipt."""
        return (
            self.one(
                "SELECT count(*) FROM messages WHERE sender = 'resident' AND processed_at IS NULL"
            ),
            self.one("SELECT count(*) FROM outbox WHERE status IN ('queued', 'sending', 'sent')"),
        )


def _step_of_text(row: Row) -> str:
    if row["status"] != "queued":
        return "text sent, receipt awaited"
    if row["unknown_since"]:
        return "text asked for, fate unknown"
    claimed = row["claimed_until"]
    return "text claimed" if claimed and claimed > clock.now() else "text written"
