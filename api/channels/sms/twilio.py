"""Text messages by Twilio, with its own client.

Creating a message has no idempotency key at Twilio, so a request whose outcome is unknown is
looked up before it is made again. Words are taken off Twilio's records once a text is final.
"""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx
import structlog
from requests.exceptions import ConnectTimeout, RequestException
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from api.channels.sms.carrier import MediaNotThere, Sent
from api.channels.sms.codes import load_codes
from api.channels.sms.inbound import TextIn
from api.channels.sms.twilio_words import lifts_stop, opt_out_of
from api.intake.rulebook import Landlord
from api.settings import Settings

log = structlog.get_logger()

# Twilio writes whole seconds, and its clock is not ours.
CLOCKS_DIFFER = timedelta(seconds=60)
REAL_HOST = "api.twilio.com"
HOSTS = frozenset({REAL_HOST, "messaging.twilio.com", "accounts.twilio.com"})
# The most that Twilio puts on a page of a list.
PAGE = 1000
# With Advanced Opt-Out, and with Twilio's own list.
ACTED_ON = frozenset({"STOP", "START", "HELP"})
# Where Twilio keeps files, when it sends us on to fetch one. No credentials go there.
FILE_HOSTS = (".twilio.com", ".twiliocdn.com")
# The same for an account that does not enforce HTTP Auth on media URLs: a folder of a host that
# others use as well.
OPEN_FILE_HOST = "s3-external-1.amazonaws.com"
OPEN_FILES = "/media.twiliocdn.com/{account}/"
MOST_REDIRECTS = 3
REFUSED = 401
MEDIA = re.compile(r"/2010-04-01/Accounts/(AC\w+)/Messages/([SM]M\w+)/Media/(ME\w+)$")

# Twilio's statuses as steps of the outbox's ladder.
LADDER = {
    "accepted": "sending",
    "scheduled": "sending",
    "queued": "sending",
    "sending": "sending",
    "sent": "sent",
    "delivered": "delivered",
    "read": "delivered",
    "undelivered": "undelivered",
    "failed": "failed",
    "canceled": "failed",
}


class SwappedHost(TwilioHttpClient):  # type: ignore[misc]  # twilio ships no types
    """Twilio's HTTP client with another host, as its maintainers advise for a test double. A token
    that is not let in gives way to the next one, for while they are changed."""

    def __init__(self, base: str, timeout: float, tokens: Sequence[str]) -> None:
        super().__init__(timeout=timeout, pool_connections=True)
        self._base = urlsplit(base)
        # The one that was let in last comes first.
        self.tokens = list(tokens)

    def request(self, method: str, url: str, *args: Any, auth: Any, **more: Any) -> Any:
        asked = urlsplit(url)
        if asked.hostname not in HOSTS:
            raise ValueError("only Twilio's api is called")
        if self._base.hostname != REAL_HOST:
            asked = asked._replace(scheme=self._base.scheme, netloc=self._base.netloc)
        account, _ = auth
        for token in list(self.tokens):
            answer = super().request(
                method, urlunsplit(asked), *args, auth=(account, token), **more
            )
            if answer.status_code != REFUSED:
                self.let_in(token)
                break
        return answer

    def let_in(self, token: str) -> None:
        if token != self.tokens[0]:
            log.warning("token_refused", words="the next of TWILIO_AUTH_TOKEN is used from now on")
            self.tokens.sort(key=lambda one: one != token)


def twilio_client(settings: Settings) -> Client:
    """Twilio's client for our account; the first token that is let in signs our requests."""
    tokens = settings.twilio_tokens or ("",)
    return Client(
        settings.twilio_account_sid,
        tokens[0],
        http_client=SwappedHost(settings.twilio_api_base, settings.sms_timeout_seconds, tokens),
    )


