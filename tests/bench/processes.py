"""Processes of a side: started in groups of their own, waited for, measured, ended by their id."""

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from api.settings import ROOT

BOT_PYTHON = ROOT / "bot" / ".venv" / "bin" / "python"
START_SECONDS = 300.0


def spawn(
    command: Sequence[str], env: Mapping[str, str], log: Path, cwd: Path = ROOT
) -> subprocess.Popen[bytes]:
    """A process in a group of its own, whose words go to the end of `log`."""
    with log.open("ab") as words:
        return subprocess.Popen(
            list(command),
            cwd=cwd,
            env=dict(env),
            stdout=words,
            stderr=words,
            start_new_session=True,
        )


def end(process: subprocess.Popen[bytes]) -> None:
    """Ends a process with its group: asked first, then made to."""
    for how, seconds in ((signal.SIGTERM, 20), (signal.SIGKILL, 10)):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, how)
        with suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
            return


def children(pid: int) -> Iterator[int]:
    """A process and all that descend from it."""
    yield pid
    with suppress(FileNotFoundError, ProcessLookupError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from children(int(child))


def pss_mib(pid: int) -> float:
    """Memory of a process and its descendants in MiB, as PSS: what is shared is counted once."""
    total = 0
    for one in children(pid):
        with suppress(FileNotFoundError, ProcessLookupError, PermissionError):
            for line in Path(f"/proc/{one}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1])
    return total / 1024


def cpu_seconds(pid: int) -> float:
    """Processor time used so far by a process and its living descendants."""
    ticks = 0
    for one in children(pid):
        with suppress(FileNotFoundError, ProcessLookupError):
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def load_average() -> str:
    return " ".join(f"{one:.2f}" for one in os.getloadavg())
