"""What the providers' webhooks may hold, and their signatures: for tests that send anything."""

from typing import Any
from urllib.parse import parse_qsl, urlencode

from requests import PreparedRequest
from requests.auth import AuthBase
from starlette.datastructures import FormData
from twilio.request_validator import RequestValidator

from api.channels.sms import vonage
from api.channels.sms.twilio import LADDER
from tests.journeys.service import NUMBERS
from tests.people import ALICE, BOB
from tests.second_phone import sign

PUBLIC_URL = "http://doorstep.example"
TWILIO_TOKEN, VONAGE_SECRET = "a" * 32, "a signature secret of tests"
KNIFE = "he is outside my door with a knife"
# What a webhook's form may hold. It is the providers' to describe, not ours.
ANYTHING = {"type": "string"}
TEXT_IDS = ("1", "0", "-1", "99999999999999999999", "²", "")
TWILIO_FORM: dict[str, Any] = {
    "MessageSid": {"type": "string", "pattern": "^SM[0-9a-f]{32}$"},
    "From": {"enum": [ALICE.number, BOB.number, "+12025550123", "60777", "VIVID", ""]},
    "To": {"enum": [NUMBERS["vivid"], NUMBERS["nacro"], "+12025550123"]},
    "Body": {"anyOf": [{"enum": ["STOP", "YES", "stop texting me", KNIFE]}, ANYTHING]},
    "NumMedia": {"enum": ["0", "1", "10", "99999999999999999999", "-1", "²", ""]},
    "MediaUrl0": {"enum": ["https://api.twilio.com/file", "file:///etc", "//", ""]},
    "MediaContentType0": ANYTHING,
    "OptOutType": {"enum": ["STOP", "START", "HELP", "NO"]},
    "MessageStatus": {"enum": [*LADDER, "lost"]},
    "ErrorCode": {"enum": ["30003", "30007", "21610", "none", ""]},
}
VONAGE_FORM: dict[str, Any] = {
    "messageId": {"type": "string", "pattern": "^[0-9A-F]{16}$"},
    "msisdn": {"enum": [ALICE.number.lstrip("+"), BOB.number.lstrip("+"), "1", ""]},
    "to": {"enum": [NUMBERS["vivid"].lstrip("+"), "12025550123", ""]},
    "text": TWILIO_FORM["Body"],
    "status": {"enum": [*vonage.LADDER, "lost"]},
    "err-code": {"enum": ["0", "1", "99", ""]},
    "client-ref": {"enum": ["1", "0", "-1", "99999999999999999999", "²", ""]},
}


def with_forms(description: dict[str, Any]) -> dict[str, Any]:
    """The description, and what the providers say of their webhooks."""
    for path, calls in description["paths"].items():
        form = {"/sms/twilio": TWILIO_FORM, "/sms/vonage": VONAGE_FORM}.get(path.rpartition("/")[0])
        if form:
            schema = {
                "type": "object",
                "properties": form,
                "required": [*form][:4],
                "additionalProperties": ANYTHING,
            }
            content = {"application/x-www-form-urlencoded": {"schema": schema}}
            calls["post"]["requestBody"] = {"required": True, "content": content}
    return description


class Signed(AuthBase):
    """Signs whatever goes out as the provider does that a webhook belongs to."""

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        body = request.body or b""
        said = body if isinstance(body, str) else body.decode()
        pairs = parse_qsl(said, keep_blank_values=True)
        path = request.path_url
        if path.startswith("/sms/vonage"):
            given = {**dict(pairs), "timestamp": "1780390000"}
            pairs = list({**given, "sig": sign(given, VONAGE_SECRET)}.items())
        else:
            request.headers["X-Twilio-Signature"] = RequestValidator(
                TWILIO_TOKEN
            ).compute_signature(PUBLIC_URL + path, FormData(pairs))
        request.headers["Content-Type"] = "application/x-www-form-urlencoded"
        request.prepare_body(urlencode(pairs).encode(), None)
        request.headers["Content-Length"] = str(len(request.body or b""))
        return request
