"""A resident's phone and a resident's browser, as a journey uses them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx

from api.policies import gsm7
from tests.journeys.records import Records
from tests.journeys.service import NUMBERS, REPLY_SECONDS, Service, wait_for
from tests.people import ALICE, Person

# One turn is one text, of so many parts at most.
MOST_SEGMENTS = 2


@dataclass
class Talk:
    """A conversation held from outside; `heard` are the assistant's words in order."""

    service: Service
    landlord: str
    heard: list[str] = field(default_factory=list)
    records: Records = field(init=False)

    def __post_init__(self) -> None:
        self.records = Records(self.service.database)

    def say(self, text: str) -> str:
        """Says something and gives what came back on it, as one string."""
        raise NotImplementedError

    def answer_until(self, stop: str, answers: Mapping[str, str], most: int = 40) -> str:
        """Answers each question by a part of its words, until one holds `stop`."""
        last = self.heard[-1]
        for _ in range(most):
            if stop in last:
                return last
            reply = next((text for part, text in answers.items() if part in last), None)
            assert reply is not None, f"no answer at hand to: {last!r}"
            last = self.say(reply)
        raise AssertionError(f"never came to {stop!r}; last: {last!r}")


@dataclass
class Phone(Talk):
    """A resident's phone, on the simulator."""

    person: Person = ALICE
    read: int = 0

    @property
    def number(self) -> str:
        return self.person.number

    def texts(self) -> list[dict[str, Any]]:
        """What stands on the phone from the landlord, in order."""
        answer = httpx.get(
            f"{self.service.phone_url}/_handset/{self.number}/texts",
            params={"with": NUMBERS[self.landlord]},
        )
        answer.raise_for_status()
        found = answer.json()
        found = found["texts"] if isinstance(found, dict) else found
        return [text for text in found if text["from"] == NUMBERS[self.landlord]]

    def send(self, text: str) -> dict[str, Any]:
        answer = httpx.post(
            f"{self.service.phone_url}/_handset/{self.number}/texts",
            json={"to": NUMBERS[self.landlord], "body": text},
            timeout=20,
        )
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    def put(self, text: str) -> None:
        """Sends a text and waits until its turn is done and all that it set off has arrived."""
        sid = str(self.send(text)["sid"])
        wait_for(lambda: self._answered(sid), REPLY_SECONDS, f"a reply to {text!r}")

    def _answered(self, sid: str) -> bool:
        conversation = self.records.conversation_with(sid)
        return (
            conversation is not None
            and self.records.turn_done(conversation, held=self.service.is_short)
            and self.records.all_arrived(self.landlord, self.number)
        )

    def settle(self) -> None:
        """Waits until nothing is on its way to this phone."""
        wait_for(
            lambda: self.records.all_arrived(self.landlord, self.person.number),
            REPLY_SECONDS,
            "all texts arrive",
        )

    def news(self) -> list[str]:
        bodies = self.texts_heard()
        fresh = bodies[self.read :]
        long = [body for body in fresh if gsm7.segments(body) > MOST_SEGMENTS]
        assert not long, f"a text of more than {MOST_SEGMENTS} parts: {long}"
        self.read, self.heard = len(bodies), [*self.heard, *fresh]
        return fresh

    def texts_heard(self) -> list[str]:
        return [one["body"] for one in self.texts()]

    def say(self, text: str) -> str:
        self.read = len(self.texts())
        self.put(text)
        fresh = self.news()
        assert fresh, f"no reply to {text!r}"
        return "\n".join(fresh)


@dataclass
class Chat(Talk):
    """A resident's browser, over the chat's JSON calls."""

    conversation: str = ""
    token: str = ""
    read: int = 0

    def open(self) -> "Chat":
        answer = httpx.post(f"{self.service.url}/chat/{self.landlord}/conversations", timeout=20)
        assert answer.status_code == 201, answer.text
        opened = answer.json()
        self.conversation, self.token = opened["conversation"], opened["token"]
        self.heard += [message["text"] for message in opened["messages"]]
        return self

    def post(self, text: str, client_message_id: str | None = None) -> httpx.Response:
        return httpx.post(
            f"{self.service.url}/chat/conversations/{self.conversation}/messages",
            json={"client_message_id": client_message_id or uuid4().hex, "text": text},
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=30,
        )

    def messages(self) -> list[dict[str, Any]]:
        answer = httpx.get(
            f"{self.service.url}/chat/conversations/{self.conversation}/messages",
            headers={"Authorization": f"Bearer {self.token}"},
        )
        answer.raise_for_status()
        found: list[dict[str, Any]] = answer.json()["messages"]
        return found

    def say(self, text: str) -> str:
        answer = self.post(text)
        assert answer.status_code == 200, answer.text
        fresh = [message["text"] for message in answer.json()["messages"]]
        self.heard += fresh
        return "\n".join(fresh)

    def put(self, text: str) -> None:
        """Says something and waits until its turn is done."""
        answer = self.post(text)
        assert answer.status_code in (200, 202), answer.text
        wait_for(
            lambda: self.records.turn_done(self.conversation, held=self.service.is_short),
            REPLY_SECONDS,
            f"a reply to {text!r}",
        )

    def _is_closed(self) -> bool:
        answer = httpx.get(
            f"{self.service.url}/chat/conversations/{self.conversation}/messages",
            headers={"Authorization": f"Bearer {self.token}"},
        )
        return answer.status_code == 401

    def settle(self) -> None:
        """What is said in a chat stands there at once."""

    def news(self) -> list[str]:
        """What others wrote since the last time, with the choices as numbered lines. A chat that
        was left for long is closed on the device, and shows nothing more."""
        if self._is_closed():
            return []
        fresh = [one for one in self.messages() if one["id"] > self.read]
        self.read = max([self.read, *(one["id"] for one in fresh)])
        said = [_with_choices(one) for one in fresh if one["from"] != "resident"]
        self.heard += said
        return said


def _with_choices(message: Mapping[str, Any]) -> str:
    lines = [f"{at} {one['label']}" for at, one in enumerate(message["choices"], 1)]
    return "\n".join([message["text"], *lines])
