"""The handset: a page like a phone's, and the same as JSON."""

import base64
import binascii
import math
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.responses import RedirectResponse
from fastapi.templating import Jinja2Templates
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from tests.phone import numbers
from tests.phone.errors import UNDELIVERED
from tests.phone.exchange import LONGEST_BODY, Exchange
from tests.phone.magic import MAGIC
from tests.phone.settings import Landlord
from tests.phone.state import Medium, Message
from tests.phone.twilio_api import Line

PAGES = Path(__file__).parent / "pages"
_templates = Jinja2Templates(directory=PAGES)
_templates.env.filters["spoken"] = numbers.spoken
_LONDON = ZoneInfo("Europe/London")
_RESIDENTS = [f"+447700900{ending}" for ending in range(201, 211)]

router = APIRouter()


class Attachment(BaseModel):
    """A picture or recording, base64."""

    model_config = ConfigDict(extra="forbid")

    content_type: str
    content: str


class NewText(BaseModel):
    """A text that the handset sends. `to` is a landlord's number or code."""

    model_config = ConfigDict(extra="forbid")

    to: str
    body: str = ""
    media: list[Attachment] = Field(default_factory=list, max_length=10)


def text_json(message: Message) -> dict[str, Any]:
    """A text as the handset sees it; `direction` is `sent` (by the handset) or `received`."""
    return {
        "sid": message.sid,
        "direction": "sent" if message.direction == "inbound" else "received",
        "from": message.sender or message.landlord,
        "to": message.recipient,
        "body": message.words,
        "status": message.status,
        "error_code": message.error_code,
        "segments": message.segments,
        "webhook_status": message.webhook_status,
        "at": message.created_at.isoformat(),
    }


def _landlord(exchange: Exchange, named: str) -> Landlord:
    landlord = exchange.settings.landlord(named)
    if landlord is None:
        raise HTTPException(404, detail=f"no landlord has the number or code {named}")
    return landlord


def _media(attachments: list[Attachment]) -> list[Medium]:
    try:
        return [
            Medium(one.content_type, base64.b64decode(one.content, validate=True))
            for one in attachments
        ]
    except binascii.Error as problem:
        raise HTTPException(422, detail="media content is not base64") from problem


@router.post("/_handset/{number}/texts", status_code=201)
def send_text(number: str, text: NewText, exchange: Line) -> dict[str, Any]:
    """Sends a text and waits for the webhook's answer (`webhook_status` null: none came)."""
    handset, landlord = numbers.normalise(number), _landlord(exchange, text.to)
    try:
        message = exchange.receive(handset, landlord.number, text.body, _media(text.media))
    except ValueError as problem:
        raise HTTPException(422, detail=str(problem)) from problem
    return {"sid": message.sid, "webhook_status": message.webhook_status}


@router.get("/_handset/{number}/texts")
def texts(
    number: str,
    exchange: Line,
    with_: Annotated[str | None, Query(alias="with")] = None,
    after: str | None = None,
    wait: Annotated[float, Query(ge=0, le=60)] = 0,
    every: bool = False,
) -> list[dict[str, Any]]:
    """The texts on the handset, in the order they got there.

    `with`: one landlord's only. `after`: those that came after the one with this sid. `wait`: so
    many seconds at most until one that the handset received is among them. `every`: also those
    that are on their way or were not delivered.
    """
    state, handset = exchange.state, numbers.normalise(number)
    landlord = None if with_ is None else _landlord(exchange, with_).number

    def found() -> list[Message]:
        earlier = state.message(after) if after else None
        since = 0 if earlier is None else earlier.arrival or 0
        texts = [
            message
            for message in state.conversation(handset, landlord)
            if (every and message.arrival is None) or (message.arrival or 0) > since
        ]
        return sorted(texts, key=lambda message: message.arrival or math.inf)

    with state.changed:
        state.changed.wait_for(
            lambda: state.closed.is_set() or any(m.direction != "inbound" for m in found()),
            timeout=wait,
        )
    return [text_json(message) for message in found()]


@router.get("/")
def page(request: Request, exchange: Line, landlord: str = "", number: str = "") -> Response:
    """The handset page; an unknown landlord shows the first one."""
    settings, state = exchange.settings, exchange.state
    chosen = settings.landlord(landlord) or settings.landlords[0]
    handset = numbers.normalise(number) or _RESIDENTS[0]
    sids = {message.sid for message in state.conversation(handset, chosen.number)}
    used = {message.handset for message in state.messages()}
    return _templates.TemplateResponse(
        request,
        "handset.html",
        {
            "landlords": settings.landlords,
            "chosen": chosen,
            "handset": handset,
            "texts": [_shown(m) for m in state.conversation(handset, chosen.number)],
            "calls": [c for c in state.calls() if c.sid in sids][-30:],
            "opted_out": state.blocked(handset, chosen.number),
            "residents": sorted({*_RESIDENTS, *used}),
            "used": sorted(used),
            "magic": MAGIC,
            "longest": LONGEST_BODY,
            "clock": lambda moment: moment.astimezone(_LONDON).strftime("%H:%M:%S"),
        },
        headers={
            "Cache-Control": "no-store",
            "Content-Security-Policy": "default-src 'none'; script-src 'self'; "
            "style-src 'self' 'unsafe-inline'; img-src data:; connect-src 'self'; "
            "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        },
    )


@router.post("/texts")
async def send_from_page(request: Request) -> Response:
    """The page's form: sends the text and shows the conversation again."""
    exchange: Exchange = request.app.state.exchange
    form = {name: str(value) for name, value in (await request.form()).items()}
    landlord = _landlord(exchange, form.get("landlord", ""))
    handset = numbers.normalise(form.get("number", "")) or _RESIDENTS[0]
    body = form.get("body", "").replace("\r\n", "\n")[:LONGEST_BODY]
    await run_in_threadpool(exchange.receive, handset, landlord.number, body)
    query = urlencode({"landlord": landlord.code, "number": handset})
    return RedirectResponse(f"/?{query}#latest", status_code=303)


def _shown(message: Message) -> dict[str, Any]:
    sent = message.direction == "inbound"
    if sent:
        taken = message.webhook_status is not None and message.webhook_status < 400
        state = "Delivered" if taken else "Sent"
        if not taken and message.webhook_status is not None:
            state = f"Sent. The landlord's service answered {message.webhook_status}"
    else:
        state = message.status.capitalize()
        if message.error_code is not None:
            state = f"Not delivered: {message.error_code}, {UNDELIVERED[message.error_code]}"
    return {
        "sid": message.sid,
        "sent": sent,
        "arrived": message.arrival is not None,
        "failed": message.error_code is not None,
        "body": message.words,
        "media": [medium.content_type for medium in message.media],
        "state": state,
        "segments": message.segments,
        "at": message.created_at.astimezone(_LONDON),
    }
