"""Residents who write as fast as they are answered, at one side or the other."""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol
from uuid import uuid4

import httpx

from tests.bench.figures import Load

ANSWER_SECONDS = 60.0
HOLDING = "our assistant is busy"


class NoAnswer(Exception):
    """A side did not answer a turn as it should: no figure may be made of it."""


class Talk(Protocol):
    """A conversation held over HTTP."""

    async def open(self, client: httpx.AsyncClient) -> None: ...

    async def say(self, client: httpx.AsyncClient, text: str) -> str:
        """The side's words on it. Raises NoAnswer."""
        ...


@dataclass
class OurTalk:
    """By the public calls of the web chat."""

    url: str
    landlord: str = "places-for-people"
    conversation: str = ""
    token: str = ""

    async def open(self, client: httpx.AsyncClient) -> None:
        answer = await client.post(f"{self.url}/chat/{self.landlord}/conversations")
        if answer.status_code != 201:
            raise NoAnswer(f"{answer.status_code}: {answer.text[:300]}")
        opened = answer.json()
        self.conversation, self.token = opened["conversation"], opened["token"]

    async def say(self, client: httpx.AsyncClient, text: str) -> str:
        answer = await client.post(
            f"{self.url}/chat/conversations/{self.conversation}/messages",
            json={"client_message_id": uuid4().hex, "text": text},
            headers={"Authorization": f"Bearer {self.token}"},
        )
        replies = answer.json().get("messages") if answer.status_code == 200 else None
        if not replies:
            raise NoAnswer(f"{text!r}: {answer.status_code} {answer.text[:300]}")
        said = "\n".join(str(one["text"]) for one in replies)
        if HOLDING in said:
            raise NoAnswer(f"{text!r} was only held: {said}")
        return said


@dataclass
class StockTalk:
    """By the REST channel."""

    url: str
    sender: str = ""

    async def open(self, client: httpx.AsyncClient) -> None:
        self.sender = uuid4().hex

    async def say(self, client: httpx.AsyncClient, text: str) -> str:
        answer = await client.post(
            f"{self.url}/webhooks/rest/webhook", json={"sender": self.sender, "message": text}
        )
        replies = answer.json() if answer.status_code == 200 else None
        if not replies:
            raise NoAnswer(f"{text!r}: {answer.status_code} {answer.text[:300]}")
        return "\n".join(str(one.get("text")) for one in replies)


@dataclass
class Resident:
    """Goes through a script again and again, each time in a conversation of its own."""

    number: int
    make_talk: Callable[[], Talk]
    script: Callable[[int], Sequence[str]]
    talk: Talk | None = None
    left: Iterator[str] = field(default_factory=lambda: iter(()))
    finished: int = 0

    async def turn(self, client: httpx.AsyncClient) -> float:
        """Says the next thing; milliseconds until the answer is there."""
        text = next(self.left, None)
        if text is None:
            self.finished += self.talk is not None
            self.talk = self.make_talk()
            await self.talk.open(client)
            self.left = iter(self.script(self.number + 1000 * self.finished))
            text = next(self.left)
        assert self.talk
        began = time.perf_counter()
        await self.talk.say(client, text)
        return (time.perf_counter() - began) * 1000


def make_client(residents: int) -> httpx.AsyncClient:
    limits = httpx.Limits(max_connections=residents, max_keepalive_connections=residents)
    return httpx.AsyncClient(timeout=ANSWER_SECONDS, limits=limits, trust_env=False)


async def all_write(
    residents: Sequence[Resident], turns: int, processor: Callable[[], float]
) -> Load:
    """So many turns in all by residents who write at the same time. `processor`: the seconds of
    processor time that the side has used so far."""
    taken: list[float] = []
    begun = 0

    async def write(resident: Resident, client: httpx.AsyncClient) -> None:
        nonlocal begun
        while begun < turns:
            begun += 1
            taken.append(await resident.turn(client))

    async with make_client(len(residents)) as client:
        used, began = processor(), time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for resident in residents:
                group.create_task(write(resident, client))
        seconds, used = time.perf_counter() - began, processor() - used
    return Load(tuple(taken), seconds, used)
