"""The only file that calls Rasa. A turn either comes back whole or has not happened."""

import hashlib
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import httpx

# Rasa is given this much of a message; all of it is kept.
MOST_CHARACTERS = 2000
KIND = "report_"
READ_AT_ONCE = 8


class BotUnavailable(Exception):
    """The bot or what it needs did not answer: the message waits and is taken up again."""


@dataclass(frozen=True)
class Turn:
    """The bot's answer to one message: what to say, and the facts told so far."""

    said: tuple[Mapping[str, Any], ...]
    slots: Mapping[str, Any]
    active_loop: str | None
    requested_slot: str | None
    intent: Mapping[str, Any]
    ranking: tuple[Mapping[str, Any], ...]
    entities: tuple[Mapping[str, Any], ...] = ()


def ranked_kinds(read: Mapping[str, Any]) -> list[tuple[str, float]]:
    """(category, confidence) of what the model read, best first."""
    return [
        (one["name"].removeprefix(KIND), float(one["confidence"]))
        for one in read.get("ranking", ())
        if one["name"].startswith(KIND)
    ]


def likely_kinds(read: Mapping[str, Any]) -> list[str]:
    """The categories that the model read, best first."""
    return [category for category, _ in ranked_kinds(read)]


class Bots:
    """One or more bots; a conversation always meets the same one, so that no lock is shared."""

    def __init__(self, urls: Sequence[str], secret: str, timeout_seconds: float) -> None:
        self.urls = tuple(urls)
        self._client = httpx.Client(
            headers={"X-Doorstep-Secret": secret},
            timeout=httpx.Timeout(timeout_seconds, connect=2.0),
            limits=httpx.Limits(max_keepalive_connections=32),
        )
        self._readers = ThreadPoolExecutor(READ_AT_ONCE, thread_name_prefix="reader")

    def take_turn(
        self, *, sender: str, message_id: str, text: str, metadata: Mapping[str, Any]
    ) -> Turn:
        """Raises BotUnavailable on anything but a whole answer; an empty one is a failure."""
        answer = self._post(
            sender,
            "turn",
            {
                "conversation": sender,
                "message_id": message_id,
                "text": text[:MOST_CHARACTERS],
                "metadata": dict(metadata),
            },
        )
        if not answer.get("messages"):
            raise BotUnavailable("the bot had nothing to say")
        return Turn(
            said=tuple(answer["messages"]),
            slots=answer.get("slots") or {},
            active_loop=answer.get("active_loop"),
            requested_slot=answer.get("requested_slot"),
            intent=answer.get("intent") or {},
            ranking=tuple(answer.get("ranking") or ()),
            entities=tuple(answer.get("entities") or ()),
        )

    def read(self, text: str, sender: str = "") -> Mapping[str, Any]:
        """What the model reads in some words, outside any conversation: `ranking` (kinds and
        talk), `entities`, `danger` (label -> probability). Raises BotUnavailable.

        With `sender`, by the bot of that conversation, which then remembers the words' meaning
        for the turn.
        """
        return self._post(sender or text, "parse", {"text": text[:MOST_CHARACTERS]})

    def start_reading(self, text: str, sender: str) -> Future[Mapping[str, Any]]:
        """`read`, while the caller goes on."""
        return self._readers.submit(self.read, text, sender)

    def url_of(self, sender: str) -> str:
        """The bot that a sender always meets."""
        digest = hashlib.sha256(sender.encode()).digest()
        return self.urls[int.from_bytes(digest[:4], "big") % len(self.urls)]

    def missing(self) -> list[str]:
        """What keeps the bots from answering; empty when all is well."""
        wrong: list[str] = []
        for url in self.urls:
            try:
                answer = self._client.get(f"{url}/webhooks/doorstep/ready", timeout=5.0)
                if answer.status_code != 200:
                    wrong += answer.json().get("missing", ["bot"])
            except (httpx.HTTPError, ValueError):
                wrong.append("model")
        return wrong

    def close(self) -> None:
        self._readers.shutdown(wait=False, cancel_futures=True)
        self._client.close()

    def _post(self, key: str, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        try:
            answer = self._client.post(f"{self.url_of(key)}/webhooks/doorstep/{path}", json=body)
            answer.raise_for_status()
            found = answer.json()
        except (httpx.HTTPError, ValueError) as trouble:
            raise BotUnavailable(f"{type(trouble).__name__} from the bot") from trouble
        if not isinstance(found, dict):
            raise BotUnavailable("the bot's answer is not an object")
        return found
