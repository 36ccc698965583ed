"""What every test shares: no network but loopback, real databases, and skips that cannot hide."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
import structlog
from pytest_socket import socket_allow_hosts

from api.db import Database
from api.intake.rulebook import Rulebook, load_rulebook
from api.migrate import upgrade
from api.settings import ROOT

SKIP_NOTHING = bool(os.environ.get("DOORSTEP_SKIP_NOTHING"))
POSTGRES_URL = os.environ.get("TEST_POSTGRES_URL", "")
SHARED = ROOT.parent / "shared"
LOOPBACK = ["127.0.0.1", "::1", "localhost"]


@pytest.fixture(autouse=True)
def _loopback_only() -> None:
    socket_allow_hosts(LOOPBACK, allow_unix_socket=True)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Where nothing may be skipped, a skip for want of a browser or a server is a failure."""
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]
    if SKIP_NOTHING and report.skipped and "is not installed" in str(report.longrepr):
        report.outcome = "failed"


@pytest.fixture(scope="session", autouse=True)
def _plain_tracebacks() -> None:
    """The usual ones draw every value in hand: with a rulebook among them, for minutes."""
    plain = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[structlog.processors.add_log_level, plain])


@pytest.fixture(scope="session", autouse=True)
def _packs_read_once() -> Iterator[None]:
    """Packs are never changed once read; a second for each test's app would be most of its time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("api.main.load_rulebook", cache(load_rulebook))
        yield


@pytest.fixture(scope="session")
def rulebook() -> Rulebook:
    """The five landlords' packs as they ship."""
    demo = ROOT / "data" / "demo"
    return load_rulebook(ROOT / "data" / "policies", demo / "landlords.toml", demo / "estate.toml")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The landlords' documents and other material beside the project."""
    if not SHARED.is_dir():
        pytest.skip("../shared is not there: the landlords' documents are not on this machine")
    return SHARED


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite database with every migration run, to be copied."""
    path = tmp_path_factory.mktemp("template") / "empty.sqlite3"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_template() -> Iterator[str]:
    """The name of a PostgreSQL database with every migration run, to be copied."""
    if not POSTGRES_URL:
        pytest.skip("a PostgreSQL server is not installed (TEST_POSTGRES_URL is not set)")
    name = f"doorstep_template_{uuid4().hex[:8]}"
    with psycopg.connect(POSTGRES_URL, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
    upgrade(_postgres(name))
    yield name
    with psycopg.connect(POSTGRES_URL, autocommit=True) as admin:
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _postgres(name: str) -> str:
    return f"{POSTGRES_URL.rpartition('/')[0]}/{name}"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of this test's own, on each of the two kinds we run on."""
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        copy = tmp_path / "doorstep.sqlite3"
        shutil.copy(template, copy)
        yield f"sqlite:///{copy}"
        return
    with postgres_copy(request.getfixturevalue("postgres_template")) as url:
        yield url


@contextmanager
def postgres_copy(template: str) -> Iterator[str]:
    """The address of a fresh copy of a PostgreSQL database, for as long as the block lasts."""
    name = f"doorstep_test_{uuid4().hex[:12]}"
    with psycopg.connect(POSTGRES_URL, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    yield _postgres(name)
    with psycopg.connect(POSTGRES_URL, autocommit=True) as admin:
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    found = Database(database_url)
    yield found
    found.engine.dispose()
