"""Our side: api, worker, actions and one bot or more, as `make run` starts them, on free ports.

The limits of how fast one chat may write are raised by their own settings (RATE_…): a benchmark
is one address, and writes faster than anyone can.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx

from tests.bench import processes
from tests.journeys.service import Service, wait_for
from tests.ports import free_port

NO_LIMIT = "1000000/second"
RATES = dict.fromkeys(("RATE_PER_CHAT", "RATE_PER_ADDRESS", "RATE_NEW_CHATS"), NO_LIMIT)


@dataclass
class Ours(Service):
    """`bots`: how many assistants share the conversations. `settings`: more of the environment.

    `stand_in`: the command of a process by its name, where it is not that of the Procfile.
    """

    bots: int = 2
    settings: dict[str, str] = field(default_factory=dict)
    stand_in: dict[str, list[str]] = field(default_factory=dict)
    start_seconds: float = 0.0
    bot_ports: list[int] = field(default_factory=list)

    def start(self, *names: str) -> None:
        """Starts the processes named, by default all that a web chat needs, and waits."""
        self.prepare()
        began = time.monotonic()
        for name in names or ("bot", "actions", "api", "worker"):
            self.start_one(name)
        if not names:
            for port in self.bot_ports[1:]:
                self._another_bot(port)
            wait_for(self.ready, processes.START_SECONDS, f"we answer; see {self.data_dir}")
            self.start_seconds = time.monotonic() - began

    def prepare(self) -> None:
        names = ("PORT", "BOT_PORT", "ACTIONS_PORT", "PHONE_PORT")
        self.ports = {name: free_port() for name in names}
        self.bot_ports = [self.ports["BOT_PORT"], *(free_port() for _ in range(self.bots - 1))]
        self.first_run_of_it()

    def start_one(self, name: str) -> None:
        if name not in self.stand_in:
            super().start_one(name)
            return
        log = self.data_dir / f"{name}.log"
        self.processes[name] = processes.spawn(self.stand_in[name], self._env(run_env=True), log)

    def ready(self) -> bool:
        for name, process in self.processes.items():
            assert process.poll() is None, f"{name} ended; see {self.data_dir}"
        return httpx.get(f"{self.url}/readyz", timeout=15).status_code == 200

    def memory_mib(self) -> dict[str, float]:
        return {name: processes.pss_mib(one.pid) for name, one in self.processes.items()}

    def cpu_seconds(self) -> float:
        return sum(processes.cpu_seconds(one.pid) for one in self.processes.values())

    def _another_bot(self, port: int) -> None:
        command = [str(processes.BOT_PYTHON), "-m", "bot.serve"]
        env = {**self._env(run_env=True), "BOT_PORT": str(port)}
        name = f"bot {self.bot_ports.index(port) + 1}"
        self.processes[name] = processes.spawn(command, env, self.data_dir / f"{name}.log")

    def _env(self, *, run_env: bool = False) -> Mapping[str, str]:
        urls = ",".join(f"http://127.0.0.1:{port}" for port in self.bot_ports)
        return {**super()._env(run_env=run_env), **RATES, "BOT_URLS": urls, **self.settings}
