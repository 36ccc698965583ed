"""What went wrong, on a page: a resident's in the landlord's name and, where the landlord's own
site shows the chat in a frame, inside that frame."""

from collections.abc import Mapping

import structlog
from fastapi import Request
from fastapi.responses import HTMLResponse

from api.channels.chat_sessions import COOKIE, exit_key, landlord_of
from api.errors import DoorstepError
from api.intake.rulebook import Landlord
from api.pages import PageRoute, error_page, for_officers

log = structlog.get_logger()


class ResidentRoute(PageRoute):
    """A route of a resident's page."""

    def say(self, request: Request, error: DoorstepError) -> HTMLResponse:
        return trouble_page(request, error.status, error.title, error.detail)


def trouble_page(request: Request, status: int, title: str, detail: str) -> HTMLResponse:
    """Never fails itself: where the landlord cannot be found out, the page is in nobody's name."""
    if for_officers(request):
        return error_page(request, status, title, detail)
    known, key = _in_the_path(request), ""
    try:
        known = known or _of_the_chat(request)
        key = exit_key(request)
    except Exception as trouble:
        log.error("trouble_page_without_chat", trouble=type(trouble).__name__)
    return error_page(request, status, title, detail, landlord=known, exit_key=key)


def _in_the_path(request: Request) -> Landlord | None:
    first, _, rest = request.url.path.lstrip("/").partition("/")
    return _named(request, rest.partition("/")[0]) if first == "chat" else None


def _of_the_chat(request: Request) -> Landlord | None:
    """Not of an upload link: whether one that does not work ever did is nobody's business."""
    return _named(request, landlord_of(request.app, request.cookies.get(COOKIE, "")) or "")


def _named(request: Request, code: str) -> Landlord | None:
    landlords: Mapping[str, Landlord] = request.app.state.landlords
    return landlords.get(code)
