"""The one commit at the edge: who waits for whom, and what happens to who waits too long."""

import sqlite3
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import select

from api import clock, db
from api.db import Base, Database
from api.messages.model import OptOut

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
