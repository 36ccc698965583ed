"""`doorstep serve` with a clock around each step of a turn: `python -m tests.bench.timed_api FILE`.

Only the breakdown is measured with it; every other figure is of the service as it ships.
"""

import sys
from pathlib import Path

from sqlalchemy.engine.default import DefaultDialect

from api import cli
from api.channels import web_chat
from api.conversation import turns
from api.conversation.rasa import Bots
from api.screening.danger import DangerScreen
from tests.bench.spans import Recorder


def main() -> None:
    recorder = Recorder(Path(sys.argv[1]))
    for owner, attribute, name in (
        (web_chat, "_opened_by", "token"),
        (web_chat, "take_in", "between"),
        (web_chat, "_keep_and_begin", "kept"),
        (web_chat, "_answered", "reply"),
        (DangerScreen, "screen", "screen"),
        (turns, "take_turns", "between"),
        (turns, "_lock", "lock"),
        (turns, "_unlock", "lock"),
        (turns, "_next_or_unlock", "asked"),
        (turns, "_write_turn", "write"),
        (turns, "_read", "opinion"),
        (Bots, "take_turn", "turn"),
        (DefaultDialect, "do_commit", "disk"),
    ):
        recorder.time(owner, attribute, name)
    web_chat.take_turns = turns.take_turns
    cli.serve()


if __name__ == "__main__":
    main()
