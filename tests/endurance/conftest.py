"""A running service for each long run alone: its processes die, and its clock is moved."""

import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from tests.conftest import POSTGRES_URL, postgres_copy
from tests.endurance.books import Books
from tests.journeys.service import BOT_PYTHON, Service

START_SECONDS = 600  # on a machine that does other things as well


@pytest.fixture
def rng(capsys: pytest.CaptureFixture[str]) -> random.Random:
    """The source of all chance in a run. DOORSTEP_SEED repeats one that failed."""
    seed = int(os.environ.get("DOORSTEP_SEED") or time.monotonic_ns() % 1_000_000)
    with capsys.disabled():
        print(f"\nDOORSTEP_SEED={seed}")
    return random.Random(seed)


@pytest.fixture
def tell(capsys: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """Prints a figure where whoever runs the tests sees it, passed or not."""

    def _tell(words: str) -> None:
        with capsys.disabled():
            print(words, flush=True)

    return _tell


@pytest.fixture
def own_service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """On PostgreSQL, where a server is there, as in production: with a database of its own, two
    apis and two workers. Else as `make run` starts it."""
    if not BOT_PYTHON.exists():
        pytest.skip("the assistant's environment is not installed: run `make setup`")
    # Nobody here waits ten seconds for a network that hangs on purpose.
    monkeypatch.setenv("SMS_TIMEOUT_SECONDS", "2")
    monkeypatch.setattr("tests.journeys.service.START_SECONDS", START_SECONDS)
    with postgres_copy("template1") if POSTGRES_URL else nullcontext("") as url:
        found = Service(tmp_path, database_url=url, doubled=bool(url))
        try:
            found.start()
            yield found
        finally:
            found.stop()


@pytest.fixture
def books(own_service: Service) -> Iterator[Books]:
    found = Books(own_service)
    yield found
    found.close()
