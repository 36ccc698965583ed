"""Rasa's SQL store of conversations, with one connection that stays open and sessions by order.

Rasa's own finds the last session by the time of day, which may be set back; opens an SQLite file
anew for each call; counts what it has before it writes a turn's events, one by one; and reads a
conversation back for each message, though it has just written it.
"""

import json
from collections import OrderedDict
from itertools import islice
from typing import Any

import sqlalchemy as sa
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.events import SessionStarted
from rasa.shared.core.trackers import DialogueStateTracker
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import QueuePool

BUSY_SECONDS = 15
# Conversations that are kept as they were saved.
KEPT = 64


class Conversations(SQLTrackerStore):
    """Named in endpoints.yml; `host` is the database's URL."""

    def __init__(self, host: str, **more: Any) -> None:
        super().__init__(host=host, **more)
        # sender: the conversation as it was saved, and the id of its last event.
        self._lately: OrderedDict[str, tuple[DialogueStateTracker, int]] = OrderedDict()
        if self.engine.dialect.name != "sqlite":
            return
        self.engine = sa.create_engine(
            host,
            poolclass=QueuePool,
            connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
        )
        # One bot reads while another writes, and a save waits for the disk once.
        sa.event.listen(
            self.engine, "connect", lambda one, _: one.execute("PRAGMA journal_mode=WAL")
        )
        self.sessionmaker = sessionmaker(bind=self.engine)

    def _event_query(
        self, session: Session, sender_id: str, fetch_events_from_all_sessions: bool
    ) -> Any:
        events = self.SQLEvent
        query = session.query(events).filter(events.sender_id == sender_id)
        if not fetch_events_from_all_sessions:
            begun = (
                session.query(sa.func.max(events.id))
                .filter(events.sender_id == sender_id, events.type_name == SessionStarted.type_name)
                .scalar_subquery()
            )
            query = query.filter(events.id >= sa.func.coalesce(begun, 0))
        return query.order_by(events.id)

    async def _retrieve(
        self, sender_id: str, fetch_events_from_all_sessions: bool
    ) -> DialogueStateTracker | None:
        # Taken out: a turn that fails leaves it half changed, and nobody sees it again.
        tracker, last = self._lately.pop(sender_id, (None, None))
        if tracker is not None and not fetch_events_from_all_sessions:
            with self.session_scope() as session:
                if self._last_id(session, sender_id) == last:
                    return tracker
        tracker = await super()._retrieve(sender_id, fetch_events_from_all_sessions)
        if tracker is not None:
            tracker.kept = len(tracker.events)
        return tracker

    def _last_id(self, session: Session, sender_id: str) -> int | None:
        events = self.SQLEvent
        found: int | None = session.execute(
            sa.select(sa.func.max(events.id)).where(events.sender_id == sender_id)
        ).scalar()
        return found

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Writes what is new since this tracker was read here, or saved."""
        await self.stream_events(tracker)
        with self.session_scope() as session:
            rows = []
            for event in islice(tracker.events, getattr(tracker, "kept", 0), None):
                data = event.as_dict()
                rows.append(
                    {
                        "sender_id": tracker.sender_id,
                        "type_name": event.type_name,
                        "timestamp": data.get("timestamp"),
                        "intent_name": data.get("parse_data", {}).get("intent", {}).get("name"),
                        "action_name": data.get("name"),
                        "data": json.dumps(data),
                    }
                )
            if rows:
                session.execute(sa.insert(self.SQLEvent), rows)
            last = self._last_id(session, tracker.sender_id)
            session.commit()
        tracker.kept = len(tracker.events)
        # What came before a session that has just begun is not read again.
        sessions = sum(isinstance(event, SessionStarted) for event in tracker.events)
        if last is not None and sessions < 2:
            self._lately[tracker.sender_id] = (tracker, last)
            while len(self._lately) > KEPT:
                self._lately.popitem(last=False)
