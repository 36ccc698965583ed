"""`make bench`: our whole turn beside stock Rasa's, side by side in one run.

`QUICK=1` for a few turns only; `BOTS=n` for so many assistants of ours (2). Everything goes over
loopback. Results: report.txt, report.json and report.html below `DATA_DIR/bench`.
"""

import asyncio
import os
import shutil
import sys
import time
from pathlib import Path
from tempfile import mkdtemp

import httpx

from api.screening.danger import shared_screen
from api.settings import ROOT
from tests.bench import danger_screen, measure, processes, report, webhook
from tests.bench.measure import FULL, QUICK, Plan, Side
from tests.bench.our_side import Ours
from tests.bench.stock_side import EPOCHS, Stock
from tests.journeys.service import wait_for
from tests.ports import free_port


def main() -> None:
    quick = os.environ.get("QUICK", "") not in ("", "0")
    folder = Path(os.environ.get("DATA_DIR") or ROOT / "var").resolve() / "bench"
    (folder / "stock").mkdir(parents=True, exist_ok=True)
    data = Path(mkdtemp(prefix="run-", dir=folder))
    began = time.monotonic()
    results = report.Results(
        quick=quick,
        bots=int(os.environ.get("BOTS") or 2),
        cores=os.cpu_count() or 1,
        load_before=processes.load_average(),
        stock_epochs=EPOCHS,
    )
    plan = QUICK if quick else FULL
    stock = Stock(folder / "stock")
    stock.prepare()
    results.stock_lines, results.stock_trained_seconds = stock.lines, stock.trained_seconds
    _say("how soon a warm `make run` answers")
    results.make_run_seconds = make_run(data / "make-run")
    side_by_side(results, plan, stock, data)
    _say("where a turn of ours goes")
    where_it_goes(results, plan, data / "timed")
    _say("the webhook alone")
    webhooks(results, plan, data)
    results.danger_screen = screen_line()
    results.load_after = processes.load_average()
    print(report.write(results, folder))
    print(f"took {time.monotonic() - began:.0f} s; see {folder}/report.html")
    # Kept where something went wrong above: its logs tell what.
    shutil.rmtree(data)


def _say(what: str) -> None:
    print(f"measuring {what} …", flush=True)


def make_run(folder: Path) -> float:
    """Seconds from `make run` to a ready service, both environments and the model being there."""
    folder.mkdir()
    names = ("PORT", "BOT_PORT", "ACTIONS_PORT", "PHONE_PORT")
    ports = {name: free_port() for name in names}
    given = [f"{name}={port}" for name, port in ports.items()]
    # `make bench` has just made sure of the environments; they are not made again here.
    done = ["-o", ".venv/.ready", "-o", "bot/.venv/.ready"]
    inherited = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MAKELEVEL")}
    env = {**inherited, "DATA_DIR": str(folder), "DOORSTEP_ENV": "demo"}
    began = time.monotonic()
    command = ["make", *done, "run", *given, f"DATA_DIR={folder}"]
    process = processes.spawn(command, env, folder / "make-run.log")

    def ready() -> bool:
        assert process.poll() is None, f"`make run` ended; see {folder}"
        return httpx.get(f"http://127.0.0.1:{ports['PORT']}/readyz", timeout=15).status_code == 200

    try:
        wait_for(ready, processes.START_SECONDS, f"`make run` answers; see {folder}")
        return time.monotonic() - began
    finally:
        processes.end(process)


def side_by_side(results: report.Results, plan: Plan, stock: Stock, data: Path) -> None:
    ours = Ours(data / "ours", bots=results.bots)
    ours.data_dir.mkdir()
    try:
        _say("start")
        ours.start()
        stock.start(data)
        results.start_seconds = {"ours": ours.start_seconds, "stock": stock.start_seconds}
        sides = [measure.our_side(ours), Side("stock", stock.talk, stock.cpu_seconds)]
        asyncio.run(measure.warm_up(sides))
        before = cases_of(ours)
        _say("turns, in turn")
        results.levels = asyncio.run(measure.levels(sides, plan))
        results.cases_opened = cases_of(ours) - before
        _say(f"turn {measure.EARLY} and turn {measure.LATE}")
        results.growth = asyncio.run(measure.growth(sides, plan.long_conversations))
        results.memory = {"ours": ours.memory_mib(), "stock": stock.memory_mib()}
    finally:
        ours.stop()
        stock.stop()


def cases_of(ours: Ours) -> int:
    """Cases of the landlord whose chat is used, page by page as an officers' system reads them."""
    count, cursor = 0, None
    while True:
        page = ours.api("places-for-people", "cases", **({"cursor": cursor} if cursor else {}))
        count += len(page["cases"])
        cursor = page["cursor"]
        if not cursor:
            return count


def where_it_goes(results: report.Results, plan: Plan, folder: Path) -> None:
    folder.mkdir()
    ours = measure.timed(folder, sys.executable)
    try:
        ours.start("bot", "actions", "api")
        wait_for(ours.ready, processes.START_SECONDS, f"we answer; see {folder}")
        load = asyncio.run(measure.breakdown(ours, plan.traced_conversations))
    finally:
        ours.stop()
    results.parts = measure.parts(folder, load)


def webhooks(results: report.Results, plan: Plan, data: Path) -> None:
    found = results.webhooks
    found["SQLite, one after another"] = webhook.measure(data / "sms-1", plan.texts, 1)
    if not results.quick:
        found["SQLite, 8 at once"] = webhook.measure(data / "sms-8", plan.texts, 8)
    if webhook.POSTGRES_URL:
        with webhook.postgres_database() as url:
            one = webhook.measure(data / "sms-pg", plan.texts, 1, url)
        found["PostgreSQL, one after another"] = one


def screen_line() -> str:
    """The danger screen at 300 characters, as `tests.bench.danger_screen` measures it in full."""
    screen, texts = shared_screen().screen, danger_screen.messages(300)
    for text in texts[:20]:
        screen(text)
    p50, p95 = danger_screen.timed(screen, texts)
    return f"danger screen, 300 characters: p50 {p50:.2f} ms, p95 {p95:.2f} ms of processor time"


if __name__ == "__main__":
    main()
