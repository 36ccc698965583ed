"""A product that keeps what it is told, and the simulated phone beside it."""

import re
import socket
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import requests
import uvicorn
from fastapi import FastAPI, Request, Response
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from tests.phone.settings import read_landlords

ACCOUNT, TOKEN, OLD_TOKEN = "AC" + "0a" * 16, "the token", "the token before"


VIVID, NACRO, RESIDENT = "+447700900102", "+447700900104", "+447700900201"


class Product:
    """What the product would be: takes webhooks, keeps them, answers as the test says."""

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []
        self.answers: deque[Response] = deque()
        self.app = FastAPI()
        self.app.add_api_route("/{path:path}", self.take, methods=["POST"])
        self.url = ""

    async def take(self, request: Request) -> Response:
        form = await request.form()
        self.calls.append(
            {
                "path": request.url.path,
                "headers": dict(request.headers),
                "form": dict(form),
                "signed": RequestValidator(TOKEN).validate(
                    self.url + request.url.path,
                    form,
                    request.headers.get("X-Twilio-Signature", ""),
                ),
            }
        )
        return self.answers.popleft() if self.answers else Response(status_code=204)

    def took(self, path: str) -> list[dict[str, Any]]:
        return [call for call in self.calls if call["path"] == path]

    def statuses(self, sid: str) -> list[str]:
        calls = self.took("/sms/twilio/status")
        return [c["form"]["MessageStatus"] for c in calls if c["form"]["MessageSid"] == sid]


class Loopback(TwilioHttpClient):
    """The real client's HTTP, with Twilio's host swapped for the simulator's."""

    def __init__(self, base: str, timeout: float = 5) -> None:
        super().__init__(timeout=timeout)
        self.base = base
        self.seen: list[tuple[requests.PreparedRequest, requests.Response]] = []

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        original = url

        def keep(answer: requests.Response, **_: Any) -> None:
            answer.request.url = answer.request.url.replace(self.base, "https://api.twilio.com")
            self.seen.append((answer.request, answer))

        self.request_hooks = {"response": keep}
        swapped = re.sub(r"^https://(api|messaging)\.twilio\.com", self.base, original)
        assert swapped != original, f"not an address of Twilio's: {original}"
        return super().request(method, swapped, *args, **kwargs)


class Phone:
    """The simulator as a test uses it."""

    def __init__(self, url: str) -> None:
        self.http = httpx.Client(base_url=url, timeout=10, trust_env=False)
        self.wire = Loopback(url)
        self.twilio = Client(ACCOUNT, TOKEN, http_client=self.wire)

    def control(self, **fields: Any) -> None:
        self.http.post("/_control", json=fields).raise_for_status()

    def text(self, body: str, to: str = VIVID, **more: Any) -> dict[str, Any]:
        answer = self.http.post(
            f"/_handset/{RESIDENT}/texts", json={"to": to, "body": body, **more}
        )
        assert answer.status_code == 201, answer.text
        return answer.json()

    def texts(self, number: str = RESIDENT, **query: Any) -> list[dict[str, Any]]:
        return self.http.get(f"/_handset/{number}/texts", params=query).json()

    def bodies(self, number: str = RESIDENT) -> list[str]:
        return [t["body"] for t in self.texts(number) if t["direction"] == "received"]

    def send(self, to: str = RESIDENT, body: str = "Hello", **more: Any) -> Any:
        sender = {} if "messaging_service_sid" in more else {"from_": VIVID}
        return self.twilio.messages.create(to=to, body=body, **{**sender, **more})

    def refused(self, **more: Any) -> TwilioRestException:
        with pytest.raises(TwilioRestException) as caught:
            self.send(**more)
        return caught.value

    def settle(self) -> None:
        assert self.http.post("/_settle").json() == {"settled": True}


@contextmanager
def served(app: FastAPI, listening: socket.socket) -> Iterator[None]:
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", ws="none"))
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(timeout=10)


LANDLORDS = read_landlords(Path("no-such-file.toml"))
