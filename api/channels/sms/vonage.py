"""Text messages by Vonage, the second provider: its client, and its webhooks.

For when Twilio cannot be used (`SMS_PROVIDER=vonage`). Vonage's SMS API has no way to look a text
up, so one whose fate is unknown waits for its receipt and is never sent a second time. A long
inbound text comes in parts, each of which is taken as a message of its own.
"""

import logging
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import structlog
from anyio import to_thread
from fastapi import APIRouter, Request, Response
from requests.adapters import HTTPAdapter
from requests.exceptions import ConnectionError as NotConnected
from requests.exceptions import ConnectTimeout, RequestException
from vonage_http_client import Auth, HttpClient, HttpClientOptions
from vonage_http_client.errors import HttpRequestError
from vonage_sms import Sms, SmsMessage
from vonage_sms.errors import SmsError

from api import clock
from api.channels.problems import problems
from api.channels.sms import inbound
from api.channels.sms.carrier import MediaNotThere, Sent
from api.channels.sms.codes import load_codes
from api.channels.sms.inbound import TextIn
from api.channels.sms.receipts import take_news, text_of
from api.errors import NotAllowed, NotFound, TooLarge
from api.intake.rulebook import Landlord
from api.policies.gsm7 import outside
from api.settings import Settings

log = structlog.get_logger()
router = APIRouter(prefix="/sms/vonage", tags=["text messages"])
# Why a webhook is refused. Nothing of it is stored.
SIGNED = problems(400, 403, 404, 413)
# Vonage's client writes requests and answers, residents' words among them, to its log.
logging.getLogger("vonage").setLevel(logging.CRITICAL)

REAL_HOST = "rest.nexmo.com"
LONGEST_NAME = 11
LADDER = {
    "accepted": "sent",
    "buffered": "sent",
    "delivered": "delivered",
    "expired": "undelivered",
    "failed": "undelivered",
    "rejected": "undelivered",
    "unknown": "undelivered",
}


