"""Twilio's resources as JSON, and lists of them in pages.

Source: Twilio's own description of its API, https://github.com/twilio/twilio-oai
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from tests.phone import clock, numbers
from tests.phone.errors import UNDELIVERED, TwilioError
from tests.phone.settings import Landlord, Settings
from tests.phone.state import Medium, Message

_FILTERS = ("To", "From", "DateSent", "DateSent<", "DateSent>")


def message_json(settings: Settings, message: Message) -> dict[str, Any]:
    """A Message resource."""
    path = f"/2010-04-01/Accounts/{settings.account_sid}/Messages/{message.sid}"
    return {
        "account_sid": settings.account_sid,
        "api_version": "2010-04-01",
        "body": message.body,
        "date_created": clock.rfc_2822(message.created_at),
        "date_sent": clock.rfc_2822(_sent_at(message)),
        "date_updated": clock.rfc_2822(message.updated_at),
        "direction": message.direction,
        "error_code": message.error_code,
        "error_message": UNDELIVERED.get(message.error_code or 0),
        "from": message.sender,
        "messaging_service_sid": message.messaging_service_sid,
        "num_media": str(len(message.media)),
        # A messaging service has chosen no sender yet, so Twilio has not counted yet either.
        "num_segments": "0" if message.sender is None else str(message.segments),
        "price": None,
        "price_unit": "USD",
        "sid": message.sid,
        "status": message.status,
        "subresource_uris": {"media": f"{path}/Media.json"},
        "to": message.recipient,
        "uri": f"{path}.json",
    }


def _sent_at(message: Message) -> datetime | None:
    return message.created_at if message.direction == "inbound" else message.sent_at


def medium_json(settings: Settings, message: Message, medium: Medium) -> dict[str, Any]:
    """A Media resource."""
    path = f"/2010-04-01/Accounts/{settings.account_sid}/Messages/{message.sid}/Media"
    return {
        "account_sid": settings.account_sid,
        "content_type": medium.content_type,
        "date_created": clock.rfc_2822(medium.created_at),
        "date_updated": clock.rfc_2822(medium.created_at),
        "parent_sid": message.sid,
        "sid": medium.sid,
        "uri": f"{path}/{medium.sid}.json",
    }


def number_json(
    settings: Settings, landlord: Landlord, inbound_url: str, fallback_url: str | None
) -> dict[str, Any]:
    """The part of an IncomingPhoneNumber resource that concerns texts."""
    sid = "PN" + landlord.messaging_service_sid[2:]
    return {
        "account_sid": settings.account_sid,
        "api_version": "2010-04-01",
        "capabilities": {"voice": False, "sms": True, "mms": False, "fax": False},
        "friendly_name": landlord.name,
        "phone_number": landlord.number,
        "sid": sid,
        "sms_url": inbound_url,
        "sms_method": "POST",
        "sms_fallback_url": fallback_url or "",
        "sms_fallback_method": "POST",
        "status": "in-use",
        "uri": f"/2010-04-01/Accounts/{settings.account_sid}/IncomingPhoneNumbers/{sid}.json",
    }


def service_json(
    settings: Settings,
    landlord: Landlord,
    inbound_url: str,
    fallback_url: str | None,
    status_url: str,
    *,
    smart_encoding: bool,
) -> dict[str, Any]:
    """The part of a messaging Service resource (messaging.twilio.com, v1) that concerns texts."""
    return {
        "account_sid": settings.account_sid,
        "fallback_method": "POST",
        "fallback_url": fallback_url,
        "friendly_name": landlord.name,
        "inbound_method": "POST",
        "inbound_request_url": inbound_url,
        "sid": landlord.messaging_service_sid,
        "smart_encoding": smart_encoding,
        "status_callback": status_url,
        "sticky_sender": True,
        "use_inbound_webhook_on_number": False,
        "validity_period": 36000,
    }


def matching(messages: list[Message], query: Mapping[str, str]) -> list[Message]:
    """The messages that pass the filters To, From, DateSent, `DateSent<` and `DateSent>`.

    Newest first, as Twilio lists them. Raises TwilioError for a date that cannot be read.
    """
    tests: list[Callable[[Message], bool]] = []
    if query.get("To"):
        to = numbers.normalise(query["To"])
        tests.append(lambda message: message.recipient == to)
    if query.get("From"):
        sender = numbers.normalise(query["From"])
        tests.append(lambda message: message.sender == sender)
    for name in ("DateSent", "DateSent<", "DateSent>"):
        if query.get(name):
            tests.append(_date_test(name, query[name]))
    return [m for m in reversed(messages) if not m.deleted and all(test(m) for test in tests)]


def _date_test(name: str, text: str) -> Callable[[Message], bool]:
    try:
        wanted, whole_day = clock.parse_filter(text)
    except (ValueError, TypeError) as problem:
        raise TwilioError(20001, name) from problem

    def test(message: Message) -> bool:
        sent = _sent_at(message)
        if sent is None:
            return False
        if name == "DateSent":
            return sent.date() == wanted.date()
        # Resources give whole seconds, so a filter compares whole seconds.
        sent = sent.replace(microsecond=0)
        if whole_day:
            before, after = sent.date() <= wanted.date(), sent.date() >= wanted.date()
        else:
            before, after = sent <= wanted, sent >= wanted
        return before if name == "DateSent<" else after

    return test


def page_of(
    path: str, query: Mapping[str, str], key: str, rows: list[dict[str, Any]]
) -> dict[str, Any]:
    """One page of a list with Twilio's paging fields; `PageSize` is 50, at most 1000."""
    size = min(max(_whole(query, "PageSize", 50), 1), 1000)
    number = max(_whole(query, "Page", 0), 0)
    token = query.get("PageToken", "")
    start = number * size
    if token:
        # A token names the last row of the page before, so rows that come in between shift
        # nothing.
        sids = [row["sid"] for row in rows]
        start = sids.index(token[2:]) + 1 if token[2:] in sids else start
    shown = rows[start : start + size]

    def address(page: int, token: str | None = None) -> str:
        named = {name: query[name] for name in _FILTERS if query.get(name)}
        named |= {"PageSize": str(size), "Page": str(page)}
        return f"{path}?{urlencode(named | ({'PageToken': token} if token else {}))}"

    has_more = start + size < len(rows)
    return {
        key: shown,
        "start": start,
        "end": start + max(len(shown) - 1, 0),
        "page": number,
        "page_size": size,
        "first_page_uri": address(0),
        "next_page_uri": address(number + 1, f"PA{shown[-1]['sid']}") if has_more else None,
        "previous_page_uri": address(number - 1) if number else None,
        "uri": address(number, token),
    }


def _whole(query: Mapping[str, str], name: str, otherwise: int) -> int:
    value = query.get(name) or str(otherwise)
    if not value.isdigit():
        raise TwilioError(20001, name)
    return int(value)
