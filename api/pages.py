"""What every page is made with: templates, static files by content hash, security headers."""

import hashlib
import re
from collections.abc import Callable, Coroutine
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
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.clock import LONDON
from api.errors import DoorstepError

HERE = Path(__file__).resolve().parent
STATIC = HERE / "static"
COLOUR = re.compile(r"#[0-9a-fA-F]{6}\Z")
A_YEAR = "public, max-age=31536000, immutable"

# `same-origin` and not `no-referrer`: with the latter a browser sends `Origin: null` with our own
# forms, and they could not be told from another site's.
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "X-Robots-Tag": "noindex",
}


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


def page(template: str, *, status_code: int = 200, **values: Any) -> HTMLResponse:
    """A page that no browser or proxy keeps: it may hold what a resident told us."""
    body = environment().get_template(template).render(**values)
    return HTMLResponse(body, status_code, headers={"Cache-Control": "no-store"})


def error_page(request: Request, status: int, title: str, detail: str) -> HTMLResponse:
    officers = request.url.path.startswith("/officers")
    return page(
        "error.html",
        status_code=status,
        title=title,
        detail=detail if detail != title else "",
        back=("/officers/cases", "Go to your cases") if officers else ("/", "Go to the first page"),
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


def contrast_with_white(colour: str) -> float:
    """WCAG's contrast ratio (1 to 21) of `#rrggbb` and white."""
    if not COLOUR.match(colour):
        raise ValueError(f"{colour!r} is not a colour of the form #rrggbb")
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


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
        self.headers = dict(HEADERS)
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


def add_security(app: FastAPI) -> None:
    """Puts the security headers on every answer and serves the static files.

    Call it once, when `app.state.settings` is there.
    """
    https = app.state.settings.public_url.startswith("https://")
    app.add_middleware(_SecurityHeaders, https=https)
    app.mount("/static", _StaticFiles(directory=STATIC), name="static")
