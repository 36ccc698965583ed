"""Calls to the product, as Twilio makes them: form-encoded, signed, tried again when it fails.

Source: Twilio's webhook connection overrides,
https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides
"""

import ssl
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qsl, urldefrag, urlencode

import httpx
from starlette.datastructures import ImmutableMultiDict
from twilio.request_validator import RequestValidator

from tests.phone import clock
from tests.phone.control import Control
from tests.phone.settings import Settings
from tests.phone.state import State, WebhookCall

Pairs = Sequence[tuple[str, str]]

# Made once: reading the certificates takes longer than a call.
_TLS = ssl.create_default_context()


@dataclass(frozen=True)
class Connection:
    """Time limits in seconds, how often to try again, and on what."""

    connect: float
    read: float
    total: float
    retries: int
    retry_on: frozenset[str]


def connection_for(url: str, control: Control) -> Connection:
    """The connection of an address: its fragment (`#rc=3&rp=all`) over the configured values."""
    named = dict(parse_qsl(urldefrag(url).fragment))
    return Connection(
        connect=int(named.get("ct", control.ct)) / 1000,
        read=int(named.get("rt", control.rt)) / 1000,
        total=int(named.get("tt", control.tt)) / 1000,
        retries=min(int(named.get("rc", control.rc)), 5),
        retry_on=frozenset(named["rp"].split(",") if "rp" in named else control.rp),
    )


def sign(settings: Settings, control: Control, url: str, parameters: Pairs) -> str | None:
    """The X-Twilio-Signature of a request; None where it is to be left out."""
    if control.signature == "missing":
        return None
    token = {
        "right": settings.auth_tokens[0],
        "second": settings.auth_tokens[-1],
        "wrong": "not the token of this account",
    }[control.signature]
    signature: str = RequestValidator(token).compute_signature(url, ImmutableMultiDict(parameters))
    return signature


def call(
    settings: Settings,
    state: State,
    kind: Literal["inbound", "status", "fallback"],
    sid: str,
    url: str,
    parameters: Pairs,
) -> WebhookCall:
    """Posts a webhook, tries again as its connection says, and keeps every attempt.

    Returns the last attempt. Never raises: where nothing answered, `status` is None.
    """
    control = state.control
    connection = connection_for(url, control)
    address = urldefrag(url).url
    headers = {
        "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
        "User-Agent": "TwilioProxy/1.1",
        "Accept": "*/*",
    }
    signature = sign(settings, control, address, parameters)
    if signature is not None:
        headers["X-Twilio-Signature"] = signature
    token, started, attempt = str(uuid.uuid4()), time.monotonic(), 0
    while True:
        attempt += 1
        if attempt > 1:
            headers["I-Twilio-Idempotency-Token"] = token
        answer, trouble, failure = _post(address, headers, parameters, connection)
        made = WebhookCall(
            kind=kind,
            sid=sid,
            url=address,
            parameters=tuple(parameters),
            attempt=attempt,
            idempotency_token=token if attempt > 1 else None,
            status=None if answer is None else answer.status_code,
            error=trouble,
            content_type="" if answer is None else answer.headers.get("content-type", ""),
            answer="" if answer is None else answer.text,
            at=clock.now(),
        )
        state.record(made)
        out_of_time = time.monotonic() - started >= connection.total
        again = failure in connection.retry_on or (failure and "all" in connection.retry_on)
        if not again or attempt > connection.retries or out_of_time or state.closed.is_set():
            return made
        state.closed.wait(control.retry_pause_seconds)


def _post(
    url: str, headers: dict[str, str], parameters: Pairs, connection: Connection
) -> tuple[httpx.Response | None, str | None, str | None]:
    """One request: its answer, what went wrong in words, and the class of the failure."""
    timeout = httpx.Timeout(connection.read, connect=connection.connect)
    try:
        # A connection of its own each time: a pooled one breaks when the product is restarted.
        answer = httpx.post(
            url,
            headers=headers,
            content=urlencode(parameters),
            timeout=timeout,
            trust_env=False,
            verify=_TLS,
        )
    except (httpx.ConnectError, httpx.ConnectTimeout) as problem:
        return None, f"no connection: {problem}", "ct"
    except (httpx.HTTPError, httpx.InvalidURL) as problem:
        return None, f"no answer: {type(problem).__name__} {problem}".strip(), "rt"
    if answer.status_code >= 400:
        return answer, f"answered {answer.status_code}", f"{answer.status_code // 100}xx"
    return answer, None, None
