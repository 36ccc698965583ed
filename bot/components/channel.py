"""The only way into the assistant: HTTP on loopback, guarded by a shared secret.

Rasa's own REST channel answers 200 with an empty list when something fails, lets a missing sender
into one conversation shared by all, and obeys a typed "/restart". This one does none of that.
"""

import hmac
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
from rasa.core.agent import Agent
from rasa.core.channels.channel import InputChannel, UserMessage
from rasa.shared.exceptions import InvalidConfigException
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.components.failures import ActionFailed, make_actions_strict
from bot.components.parsing import read_text
from bot.components.quick import make_quick
from bot.components.turns import Said, take_turn

log = logging.getLogger(__name__)
Handler = Callable[[Request], Awaitable[HTTPResponse]]


class DoorstepInput(InputChannel):
    """`POST turn`, `POST parse`, `GET ready` below /webhooks/doorstep."""

    @classmethod
    def name(cls) -> str:
        return "doorstep"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> "DoorstepInput":
        secret = (credentials or {}).get("secret")
        if not secret:
            raise InvalidConfigException("the doorstep channel needs a secret: set BOT_SECRET")
        return cls(str(secret))

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()
        make_actions_strict()
        make_quick()

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        routes = Blueprint("doorstep")
        routes.add_route(self._guarded(_turn), "/turn", methods=["POST"], name="turn")
        routes.add_route(self._guarded(_parse), "/parse", methods=["POST"], name="parse")
        routes.add_route(_ready, "/ready", methods=["GET"], name="ready")
        return routes

    def _guarded(self, handle: Handler) -> Handler:
        async def guarded(request: Request) -> HTTPResponse:
            given = request.headers.get("X-Doorstep-Secret", "").encode()
            if not hmac.compare_digest(given, self._secret):
                return response.json({"error": "wrong secret"}, 401)
            if not _agent(request).is_ready():
                return response.json({"error": "no model"}, 503)
            try:
                return await handle(request)
            except (Exception, ActionFailed) as error:
                log.error("A turn failed: %s", _without_words(error))
                return response.json({"error": type(error).__name__}, 500)

        return guarded


async def _turn(request: Request) -> HTTPResponse:
    body = _body(request)
    wrong = [
        name
        for name in ("conversation", "message_id", "text")
        if not isinstance(body.get(name), str) or not body[name].strip()
    ]
    if wrong or not isinstance(body.get("metadata") or {}, dict):
        return response.json({"error": "needs " + ", ".join(wrong or ["metadata"])}, 422)
    metadata = dict(body.get("metadata") or {})
    facts = metadata.pop("facts", None) or {}
    said = Said(body["conversation"], body["message_id"], body["text"], metadata, facts)
    return response.json(await take_turn(_agent(request), said))


async def _parse(request: Request) -> HTTPResponse:
    text = _body(request).get("text")
    if not isinstance(text, str) or not text.strip():
        return response.json({"error": "needs text"}, 422)
    return response.json(read_text(_agent(request), text))


async def _ready(request: Request) -> HTTPResponse:
    agent = _agent(request)
    missing = []
    if not await _model_answers(agent):
        missing.append("model")
    if not await _actions_answer(agent):
        missing.append("actions")
    if missing:
        return response.json({"missing": missing}, 503)
    return response.json({"model": agent.model_id})


def _agent(request: Request) -> Agent:
    agent: Agent = request.app.ctx.agent
    return agent


def _body(request: Request) -> dict[str, Any]:
    try:
        body = request.json
    except Exception:  # sanic raises its own InvalidUsage, other parsers theirs
        return {}
    return body if isinstance(body, dict) else {}


async def _model_answers(agent: Agent) -> bool:
    if agent is None or not agent.is_ready():
        return False
    try:
        parsed = await agent.parse_message("loud music next door")
    except Exception:
        log.error("The model does not answer a probe", exc_info=True)
        return False
    return bool((parsed.get("intent") or {}).get("name"))


async def _actions_answer(agent: Agent) -> bool:
    endpoint = agent.action_endpoint if agent else None
    if endpoint is None:
        return False
    try:
        async with httpx.AsyncClient(timeout=3, trust_env=False) as client:
            answer = await client.get(endpoint.url.replace("/webhook", "/health"))
    except httpx.HTTPError:
        return False
    return answer.status_code == 200


def _without_words(error: BaseException) -> str:
    """A line for the log: residents' words stay out of it."""
    return (
        f"{type(error).__name__}: {error}"
        if isinstance(error, ActionFailed)
        else (type(error).__name__)
    )
