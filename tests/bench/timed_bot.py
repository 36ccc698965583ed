"""`bot.serve` with a clock around the steps of a turn: `python -m tests.bench.timed_bot FILE`."""

import sys
from pathlib import Path

from tests.bench.spans import Recorder


def main() -> None:
    from bot import serve

    serve.settle_environment()
    serve.before_imports()
    from rasa.core.actions.action import RemoteAction
    from rasa.core.tracker_store import SQLTrackerStore

    from bot.components import channel, failures, turns

    recorder = Recorder(Path(sys.argv[1]))
    failures.make_actions_strict()
    recorder.time(RemoteAction, "run", "actions")
    for owner, attribute, name in (
        (channel, "take_turn", "dialogue"),
        (channel, "read_text", "opinion"),
        (turns, "parse", "parse"),
        (SQLTrackerStore, "save", "store"),
        (SQLTrackerStore, "_retrieve", "store"),
    ):
        recorder.time(owner, attribute, name)
    serve.main()


if __name__ == "__main__":
    main()
