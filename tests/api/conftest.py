"""The api in a real server, on each database, with a scripted bot and a recorded outbox."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import structlog
from fastapi import FastAPI

from api.db import Database
from api.main import create_app
from api.settings import Settings
from tests.api.town import Town, town_of
from tests.fakes import ScriptedBot, serving

SERVICE_TOKEN = "service-token-of-tests"
TWILIO_TOKEN = "a" * 32


@pytest.fixture(scope="session", autouse=True)
def _plain_tracebacks() -> Iterator[None]:
    """As the service writes them: to draw every local of ours, rulebook and all, takes minutes."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(),
        ]
    )
    yield
    structlog.reset_defaults()


@pytest.fixture
def bot() -> Iterator[ScriptedBot]:
    found = ScriptedBot()
    yield found
    found.close()


@pytest.fixture
def settings(database_url: str, tmp_path: Path, bot: ScriptedBot) -> Settings:
    return Settings(
        DATABASE_URL=database_url,
        DATA_DIR=tmp_path,
        BOT_URLS=bot.url,
        SERVICE_TOKEN=SERVICE_TOKEN,
        BOT_SECRET="bot-secret-of-tests",
        TWILIO_ACCOUNT_SID="AC" + "0" * 32,
        TWILIO_AUTH_TOKEN=TWILIO_TOKEN,
        PUBLIC_BASE_URL="http://doorstep.example",
        BOT_TIMEOUT_SECONDS=10,
    )


@pytest.fixture
def app(settings: Settings) -> FastAPI:
    return create_app(settings)


@pytest.fixture
def client(app: FastAPI) -> Iterator[httpx.Client]:
    with serving(app) as url, httpx.Client(base_url=url, timeout=20) as client:
        yield client


@pytest.fixture
def database(app: FastAPI) -> Iterator[Database]:
    found: Database = app.state.db
    yield found
    found.engine.dispose()


@pytest.fixture
def town(database_url: str, tmp_path: Path, bot: ScriptedBot) -> Iterator[Town]:
    with town_of(database_url, tmp_path, bot) as found:
        yield found
