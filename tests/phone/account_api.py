"""Twilio's REST API: what is set up in the account, for reading.

GeoPermissions and the lists of messaging services are answered as `twilio-python` reads them.
"""

from typing import Any

from fastapi import APIRouter, Depends, Request

from tests.phone.errors import TwilioError
from tests.phone.resources import number_json, page_of, service_json
from tests.phone.settings import Landlord
from tests.phone.twilio_api import Line, let_in

# A few of the world's.
COUNTRIES = ("FR", "GB", "IE", "US")

router = APIRouter(dependencies=[Depends(let_in)])


@router.get("/2010-04-01/Accounts/{account}.json")
def fetch_account(exchange: Line) -> dict[str, Any]:
    """The account."""
    settings, control = exchange.settings, exchange.state.control
    return {
        "sid": settings.account_sid,
        "friendly_name": "Simulated account",
        "status": control.account_status,
        "type": "Full",
        "owner_account_sid": settings.account_sid,
        "uri": f"/2010-04-01/Accounts/{settings.account_sid}.json",
    }


@router.get("/2010-04-01/Accounts/{account}/IncomingPhoneNumbers.json")
def list_numbers(request: Request, exchange: Line) -> dict[str, Any]:
    """The landlords' numbers and where each sends its webhooks."""
    settings, control = exchange.settings, exchange.state.control
    wanted = request.query_params.get("PhoneNumber", "")
    rows = [
        number_json(settings, landlord, control.inbound_url, control.fallback_url)
        for landlord in settings.landlords
        if wanted in landlord.number
    ]
    return page_of(request.url.path, request.query_params, "incoming_phone_numbers", rows)


def _service(exchange: Line, landlord: Landlord) -> dict[str, Any]:
    control = exchange.state.control
    return service_json(
        exchange.settings,
        landlord,
        control.inbound_url,
        control.fallback_url,
        control.status_url,
        smart_encoding=control.smart_encoding,
    )


@router.get("/v1/Services")
def list_services(request: Request, exchange: Line) -> dict[str, Any]:
    """The messaging services, as messaging.twilio.com answers; none where numbers stand alone."""
    rows = [
        _service(exchange, landlord)
        for landlord in exchange.settings.landlords
        if exchange.state.control.services
    ]
    return _meta_page(request, "services", rows)


@router.get("/v1/Services/{sid}")
def fetch_service(sid: str, request: Request, exchange: Line) -> dict[str, Any]:
    """A messaging service, as messaging.twilio.com answers."""
    landlord = exchange.settings.by_service(sid)
    if landlord is None:
        raise TwilioError(20404, request.url.path)
    return _service(exchange, landlord)


@router.get("/v1/Services/{sid}/PhoneNumbers")
def list_numbers_of_service(sid: str, request: Request, exchange: Line) -> dict[str, Any]:
    """The numbers in a messaging service."""
    landlord = exchange.settings.by_service(sid)
    if landlord is None:
        raise TwilioError(20404, request.url.path)
    row = {
        "sid": "PN" + sid[2:],
        "account_sid": exchange.settings.account_sid,
        "service_sid": sid,
        "phone_number": landlord.number,
        "country_code": "GB",
        "capabilities": ["SMS"],
    }
    return _meta_page(request, "phone_numbers", [row])


@router.get("/v1/Messaging/GeoPermissions")
def list_countries(request: Request, exchange: Line) -> dict[str, Any]:
    """Whether texts to each country, or to one, are allowed, as accounts.twilio.com answers."""
    allowed = exchange.state.control.countries
    wanted = request.query_params.get("CountryCode")
    codes = [wanted] if wanted else sorted({*COUNTRIES, *allowed})
    return {
        "permissions": [
            {"country_code": code, "type": "country", "enabled": code in allowed} for code in codes
        ]
    }


def _meta_page(request: Request, key: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """One page, as the newer of Twilio's APIs write it."""
    meta = {"key": key, "page": 0, "page_size": 50, "url": str(request.url), "next_page_url": None}
    return {key: rows, "meta": meta}
