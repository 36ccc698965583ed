"""The worker: takes up waiting messages, sends the outbox, does what is due. Many may run."""

import signal
import threading
from collections.abc import Callable
from types import FrameType

import structlog

from api import clock
from api.conversation.opinions import give_opinion, opinions_due
from api.conversation.turns import Desk
from api.conversation.waiting import take_waiting
from api.worker.catching_up import catch_up
from api.worker.fetching import fetch_files
from api.worker.following_up import reconcile, redact
from api.worker.jobs import send_contacts
from api.worker.pieces import each
from api.worker.post import Post
from api.worker.sending import send_waiting
from api.worker.silence import nudge_the_silent, pass_on_incomplete

log = structlog.get_logger()

PAUSE_SECONDS = 0.15
JOBS_EVERY_SECONDS = 30.0
OPINIONS_EVERY_SECONDS = 0.5
FILES_EVERY_SECONDS = 2.0
CATCH_UP_EVERY_SECONDS = 60.0
JOBS: tuple[Callable[[Post], object], ...] = (
    send_contacts, nudge_the_silent, pass_on_incomplete, reconcile, redact,
)  # fmt: skip


def work(desk: Desk, post: Post) -> None:
    """Runs until SIGTERM or SIGINT; the piece in hand is finished first."""
    stop = threading.Event()

    def _stop(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, _stop)
    # Turns wait for the bot; a text that warns of danger must not wait behind them.
    sender = threading.Thread(target=_repeat, args=(stop, lambda: send_waiting(post)), daemon=True)
    sender.start()
    jobs = threading.Thread(
        target=_repeat, args=(stop, lambda: _jobs(post), JOBS_EVERY_SECONDS), daemon=True
    )
    jobs.start()
    files = threading.Thread(
        target=_repeat, args=(stop, lambda: fetch_files(post), FILES_EVERY_SECONDS), daemon=True
    )
    files.start()
    missed = threading.Thread(
        target=_repeat, args=(stop, lambda: catch_up(post), CATCH_UP_EVERY_SECONDS), daemon=True
    )
    missed.start()
    # One message that the model cannot be asked about must not hold up the turns of all others.
    opinions = threading.Thread(
        target=_repeat, args=(stop, lambda: _opinions(desk), OPINIONS_EVERY_SECONDS), daemon=True
    )
    opinions.start()
    _repeat(stop, lambda: take_waiting(desk))
    sender.join(15)


def _jobs(post: Post) -> None:
    each("jobs", JOBS, lambda job: job(post))


def _opinions(desk: Desk) -> None:
    with desk.db.reading() as session:
        due = opinions_due(session, at=clock.now())
    each("opinion", due, lambda one: give_opinion(desk.db, desk.rulebook, desk.bots, one))


def _repeat(stop: threading.Event, work: object, pause: float = PAUSE_SECONDS) -> None:
    assert callable(work)
    while not stop.is_set():
        try:
            work()
        except Exception:
            # One broken piece must not stop the others; it stays in the database and is met again.
            log.exception("worker_trouble")
        stop.wait(pause)