class _Elsewhere(HTTPAdapter):
    """Sends what the client asks of Vonage to another address: a test double on this machine."""

    def __init__(self, base: str) -> None:
        super().__init__(max_retries=0)
        self._base = urlsplit(base)

    def send(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        asked = urlsplit(request.url)._replace(scheme=self._base.scheme, netloc=self._base.netloc)
        request.url = urlunsplit(asked)
        return super().send(request, *args, **kwargs)


class Vonage:
    """Vonage as a carrier."""

    name = "vonage"
    looks_up = False
    # But Vonage tries its webhook again for a day.
    lists_what_came_in = False

    def __init__(self, settings: Settings) -> None:
        self.codes = load_codes(self.name)
        self._public_url = settings.public_url
        # For webhooks alone: the client signs fields that it then does not send, so what we send
        # shows the account's secret instead.
        self.webhooks = Auth(
            api_key=settings.vonage_api_key,
            signature_secret=settings.vonage_signature_secret,
            signature_method="sha256",
        )
        # One connection, one try: by itself the client repeats a request that may have been taken.
        self._http = HttpClient(
            Auth(api_key=settings.vonage_api_key, api_secret=settings.vonage_api_secret),
            HttpClientOptions(
                timeout=max(1, round(settings.sms_timeout_seconds)), pool_maxsize=1, max_retries=0
            ),
        )
        if urlsplit(settings.vonage_api_base).hostname != REAL_HOST:
            self._http._session.mount("https://", _Elsewhere(settings.vonage_api_base))
        self._sms = Sms(self._http)

    def sender_of(self, landlord: Landlord) -> str:
        """Its number at Vonage; else a name, which nobody can answer to."""
        return landlord.second_sender or landlord.name[:LONGEST_NAME]

    def send(self, landlord: Landlord, *, text_id: int, to: str, body: str) -> Sent:
        message = SmsMessage(
            to=to.lstrip("+"),
            from_=self.sender_of(landlord).lstrip("+"),
            text=body,
            type="unicode" if outside(body) else "text",
            client_ref=str(text_id),
            status_report_req=True,
            callback=f"{self._public_url}/sms/vonage/status",
        )
        try:
            answer = self._sms.send(message)
        except SmsError:
            return self._refused()
        except HttpRequestError as refused:
            status = refused.response.status_code
            if status >= 500:
                return Sent("unknown", error=str(status))
            return Sent(self._then(str(status)), error=str(status))
        except ConnectTimeout:
            return Sent("retry", error="connect")
        except NotConnected as trouble:
            refused_at_once = "refused" in str(trouble).lower()
            return Sent("retry" if refused_at_once else "unknown", error="connect")
        except (RequestException, ValueError, KeyError, TypeError) as trouble:
            # The answer did not come, or makes no sense: it may have been taken, or not.
            return Sent("unknown", error=type(trouble).__name__)
        return Sent("sending", sid=answer.messages[0].message_id)

    def _refused(self) -> Sent:
        """The client keeps the codes to its words, so they are read from the answer itself."""
        parts = self._http.last_response.json()["messages"]
        taken = next((part["message-id"] for part in parts if part["status"] == "0"), None)
        if taken:
            # Some parts have gone: the receipts will say what became of the text.
            return Sent("sending", sid=taken)
        code = str(parts[0]["status"])
        if code == "5":
            return Sent("unknown", error=code)
        return Sent(self._then(code), error=code)

    def _then(self, code: str) -> str:
        return "retry" if self.codes.of(code).then == "retry" else "refused"

    def look_up(
        self,
        landlord: Landlord,
        *,
        to: str,
        body: str,
        since: datetime,
        is_known: Callable[[str], bool],
    ) -> Sent | None:
        return None

    def status_of(self, sid: str) -> Sent | None:
        return None

    def came_in(
        self,
        landlord: Landlord,
        *,
        since: datetime,
        until: datetime,
        missing: Callable[[Sequence[str]], Collection[str]],
    ) -> Iterator[TextIn]:
        return iter(())

    def redact(self, sid: str) -> bool:
        """Vonage's redaction is a setting of the account, not a call for each text."""
        return True

    def fetch_media(self, url: str, *, most_bytes: int) -> bytes:
        raise MediaNotThere("Vonage carries no files", ever=True)

    def delete_media(self, url: str) -> bool:
        return True


async def _signed(request: Request) -> tuple[Vonage, dict[str, str]]:
    """The parameters of a request that Vonage signed. Raises NotAllowed for any other."""
    carrier: Vonage | None = request.app.state.carriers.vonage
    if carrier is None:
        raise NotFound("Vonage is not configured here.")
    length = request.headers.get("content-length", "")
    most = request.app.state.settings.webhook_most_kilobytes * 1000
    if not length.isdecimal() or int(length) > most:
        raise TooLarge("A webhook says how long it is, and is no longer than a text can be.")
    if request.headers.get("content-type", "").startswith("application/json"):
        try:
            found = await request.json()
        except ValueError:
            found = None
        given = {str(k): str(v) for k, v in found.items()} if isinstance(found, dict) else {}
    else:
        given = {key: str(value) for key, value in (await request.form()).items()}
    if (
        "sig" not in given
        or "timestamp" not in given
        or not carrier.webhooks.check_signature({**given})
    ):
        log.warning("unsigned_webhook", path=request.url.path)
        raise NotAllowed("The request is not signed by Vonage.")
    # No database keeps a NUL.
    clean = {name.replace("\x00", ""): value.replace("\x00", "") for name, value in given.items()}
    return carrier, clean


@router.post("/inbound", status_code=204, responses=SIGNED)
async def inbound_text(request: Request) -> Response:
    """A text came in to a landlord's number at Vonage. It is kept once per messageId."""
    _, given = await _signed(request)
    text = TextIn(
        provider="vonage",
        sid=given.get("messageId"),
        sender=f"+{given.get('msisdn', '').lstrip('+')}",
        to=f"+{given.get('to', '').lstrip('+')}",
        words=given.get("text", ""),
        raw={name: value for name, value in given.items() if name != "sig"},
    )
    state = request.app.state
    await to_thread.run_sync(inbound.take_in, state.db, state.rulebook, state.answering, text)
    return Response(status_code=204)


@router.post("/status", status_code=204, responses=SIGNED)
async def text_status(request: Request) -> Response:
    """A delivery receipt. It may come late, twice or out of order."""
    carrier, given = await _signed(request)
    await to_thread.run_sync(_take_status, request, carrier, given)
    return Response(status_code=204)


def _take_status(request: Request, carrier: Vonage, given: dict[str, str]) -> None:
    sid, status = given.get("messageId"), LADDER.get(given.get("status", ""))
    if not sid or status is None:
        return
    code = given.get("err-code", "0")
    news = Sent(status, sid=sid, error=None if code == "0" else f"dlr-{code}")
    with request.app.state.db.writing() as session:
        text = text_of(session, carrier, sid, given.get("client-ref", ""))
        if text is None:
            log.info("status_of_unknown_text", sid=sid)
            return
        take_news(session, text, news, carrier, at=clock.now())
