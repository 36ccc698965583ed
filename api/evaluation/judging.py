"""Judges each labelled message as the service would, with a trained bot of its own."""

import os
import secrets
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from api.conversation.rasa import Bots, BotUnavailable
from api.conversation.receive import second_opinion
from api.conversation.triage import suggestions, triaged
from api.evaluation.cases import LabelledMessage
from api.evaluation.figures import Row, Said
from api.intake.rulebook import Rulebook
from api.settings import ROOT

BOT = (str(ROOT / "bot" / ".venv" / "bin" / "python"), "-m", "bot.serve")
START_SECONDS = 240
PAUSE_SECONDS = 0.5


class BotDidNotStart(RuntimeError):
    """The trained bot did not answer in time; the message holds the end of its log."""


@contextmanager
def own_bot() -> Iterator[Bots]:
    """A bot on a free port of loopback, for as long as the block lasts. Raises BotDidNotStart."""
    secret = secrets.token_hex(16)
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "bot.log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                BOT,
                cwd=ROOT,
                env={
                    **os.environ,
                    "BOT_PORT": str(port),
                    "BOT_SECRET": secret,
                    "DATA_DIR": folder,
                    "RASA_TELEMETRY_ENABLED": "false",
                },
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        bots = Bots((f"http://127.0.0.1:{port}",), secret, timeout_seconds=60)
        try:
            _wait(bots, process, log)
            yield bots
        finally:
            bots.close()
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def _wait(bots: Bots, process: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            bots.read("loud music next door")
        except BotUnavailable:
            time.sleep(PAUSE_SECONDS)
        else:
            return
    raise BotDidNotStart(log.read_text(errors="replace")[-2000:] or "no log")


def judge_all(
    cases: Sequence[LabelledMessage], bots: Bots, rulebook: Rulebook, *, at: datetime
) -> list[Row]:
    """What the service says of each message, under each landlord. Raises BotUnavailable."""
    return [(case, _said(case.text, bots, rulebook, at=at)) for case in cases]


def _said(text: str, bots: Bots, rulebook: Rulebook, *, at: datetime) -> Said:
    read = bots.read(text)
    danger, _ = second_opinion(text, read, rulebook)
    told = {one: triaged(text, read, one, rulebook, at=at) for one in rulebook.landlords}
    return Said(
        kinds=tuple(suggestions(danger, read)),
        flags=danger.flags,
        asked=danger.doubtful,
        outcomes={one: verdict.screening.outcome for one, verdict in told.items()},
        whys={one: verdict.screening.why or "" for one, verdict in told.items()},
        decided={one: verdict.category for one, verdict in told.items()},
    )
