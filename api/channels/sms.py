"""Text messages by Twilio: the only file that knows the provider.

Webhooks verify, keep and answer 204; everything else happens later. Sending has no idempotency
key at Twilio, so a request whose outcome is unknown is looked up before it is made again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import phonenumbers
import structlog
from anyio import to_thread
from fastapi import APIRouter, Request, Response
from requests.exceptions import ConnectTimeout, RequestException
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from starlette.datastructures import FormData
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from api import clock
from api.cases.model import Case
from api.cases.open_case import note
from api.channels.problems import problems
from api.conversation.receive import conversation_of_number, receive, start_conversation
from api.errors import NotAllowed
from api.intake.rulebook import Rulebook
from api.messages.model import Message, OutboxText
from api.messages.outbox import climb, start_texts, stop_texts
from api.settings import Settings

log = structlog.get_logger()
router = APIRouter(prefix="/sms/twilio", tags=["text messages"])

# Why a webhook is refused. Nothing of it is stored.
SIGNED = problems(400, 403, 413)

# Twilio's own words, where a Messaging Service without Advanced Opt-Out sends no OptOutType.
STOP_WORDS = {"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"}
START_WORDS = {"START", "UNSTOP"}
TOLD_TO_OFFICERS = {
    "STOP": "Texts were stopped from this number. Please confirm with them by a safe way.",
    "HELP": "They texted HELP. Please find out by a safe way whether they are all right.",
}
# Ofcom's numbers for drama: nobody has them, and they are only used in the demo.
DRAMA = "+447700900"
TIMEOUT_SECONDS = 10

TEMPORARY = {20429, 21611, 30001}
OPTED_OUT = 21610


class LoopbackOrTwilio(TwilioHttpClient):  # type: ignore[misc]  # twilio ships no types
    """Twilio's HTTP client with another host, as its maintainers advise for a test double."""

    def __init__(self, base: str) -> None:
        super().__init__(timeout=TIMEOUT_SECONDS, pool_connections=True)
        self._base = urlsplit(base)

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        asked = urlsplit(url)
        if asked.hostname != "api.twilio.com":
            raise ValueError("only Twilio's api is called")
        swapped = asked._replace(scheme=self._base.scheme, netloc=self._base.netloc)
        return super().request(method, urlunsplit(swapped), *args, **kwargs)


@dataclass(frozen=True)
class Sent:
    """What became of one try. `status`: Twilio's own, or "retry", "unknown", "failed"."""

    status: str
    sid: str | None = None
    error: str | None = None


class Sms:
    """Sends texts for one account."""

    def __init__(self, settings: Settings) -> None:
        tokens = settings.twilio_tokens
        self._client = Client(
            settings.twilio_account_sid,
            tokens[0] if tokens else "",
            http_client=LoopbackOrTwilio(settings.twilio_api_base),
        )
        self._callback = f"{settings.public_url}/sms/twilio/status"

    def send(self, *, sender: str, to: str, body: str) -> Sent:
        """One text. Never raises: what went wrong is in the answer."""
        try:
            message = self._client.messages.create(
                to=to, from_=sender, body=body, status_callback=self._callback
            )
        except TwilioRestException as refused:
            code = refused.code or refused.status
            if refused.status >= 500:
                # A server error may come after the text was taken.
                return Sent("unknown", error=str(code))
            if code in TEMPORARY or refused.status == 429:
                return Sent("retry", error=str(code))
            return Sent("failed", error=str(code))
        except ConnectTimeout:
            return Sent("retry", error="connect")
        except RequestException as trouble:
            # The connection broke: Twilio may have taken the text, or not.
            return Sent("unknown", error=type(trouble).__name__)
        return Sent(str(message.status or "queued"), sid=message.sid)

    def look_up(self, *, sender: str, to: str, body: str, since: datetime) -> Sent | None:
        """A text that may have been taken although no answer came. Raises when Twilio is out."""
        # No filter by date sent: a text that still waits at Twilio has none, and would be missed.
        for message in self._client.messages.list(to=to, from_=sender, limit=100):
            same = message.body == body and message.from_ == sender
            created = message.date_created
            if same and created and created >= since - timedelta(seconds=5):
                return Sent(str(message.status or "queued"), sid=message.sid)
        return None

    def status_of(self, sid: str) -> Sent | None:
        """What Twilio says of a text now; None when it cannot be asked."""
        try:
            message = self._client.messages(sid).fetch()
        except (TwilioRestException, RequestException):
            return None
        code = str(message.error_code) if message.error_code else None
        return Sent(str(message.status), sid=sid, error=code)


