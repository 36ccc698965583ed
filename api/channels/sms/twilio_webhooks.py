"""Twilio's webhooks. They verify, keep and answer 204; everything else happens later."""

from collections.abc import Mapping

import structlog
from anyio import to_thread
from fastapi import APIRouter, Request, Response
from starlette.datastructures import FormData
from twilio.request_validator import RequestValidator

from api import clock
from api.channels.problems import problems
from api.channels.sms import inbound
from api.channels.sms.carrier import Sent
from api.channels.sms.inbound import TextIn
from api.channels.sms.receipts import take_news, text_of
from api.channels.sms.twilio import LADDER, Twilio
from api.channels.sms.twilio_words import lifts_stop, opt_out_of
from api.errors import NotAllowed, TooLarge
from api.settings import Settings

log = structlog.get_logger()
router = APIRouter(prefix="/sms/twilio", tags=["text messages"])
# Why a webhook is refused. Nothing of it is stored.
SIGNED = problems(400, 403, 413)

# A text has at most ten files.
MOST_FILES = 10


async def signed_form(request: Request) -> FormData:
    """The form of a request that Twilio signed. Raises NotAllowed for any other, and TooLarge
    before reading one that is far larger than a text can be.

    The address that was signed is the configured public one: forwarded headers are not trusted.
    """
    settings: Settings = request.app.state.settings
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > settings.webhook_most_kilobytes * 1000:
        raise TooLarge("A webhook says how long it is, and is no longer than a text can be.")
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
async def inbound_text(request: Request) -> Response:
    """A text came in. It is kept (once per MessageSid), and 204 is all the answer."""
    given = _pairs(await signed_form(request))
    again = request.headers.get("i-twilio-idempotency-token")
    if again:
        log.info("webhook_tried_again", token=again, sid=_first(given, "MessageSid"))
    await to_thread.run_sync(_take_in, request, given)
    return Response(status_code=204)


@router.post("/fallback", status_code=204, responses=SIGNED)
async def fallback_text(request: Request) -> Response:
    """What Twilio calls where `/inbound` failed. It takes the text as `/inbound` does."""
    return await inbound_text(request)


@router.post("/status", status_code=204, responses=SIGNED)
async def text_status(request: Request, text: str = "") -> Response:
    """News of a text that was sent. It may come late, twice or out of order."""
    given = _pairs(await signed_form(request))
    await to_thread.run_sync(_take_status, request, given, text)
    return Response(status_code=204)


def _pairs(form: FormData) -> dict[str, list[str]]:
    """Every value of every parameter: some names come more than once."""
    given: dict[str, list[str]] = {}
    for name, value in form.multi_items():
        # No database keeps a NUL.
        given.setdefault(name.replace("\x00", ""), []).append(str(value).replace("\x00", ""))
    return given


def _first(given: Mapping[str, list[str]], *names: str) -> str:
    return next((given[name][0] for name in names if given.get(name, [""])[0]), "")


def _take_in(request: Request, given: Mapping[str, list[str]]) -> None:
    state = request.app.state
    count = _first(given, "NumMedia")
    files = min(int(count), MOST_FILES) if count.isascii() and count.isdecimal() else 0
    media = [
        (_first(given, f"MediaUrl{n}"), _first(given, f"MediaContentType{n}")) for n in range(files)
    ]
    words = _first(given, "Body")
    text = TextIn(
        provider="twilio",
        sid=_first(given, "MessageSid", "SmsMessageSid", "SmsSid") or None,
        sender=_first(given, "From"),
        to=_first(given, "To"),
        words=words,
        raw={name: one[0] if len(one) == 1 else one for name, one in given.items()},
        opt_out=opt_out_of(_first(given, "OptOutType"), words, state.settings),
        lifts_stop=lifts_stop(words, state.settings),
        media=tuple(one for one in media if one[0]),
    )
    inbound.take_in(state.db, state.rulebook, state.answering, text)


def _take_status(request: Request, given: Mapping[str, list[str]], text_id: str) -> None:
    carrier: Twilio = request.app.state.carriers.twilio
    sid = _first(given, "MessageSid", "SmsSid")
    status = LADDER.get(_first(given, "MessageStatus", "SmsStatus"))
    if not sid or status is None:
        return
    news = Sent(status, sid=sid, error=_first(given, "ErrorCode") or None)
    with request.app.state.db.writing() as session:
        text = text_of(session, carrier, sid, text_id)
        if text is None:
            # News that overtakes our own record is not lost: `reconcile` asks for it.
            log.info("status_of_unknown_text", sid=sid)
            return
        take_news(session, text, news, carrier, at=clock.now())
