"""The whole service as it runs, for journeys: api, worker, actions, trained bot, simulated phone.

Everything a journey does goes over HTTP, as a resident, an officer or a landlord's system would.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx

from api.settings import ROOT
from tests.ports import free_port

NUMBERS = {
    "lyme-trust": "+447700900101",
    "vivid": "+447700900102",
    "seven-locks": "+447700900103",
    "nacro": "+447700900104",
    "places-for-people": "+447700900105",
}
# Of the second api.
SECOND_PORT = "PORT_2"
BOT_PYTHON = ROOT / "bot" / ".venv" / "bin" / "python"
START_SECONDS = 240
REPLY_SECONDS = 60


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
    """The processes of one running service, on free ports, with a data folder of its own.

    `database_url`: of PostgreSQL; else the SQLite file of `make run`. `doubled`: a second api, on a
    port of its own, and a second worker.
    """

    data_dir: Path
    database_url: str = ""
    doubled: bool = False
    ports: dict[str, int] = field(default_factory=dict)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    first_run: dict[str, Any] = field(default_factory=dict)

    def start(self) -> None:
        names = ("PORT", "BOT_PORT", "ACTIONS_PORT", "PHONE_PORT", SECOND_PORT)
        self.ports = {name: free_port() for name in names}
        self.first_run_of_it()
        second = ("api 2", "worker 2") if self.doubled else ()
        for name in ("bot", "actions", "phone", "api", "worker", *second):
            self.start_one(name)
        wait_for(self._ready, START_SECONDS, "the service answers /readyz")

    def first_run_of_it(self) -> None:
        """`doorstep prepare` on the ports that are picked, as `make run` does first."""
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

    def start_one(self, name: str) -> None:
        """Starts a process by the line of Procfile.demo, as `make run` does."""
        lines = (ROOT / "Procfile.demo").read_text().splitlines()
        kind = name.partition(" ")[0]
        command = next(line.partition(":")[2] for line in lines if line.startswith(f"{kind}:"))
        env = {**self._env(run_env=True)}
        if name == "api 2":
            env |= {"PORT": str(self.ports[SECOND_PORT]), "PUBLIC_BASE_URL": self.second.url}
        with (self.data_dir / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                command,
                shell=True,
                cwd=ROOT,
                env=env,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def hold_still(self, name: str) -> None:
        os.killpg(self.processes[name].pid, signal.SIGSTOP)

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
    def is_short(self) -> bool:
        """Whether the assistant or its actions are away, so that turns cannot be taken."""
        return not {"bot", "actions"} <= self.processes.keys()

    @property
    def second(self) -> "Service":
        """The same service by its second api, where it has one."""
        port = self.ports[SECOND_PORT if self.doubled else "PORT"]
        return replace(self, ports={**self.ports, "PORT": port})

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.data_dir / 'doorstep.sqlite3'}"

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
        if self.database_url:
            env["DATABASE_URL"] = self.database_url
        if run_env:
            lines = (self.data_dir / "run.env").read_text().splitlines()
            env |= dict(line.split("=", 1) for line in lines)
        return env

    def _ready(self) -> bool:
        for name, process in self.processes.items():
            log = self.data_dir / f"{name}.log"
            assert process.poll() is None, f"{name} ended: {log.read_text()[-3000:]}"
        ready = all(
            httpx.get(f"{url}/readyz", timeout=10).status_code == 200
            for url in {self.url, self.second.url}
        )
        return ready and httpx.get(self.phone_url, timeout=5).status_code == 200
