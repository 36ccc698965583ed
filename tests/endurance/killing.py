"""kill -9 at random moments of random steps, bad weather on the network, and starting again."""

import os
import random
import re
import signal
import socket
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.endurance.books import Books
from tests.journeys.service import SECOND_PORT, Service

COMING_IN = "message on its way in"
TURN = ("turn taken", "turn in mid-action", "turn answered by the bot, not written")
BOTS_TURN = tuple(f"{step} ({channel})" for step in TURN for channel in ("text", "chat"))
# The steps that each process has a hand in: there its death can do harm.
STEPS = {
    "api": (
        COMING_IN, "kept", *(step for step in BOTS_TURN if "chat" in step),
        "turn in mid-action (text)", "text sent, receipt awaited", "text asked for, fate unknown",
    ),
    "worker": (
        "kept", "held until later", *(step for step in BOTS_TURN if "text" in step),
        "text written", "text claimed", "text asked for, fate unknown",
        "text taken, answer not written", "text sent, receipt awaited",
    ),
    "bot": BOTS_TURN,
    "actions": tuple(step for step in BOTS_TURN if "answered" not in step),
}  # fmt: skip
# How often each kind dies. The bot takes longest to come back, and everything waits for it.
WEIGHTS = {"api": 34, "worker": 36, "bot": 12, "actions": 18}
PORT_OF = {"api": "PORT", "api 2": SECOND_PORT, "bot": "BOT_PORT", "actions": "ACTIONS_PORT"}
WORKER_SECONDS = 10.0
# The file, or the connection to a server.
OPEN = re.compile(r"doorstep\.sqlite3|^socket:")
FAULTS = ("ok", "ok", "429", "500", "503", "hang_before", "hang_after", "500_after")
CALLBACKS = ("normal", "normal", "late", "twice", "out_of_order")


def kind_of(name: str) -> str:
    """Of a process: `worker 2` is a worker."""
    return name.partition(" ")[0]


