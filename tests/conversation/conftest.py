"""The trained assistant with its real actions, in processes of their own, and a fake api."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fake_api import TOKEN, FakeApi
from resident import ROOT, SECRET, Resident

from bot import train
from tests.ports import free_port


class Process:
    """A server of ours that tests can stop and start again."""

    def __init__(self, module: str, env: dict[str, str], ready: str, log: Path) -> None:
        self.module, self.env, self.ready, self.log = module, env, ready, log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", self.module],
                cwd=ROOT,
                env={**os.environ, **self.env},
                stdout=log,
                stderr=log,
            )
        until = time.monotonic() + 400
        while time.monotonic() < until:
            if self._process.poll() is not None:
                break
            try:
                if httpx.get(self.ready, timeout=5, trust_env=False).status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            time.sleep(0.2)  # a process takes its time to start; nothing here depends on it
        self.stop()
        raise RuntimeError(f"{self.module} did not start: {self.log.read_text()[-2000:]}")

    def stop(self) -> None:
        if self._process and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(20)


@pytest.fixture(scope="session")
def model() -> Path:
    """The trained model; trains it where its data changed."""
    if not train.up_to_date():
        subprocess.run([sys.executable, "-m", "bot.train"], cwd=ROOT, check=True)
    path = train.trained()
    assert path is not None
    return path


@pytest.fixture(scope="session")
def running_api() -> Iterator[FakeApi]:
    api = FakeApi()
    yield api
    api.close()


@pytest.fixture
def api(running_api: FakeApi) -> FakeApi:
    running_api.reset()
    return running_api


@pytest.fixture(scope="session")
def actions(running_api: FakeApi, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    port = free_port()
    process = Process(
        "actions.serve",
        {"ACTIONS_PORT": str(port), "API_URL": running_api.url, "SERVICE_TOKEN": TOKEN},
        f"http://127.0.0.1:{port}/health",
        tmp_path_factory.mktemp("actions") / "log.txt",
    )
    process.start()
    yield process
    process.stop()


@pytest.fixture(scope="session")
def bot_process(
    model: Path, actions: Process, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Process]:
    port, data = free_port(), tmp_path_factory.mktemp("bot")
    process = Process(
        "bot.serve",
        {
            "BOT_PORT": str(port),
            "BOT_SECRET": SECRET,
            "DATA_DIR": str(data),
            "ACTIONS_PORT": actions.env["ACTIONS_PORT"],
        },
        f"http://127.0.0.1:{port}/webhooks/doorstep/ready",
        data / "log.txt",
    )
    process.start()
    yield process
    process.stop()


@pytest.fixture(scope="session")
def bot(bot_process: Process) -> str:
    """The running assistant's address."""
    return f"http://127.0.0.1:{bot_process.env['BOT_PORT']}"


@pytest.fixture(scope="session")
def bot_data(bot_process: Process) -> Path:
    """Where the assistant keeps its conversations."""
    return Path(bot_process.env["DATA_DIR"])


@pytest.fixture
def resident(bot: str, api: FakeApi) -> Callable[..., Resident]:
    """Makes residents: `resident()`, `resident("risk")`, `resident(facts={...})`."""

    def make(
        phase: str = "report", facts: dict[str, Any] | None = None, channel: str = "sms"
    ) -> Resident:
        return Resident(bot, phase, facts, channel)

    return make
