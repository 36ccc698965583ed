"""Whether Twilio's account is set up as the service needs it. Reads only; changes nothing."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import parse_qs, urldefrag

from requests.exceptions import RequestException
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.rest import Client

from api.channels.sms.twilio import twilio_client
from api.intake.rulebook import Landlord
from api.settings import Settings

COUNTRY = "GB"
SHOWN = 5
# Try again three times, whatever went wrong: by default Twilio tries once more, and only where it
# could not connect.
RETRIES = {"rc": ["3"], "rp": ["all"]}


@dataclass(frozen=True)
class Finding:
    """`state`: ok · differs (mend it) · look (the API does not show it; a person has to look)."""

    state: Literal["ok", "differs", "look"]
    about: str
    words: str

    def as_line(self) -> str:
        return f"{self.state:<8} {self.about}: {self.words}"


def check_account(settings: Settings, landlords: Iterable[Landlord]) -> Iterator[Finding]:
    """What is as it should be, and what is not, one finding each. Never raises."""
    client = twilio_client(settings)
    try:
        account = client.api.v2010.accounts(settings.twilio_account_sid).fetch()
    except (TwilioException, RequestException) as trouble:
        yield Finding("differs", "account", f"Twilio does not let us in: {_why(trouble)}")
        return
    if account.status == "active":
        yield Finding("ok", "account", "it is active")
    else:
        yield Finding("differs", "account", f"it is {account.status}; it must be active")
    if len(settings.twilio_tokens) > 1:
        yield Finding("look", "tokens", "two are accepted; take the old one away when it is over")
    yield from _countries(client)
    yield Finding(
        "look",
        "files",
        "the API does not say; Messaging > Settings > General: enforce HTTP Auth on media URLs, "
        "or whoever knows a file's address can see it",
    )
    services = _services(client)
    if isinstance(services, Finding):
        yield services
        services = {}
    for landlord in landlords:
        yield from _number(client, settings, landlord, services)


def _countries(client: Client) -> Iterator[Finding]:
    about = "countries"
    try:
        found = client.accounts.v1.messaging_geopermissions.fetch()
        allowed = {one["country_code"] for one in found.permissions if one["enabled"]}
    except (TwilioException, RequestException, TypeError, KeyError):
        yield Finding(
            "look", about, "the API does not say; Messaging > Geo permissions: only United Kingdom"
        )
        return
    if COUNTRY in allowed:
        yield Finding("ok", about, "texts to the United Kingdom are allowed")
    else:
        yield Finding("differs", about, "texts to the United Kingdom are not allowed")
    others = sorted(allowed - {COUNTRY})
    if others:
        shown = ", ".join(others[:SHOWN]) + (" and more" if len(others) > SHOWN else "")
        yield Finding("differs", about, f"texts to {shown} are allowed; none are sent there")


def _services(client: Client) -> dict[str, Any] | Finding:
    """The messaging service that each number is in."""
    try:
        return {
            number.phone_number: service
            for service in client.messaging.v1.services.list(limit=100)
            for number in client.messaging.v1.services(service.sid).phone_numbers.list(limit=400)
        }
    except (TwilioException, RequestException) as trouble:
        return Finding("look", "messaging services", f"they could not be read: {_why(trouble)}")


def _number(
    client: Client, settings: Settings, landlord: Landlord, services: dict[str, Any]
) -> Iterator[Finding]:
    about = f"{landlord.code} {landlord.number}"
    try:
        found = client.incoming_phone_numbers.list(phone_number=landlord.number, limit=20)
    except (TwilioException, RequestException) as trouble:
        yield Finding("differs", about, f"it could not be read: {_why(trouble)}")
        return
    number = next((one for one in found if one.phone_number == landlord.number), None)
    if number is None:
        yield Finding("differs", about, "the account has no such number")
        return
    if not (number.capabilities or {}).get("sms"):
        yield Finding("differs", about, "it cannot send or take texts")
    service = services.get(landlord.number)
    if landlord.messaging_service and (
        service is None or service.sid != landlord.messaging_service
    ):
        yield Finding(
            "differs", about, f"it is not in the messaging service {landlord.messaging_service}"
        )
    if service is None or service.use_inbound_webhook_on_number:
        yield from _webhooks(
            about,
            settings,
            {"inbound": number.sms_url, "fallback": number.sms_fallback_url},
            {"inbound": number.sms_method, "fallback": number.sms_fallback_method},
        )
    else:
        yield from _webhooks(
            f"{about}, service {service.friendly_name}",
            settings,
            {"inbound": service.inbound_request_url, "fallback": service.fallback_url},
            {"inbound": service.inbound_method, "fallback": service.fallback_method},
        )
        wanted = f"{settings.public_url}/sms/twilio/status"
        yield _same(f"{about}, status callback", service.status_callback, wanted)
    if service is not None and service.smart_encoding:
        yield Finding(
            "differs",
            f"{about}, smart encoding",
            "it is on, and changes words: a text of ours could not be found again by them",
        )
    yield _opt_out(about, settings, in_service=service is not None)


def _webhooks(
    about: str, settings: Settings, urls: dict[str, str | None], methods: dict[str, str | None]
) -> Iterator[Finding]:
    for name, url in urls.items():
        wanted = f"{settings.public_url}/sms/twilio/{name}"
        address, fragment = urldefrag(url or "")
        place = f"{about}, {name} webhook"
        if address != wanted:
            yield _same(place, url, f"{wanted}#rc=3&rp=all" if name == "inbound" else wanted)
        elif name == "inbound" and parse_qs(fragment) != RETRIES:
            yield Finding("differs", place, f"it must end in #rc=3&rp=all, and is {url}")
        elif (methods[name] or "POST").upper() != "POST":
            yield Finding("differs", place, f"its method is {methods[name]}; it must be POST")
        else:
            yield Finding("ok", place, str(url))


def _same(about: str, found: str | None, wanted: str) -> Finding:
    if urldefrag(found or "").url == urldefrag(wanted).url:
        return Finding("ok", about, wanted)
    return Finding("differs", about, f"it is {found or 'not set'}; it must be {wanted}")


def _opt_out(about: str, settings: Settings, *, in_service: bool) -> Finding:
    place = f"{about}, opt-out"
    if not in_service:
        if settings.twilio_opt_out == "default":
            return Finding("ok", place, "Twilio's own words, as TWILIO_OPT_OUT says")
        return Finding(
            "differs", place,
            "a number outside a messaging service has no Advanced Opt-Out: put it in one, or set "
            "TWILIO_OPT_OUT=default",
        )  # fmt: skip
    if settings.twilio_opt_out == "default":
        return Finding("look", place, "TWILIO_OPT_OUT is default: Advanced Opt-Out must be off")
    return Finding(
        "look", place, "the API does not say; Advanced Opt-Out must know STOP, HELP, START alone"
    )


def _why(trouble: Exception) -> str:
    if isinstance(trouble, TwilioRestException):
        return f"{trouble.status}, code {trouble.code}"
    return type(trouble).__name__
