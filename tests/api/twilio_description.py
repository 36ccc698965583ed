"""Twilio's own OpenAPI description of its API, to check real traffic against."""

import json
from pathlib import Path
from typing import Any

import pytest
import requests

SPECIFICATION = Path(__file__).parents[2].parent / "shared" / "twilio" / "twilio_api_v2010.json"
PARTS = ("/Messages", "/IncomingPhoneNumbers.json", "/Accounts/{Sid}.json")


class Description:
    """Raises openapi-core's OpenAPIError for a request or an answer that is not as described."""

    def __init__(self) -> None:
        from openapi_core import OpenAPI

        whole = json.loads(SPECIFICATION.read_text(encoding="utf-8"))
        whole["paths"] = {
            path: item
            for path, item in whole["paths"].items()
            if any(part in path for part in PARTS)
        }
        self._api = OpenAPI.from_dict(whole)

    def check(self, request: requests.PreparedRequest, response: requests.Response) -> None:
        from openapi_core.contrib.requests import RequestsOpenAPIRequest, RequestsOpenAPIResponse

        asked, answered = RequestsOpenAPIRequest(request), RequestsOpenAPIResponse(response)
        self._api.validate_request(asked)
        self._api.validate_response(asked, answered)


def load_description() -> Description:
    if not SPECIFICATION.exists():
        pytest.skip("Twilio's OpenAPI description is not beside this checkout")
    return Description()


def listen(http_client: Any, base: str) -> list[tuple[requests.PreparedRequest, requests.Response]]:
    """What a Twilio client's HTTP says from now on, with the simulator's address turned back."""
    seen: list[tuple[requests.PreparedRequest, requests.Response]] = []

    def keep(answer: requests.Response, **_: Any) -> None:
        answer.request.url = str(answer.request.url).replace(base, "https://api.twilio.com")
        seen.append((answer.request, answer))

    http_client.request_hooks = {"response": keep}
    return seen
