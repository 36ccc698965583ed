"""The published description: whatever is sent, no call breaks, and every error is a clear one."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api import clock
from api.channels import officers_api, waiting_api, web_chat
from api.channels.problems import MEDIA_TYPE, Problem
from api.channels.sms import twilio_webhooks, vonage
from api.db import Database
from api.main import create_app
from api.settings import Settings
from api.teams.keys import make_key
from tests.conftest import postgres_copy
from tests.fakes import ScriptedBot, serving

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
TRIES = 40
METHODS = {"get", "post", "put", "patch", "delete"}


@dataclass(frozen=True)
class Open:
    """A running api, a landlord's key, and a chat with its token."""

    app: FastAPI
    url: str
    key: str
    chat: str
    token: str

    def headers(self, path: str) -> dict[str, str]:
        secret = self.token if path.startswith("/chat") else self.key
        return {"Authorization": f"Bearer {secret}"}


@pytest.fixture(scope="module", params=["sqlite_template", "postgres_template"])
def running(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Open]:
    """One api for all of it, on each kind of database: it has to bear what came before."""
    template = request.getfixturevalue(request.param)
    folder = tmp_path_factory.mktemp("openapi")
    if request.param == "sqlite_template":
        shutil.copy(template, folder / "doorstep.sqlite3")
        yield from serve_all(folder, "")
    else:
        with postgres_copy(template) as url:
            yield from serve_all(folder, url)


def serve_all(folder: Path, database_url: str) -> Iterator[Open]:
    bot = ScriptedBot()
    app = create_app(
        Settings(
            DATABASE_URL=database_url,
            DATA_DIR=folder,
            BOT_URLS=bot.url,
            SERVICE_TOKEN="service-token-of-tests",
            BOT_SECRET="bot-secret-of-tests",
            TWILIO_AUTH_TOKEN="a" * 32,
            RATE_PER_CHAT="100000/minute",
        )
    )
    database: Database = app.state.db
    with database.writing() as session:
        key = make_key(session, "vivid", "tests", at=clock.now())
    with serving(app) as url:
        opened = httpx.post(f"{url}/chat/vivid/conversations").json()
        yield Open(app, url, key, opened["conversation"], opened["token"])
    bot.close()
    database.engine.dispose()


def described() -> list[tuple[str, str]]:
    """Every published call but /readyz, whose 503 is an answer and no breakdown."""
    app = FastAPI()
    for room in (web_chat, officers_api, waiting_api, twilio_webhooks, vonage):
        app.include_router(room.router)
    paths = app.openapi()["paths"]
    return [(method, path) for path in paths for method in paths[path] if method in METHODS]


def send_anything(running: Open, method: str, path: str, *, known: bool) -> None:
    """Sends what the description allows and what it does not, and checks what comes back.

    `known`: with the right key, and half of the time about something that is there.
    """
    operation = schemathesis.openapi.from_dict(running.app.openapi())[path][method.upper()]
    sound = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    broken = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)

    @settings(
        max_examples=TRIES if known else TRIES // 4,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=sound | broken if known and operation.body else sound)
    def anything(case: Any) -> None:
        headers = {}
        if known:
            headers = running.headers(path)
            if "conversation" in case.path_parameters:
                case.path_parameters["conversation"] = running.chat
            if "landlord" in case.path_parameters and len(case.path_parameters["landlord"]) % 2:
                case.path_parameters["landlord"] = "vivid"
        response = case.call(base_url=running.url, headers=headers, timeout=20)
        case.validate_response(response, checks=CHECKS)
        if response.status_code >= 400:
            problem = Problem.model_validate(response.json())
            assert response.headers["content-type"][0].startswith(MEDIA_TYPE)
            assert problem.status == response.status_code
            assert problem.title
            assert problem.detail

    anything()


@pytest.mark.parametrize(("method", "path"), described())
def test_a_stranger_can_send_anything_and_gets_a_clear_answer(
    running: Open, method: str, path: str
) -> None:
    send_anything(running, method, path, known=False)


@pytest.mark.parametrize(
    ("method", "path"),
    [one for one in described() if not one[1].endswith("/events") and "sms" not in one[1]],
)
def test_whoever_has_the_key_can_send_anything_and_gets_a_clear_answer(
    running: Open, method: str, path: str
) -> None:
    send_anything(running, method, path, known=True)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("DELETE", "/api/cases", 405),
        ("POST", "/chat/nobody/conversations", 404),
        ("GET", "/api/cases", 401),
        ("POST", "/sms/twilio/inbound", 403),
    ],
)
def test_an_error_is_a_problem_in_plain_words(
    client: httpx.Client, method: str, path: str, status: int
) -> None:
    answer = client.request(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == MEDIA_TYPE
    assert Problem.model_validate(answer.json()).status == status


def test_a_mistake_of_ours_is_a_problem_too_and_tells_nothing_of_its_cause(
    app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down() -> None:
        raise RuntimeError("the password is 1234")

    app.get("/broken")(break_down)
    with serving(app) as url:
        answer = httpx.get(f"{url}/broken")
    assert answer.status_code == 500
    assert answer.headers["content-type"] == MEDIA_TYPE
    assert "1234" not in answer.text
    assert "999" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/chat/%00/conversations"),
        ("GET", "/chat/conversations/%00/messages"),
        ("GET", "/chat/conversations/x/messages?after=99999999999999999999"),
        ("GET", "/api/cases/%00"),
        ("GET", "/api/cases?status=%00&team=%00"),
        ("GET", "/api/cases?cursor=MjAyNi0wMS0wMVQwMDowMDowMCswMDowMHwA"),
        ("GET", "/api/cases?updated_after=9999-12-31T23:59:59%2B00:00"),
        ("GET", "/api/non-asb/%ff%00"),
        ("GET", "/chat/%00"),
        ("GET", "/upload/%00"),
        ("GET", "/chat/exit?end=%00.%00"),
    ],
)
def test_what_no_database_keeps_breaks_nothing(running: Open, method: str, path: str) -> None:
    answer = httpx.request(
        method, f"{running.url}{path}", headers=running.headers(path), follow_redirects=False
    )
    assert answer.status_code < 500, answer.text


def test_more_than_is_taken_at_once_is_refused_with_and_without_its_length_told(
    client: httpx.Client, running: Open
) -> None:
    path = f"{running.url}/chat/conversations/{running.chat}/messages"
    long = b'{"client_message_id": "1", "text": "' + b"a" * 2_000_000 + b'"}'
    headers = {**running.headers("/chat"), "Content-Type": "application/json"}
    for content in (long, iter([long])):
        answer = httpx.post(path, content=content, headers=headers)
        assert answer.status_code == 413
        assert answer.headers["content-type"] == MEDIA_TYPE