@dataclass
class Killer:
    """Kills, notes where the death fell, and starts the process again some time later."""

    service: Service
    books: Books
    rng: random.Random
    residents: list[Any]
    kills: Counter[str] = field(default_factory=Counter)
    fell: Counter[tuple[str, str]] = field(default_factory=Counter)
    names: list[str] = field(init=False)
    _again_at: dict[str, float] = field(default_factory=dict)
    _may_die_at: dict[str, float] = field(default_factory=dict)
    _started_at: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.names = [one for one in self.service.processes if kind_of(one) in WEIGHTS]

    def round(self) -> None:
        """Kills one process, if one is up."""
        self.start_due()
        up = [name for name in self.names if self._may_die(name)]
        if not up:
            time.sleep(0.1)
            return
        [name] = self.rng.choices(up, [self._weight(one) for one in up])
        kind = kind_of(name)
        self._wait_for_step(self._next_step(kind))
        before = self._steps()
        # Held still first: once it is dead the others go on at once, and nobody could say any more
        # at which step its death fell.
        self.service.hold_still(name)
        standing = before & self._steps()
        if "text asked for, fate unknown" in standing and self._taken_unwritten():
            standing.add("text taken, answer not written")
        self.service.stop_one(name, signal.SIGKILL)
        self.kills[name] += 1
        self.fell.update((kind, step) for step in standing & {*STEPS[kind]})
        if not standing & {*STEPS[kind]}:
            self.fell[kind, "at rest"] += 1
        away = self.rng.uniform(0.1, 5)
        self._again_at[name] = time.monotonic() + away
        self._may_die_at.pop(name, None)

    def missed(self) -> list[tuple[str, str]]:
        """At which steps of which kind of process no death has fallen."""
        return [(kind, step) for kind in STEPS for step in STEPS[kind] if not self.fell[kind, step]]

    def _weight(self, name: str) -> float:
        kind = kind_of(name)
        share = WEIGHTS[kind] / sum(kind_of(one) == kind for one in self.names)
        return 3 * share if any(kind == one for one, _ in self.missed()) else share

    def _next_step(self, kind: str) -> str | None:
        """Mostly one at which none of its kind has died so far."""
        missed = [step for missed, step in self.missed() if missed == kind]
        if missed and self.rng.random() < 0.75:
            return self.rng.choice(missed)
        return self.rng.choice([*STEPS[kind], None])

    def weather(self) -> None:
        """What the network does with the next texts and receipts."""
        self._control(
            next_sends=[self.rng.choice(FAULTS) for _ in range(self.rng.randrange(5))],
            callbacks=self.rng.choice(CALLBACKS),
            inbound=self.rng.choice(["normal", "normal", "twice"]),
            hang_seconds=4,
        )
        httpx.post(f"{self.service.phone_url}/_callbacks/release", timeout=20)

    def as_twilio_is_set_up(self) -> None:
        """The webhooks as the README says: tried again three times on anything, then a fallback."""
        url = f"{self.service.url}/sms/twilio"
        self._control(
            inbound_url=f"{url}/inbound#rc=3&rp=all",
            fallback_url=f"{self.service.second.url}/sms/twilio/fallback#rc=3&rp=all",
            retry_pause_seconds=3,
        )

    def start_all(self) -> None:
        self._control(next_sends=[], callbacks="normal", inbound="normal")
        httpx.post(f"{self.service.phone_url}/_callbacks/release", timeout=20)
        for name in list(self._again_at):
            self._again_at.pop(name)
            self.service.start_one(name)

    def start_due(self) -> None:
        """Starts those whose time has come."""
        for name, at in list(self._again_at.items()):
            if at <= time.monotonic():
                del self._again_at[name]
                self.service.start_one(name)
                self._started_at[name] = time.monotonic()

    def _may_die(self, name: str) -> bool:
        """Whether it has been up for a while, a random one: else it would never be up at all."""
        if name in self._again_at:
            return False
        now = time.monotonic()
        if name not in self._may_die_at:
            if not self._is_up(name):
                return False
            self._may_die_at[name] = now + self.rng.choice([0.0, 1.0, self.rng.uniform(1, 9)])
        return self._may_die_at[name] <= now

    def _is_up(self, name: str) -> bool:
        if name in PORT_OF:
            return _listens(self.service.ports[PORT_OF[name]])
        # The worker listens nowhere; once it works, it has the database open.
        files = Path(f"/proc/{self.service.processes[name].pid}/fd")
        if not files.is_dir():
            return time.monotonic() - self._started_at.get(name, 0.0) > WORKER_SECONDS
        with suppress(OSError):
            return any(OPEN.search(os.readlink(file)) for file in files.iterdir())
        return False

    def _wait_for_step(self, step: str | None) -> None:
        """Until something stands at that step, or for a random moment."""
        until = time.monotonic() + self.rng.uniform(0.5, 4)
        while step and time.monotonic() < until:
            self.start_due()
            wanted = "text asked for, fate unknown" if "answer not written" in step else step
            if wanted in self._steps():
                break
            time.sleep(0.004)
        time.sleep(self.rng.choice([0, 0, self.rng.uniform(0, 0.05), self.rng.uniform(0, 0.5)]))

    def _steps(self) -> set[str]:
        steps = self.books.steps()
        return steps | {COMING_IN} if any(map(self._coming_in, self.residents)) else steps

    def _coming_in(self, resident: Any) -> bool:
        """Whether words are on their way that no row holds yet."""
        under_way = resident.under_way
        if under_way is None or under_way[1] < time.monotonic() - 60:
            return False
        kept = self.books.all(
            "SELECT count(*) AS n FROM messages m JOIN conversations c ON c.id = m.conversation_id"
            " WHERE m.sender = 'resident' AND (c.number = :number OR c.id = :chat)",
            number=resident.person.number,
            chat=getattr(getattr(resident, "chat", None), "conversation", ""),
        )[0]["n"]
        return bool(kept <= len(resident.told))

    def _taken_unwritten(self) -> bool:
        """Whether the network holds a text of whose fate we know nothing."""
        unknown = self.books.all(
            "SELECT \"to\", body FROM outbox WHERE status = 'queued' AND unknown_since IS NOT NULL"
        )
        known = {row["provider_sid"] for row in self.books.all("SELECT provider_sid FROM outbox")}
        held = httpx.get(f"{self.service.phone_url}/_messages", timeout=20).json()
        taken = {(one["to"], one["body"]) for one in held if one["sid"] not in known}
        return any((row["to"], row["body"]) in taken for row in unknown)

    def _control(self, **fields: Any) -> None:
        answer = httpx.post(f"{self.service.phone_url}/_control", json=fields, timeout=20)
        assert answer.status_code == 200, answer.text


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0
