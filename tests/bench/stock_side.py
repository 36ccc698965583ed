"""Stock Rasa beside us: its project, trained once and kept by hash, and its two processes.

The project in `tests/bench/stock/` is what a new user would have: the pipeline and policies that
`rasa init` gives, the REST channel, an SQLite tracker store and a validated form in an action
server. Its kinds of report are learnt from every 40th line of ours: all of them would keep DIET
busy for hours.
"""

import hashlib
import os
import re
import shutil
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import yaml

from api.settings import ROOT
from tests.bench import processes
from tests.bench.load import StockTalk
from tests.bench.script import FIRST_WORDS
from tests.journeys.service import wait_for
from tests.ports import free_port

PROJECT = Path(__file__).parent / "stock"
KINDS = ROOT / "data" / "training" / "nlu" / "kinds"
TALK = ROOT / "data" / "training" / "nlu" / "talk"
TALKS = ("ask_why", "ask_what_next", "ask_who_sees", "thanks", "greet", "goodbye")
ONE_IN = 40
EPOCHS = 60  # as config.yml has it; Rasa's own default is 100


def lines_of(file: Path) -> dict[str, list[str]]:
    """intent -> its training lines, in the order of the file."""
    found: dict[str, list[str]] = {}
    for block in yaml.safe_load(file.read_text(encoding="utf-8"))["nlu"]:
        examples = re.findall(r"^- (.*)$", block["examples"], re.MULTILINE)
        found.setdefault(block["intent"], []).extend(examples)
    return found


def training_lines() -> dict[str, list[str]]:
    """What stock learns beside its own `answers.yml`: every 40th line of a kind, talk in full."""
    told: dict[str, list[str]] = {}
    for file in sorted(KINDS.glob("*.yml")):
        for intent, lines in lines_of(file).items():
            told.setdefault(intent, []).extend(lines)
    thinned = {intent: lines[::ONE_IN] for intent, lines in told.items()}
    for name in TALKS:
        thinned |= lines_of(TALK / f"{name}.yml")
    return thinned


def write_project(folder: Path, lines: Mapping[str, list[str]]) -> None:
    shutil.copytree(PROJECT, folder, dirs_exist_ok=True)
    blocks = [
        {"intent": intent, "examples": "".join(f"- {line}\n" for line in found)}
        for intent, found in lines.items()
    ]
    text = yaml.safe_dump({"version": "3.1", "nlu": blocks}, allow_unicode=True, width=10_000)
    (folder / "data" / "nlu.yml").write_text(text, encoding="utf-8")


def fingerprint(folder: Path) -> str:
    """SHA-256 over a written project and the versions it is trained with."""
    total = hashlib.sha256((ROOT / "bot" / "uv.lock").read_bytes())
    for file in sorted(one for one in folder.rglob("*.yml") if ".rasa" not in one.parts):
        total.update(file.relative_to(folder).as_posix().encode())
        total.update(file.read_bytes())
    return total.hexdigest()


@dataclass
class Stock:
    """`rasa run` and `rasa run actions` on free ports, below `folder` (kept between runs)."""

    folder: Path
    url: str = ""
    trained_seconds: float | None = None  # None: the model of an earlier run was taken
    start_seconds: float = 0.0
    lines: int = 0
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def prepare(self) -> Path:
        """Writes the project and trains it where no model of just this project is kept."""
        project = self.folder / "project"
        # Only Rasa's own cache of trained parts stays.
        shutil.rmtree(project / "data", ignore_errors=True)
        lines = training_lines()
        self.lines = sum(len(found) for found in lines.values())
        write_project(project, lines)
        model = self.folder / f"stock-{fingerprint(project)[:12]}.tar.gz"
        if model.is_file():
            return model
        print(f"Training stock Rasa on {self.lines} lines (first time only) …", flush=True)
        began = time.monotonic()
        log = self.folder / "train.log"
        with log.open("w") as words:
            done = subprocess.run(
                [processes.BOT_PYTHON, "-m", "rasa", "train", "--skip-validation", "--out",
                 self.folder, "--fixed-model-name", model.name.removesuffix(".tar.gz")],
                cwd=project,
                env=self._env(),
                stdout=words,
                stderr=words,
                check=False,
            )  # fmt: skip
        assert done.returncode == 0 and model.is_file(), f"stock Rasa did not train; see {log}"
        self.trained_seconds = time.monotonic() - began
        return model

    def start(self, data: Path) -> None:
        """Starts both processes with a fresh tracker store in `data`."""
        model, project = self.prepare(), self.folder / "project"
        port, actions_port = free_port(), free_port()
        env = {
            **self._env(),
            "ACTIONS_URL": f"http://127.0.0.1:{actions_port}",
            "STOCK_TRACKER_DB": str(data / "stock.sqlite3"),
        }
        rasa = [str(processes.BOT_PYTHON), "-m", "rasa", "run"]
        began = time.monotonic()
        actions = [*rasa, "actions", "--actions", "actions.actions", "--port", str(actions_port)]
        serve = [*rasa, "--model", str(model), "--interface", "127.0.0.1", "--port", str(port),
                 "--endpoints", "endpoints.yml", "--credentials", "credentials.yml"]  # fmt: skip
        for name, command in (("actions", actions), ("rasa", serve)):
            log = data / f"stock-{name}.log"
            self.running.append(processes.spawn(command, env, log, cwd=project))
        self.url = f"http://127.0.0.1:{port}"
        wait_for(self._ready, processes.START_SECONDS, f"stock Rasa answers; see {data}")
        self.start_seconds = time.monotonic() - began

    def stop(self) -> None:
        for process in self.running:
            processes.end(process)
        self.running.clear()

    def talk(self) -> StockTalk:
        return StockTalk(self.url)

    def memory_mib(self) -> dict[str, float]:
        names = ("actions", "rasa")
        return {
            name: processes.pss_mib(one.pid) for name, one in zip(names, self.running, strict=True)
        }

    def cpu_seconds(self) -> float:
        return sum(processes.cpu_seconds(one.pid) for one in self.running)

    def _ready(self) -> bool:
        for process in self.running:
            assert process.poll() is None, f"stock Rasa ended: {process.args}"
        # The REST channel answers 200 with nothing where the model or an action is missing.
        said = httpx.post(
            f"{self.url}/webhooks/rest/webhook",
            json={"sender": uuid4().hex, "message": FIRST_WORDS[0]},
            timeout=30,
        ).json()
        return bool(said)

    @staticmethod
    def _env() -> dict[str, Any]:
        return {**os.environ, "RASA_TELEMETRY_ENABLED": "false", "PYTHONUNBUFFERED": "1"}
