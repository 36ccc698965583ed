"""What the network remembers: messages, blocks and webhook calls, in memory."""

import threading
import uuid
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from tests.phone import clock
from tests.phone.control import Control

FINAL = frozenset({"delivered", "undelivered", "failed", "received", "canceled", "read"})


def new_sid(prefix: str) -> str:
    """A Twilio identifier: two letters and 32 hex digits, never the same twice."""
    return prefix + uuid.uuid4().hex


@dataclass
class Medium:
    """A picture or recording of a message, kept until it is deleted."""

    content_type: str
    content: bytes
    sid: str = field(default_factory=lambda: new_sid("ME"))
    created_at: datetime = field(default_factory=clock.now)


@dataclass
class Message:
    """A message as Twilio holds it, and the text as the handset shows it.

    `body` may be redacted and the message deleted at Twilio; `words` stay on the handset.
    `ladder` are the statuses after queued, `failure_code` the error it ends with where it fails.
    `arrival` counts the texts in the order they got onto handsets; None for one that is not there.
    `behind` is the text to the same handset that is delivered before this one.
    """

    direction: Literal["inbound", "outbound-api", "outbound-reply"]
    sender: str | None
    recipient: str
    body: str
    status: str
    handset: str
    landlord: str
    sid: str = field(default_factory=lambda: new_sid("SM"))
    segments: int = 1
    media: list[Medium] = field(default_factory=list)
    messaging_service_sid: str | None = None
    status_callback: str | None = None
    error_code: int | None = None
    webhook_status: int | None = None
    ladder: tuple[str, ...] = ("sent", "delivered")
    failure_code: int | None = None
    arrival: int | None = None
    behind: "Message | None" = field(default=None, repr=False)
    deleted: bool = False
    words: str = ""
    created_at: datetime = field(default_factory=clock.now)
    updated_at: datetime = field(default_factory=clock.now)
    sent_at: datetime | None = None

    def __post_init__(self) -> None:
        self.words = self.body

    @property
    def final(self) -> bool:
        """Whether the status can change no more."""
        return self.status in FINAL

    def medium(self, sid: str) -> Medium | None:
        """The medium with this SID; None where it is not (or no longer) there."""
        return next((medium for medium in self.media if medium.sid == sid), None)


@dataclass(frozen=True)
class WebhookCall:
    """One attempt at a webhook and what came of it. `status` is None where nothing answered."""

    kind: Literal["inbound", "status", "fallback"]
    sid: str
    url: str
    parameters: tuple[tuple[str, str], ...]
    attempt: int
    idempotency_token: str | None
    status: int | None
    error: str | None
    content_type: str
    answer: str
    at: datetime

    def parameter(self, name: str) -> str | None:
        """The first value of a parameter; None where it was not sent."""
        return next((value for key, value in self.parameters if key == name), None)


class State:
    """One run of the network, from a reset to the next. Every method is safe from any thread."""

    def __init__(self, control: Control) -> None:
        self.changed = threading.Condition(threading.RLock())
        self.closed = threading.Event()
        self.control = control
        self.attempts: Counter[str] = Counter()
        self._messages: dict[str, Message] = {}
        self._blocks: set[tuple[str, str]] = set()
        self._calls: list[WebhookCall] = []
        self._running = 0
        self._arrivals = 0
        self._last: dict[tuple[str, str], Message] = {}

    def add(self, message: Message) -> Message:
        """Keeps a message."""
        with self.changed:
            self._messages[message.sid] = message
            if message.direction == "inbound":
                message.arrival = self._next_arrival()
            else:
                way = (message.handset, message.landlord)
                message.behind, self._last[way] = self._last.get(way), message
            self.changed.notify_all()
        return message

    def move(self, message: Message, status: str, error_code: int | None = None) -> None:
        """Sets a message's status; a delivered one is on the handset from here on."""
        with self.changed:
            message.status = status
            message.error_code = error_code
            message.updated_at = clock.now()
            if status == "sent":
                message.sent_at = message.updated_at
            if status == "delivered" and message.arrival is None:
                message.arrival = self._next_arrival()
            self.changed.notify_all()

    def await_turn(self, message: Message, seconds: float) -> None:
        """Waits until the text before this one is delivered, or cannot be any more."""
        before = message.behind
        if before is None or "delivered" not in before.ladder:
            return
        with self.changed:
            self.changed.wait_for(lambda: before.final or self.closed.is_set(), timeout=seconds)

    def _next_arrival(self) -> int:
        self._arrivals += 1
        return self._arrivals

    def messages(self) -> list[Message]:
        """Every message, deleted ones too, oldest first."""
        with self.changed:
            return list(self._messages.values())

    def message(self, sid: str) -> Message | None:
        """A message that Twilio still holds; None for an unknown or deleted one."""
        with self.changed:
            message = self._messages.get(sid)
        return None if message is None or message.deleted else message

    def conversation(self, handset: str, landlord: str | None = None) -> list[Message]:
        """The messages of one handset, with one landlord's number or with all, oldest first."""
        return [
            message
            for message in self.messages()
            if message.handset == handset and landlord in (None, message.landlord)
        ]

    def block(self, handset: str, landlord: str) -> bool:
        """Stops texts from a number to a handset; True where they were not stopped before."""
        with self.changed:
            before = len(self._blocks)
            self._blocks.add((handset, landlord))
            return len(self._blocks) > before

    def unblock(self, handset: str, landlord: str) -> bool:
        """Lets texts through again; True where they were stopped before."""
        with self.changed:
            was_blocked = (handset, landlord) in self._blocks
            self._blocks.discard((handset, landlord))
            return was_blocked

    def blocked(self, handset: str, landlord: str) -> bool:
        """Whether the handset has opted out of this number's texts."""
        with self.changed:
            return (handset, landlord) in self._blocks

    def blocks(self) -> list[tuple[str, str]]:
        """Every (handset, landlord's number) that is opted out."""
        with self.changed:
            return sorted(self._blocks)

    def record(self, call: WebhookCall) -> None:
        """Keeps what came of a webhook."""
        with self.changed:
            self._calls.append(call)
            self.changed.notify_all()

    def calls(self, sid: str | None = None, kind: str | None = None) -> list[WebhookCall]:
        """Webhook attempts in order, of one message or kind, or all."""
        with self.changed:
            calls = list(self._calls)
        return [c for c in calls if sid in (None, c.sid) and kind in (None, c.kind)]

    def close(self) -> None:
        """Ends what is under way, and lets go of everyone who waits."""
        self.closed.set()
        with self.changed:
            self.changed.notify_all()

    def begin(self) -> None:
        """Marks something as under way, so that `settle` waits for it."""
        with self.changed:
            self._running += 1

    def end(self) -> None:
        """Marks it as done."""
        with self.changed:
            self._running -= 1
            self.changed.notify_all()

    def settle(self, seconds: float) -> bool:
        """Waits until nothing is under way; False where it still is after so many seconds."""
        with self.changed:
            return self.changed.wait_for(lambda: self._running == 0, timeout=seconds)
