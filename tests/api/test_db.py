"""The one commit at the edge: who waits for whom, and what happens to who waits too long."""

import sqlite3
import threading
import time
import traceback
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from api import clock, db
from api.db import Base, Database, hold
from api.messages.model import Message, OptOut
from tests.conftest import postgres_copy

NUMBER = "+447700900123"


def stop(database: Database) -> None:
    with database.writing() as session:
        session.add(OptOut(landlord="vivid", number=NUMBER, stopped_at=clock.now()))


def stops(database: Database) -> int:
    with database.reading() as session:
        return len(session.scalars(select(OptOut)).all())


@pytest.fixture
def two(tmp_path: Path) -> tuple[Database, Database]:
    """The same SQLite file as two processes hold it."""
    url = f"sqlite:///{tmp_path / 'doorstep.sqlite3'}"
    one, other = Database(url), Database(url)
    Base.metadata.create_all(one.engine)
    return one, other


def test_a_writer_waits_for_another_process_and_loses_nothing(
    two: tuple[Database, Database],
) -> None:
    one, other = two
    writers = [threading.Thread(target=stop, args=(other,)) for _ in range(4)]
    with one.writing() as session:
        session.add(OptOut(landlord="vivid", number=NUMBER, stopped_at=clock.now()))
        session.flush()
        for writer in writers:
            writer.start()
        # Readers see what was committed, and wait for nobody.
        assert stops(other) == 0
        assert all(writer.is_alive() for writer in writers)
    for writer in writers:
        writer.join(20)
    assert stops(one) == 5


def test_who_waits_too_long_hears_so_and_the_next_writer_does_not(
    two: tuple[Database, Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = two
    monkeypatch.setattr(db, "BUSY_SECONDS", 0.05)
    with one.writing() as session:
        session.add(OptOut(landlord="vivid", number=NUMBER, stopped_at=clock.now()))
        session.flush()
        began = time.monotonic()
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            stop(other)
        assert time.monotonic() - began < 5
    assert stops(other) == 1
    stop(other)
    assert stops(one) == 2


SECRET = "he comes to my window at night"


@pytest.mark.parametrize(
    "wrong",
    [
        {"sender": None},  # PostgreSQL quotes the whole row
        {"provider_id": "SM1"},  # and what is there twice
        {"sender": SECRET},  # too long there
        {"raw": {"Body": f"{SECRET}\0"}},  # it quotes JSON that it cannot read
    ],
)
def test_what_residents_wrote_is_in_no_error(database: Database, wrong: dict[str, Any]) -> None:
    def keep(**more: Any) -> None:
        given = {"sender": "resident", "text": SECRET, "raw": {"Body": SECRET}, "at": clock.now()}
        with database.writing() as session:
            session.add(Message(**given | more))

    keep(provider_id="SM1")
    try:
        keep(**wrong)
    except DBAPIError as trouble:
        logged = "".join(traceback.format_exception(trouble))
        assert "INSERT INTO messages" in logged
        assert SECRET not in logged
        assert "Failing row" not in logged
    else:
        # SQLite takes words of any length, and any JSON.
        assert database.engine.dialect.name == "sqlite"


def test_a_server_that_was_started_again_is_met_as_if_nothing_had_been(
    postgres_template: str,
) -> None:
    with postgres_copy(postgres_template) as url:
        one, other = Database(url), Database(url)
        assert stops(one) == 0
        closing = (
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        with other.writing() as session:
            session.execute(text(closing))
        stop(one)
        assert stops(one) == 1
        one.engine.dispose()
        other.engine.dispose()


def test_what_is_held_is_held_until_the_commit(database: Database) -> None:
    seen: list[int] = []

    def second() -> None:
        with database.writing() as session:
            hold(session, "vivid", NUMBER)
            seen.append(len(session.scalars(select(OptOut)).all()))

    other = threading.Thread(target=second)
    with database.writing() as session:
        hold(session, "vivid", NUMBER)
        other.start()
        other.join(0.5)
        session.add(OptOut(landlord="vivid", number=NUMBER, stopped_at=clock.now()))
    other.join(20)
    assert seen == [1]
