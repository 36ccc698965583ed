"""The published description: whatever is sent, no call breaks, and every error is a clear one."""

import shutil
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from requests import PreparedRequest
from requests.auth import AuthBase
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from sqlalchemy import func, select

from api import clock
from api.channels import officers_api, waiting_api, web_chat
from api.channels.problems import MEDIA_TYPE, TYPES, Problem
from api.channels.sms import twilio_webhooks, vonage
from api.db import Database
from api.errors import BLANK, DoorstepError
from api.main import create_app
from api.messages.model import Message
from api.messages.outbox import put_out
from api.settings import Settings
from api.teams.keys import make_key
from tests.api.signed_webhooks import (
    PUBLIC_URL,
    TEXT_IDS,
    TWILIO_TOKEN,
    VONAGE_SECRET,
    Signed,
    with_forms,
)
from tests.conftest import postgres_copy
from tests.fakes import ScriptedBot, serving
from tests.people import ALICE

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

    def auth(self, path: str) -> AuthBase:
        """What opens a call: a provider's signature, the chat's token, or the landlord's key."""
        if path.startswith("/sms"):
            return Signed()
        return Bearer(self.token if path.startswith("/chat") else self.key)

    def headers(self, path: str) -> dict[str, str]:
        secret = self.token if path.startswith("/chat") else self.key
        return {"Authorization": f"Bearer {secret}"}


@dataclass
class Bearer(AuthBase):
    token: str

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self.token}"
        return request


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
            TWILIO_AUTH_TOKEN=TWILIO_TOKEN,
            VONAGE_API_KEY="abcd1234",
            VONAGE_API_SECRET="an api secret of tests",
            VONAGE_SIGNATURE_SECRET=VONAGE_SECRET,
            PUBLIC_BASE_URL=PUBLIC_URL,
            RATE_PER_CHAT="100000/minute",
        )
    )
    database: Database = app.state.db
    with database.writing() as session:
        key = make_key(session, "vivid", "tests", at=clock.now())
        put_out(
            session, landlord="vivid", to=ALICE.number, body="hello", kind="reply", at=clock.now()
        )
    with serving(app) as url:
        opened = httpx.post(f"{url}/chat/vivid/conversations").json()
        yield Open(app, url, key, opened["conversation"], opened["token"])
    bot.close()
    database.engine.dispose()


def described() -> list[tuple[str, str]]:
    """Every published call."""
    app = FastAPI()
    for room in (web_chat, officers_api, waiting_api, twilio_webhooks, vonage):
        app.include_router(room.router)
    paths = app.openapi()["paths"]
    found = [(method, path) for path in paths for method in paths[path] if method in METHODS]
    return [*found, ("get", "/healthz"), ("get", "/readyz")]


def send_anything(running: Open, method: str, path: str, *, known: bool) -> list[int]:
    """Sends what the description allows and what it does not, and checks what comes back.

    `known`: with the right key or signature, and half of the time about something that is there.
    Gives the status of each answer.
    """
    description = with_forms(deepcopy(running.app.openapi()))
    operation = schemathesis.openapi.from_dict(description)[path][method.upper()]
    sound = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    broken = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)
    # That a part of the service does not answer is an answer of /readyz, and no breakdown.
    checks = [one for one in CHECKS if path != "/readyz" or one is not not_a_server_error]
    statuses: list[int] = []

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
        if known:
            if "conversation" in case.path_parameters:
                case.path_parameters["conversation"] = running.chat
            if "landlord" in case.path_parameters and len(case.path_parameters["landlord"]) % 2:
                case.path_parameters["landlord"] = "vivid"
            if path == "/sms/twilio/status":
                case.query["text"] = TEXT_IDS[len(statuses) % len(TEXT_IDS)]
        auth = running.auth(path) if known else None
        response = case.call(base_url=running.url, auth=auth, timeout=60)
        statuses.append(response.status_code)
        case.validate_response(response, checks=checks)
        if response.status_code >= 400:
            problem = Problem.model_validate(response.json())
            assert response.headers["content-type"][0].startswith(MEDIA_TYPE)
            assert problem.status == response.status_code
            assert problem.type in {*TYPES, BLANK}
            assert problem.title
            assert problem.detail

    anything()
    return statuses


@pytest.mark.parametrize(("method", "path"), described())
def test_a_stranger_can_send_anything_and_gets_a_clear_answer(
    running: Open, method: str, path: str
) -> None:
    send_anything(running, method, path, known=False)


@pytest.mark.parametrize(
    ("method", "path"),
    [one for one in described() if not one[1].endswith("/events")],
)
def test_whoever_has_the_key_can_send_anything_and_gets_a_clear_answer(
    running: Open, method: str, path: str
) -> None:
    statuses = send_anything(running, method, path, known=True)
    # It was not only turned away at the door.
    assert {*statuses} - {401, 403}
    if path.startswith("/sms"):
        assert statuses.count(204) > len(statuses) / 2
    if path.endswith(("/inbound", "/fallback")):
        with running.app.state.db.reading() as session:
            taken = select(func.count()).where(
                Message.provider_id.is_not(None), Message.landlord == "vivid"
            )
            assert session.scalar(taken)


def test_every_published_call_is_tried_here(app: FastAPI) -> None:
    paths = app.openapi()["paths"]
    published = [(method, path) for path in paths for method in paths[path] if method in METHODS]
    assert sorted(published) == sorted(described())


@pytest.mark.parametrize(
    ("method", "path", "status", "kind"),
    [
        ("GET", "/nothing", 404, BLANK),
        ("DELETE", "/api/cases", 405, BLANK),
        ("POST", "/chat/nobody/conversations", 404, "/problems/not-found"),
        ("GET", "/api/cases", 401, "/problems/not-signed-in"),
        ("POST", "/sms/twilio/inbound", 403, "/problems/not-allowed"),
        ("GET", "/readyz", 503, "/problems/not-ready"),
    ],
)
def test_an_error_is_a_problem_in_plain_words(
    client: httpx.Client, method: str, path: str, status: int, kind: str
) -> None:
    answer = client.request(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == MEDIA_TYPE
    problem = Problem.model_validate(answer.json())
    assert (problem.status, problem.type) == (status, kind)
    if kind == BLANK:
        assert problem.title == HTTPStatus(status).phrase


def test_a_program_can_tell_a_chat_that_is_over_from_no_token(client: httpx.Client) -> None:
    path = "/chat/conversations/x/messages"
    over = client.get(path, headers={"Authorization": "Bearer over"}).json()
    none = client.get(path).json()
    assert (over["status"], none["status"]) == (401, 401)
    assert over["type"] == "/problems/chat-is-over"
    assert none["type"] == "/problems/not-signed-in"


def kinds_of(error: type[DoorstepError]) -> Iterator[type[DoorstepError]]:
    yield error
    for narrower in error.__subclasses__():
        yield from kinds_of(narrower)


def test_every_type_of_problem_is_explained_in_the_description_and_at_its_address(
    client: httpx.Client, app: FastAPI
) -> None:
    assert {one.type for one in kinds_of(DoorstepError)} == {*TYPES, BLANK}
    for kind, words in TYPES.items():
        assert f"`{kind}`: {words}" in app.openapi()["info"]["description"]
        assert client.get(kind).text.strip() == words
    assert client.get("/problems/never-was").status_code == 404


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
        assert answer.json()["type"] == "/problems/too-large"
