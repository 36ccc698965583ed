"""The database: engine, the base of all tables, and the one commit at the edge of a request.

SQLite (WAL) by default, PostgreSQL in production. A transaction that will write takes SQLite's
write lock when it begins: upgrading a read to a write half-way fails at once under load, whatever
the busy time-out says.
"""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from typing import Any, ClassVar

import psycopg
from sqlalchemy import JSON, DateTime, Engine, MetaData, create_engine, event, func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Connection, Dialect, ExceptionContext
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker
from sqlalchemy.types import TypeDecorator

BUSY_SECONDS = 15
# SQLite sleeps longer and longer between its tries for the write lock, up to 0.1 s, while others
# slip in before it. Asked to give up this soon and tried again by us, nobody waits much longer
# than the lock is held.
TRY_MILLISECONDS = 3

Json = JSON().with_variant(JSONB(), "postgresql")


class Moment(TypeDecorator[datetime]):
    """An aware UTC datetime. SQLite forgets the zone, so it is put back on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("a moment needs its time zone")
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        aware: datetime = value if value.tzinfo else value.replace(tzinfo=UTC)
        return aware.astimezone(UTC)


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: Moment,
        dict[str, Any]: Json,
        list[Any]: Json,
    }


def make_engine(url: str) -> Engine:
    """An engine for `url` (SQLAlchemy's form). What residents wrote is in no error of it: errors
    are logged."""
    if not url.startswith("sqlite"):
        server = create_engine(
            url.replace("postgresql://", "postgresql+psycopg://", 1),
            hide_parameters=True,
            # A server that was started again has closed our connections.
            pool_pre_ping=True,
        )
        event.listen(server, "handle_error", _without_words)
        return server
    engine = create_engine(
        url,
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
        hide_parameters=True,
    )

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        reading = connection.get_execution_options().get("reading", False)
        if reading:
            connection.exec_driver_sql("BEGIN")
        else:
            _begin_writing(connection.connection.dbapi_connection)

    return engine


def _without_words(context: ExceptionContext) -> None:
    """Takes out what PostgreSQL quotes of a row: its detail always, its message where that is
    about a value."""
    error = context.original_exception
    if not isinstance(error, psycopg.Error) or not error.sqlstate:
        return
    about_a_value = error.sqlstate.startswith("22")
    words = error.sqlstate if about_a_value else f"{error.sqlstate} {error.diag.message_primary}"
    error.args = (words,)
    if context.sqlalchemy_exception:
        name = f"{type(error).__module__}.{type(error).__name__}"
        context.sqlalchemy_exception.args = (f"({name}) {words}",)


def _begin_writing(connection: Any) -> None:
    """Takes SQLite's write lock. Raises sqlite3.OperationalError where others keep it too long."""
    until = time.monotonic() + BUSY_SECONDS
    connection.execute(f"PRAGMA busy_timeout = {TRY_MILLISECONDS}")
    try:
        while True:
            try:
                connection.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                    raise
    finally:
        connection.execute(f"PRAGMA busy_timeout = {1000 * BUSY_SECONDS}")


class Database:
    """Hands out transactions. `writing` commits once, at its end, or rolls everything back."""

    def __init__(self, url: str) -> None:
        self.engine = make_engine(url)
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)
        self._readers = sessionmaker(
            self.engine.execution_options(reading=True), expire_on_commit=False
        )
        # One writer of a process waits for SQLite's lock; the others wait for the writer.
        is_sqlite = self.engine.dialect.name == "sqlite"
        self._one_writer: AbstractContextManager[Any] = (
            threading.RLock() if is_sqlite else nullcontext()
        )

    @contextmanager
    def writing(self) -> Iterator[Session]:
        with self._one_writer, self._sessions.begin() as session:
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        with self._readers() as session:
            yield session


def hold(session: Session, *key: str) -> None:
    """Keeps what `key` names to this transaction until its end: for what has no row yet that could
    be locked. Where one writes at a time (SQLite) it is kept already."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(":".join(key), 0))))
