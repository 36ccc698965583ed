"""What every page is made with: templates, static files by content hash, security headers."""

import hashlib
import re
from collections.abc import Callable, Coroutine, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.clock import LONDON
from api.errors import DoorstepError
from api.intake.rulebook import Landlord

HERE = Path(__file__).resolve().parent
STATIC = HERE / "static"
A_YEAR = "public, max-age=31536000, immutable"

# Where "Exit this page" goes: a site that anyone may be looking at.
NEUTRAL_SITE = "https://www.bbc.co.uk/weather"
# What a request may bring along; uploads have a limit of their own.
MOST_BYTES = 1_000_000
UPLOADS = "/upload/"

# `same-origin` and not `no-referrer`: with the latter a browser sends `Origin: null` with our own
# forms, and they could not be told from another site's.
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "X-Robots-Tag": "noindex",
}


def content_policy(frames: Sequence[str] = ()) -> str:
    """The content security policy of a page that the origins `frames` may show inside theirs."""
    within = " ".join(["'self'", *frames]) if frames else "'none'"
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "media-src 'self'; font-src 'self'; connect-src 'self'; form-action 'self'; "
        f"base-uri 'none'; frame-ancestors {within}"
    )


def london(moment: datetime) -> str:
    """For example `Friday 5 June 2026, 5:00pm`, in London's time."""
    local = moment.astimezone(LONDON)
    hour = local.hour % 12 or 12
    half = "am" if local.hour < 12 else "pm"
    return f"{local:%A} {local.day} {local:%B %Y}, {hour}:{local:%M}{half}"


def london_short(moment: datetime) -> str:
    """For example `5 Jun 2026, 17:00`, in London's time."""
    local = moment.astimezone(LONDON)
    return f"{local.day} {local:%b %Y, %H:%M}"


def _paragraphs(text: str) -> list[list[str]]:
    """A message's paragraphs, each a list of lines."""
    blocks = re.split(r"\n\s*\n", text.strip())
    return [block.strip().split("\n") for block in blocks if block.strip()]


@cache
def _hash_of(path: str) -> str:
    return hashlib.sha256((STATIC / path).read_bytes()).hexdigest()[:16]


def static_url(path: str) -> str:
    """The address of a file below `api/static`; it changes when the file does.

    Raises FileNotFoundError for a file that is not there.
    """
    return f"/static/{path}?v={_hash_of(path)}"


@cache
def environment() -> Environment:
    """The templates. Everything is escaped; a name that is not given is an error."""
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["static_url"] = static_url
    made.filters["london"] = london
    made.filters["london_short"] = london_short
    made.filters["paragraphs"] = _paragraphs
    return made


def page(
    template: str, *, status_code: int = 200, frames: Sequence[str] = (), **values: Any
) -> HTMLResponse:
    """A page that no browser or proxy keeps: it may hold what a resident told us.

    `frames`: origins that may show it inside a page of theirs; none by default.
    """
    values = {"framed": False, "exit_key": "", "neutral_site": NEUTRAL_SITE, **values}
    body = environment().get_template(template).render(**values)
    # Here too, and not by `_SecurityHeaders` alone: a page for a mistake of ours passes it by.
    headers = {**HEADERS, "Content-Security-Policy": content_policy(frames)}
    if frames:
        # Every browser that we know lets `frame-ancestors` win over this one.
        headers["X-Frame-Options"] = "SAMEORIGIN"
    return HTMLResponse(body, status_code, headers={**headers, "Cache-Control": "no-store"})


def is_framed(request: Request) -> bool:
    """Whether a browser shows what it asks for inside another page."""
    return request.headers.get("sec-fetch-dest") in {"iframe", "frame"}


def for_officers(request: Request) -> bool:
    return request.url.path.startswith("/officers")


def error_page(
    request: Request,
    status: int,
    title: str,
    detail: str,
    *,
    landlord: Landlord | None = None,
    exit_key: str = "",
) -> HTMLResponse:
    """`landlord`: in whose name a resident is told, inside a site of theirs where that is one."""
    officers = for_officers(request)
    back = ("/officers/cases", "Go to your cases") if officers else ("/", "Go to the first page")
    known = {"landlord": landlord} if landlord else {}
    if landlord:
        back = (f"/chat/{landlord.code}", "Go to the chat")
    return page(
        "error.html",
        status_code=status,
        frames=landlord.frames if landlord else (),
        layout="base.html" if officers else "resident.html",
        framed=is_framed(request),
        exit_key=exit_key,
        title=title,
        detail=detail if detail != title else "",
        back=back,
        **known,
    )


def wants_page(request: Request) -> bool:
    """Whether whoever asks reads pages: a browser does, and says so."""
    return "text/html" in request.headers.get("accept", "")


class PageRoute(APIRoute):
    """A route whose errors are said on a page, for people, and not as JSON."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handle_or_say(request: Request) -> Response:
            try:
                return await handle(request)
            except DoorstepError as error:
                return self.say(request, error)

        return handle_or_say

    def say(self, request: Request, error: DoorstepError) -> Response:
        return error_page(request, error.status, error.title, error.detail)


def from_our_page(request: Request) -> bool:
    """Whether a form or a fetch comes from a page of ours, so that no other site can send one.

    A browser says so itself in `Sec-Fetch-Site`, or else in `Origin`. A client that sends neither
    is no browser that another site could misuse.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get("origin")
    if origin is None:
        return True
    ours = {urlsplit(request.app.state.settings.public_url).netloc, request.headers.get("host")}
    return urlsplit(origin).netloc in ours


def is_https(request: Request) -> bool:
    """Whether the public address is https: then cookies are sent over nothing else."""
    return bool(request.app.state.settings.public_url.startswith("https://"))


class _StaticFiles(StaticFiles):
    """Files that may be kept for a year when they are asked for by their content's hash."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        asked = scope.get("query_string", b"").decode("latin-1")
        if response.status_code == 200:
            fresh = asked == f"v={_hash_of(path)}"
            response.headers["Cache-Control"] = A_YEAR if fresh else "no-cache"
        return response


class _SecurityHeaders:
    """Plain ASGI, so that event streams pass through as they are."""

    def __init__(self, app: ASGIApp, https: bool) -> None:
        self.app = app
        self.headers = {"Content-Security-Policy": content_policy(), **HEADERS}
        if https:
            self.headers["Strict-Transport-Security"] = "max-age=31536000"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self.app(scope, receive, send_with_headers if scope["type"] == "http" else send)


class _BodyLimit:
    """Nobody fills our memory with one request: what is too large is refused as it comes.

    The framework's own limit answers in plain text, where a person needs a page, and a program a
    problem.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not scope["path"].startswith(UPLOADS):
            receive = limited(receive, MOST_BYTES)
        await self.app(scope, receive, send)


def limited(receive: Receive, most: int) -> Receive:
    """`receive` that raises HTTPException (413) once more than `most` bytes have come."""
    so_far = 0

    async def receive_some() -> Message:
        nonlocal so_far
        message = await receive()
        so_far += len(message.get("body", b""))
        if so_far > most:
            raise HTTPException(413, "That is more than we can take at once.")
        return message

    return receive_some


def add_security(app: FastAPI) -> None:
    """Puts the security headers on every answer and serves the static files.

    Call it once, when `app.state.settings` is there.
    """
    https = app.state.settings.public_url.startswith("https://")
    app.add_middleware(_BodyLimit)
    app.add_middleware(_SecurityHeaders, https=https)
    app.mount("/static", _StaticFiles(directory=STATIC), name="static")
