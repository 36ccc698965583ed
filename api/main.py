"""The api: one application, put together from its rooms."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

import httpx
from anyio import CapacityLimiter
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from sqlalchemy import text
from sqlalchemy.exc import DataError
from starlette.exceptions import HTTPException

from api.channels import (
    chat_pages,
    officers_api,
    problems,
    public_pages,
    upload_pages,
    waiting_api,
    web_chat,
)
from api.channels.pace import Pace, TooFast
from api.channels.sms import twilio_webhooks, vonage
from api.channels.sms.carriers import make_carriers
from api.channels.sms.pace import Answering
from api.channels.trouble_pages import trouble_page
from api.conversation import internal, internal_requests, internal_who
from api.conversation.rasa import Bots
from api.conversation.turns import Desk
from api.db import Database
from api.errors import BLANK, DoorstepError, NotReady, NotSignedIn, NotUsable, TooLarge
from api.evidence.keep import open_store
from api.intake.rulebook import load_rulebook
from api.pages import add_security, wants_page
from api.portal import evidence_pages, reaching, talk_pages
from api.portal import pages as portal
from api.settings import Settings, current

# Turns wait for the bot in threads of their own number: the bot's actions come back to this
# process, and must always find one free.
TURNS_AT_ONCE = 16


def create_app(settings: Settings | None = None) -> FastAPI:
    """Raises PolicyMistakes when a landlord's pack has a mistake: nothing starts on a wrong one."""
    settings = settings or current()
    rulebook = load_rulebook(settings.policies_dir, settings.landlords_file, settings.estate_file)
    database = Database(settings.database)
    bots = Bots(settings.bots, settings.bot_secret, settings.bot_timeout_seconds)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.turn_limiter = CapacityLimiter(TURNS_AT_ONCE)
        yield
        bots.close()
        database.engine.dispose()

    app = FastAPI(
        title="Doorstep",
        description=(
            "Takes a resident's report of anti-social behaviour and does not let it drop.\n\n"
            + problems.described()
        ),
        version="0.1.0",
        # The pages that show it load their scripts from elsewhere, which our pages do not allow.
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.settings = settings
    app.state.db = database
    app.state.evidence = open_store(settings.data_dir, settings.evidence_file)
    app.state.rulebook = rulebook
    app.state.carriers = make_carriers(settings)
    app.state.policies = rulebook.policies
    app.state.landlords = rulebook.landlords
    app.state.desk = Desk(database, rulebook, bots)
    app.state.pace = Pace(settings)
    app.state.answering = Answering(settings)
    add_security(app)
    for router in (
        web_chat.router,
        public_pages.router,
        problems.router,
        upload_pages.router,
        chat_pages.router,
        twilio_webhooks.router,
        vonage.router,
        officers_api.router,
        waiting_api.router,
        internal.router,
        internal_requests.router,
        internal_who.router,
        portal.router,
        talk_pages.router,
        evidence_pages.router,
        reaching.router,
    ):
        app.include_router(router)
    _add_health(app)
    add_errors(app)
    return app


def _add_health(app: FastAPI) -> None:
    @app.get("/healthz", tags=["health"])
    def healthz() -> dict[str, str]:
        """The process lives."""
        return {"status": "ok"}

    @app.get(
        "/readyz",
        tags=["health"],
        response_model=None,
        responses=problems.problems(503),
    )
    def readyz(request: Request) -> JSONResponse:
        """200 only when database, model and actions answer; else 503 with what is missing."""
        state = request.app.state
        missing: list[str] = []
        try:
            with state.db.reading() as session:
                session.execute(text("SELECT 1 FROM conversations LIMIT 1"))
        except Exception:
            missing.append("database")
        missing += state.desk.bots.missing()
        try:
            answer = httpx.get(f"{state.settings.actions}/health", timeout=3.0)
            answer.raise_for_status()
        except httpx.HTTPError:
            missing.append("actions")
        missing = list(dict.fromkeys(missing))
        if not missing:
            return JSONResponse({"status": "ready", "missing": []})
        detail = f"This does not answer: {', '.join(missing)}."
        return _problem_of(NotReady, detail, missing=missing)


def _problem(
    status: int, detail: str, *, type: str = BLANK, title: str = "", **more: Any
) -> JSONResponse:
    """A problem as RFC 9457 describes it. One without a type of its own has HTTP's words."""
    if type == BLANK:
        title = HTTPStatus(status).phrase
    body = {"type": type, "title": title, "status": status, "detail": detail, **more}
    return JSONResponse(body, status, media_type=problems.MEDIA_TYPE)


def _problem_of(error: type[DoorstepError], detail: str, **more: Any) -> JSONResponse:
    return _problem(error.status, detail, type=error.type, title=error.title, **more)


def add_errors(app: FastAPI) -> None:
    """Says every error as a page where a page is asked for, and else as a problem."""

    @app.exception_handler(DoorstepError)
    async def doorstep_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, DoorstepError)
        if wants_page(request):
            return trouble_page(request, error.status, error.title, error.detail)
        answer = _problem_of(type(error), error.detail or error.title)
        if isinstance(error, NotSignedIn):
            answer.headers["WWW-Authenticate"] = "Bearer"
        if isinstance(error, TooFast):
            answer.headers["Retry-After"] = str(error.retry_after)
        return answer

    @app.exception_handler(DataError)
    async def not_storable(request: Request, error: Exception) -> Response:
        detail = "It holds a character that cannot be kept."
        if wants_page(request):
            return trouble_page(request, NotUsable.status, NotUsable.title, detail)
        return _problem_of(NotUsable, detail)

    @app.exception_handler(RequestValidationError)
    async def not_usable(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        errors = [
            {"place": ".".join(str(part) for part in one["loc"]), "trouble": one["msg"]}
            for one in error.errors()
        ]
        detail = "; ".join(f"{one['place']}: {one['trouble']}" for one in errors)
        return _problem_of(NotUsable, detail, errors=errors)

    @app.exception_handler(HTTPException)
    async def http_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if wants_page(request):
            return trouble_page(request, error.status_code, str(error.detail), "")
        if error.status_code == TooLarge.status:
            return _problem_of(TooLarge, str(error.detail))
        answer = _problem(error.status_code, str(error.detail))
        answer.headers.update(error.headers or {})
        return answer

    @app.exception_handler(Exception)
    async def our_mistake(request: Request, error: Exception) -> Response:
        title = "Something went wrong on our side."
        detail = "Please try again. If someone is in danger now, call 999."
        if wants_page(request):
            return trouble_page(request, 500, title, detail)
        return _problem(500, f"{title} {detail}")
