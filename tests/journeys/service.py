"""The whole service as it runs, for journeys: api, worker, actions, trained bot, simulated phone.

Everything a journey does goes over HTTP, as a resident, an officer or a landlord's system would.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from api.settings import ROOT
from tests.people import Person

NUMBERS = {
    "lyme-trust": "+447700900101",
    "vivid": "+447700900102",
    "seven-locks": "+447700900103",
    "nacro": "+447700900104",
    "places-for-people": "+447700900105",
}
BOT_PYTHON = ROOT / "bot" / ".venv" / "bin" / "python"
START_SECONDS = 150
REPLY_SECONDS = 40


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(what: Callable[[], Any], seconds: float, why: str) -> Any:
    """Asks again until something comes back; raises with `why` when nothing does."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with suppress(httpx.HTTPError):
            found = what()
            if found:
                return found
        time.sleep(0.1)
    raise AssertionError(f"not within {seconds} s: {why}")


@dataclass
class Service:
    """The processes of one running service, on free ports, with a data folder of its own."""

    data_dir: Path
    ports: dict[str, int] = field(default_factory=dict)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    first_run: dict[str, Any] = field(default_factory=dict)

    def start(self) -> None:
        self.ports = {
            name: free_port() for name in ("PORT", "BOT_PORT", "ACTIONS_PORT", "PHONE_PORT")
        }
        done = subprocess.run(
            [sys.executable, "-m", "api.cli", "prepare"],
            cwd=ROOT,
            env=self._env(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        self.first_run = json.loads((self.data_dir / "first-run.json").read_text())
        for name in ("bot", "actions", "phone", "api", "worker"):
            self.start_one(name)
        wait_for(self._ready, START_SECONDS, "the service answers /readyz")

    def start_one(self, name: str) -> None:
        """Starts a process by the line of Procfile.demo, as `make run` does."""
        lines = (ROOT / "Procfile.demo").read_text().splitlines()
        command = next(line.partition(":")[2] for line in lines if line.startswith(f"{name}:"))
        with (self.data_dir / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                command,
                shell=True,
                cwd=ROOT,
                env=self._env(run_env=True),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def stop_one(self, name: str, how: signal.Signals = signal.SIGTERM) -> None:
        process = self.processes.pop(name)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, how)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)

    def stop(self) -> None:
        for name in list(self.processes):
            self.stop_one(name)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.ports['PORT']}"

    @property
    def phone_url(self) -> str:
        return f"http://127.0.0.1:{self.ports['PHONE_PORT']}"

    def api(self, landlord: str, path: str, **params: Any) -> Any:
        """What the landlord's own system sees."""
        key = self.first_run["api_keys"][landlord]
        answer = httpx.get(
            f"{self.url}/api/{path}", params=params, headers={"Authorization": f"Bearer {key}"}
        )
        answer.raise_for_status()
        return answer.json()

    def triage(self, landlord: str, text: str) -> Any:
        key = self.first_run["api_keys"][landlord]
        answer = httpx.post(
            f"{self.url}/api/triage",
            json={"text": text},
            timeout=20,
            headers={"Authorization": f"Bearer {key}"},
        )
        answer.raise_for_status()
        return answer.json()

    def cases(self, landlord: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.api(landlord, "cases")["cases"]
        return found

    def case(self, landlord: str, reference: str) -> dict[str, Any]:
        found: dict[str, Any] = self.api(landlord, f"cases/{reference}")
        return found

    def jobs(self, at: str) -> list[dict[str, Any]]:
        """`doorstep jobs run --at …`: what it says it did."""
        done = subprocess.run(
            [sys.executable, "-m", "api.cli", "jobs", "run", "--at", at],
            cwd=ROOT,
            env=self._env(run_env=True),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    def _env(self, *, run_env: bool = False) -> Mapping[str, str]:
        env = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("TWILIO_", "DOORSTEP_"))},
            **{name: str(port) for name, port in self.ports.items()},
            "DATA_DIR": str(self.data_dir),
            "DOORSTEP_ENV": "demo",
            "PYTHONUNBUFFERED": "1",
        }
        for name in ("DATABASE_URL", "PUBLIC_BASE_URL", "API_URL", "BOT_URLS", "ACTIONS_URL"):
            env.pop(name, None)
        if run_env:
            lines = (self.data_dir / "run.env").read_text().splitlines()
            env |= dict(line.split("=", 1) for line in lines)
        return env

    def _ready(self) -> bool:
        for name, process in self.processes.items():
            log = self.data_dir / f"{name}.log"
            assert process.poll() is None, f"{name} ended: {log.read_text()[-3000:]}"
        ready = httpx.get(f"{self.url}/readyz", timeout=10).status_code == 200
        return ready and httpx.get(self.phone_url, timeout=5).status_code == 200


@dataclass
class Talk:
    """A conversation held from outside; `heard` are the assistant's words in order."""

    service: Service
    landlord: str
    heard: list[str] = field(default_factory=list)

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

    person: Person | None = None

    @property
    def number(self) -> str:
        assert self.person
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

    def say(self, text: str) -> str:
        before = len(self.texts())
        self.send(text)
        wait_for(lambda: len(self.texts()) > before, REPLY_SECONDS, f"a reply to {text!r}")
        # A text that warns of danger comes first, the assistant's turn after it.
        settled = time.monotonic() + 1.2
        count = len(self.texts())
        while time.monotonic() < settled:
            time.sleep(0.1)
            now = len(self.texts())
            if now > count:
                count, settled = now, time.monotonic() + 1.2
        fresh = [one["body"] for one in self.texts()[before:]]
        self.heard += fresh
        return "\n".join(fresh)


@dataclass
class Chat(Talk):
    """A resident's browser, over the chat's JSON calls."""

    conversation: str = ""
    token: str = ""

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
