"""Twilio's REST API: messages and their media.

Every address wants the account's SID and token by basic authentication, media too.
"""

import asyncio
import hmac
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse
from fastapi.security import HTTPBasic, HTTPBasicCredentials

from tests.phone import clock
from tests.phone.errors import TwilioError
from tests.phone.exchange import Exchange
from tests.phone.magic import FAULT_CODES
from tests.phone.resources import (
    matching,
    medium_json,
    message_json,
    page_of,
)
from tests.phone.state import Message, State

_basic = HTTPBasic(auto_error=False)


def exchange_of(request: Request) -> Exchange:
    """The exchange that this app runs."""
    exchange: Exchange = request.app.state.exchange
    return exchange


def let_in(
    request: Request, credentials: Annotated[HTTPBasicCredentials | None, Depends(_basic)]
) -> None:
    """Raises TwilioError without the account's SID and a token of it."""
    settings = exchange_of(request).settings
    if credentials is None or credentials.username != settings.account_sid:
        raise TwilioError(20003)
    given = credentials.password.encode()
    if not any(hmac.compare_digest(given, token.encode()) for token in settings.auth_tokens):
        raise TwilioError(20003)
    if request.path_params.get("account", settings.account_sid) != settings.account_sid:
        raise TwilioError(20003)


router = APIRouter(dependencies=[Depends(let_in)])
Line = Annotated[Exchange, Depends(exchange_of)]
_MESSAGES = "/2010-04-01/Accounts/{account}/Messages"


def _held(exchange: Exchange, request: Request, sid: str) -> Message:
    message = exchange.state.message(sid)
    if message is None:
        raise TwilioError(20404, request.url.path)
    return message


async def _hang(state: State) -> None:
    # Asleep in the event loop, not in a thread: a stopping server can cut it short.
    waited = 0.0
    while waited < state.control.hang_seconds and not state.closed.is_set():
        await asyncio.sleep(0.05)
        waited += 0.05
    raise TwilioError(20504)


@router.post(_MESSAGES + ".json")
async def create_message(request: Request, exchange: Line) -> Response:
    """Takes a message: 201 and the resource, or one of Twilio's refusals."""
    form = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
    state = exchange.state
    fault = exchange.fault_for(exchange.checked(form).recipient)
    if fault in FAULT_CODES:
        raise TwilioError(FAULT_CODES[fault])
    if fault == "hang_before":
        await _hang(state)
    # Asked again, because the fault may have changed what becomes of the next one; and written
    # down before it is sent, because Twilio answers with the first status.
    message = exchange.checked(form)
    created = message_json(exchange.settings, message)
    exchange.send(state, message)
    if fault == "hang_after":
        await _hang(state)
    if fault == "500_after":
        raise TwilioError(20500)
    return JSONResponse(created, status_code=201)


@router.get(_MESSAGES + ".json")
def list_messages(request: Request, exchange: Line) -> dict[str, Any]:
    """The account's messages, newest first, filtered and in pages."""
    found = matching(exchange.state.messages(), request.query_params)
    rows = [message_json(exchange.settings, message) for message in found]
    return page_of(request.url.path, request.query_params, "messages", rows)


@router.get(_MESSAGES + "/{sid}.json")
def fetch_message(sid: str, request: Request, exchange: Line) -> dict[str, Any]:
    """One message."""
    return message_json(exchange.settings, _held(exchange, request, sid))


@router.post(_MESSAGES + "/{sid}.json")
async def update_message(sid: str, request: Request, exchange: Line) -> dict[str, Any]:
    """Redacts a message (`Body` empty) or cancels one that has not left (`Status=canceled`)."""
    message, form = _held(exchange, request, sid), await request.form()
    with exchange.state.changed:
        if form.get("Status") == "canceled" and "Body" not in form:
            if message.status not in ("accepted", "queued"):
                raise TwilioError(30409)
            exchange.state.move(message, "canceled")
        elif form.get("Body") == "" and "Status" not in form:
            if not message.final:
                raise TwilioError(20009)
            message.body = ""
            message.updated_at = clock.now()
        else:
            raise TwilioError(30400)
        return message_json(exchange.settings, message)


@router.delete(_MESSAGES + "/{sid}.json", status_code=204)
def delete_message(sid: str, request: Request, exchange: Line) -> None:
    """Deletes a message and its media at Twilio; the handset keeps its text."""
    message = _held(exchange, request, sid)
    with exchange.state.changed:
        if not message.final:
            raise TwilioError(20009)
        message.deleted = True
        message.media = []


@router.get(_MESSAGES + "/{sid}/Media.json")
def list_media(sid: str, request: Request, exchange: Line) -> dict[str, Any]:
    """The media of a message."""
    message = _held(exchange, request, sid)
    rows = [medium_json(exchange.settings, message, medium) for medium in message.media]
    return page_of(request.url.path, request.query_params, "media_list", rows)


@router.get(_MESSAGES + "/{sid}/Media/{medium_sid}")
def fetch_medium(sid: str, medium_sid: str, request: Request, exchange: Line) -> Response:
    """A medium's content, or with `.json` what it is."""
    message = _held(exchange, request, sid)
    medium = message.medium(medium_sid.removesuffix(".json"))
    if medium is None:
        raise TwilioError(20404, request.url.path)
    if medium_sid.endswith(".json"):
        return JSONResponse(medium_json(exchange.settings, message, medium))
    control = exchange.state.control
    if control.media == "broken":
        raise TwilioError(20500)
    if control.media == "elsewhere":
        return Response(status_code=307, headers={"Location": control.media_redirect})
    return Response(medium.content, media_type=medium.content_type)


@router.delete(_MESSAGES + "/{sid}/Media/{medium_sid}.json", status_code=204)
def delete_medium(sid: str, medium_sid: str, request: Request, exchange: Line) -> None:
    """Deletes one medium."""
    message = _held(exchange, request, sid)
    with exchange.state.changed:
        medium = message.medium(medium_sid)
        if medium is None:
            raise TwilioError(20404, request.url.path)
        message.media = [one for one in message.media if one is not medium]


@router.get("/2010-04-01/{rest:path}")
@router.post("/2010-04-01/{rest:path}")
@router.delete("/2010-04-01/{rest:path}")
def nothing_here(rest: str, request: Request) -> None:
    """Any other address of the API: 404 in Twilio's form."""
    raise TwilioError(20404, request.url.path)