def sendable(number: str, *, demo: bool) -> bool:
    """A UK mobile. A text to a landline is read aloud by a robot, to whoever picks up."""
    if number.startswith(DRAMA):
        return demo
    try:
        parsed = phonenumbers.parse(number, "GB")
    except phonenumbers.NumberParseException:
        return False
    kind = phonenumbers.number_type(parsed)
    return (
        phonenumbers.is_valid_number(parsed)
        and parsed.country_code == 44
        and kind == phonenumbers.PhoneNumberType.MOBILE
    )


def e164(number: str) -> str:
    """A number as Twilio writes it, for comparing; as given when it cannot be read."""
    try:
        parsed = phonenumbers.parse(number, "GB")
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


async def signed_form(request: Request) -> FormData:
    """The form of a request that Twilio signed. Raises NotAllowed for any other.

    The address that was signed is the configured public one: forwarded headers are not trusted.
    """
    settings: Settings = request.app.state.settings
    form = await request.form()
    path = request.scope.get("raw_path", request.url.path.encode()).decode()
    query = request.scope["query_string"].decode()
    url = f"{settings.public_url}{path}{f'?{query}' if query else ''}"
    signature = request.headers.get("x-twilio-signature", "")
    if not any(
        RequestValidator(token).validate(url, form, signature) for token in settings.twilio_tokens
    ):
        log.warning("unsigned_webhook", path=path)
        raise NotAllowed("The request is not signed by Twilio.")
    return form


@router.post("/inbound", status_code=204, responses=SIGNED)
async def inbound(request: Request) -> Response:
    """A text came in. It is kept (once per MessageSid), and 204 is all the answer."""
    form = await signed_form(request)
    given = {key: str(value) for key, value in form.multi_items()}
    await to_thread.run_sync(_take_in, request, given)
    return Response(status_code=204)


@router.post("/status", status_code=204, responses=SIGNED)
async def status(request: Request) -> Response:
    """News of a text that was sent. It may come late, twice or out of order."""
    form = await signed_form(request)
    given = {key: str(value) for key, value in form.multi_items()}
    await to_thread.run_sync(_take_status, request, given)
    return Response(status_code=204)


def _take_in(request: Request, given: Mapping[str, str]) -> None:
    rulebook: Rulebook = request.app.state.rulebook
    sid, text = given.get("MessageSid", ""), given.get("Body", "").replace("\x00", "")
    number, landlord = e164(given.get("From", "")), rulebook.landlord_of_number(given.get("To", ""))
    now = clock.now()
    try:
        with request.app.state.db.writing() as session:
            if session.scalar(select(Message.id).where(Message.provider_id == sid)):
                return
            if landlord is None:
                log.error("text_to_unknown_number", sid=sid)
                session.add(
                    Message(sender="resident", text=text, provider_id=sid, raw=dict(given), at=now)
                )
                return
            _take_in_for(session, rulebook, landlord.code, number, text, sid, given, now)
    except IntegrityError:
        # Twilio's retry was handled beside its first try; that one kept the text.
        log.info("repeated_text", sid=sid)


def _take_in_for(
    session: Session,
    rulebook: Rulebook,
    landlord: str,
    number: str,
    text: str,
    sid: str,
    given: Mapping[str, str],
    now: datetime,
) -> None:
    conversation = conversation_of_number(session, landlord, number)
    if conversation is None:
        conversation, _ = start_conversation(
            session, landlord=landlord, channel="sms", number=number, at=now
        )
    word = text.strip().upper()
    kind = given.get("OptOutType") or (
        "STOP" if word in STOP_WORDS else "START" if word in START_WORDS else ""
    )
    if kind == "STOP":
        stop_texts(session, landlord, number, at=now)
    elif kind == "START":
        start_texts(session, landlord, number, at=now)
    case = session.get(Case, conversation.case_id) if conversation.case_id else None
    if case and kind in TOLD_TO_OFFICERS:
        # It may be somebody else who holds the phone: the case stays as it is.
        note(session, case, kind="task", words=TOLD_TO_OFFICERS[kind], at=now)
    if kind:
        # Twilio has answered these itself: the word is kept, and nobody is answered twice.
        session.add(
            Message(
                landlord=landlord,
                conversation_id=conversation.id,
                sender="resident",
                text=text,
                provider_id=sid,
                raw=dict(given),
                at=now,
                processed_at=now,
            )
        )
        return
    receive(session, conversation, rulebook, text, at=now, provider_id=sid, raw=given)


def _take_status(request: Request, given: Mapping[str, str]) -> None:
    # News that overtakes our own record of the text is not lost: `reconcile` asks for it.
    with request.app.state.db.writing() as session:
        text = session.scalar(
            select(OutboxText)
            .where(OutboxText.provider_sid == given.get("MessageSid", ""))
            .with_for_update()
        )
        if text is None:
            log.info("status_of_unknown_text", sid=given.get("MessageSid"))
            return
        climb(text, given.get("MessageStatus", ""), error=given.get("ErrorCode"), at=clock.now())
