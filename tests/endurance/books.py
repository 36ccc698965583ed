"""The service's own database, read from beside it: where every turn and every text stands."""

import sqlite3
from pathlib import Path
from typing import Any

from api import clock

Row = dict[str, Any]

# Each step of a turn, in order, with the rows that stand at it at the moment `:now`.
TURNS = """
SELECT m.id, m.tries, c.channel, c.id || '.' || c.turn_of_phase AS sender,
       c.locked_until > :now AS taken,
       r.updated_at >
           strftime('%Y-%m-%d %H:%M:%f', c.locked_until, '-60 seconds') AS acted
FROM messages m JOIN conversations c ON c.id = m.conversation_id
JOIN reports r ON r.id = c.report_id
WHERE m.sender = 'resident' AND m.processed_at IS NULL
"""
TEXTS = """
SELECT id, "to", body, status, provider_sid, unknown_since, claimed_until > :now AS claimed
FROM outbox WHERE status IN ('queued', 'sending', 'sent')
"""
ANSWERED = """
SELECT count(*) FROM events
WHERE sender_id = ? AND type_name = 'user' AND json_extract(data, '$.message_id') = ?
"""


class Books:
    """Read-only, from one thread."""

    def __init__(self, data_dir: Path) -> None:
        self._own = _open(data_dir / "doorstep.sqlite3")
        self._bots = _open(data_dir / "conversations.sqlite3")

    def all(self, query: str, *values: object, **named: object) -> list[Row]:
        return [dict(row) for row in self._own.execute(query, named or values)]

    def one(self, query: str, *values: object) -> Any:
        """The first value of the first row."""
        return self._own.execute(query, values).fetchone()[0]

    def steps(self) -> set[str]:
        """The steps at which a turn or a text stands right now."""
        now = clock.now().strftime("%Y-%m-%d %H:%M:%S.%f")
        turns = {self._step_of_turn(row) for row in self.all(TURNS, now=now)}
        return turns | {_step_of_text(row) for row in self.all(TEXTS, now=now)}

    def _step_of_turn(self, row: Row) -> str:
        if not row["taken"]:
            return "held until later" if row["tries"] else "kept"
        step = "turn taken"
        if self._bots.execute(ANSWERED, (row["sender"], str(row["id"]))).fetchone()[0]:
            step = "turn answered by the bot, not written"
        elif row["acted"]:
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


def _open(path: Path) -> sqlite3.Connection:
    found = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=15)
    found.row_factory = sqlite3.Row
    return found


def _step_of_text(row: Row) -> str:
    if row["status"] != "queued":
        return "text sent, receipt awaited"
    if row["unknown_since"]:
        return "text asked for, fate unknown"
    return "text claimed" if row["claimed"] else "text written"
