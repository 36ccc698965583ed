"""Residents who go on writing whatever dies: each a thread with a phone or a browser."""

import random
import re
import threading
import time
from abc import ABC, abstractmethod
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx

from tests.journeys.devices import Chat
from tests.journeys.residents import details
from tests.journeys.service import NUMBERS, Service
from tests.people import Person

MATTERS = (
    "loud music at 2am most nights from the flat above",
    "people are dealing drugs on our stairs every night",
    "dog barking all day at number 4, every single day",
    "he is drilling and hammering doing diy at 3pm every day",
    "my neighbours washing machine is on every evening and it rumbles",
    "kids smashed the window of the bike shed last night",
    "the man at number 9 keeps shouting at me on the stairs",
)
ASIDES = (
    "what happens next?", "hello?", "is anyone there", "\N{THUMBS UP SIGN}", "who will see this?",
    "moje sasiedzi halasuja codziennie", "he has a knife and is outside my door", "thanks",
    "can i speak to a person", "its happened again",
)  # fmt: skip
HOLDING = "safe with us"


@dataclass
class Told:
    """What a resident sent. `key`: the provider's id of a text, ours of a chat message."""

    key: str
    words: str
    taken: bool


@dataclass
class Quota:
    """How many messages all residents together have sent, and may send by now."""

    stop: threading.Event = field(default_factory=threading.Event)
    sent: int = 0
    most: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self) -> None:
        with self.lock:
            self.sent += 1


class Resident(threading.Thread, ABC):
    """Answers what is asked, says other things between, and does not always wait."""

    client: httpx.Client

    def __init__(self, person: Person, landlord: str, seed: int, quota: Quota) -> None:
        super().__init__(daemon=True)
        self.person, self.landlord, self.quota = person, landlord, quota
        self.rng = random.Random(seed)
        self.told: list[Told] = []
        self.under_way: tuple[str, float] | None = None
        self.trouble: str | None = None

    def run(self) -> None:
        try:
            self.quota.stop.wait(self.rng.uniform(0, 4))
            while not self.quota.stop.wait(0.2):
                if self.quota.sent >= self.quota.most:
                    continue
                words = self.next_words(self.last_heard())
                before = len(self.heard())
                self.under_way = (words, time.monotonic())
                self.told.append(self.send(words))
                self.under_way = None
                self.quota.count()
                self._wait_for_more_than(before)
        except Exception as trouble:
            self.trouble = f"{type(trouble).__name__}: {trouble}"

    def next_words(self, heard: str) -> str:
        if self.told and self.rng.random() < 0.12:
            return self.rng.choice(ASIDES)
        if self.told and self.rng.random() < 0.04:
            return self.told[-1].words
        offered = re.findall(r"^(\d+)\b", heard, re.MULTILINE)
        if offered:
            return self.rng.choice(["1", "1", "1", self.rng.choice(offered)])
        answers = details(self.person)
        return next(
            (answer for part, answer in answers.items() if part.partition("\n")[0] in heard),
            self.rng.choice(MATTERS),
        )

    def _wait_for_more_than(self, before: int) -> None:
        # Some write again before there is an answer.
        patience = self.rng.choice([0.0, 5.0, 60.0, 60.0, 60.0])
        until = time.monotonic() + patience
        while time.monotonic() < until and not self.quota.stop.is_set():
            heard = self.heard()
            if len(heard) > before and HOLDING not in heard[-1]:
                break
            self.quota.stop.wait(0.6)
        self.quota.stop.wait(self.rng.uniform(0.1, 1.5))

    @abstractmethod
    def send(self, words: str) -> Told: ...

    @abstractmethod
    def heard(self) -> list[str]: ...

    def last_heard(self) -> str:
        heard = self.heard()
        return heard[-1] if heard else ""


class Texter(Resident):
    """By phone. The network tries the service again as Twilio does, and then gives up."""

    def __init__(self, service: Service, *rest: Any) -> None:
        super().__init__(*rest)
        address = f"{service.phone_url}/_handset/{self.person.number}"
        self.client = httpx.Client(base_url=address, timeout=120, trust_env=False)

    def send(self, words: str) -> Told:
        answer = self.client.post("/texts", json={"to": NUMBERS[self.landlord], "body": words})
        sent = answer.raise_for_status().json()
        return Told(sent["sid"], words, sent["webhook_status"] == 204)

    def heard(self) -> list[str]:
        texts = self.client.get("/texts", params={"with": NUMBERS[self.landlord]}).json()
        return [one["body"] for one in texts if one["direction"] == "received"]


class Chatter(Resident):
    """In a browser, which posts the same message with the same id until it is taken."""

    def __init__(self, service: Service, *rest: Any) -> None:
        super().__init__(*rest)
        self.chat = Chat(service, self.landlord).open()
        address = f"{service.url}/chat/conversations/{self.chat.conversation}"
        key = {"Authorization": f"Bearer {self.chat.token}"}
        self.client = httpx.Client(base_url=address, headers=key, timeout=30, trust_env=False)
        self._heard: list[str] = []

    def send(self, words: str) -> Told:
        body = {"client_message_id": uuid4().hex, "text": words}
        for _ in range(240):
            with suppress(httpx.HTTPError):
                answer = self.client.post("/messages", json=body)
                if answer.status_code in (200, 202):
                    # A page that never saw the answer posts once more.
                    if self.rng.random() < 0.15:
                        self.client.post("/messages", json=body)
                    return Told(body["client_message_id"], words, taken=True)
                if answer.status_code not in (429, 500, 503):
                    raise AssertionError(f"{answer.status_code} to {words!r}: {answer.text}")
            time.sleep(0.5)
        return Told(body["client_message_id"], words, taken=False)

    def heard(self) -> list[str]:
        with suppress(httpx.HTTPError):
            messages = self.client.get("/messages").raise_for_status().json()["messages"]
            self._heard = [_with_choices(one) for one in messages if one["from"] == "assistant"]
        return self._heard


def _with_choices(message: dict[str, Any]) -> str:
    lines = [f"{n} {one['label']}" for n, one in enumerate(message["choices"], 1)]
    return "\n".join([message["text"], *lines])