class Twilio:
    """Twilio as a carrier."""

    name = "twilio"
    looks_up = True
    lists_what_came_in = True

    def __init__(self, settings: Settings) -> None:
        self.codes = load_codes(self.name)
        self._settings = settings
        self._client = twilio_client(settings)

    def sender_of(self, landlord: Landlord) -> str:
        return landlord.number

    def send(self, landlord: Landlord, *, text_id: int, to: str, body: str) -> Sent:
        sender = {"from_": landlord.number}
        if landlord.messaging_service:
            sender["messaging_service_sid"] = landlord.messaging_service
        callback = f"{self._settings.public_url}/sms/twilio/status?text={text_id}"
        try:
            message = self._client.messages.create(
                to=to, body=body, status_callback=callback, **sender
            )
        except TwilioRestException as refused:
            code = str(refused.code or refused.status)
            if refused.status >= 500:
                # A server error may come after the text was taken.
                return Sent("unknown", error=code)
            then = "retry" if refused.status in (401, 403, 429) else self.codes.of(code).then
            return Sent("retry" if then == "retry" else "refused", error=code)
        except ConnectTimeout:
            return Sent("retry", error="connect")
        except (RequestException, TwilioException) as trouble:
            # The connection broke, or the answer makes no sense: it may have been taken, or not.
            return Sent("unknown", error=type(trouble).__name__)
        return Sent(LADDER.get(str(message.status), "sending"), sid=message.sid)

    def look_up(
        self,
        landlord: Landlord,
        *,
        to: str,
        body: str,
        since: datetime,
        is_known: Callable[[str], bool],
    ) -> Sent | None:
        # No filter by date sent: a text that still waits at Twilio has none, and would be missed.
        for message in self._client.messages.list(to=to, limit=100):
            created = message.date_created
            if not created or created < since - CLOCKS_DIFFER or is_known(message.sid):
                continue
            if message.body == body and message.from_ in (landlord.number, None):
                return self._news(message)
        return None

    def status_of(self, sid: str) -> Sent | None:
        try:
            return self._news(self._client.messages(sid).fetch())
        except (TwilioException, RequestException):
            return None

    def came_in(
        self,
        landlord: Landlord,
        *,
        since: datetime,
        until: datetime,
        missing: Callable[[Sequence[str]], Collection[str]],
    ) -> Iterator[TextIn]:
        # Newest first, page after page: the oldest are on the last one.
        listed = self._client.messages.stream(
            to=landlord.number, date_sent_after=since, page_size=PAGE
        )
        found = [
            one
            for one in listed
            if one.direction == "inbound" and one.date_sent and one.date_sent < until
        ]
        wanted = missing([one.sid for one in found])
        for one in reversed(found):
            if one.sid in wanted:
                yield self._text_in(one)

    def _text_in(self, message: Any) -> TextIn:
        word = message.body.strip().upper()
        # What Twilio has acted on: a list does not say so, but these are its words.
        acted = word if word in ACTED_ON else ""
        media = message.media.list() if int(message.num_media or 0) else []
        return TextIn(
            provider=self.name,
            sid=message.sid,
            sender=message.from_,
            to=message.to,
            words=message.body,
            raw={"MessageSid": message.sid, "From": message.from_, "To": message.to},
            opt_out=opt_out_of(acted, message.body, self._settings),
            lifts_stop=lifts_stop(message.body, self._settings),
            media=tuple(
                (f"https://{REAL_HOST}{one.uri.removesuffix('.json')}", one.content_type)
                for one in media
            ),
            at=message.date_sent,
        )

    def redact(self, sid: str) -> bool:
        try:
            self._client.messages(sid).update(body="")
        except TwilioRestException as refused:
            return bool(refused.status == 404)
        except (TwilioException, RequestException):
            return False
        return True

    def fetch_media(self, url: str, *, most_bytes: int) -> bytes:
        # The address is put together anew from its ids: whatever host it names is never asked.
        address = self._media_address(url)
        account, tokens = self._settings.twilio_account_sid, list(self._client.http_client.tokens)
        credentials: tuple[str, str] | None = (account, tokens.pop(0))
        try:
            for _ in range(MOST_REDIRECTS + len(tokens)):
                with httpx.stream(
                    "GET",
                    address,
                    auth=credentials,
                    timeout=self._settings.sms_timeout_seconds,
                    trust_env=False,
                ) as answer:
                    if answer.is_redirect:
                        address, credentials = self._file_address(answer), None
                        continue
                    if answer.status_code == REFUSED and credentials and tokens:
                        credentials = (account, tokens.pop(0))
                        continue
                    if answer.status_code in (404, 410):
                        raise MediaNotThere("it is not at Twilio any more", ever=True)
                    if answer.is_error:
                        raise MediaNotThere(f"Twilio answered {answer.status_code}", ever=False)
                    return _read(answer, most_bytes)
        except httpx.HTTPError as trouble:
            raise MediaNotThere(type(trouble).__name__, ever=False) from trouble
        raise MediaNotThere("Twilio sends us from place to place", ever=False)

    def delete_media(self, url: str) -> bool:
        try:
            _, message_sid, media_sid = self._media_ids(url)
        except MediaNotThere:
            return True
        try:
            self._client.messages(message_sid).media(media_sid).delete()
        except TwilioRestException as refused:
            return bool(refused.status == 404)
        except (TwilioException, RequestException):
            return False
        return True

    def _media_ids(self, url: str) -> tuple[str, str, str]:
        found = MEDIA.search(urlsplit(url).path)
        if found is None or found[1] != self._settings.twilio_account_sid:
            raise MediaNotThere("its address is not one of our account's", ever=True)
        return found[1], found[2], found[3]

    def _media_address(self, url: str) -> str:
        account, message, media = self._media_ids(url)
        base = self._settings.twilio_api_base.rstrip("/")
        return f"{base}/2010-04-01/Accounts/{account}/Messages/{message}/Media/{media}"

    def _file_address(self, answer: httpx.Response) -> str:
        """Where Twilio sends us to. Raises MediaNotThere for a place that is not Twilio's own."""
        target = answer.url.join(answer.headers.get("location", ""))
        open_files = OPEN_FILES.format(account=self._settings.twilio_account_sid)
        is_open = target.host == OPEN_FILE_HOST and target.path.startswith(open_files)
        if target.scheme != "https" or not (is_open or target.host.endswith(FILE_HOSTS)):
            log.error("media_elsewhere", host=target.host)
            raise MediaNotThere("Twilio sent us on to a place that is not its own", ever=False)
        return str(target)

    def _news(self, message: Any) -> Sent:
        code = str(message.error_code) if message.error_code else None
        return Sent(LADDER.get(str(message.status), "sending"), sid=message.sid, error=code)


def _read(answer: httpx.Response, most_bytes: int) -> bytes:
    content = bytearray()
    for part in answer.iter_bytes():
        content += part
        if len(content) > most_bytes:
            break
    return bytes(content[: most_bytes + 1])
