"""A simulated second provider: Vonage's SMS API on this machine. Nothing is sent to anybody.

Answers, receipts and signatures are written down here from Vonage's documentation, and
`tests/api/test_second_provider.py` shows that Vonage's own client reads and signs them so.
Source: https://developer.vonage.com/en/api/sms
"""

import asyncio
import hashlib
import hmac
import uuid
from base64 import b64encode
from dataclasses import dataclass, field
from typing import Any

import httpx
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from tests.phone import segments
from tests.phone.clock import now

WORDS = {
    "1": "Throttled",
    "4": "Invalid credentials",
    "5": "Internal error",
    "7": "Number barred",
    "9": "Partner quota violation",
    "15": "Invalid Sender Address",
    "29": "Non-Whitelisted Destination",
}


def sign(parameters: dict[str, Any], secret: str) -> str:
    """Vonage's signature: HMAC-SHA256 over `&name=value` in order of the names."""
    line = "".join(
        f"&{name}={str(value).replace('&', '_').replace('=', '_')}"
        for name, value in sorted(parameters.items())
        if name != "sig"
    )
    return hmac.new(secret.encode(), line.encode(), hashlib.sha256).hexdigest()


@dataclass
class Text:
    to: str
    sender: str
    body: str
    client_ref: str
    callback: str
    ids: list[str]


@dataclass
class SecondPhone:
    """`faults`: what becomes of the next requests: a code of WORDS, an HTTP status, `hang_before`
    or `hang_after`. `partly`: the last part of the next text is refused."""

    api_key: str
    api_secret: str
    secret: str  # of signatures
    faults: list[str] = field(default_factory=list)
    partly: bool = False
    texts: list[Text] = field(default_factory=list)
    hang_seconds: float = 6.0  # longer than anybody in the tests waits

    def app(self) -> FastAPI:
        found = FastAPI()
        found.add_api_route("/sms/json", self.take, methods=["POST"])
        return found

    async def take(self, request: Request) -> Response:
        form = {name: str(value) for name, value in (await request.form()).items()}
        fault = self.faults.pop(0) if self.faults else ""
        if fault in {"429", "500", "503"}:
            return Response(status_code=int(fault))
        if fault == "hang_before":
            await asyncio.sleep(self.hang_seconds)
            return Response(status_code=504)
        shown = b64encode(f"{self.api_key}:{self.api_secret}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {shown}":
            fault = "4"
        if fault in WORDS:
            refusal = {"status": fault, "error-text": WORDS[fault]}
            return JSONResponse({"message-count": "1", "messages": [refusal]})
        parts = segments.count(form["text"])
        text = Text(
            to=form["to"],
            sender=form["from"],
            body=form["text"],
            client_ref=form.get("client-ref", ""),
            callback=form.get("callback", ""),
            ids=[uuid.uuid4().hex[:16].upper() for _ in range(parts)],
        )
        self.texts.append(text)
        if fault == "hang_after":
            await asyncio.sleep(self.hang_seconds)
        messages: list[dict[str, str]] = [
            {
                "to": text.to, "message-id": one, "status": "0", "remaining-balance": "10.00",
                "message-price": "0.03330000", "network": "23410", "client-ref": text.client_ref,
            }
            for one in text.ids
        ]  # fmt: skip
        if self.partly:
            self.partly = False
            messages[-1] = {"status": "1", "error-text": WORDS["1"]}
        return JSONResponse({"message-count": str(parts), "messages": messages})

    def receipt(self, text: Text, status: str, code: str = "0", *, signed: bool = True) -> int:
        """Posts a delivery receipt for each part. Gives the last answer's status."""
        answered = 0
        for one in text.ids:
            parameters = {
                "msisdn": text.to, "to": text.sender, "network-code": "23410", "messageId": one,
                "price": "0.03330000", "status": status, "scts": "2606021130", "err-code": code,
                "api-key": self.api_key, "client-ref": text.client_ref,
                "message-timestamp": "2026-06-02 11:30:00",
            }  # fmt: skip
            answered = self._post(text.callback, parameters, signed=signed)
        return answered

    def write_in(self, url: str, sender: str, to: str, words: str, **more: Any) -> int:
        """Posts a text from a handset. Gives the answer's status."""
        parameters = {
            "msisdn": sender.lstrip("+"), "to": to.lstrip("+"),
            "messageId": more.pop("message_id", uuid.uuid4().hex[:16].upper()),
            "text": words, "type": "text", "keyword": words.split(" ")[0].upper(),
            "api-key": self.api_key, "message-timestamp": "2026-06-02 11:30:00",
        }  # fmt: skip
        return self._post(url, parameters, **more)

    def _post(
        self, url: str, parameters: dict[str, str], *, signed: bool = True, as_json: bool = False
    ) -> int:
        parameters |= {"timestamp": str(int(now().timestamp())), "nonce": uuid.uuid4().hex}
        parameters["sig"] = sign(parameters, self.secret if signed else "not the secret")
        body: dict[str, Any] = {"json": parameters} if as_json else {"data": parameters}
        return httpx.post(url, timeout=10, trust_env=False, **body).status_code
