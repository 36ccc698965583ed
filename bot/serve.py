"""Starts the assistant on loopback: `python -m bot.serve`, after `python -m bot.train`.

Environment: BOT_PORT (5005), BOT_SECRET, ACTIONS_URL (or ACTIONS_PORT, 5055), TRACKER_STORE_URL
(an SQLite file in DATA_DIR by default), BOT_MODELS, OPENBLAS_NUM_THREADS (1), OPENBLAS_CORETYPE.
"""

import os
import sys
from pathlib import Path

from bot import train
from bot.early import before_imports

ROOT = Path(__file__).resolve().parent.parent


def settle_environment() -> None:
    """Fills in what endpoints.yml and credentials.yml read from the environment."""
    data = Path(os.environ.get("DATA_DIR") or ROOT / "var").resolve()
    data.mkdir(parents=True, exist_ok=True)
    if not os.environ.get("TRACKER_STORE_URL"):
        conversations = data / "conversations.sqlite3"
        os.environ["TRACKER_STORE_URL"] = f"sqlite:///{conversations}"
    actions_port = os.environ.get("ACTIONS_PORT", "5055")
    os.environ.setdefault("ACTIONS_URL", f"http://127.0.0.1:{actions_port}")
    # A message makes small matrices: a second thread costs more time than it saves, and where
    # other processes keep the cores busy each product waits until both threads had their turn.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    if not os.environ.get("BOT_SECRET"):
        sys.exit("The assistant needs BOT_SECRET in its environment")


def main() -> None:
    model = train.trained()
    if model is None:
        sys.exit("There is no trained model yet: run python -m bot.train")
    settle_environment()
    before_imports()
    os.chdir(ROOT)

    from rasa.core.run import serve_application
    from rasa.core.utils import AvailableEndpoints

    serve_application(
        model_path=str(model),
        interface="127.0.0.1",
        port=int(os.environ.get("BOT_PORT", "5005")),
        credentials=str(ROOT / "bot" / "credentials.yml"),
        endpoints=AvailableEndpoints.read_endpoints(str(ROOT / "bot" / "endpoints.yml")),
        enable_api=False,
    )


if __name__ == "__main__":
    main()
