"""Pages for residents outside a chat: the first page, the accessibility statement, and the exit."""

import structlog
from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from api import pages
from api.channels import chat_sessions
from api.channels.chat_sessions import COOKIE
from api.channels.trouble_pages import ResidentRoute
from api.pages import page
from api.policies.colour import colour_mistake

router = APIRouter(route_class=ResidentRoute, include_in_schema=False)
log = structlog.get_logger()

DARK = "#1d4f91"


@router.get("/")
def first_page(request: Request) -> HTMLResponse:
    settings = request.app.state.settings
    return page(
        "chat/index.html",
        landlords=list(request.app.state.landlords.values()),
        phone_url=settings.phone_url if settings.demo else None,
    )


@router.get("/accessibility")
def accessibility() -> HTMLResponse:
    return page("accessibility.html")


@router.get("/chat/exit")
def leave(request: Request, end: str = "") -> Response:
    """Ends the session and goes to a neutral site. Whatever fails, the person gets away.

    `end`: what ends a chat whose cookie stayed behind in a frame.
    """
    token = request.cookies.get(COOKIE)
    try:
        if token:
            chat_sessions.end_chat(request.app, token)
        if end:
            chat_sessions.end_by_key(request.app, end)
    except Exception as trouble:
        log.error("chat_not_ended", trouble=type(trouble).__name__)
    response = RedirectResponse(pages.NEUTRAL_SITE, 303)
    response.headers["Clear-Site-Data"] = '"cache", "cookies", "storage"'
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    chat_sessions.take_cookie_back(response, request)
    return response


@router.get("/chat/{landlord}/colours.css")
def colours(request: Request, landlord: str) -> Response:
    """The landlord's colour, as a file: a style in the page is what the security policy stops.

    The service does not start on a colour that white words cannot be read on.
    """
    known = request.app.state.landlords.get(landlord)
    colour = known.colour if known and not colour_mistake(known.colour) else DARK
    return Response(
        f":root {{ --landlord-colour: {colour}; }}\n",
        media_type="text/css",
        headers={"Cache-Control": "no-cache"},
    )
