"""The benchmark's report: text for a terminal, JSON for a machine, a page with charts."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from tests.bench.figures import Aim, Load, percentile, ratio
from tests.bench.measure import EARLY, LATE, Growth

P95_AT_MOST = 0.6
TURNS_AT_LEAST = 3.0
GROWTH_AT_MOST = 1.1
MEMORY_AT_MOST_MIB = 2048
START_AT_MOST = 30
WEBHOOK_P99_AT_MOST = 50
MANY = 32


@dataclass
class Results:
    """All that was measured. Memory is PSS in MiB, at the end of the load."""

    quick: bool
    bots: int
    cores: int
    load_before: str
    load_after: str = ""
    stock_lines: int = 0
    stock_epochs: int = 0
    stock_trained_seconds: float | None = None
    make_run_seconds: float = 0.0
    start_seconds: dict[str, float] = field(default_factory=dict)
    levels: dict[int, dict[str, Load]] = field(default_factory=dict)
    growth: dict[str, Growth] = field(default_factory=dict)
    memory: dict[str, dict[str, float]] = field(default_factory=dict)
    cases_opened: int = 0
    parts: dict[str, float] = field(default_factory=dict)
    webhooks: dict[str, dict[str, float]] = field(default_factory=dict)
    danger_screen: str = ""

    def aims(self) -> list[Aim]:
        found = [
            Aim(
                f"p95 of a turn beside stock's, {residents} residents",
                ratio(loads["ours"].p95, loads["stock"].p95),
                P95_AT_MOST,
                "x",
            )
            for residents, loads in self.levels.items()
        ]
        many = self.levels[MANY]
        found += [
            Aim(
                f"turns a second beside stock's, {MANY} residents, {self.bots} bots",
                ratio(many["ours"].turns_a_second, many["stock"].turns_a_second),
                TURNS_AT_LEAST,
                "x",
                at_least=True,
            ),
            Aim(
                f"turn {LATE} beside turn {EARLY}, p50",
                self.growth["ours"].grown,
                GROWTH_AT_MOST,
                "x",
            ),
            Aim("memory of all our processes", self.memory_of("ours"), MEMORY_AT_MOST_MIB, "MiB"),
            Aim("a warm `make run` answers after", self.make_run_seconds, START_AT_MOST, "s"),
        ]
        found += [
            Aim(f"webhook alone, p99, {name}", one["p99_ms"], WEBHOOK_P99_AT_MOST, "ms")
            for name, one in self.webhooks.items()
            if one["senders"] == 1
        ]
        return found

    def memory_of(self, side: str) -> float:
        return sum(self.memory[side].values())


def text(results: Results) -> str:
    blocks = [
        _head(results), _levels(results), _growth(results), _parts(results), _memory(results),
        _webhooks(results), results.danger_screen, _aims(results),
    ]  # fmt: skip
    return "\n\n".join(blocks) + "\n"


def _head(results: Results) -> str:
    trained = results.stock_trained_seconds
    return "\n".join(
        (
            "A whole turn of ours beside the same turn of stock Rasa 3.6.21, in turn, in one run"
            + (" (QUICK: few turns, only indicative)" if results.quick else ""),
            f"  ours: web chat call, SQLite, {results.bots} bots; rates raised by RATE_…=1000000/s",
            f"  stock: defaults of `rasa init`, {results.stock_lines} training lines (1 in 40 of "
            f"our kinds), {results.stock_epochs} epochs, REST channel, SQLite tracker store, "
            "validated form; jsonschema 3.2.0 as in our lock, which makes its actions quicker",
            "  model of stock: " + (f"trained in {trained:.0f} s" if trained else "kept earlier"),
            f"  {results.cores} cores; load average before {results.load_before}, "
            f"after {results.load_after}. Trust the ratios.",
        )
    )


def _levels(results: Results) -> str:
    lines = [
        "residents  side   turns   p50 ms   p95 ms  turns/s  processor ms/turn",
    ]
    for residents, loads in results.levels.items():
        for name, load in loads.items():
            lines.append(
                f"{residents:>9}  {name:<5} {len(load.milliseconds):>6} {load.p50:>8.1f} "
                f"{load.p95:>8.1f} {load.turns_a_second:>8.1f} {load.processor_ms_a_turn:>18.1f}"
            )
        ours, stock = loads["ours"], loads["stock"]
        lines.append(
            f"{'':>9}  ratio {'':>6} {ratio(ours.p50, stock.p50):>8.2f} "
            f"{ratio(ours.p95, stock.p95):>8.2f} "
            f"{ratio(ours.turns_a_second, stock.turns_a_second):>8.2f} "
            f"{ratio(ours.processor_ms_a_turn, stock.processor_ms_a_turn):>18.2f}"
        )
    return "\n".join([*lines, f"cases that our side opened meanwhile: {results.cases_opened}"])


def _growth(results: Results) -> str:
    lines = [f"the same words at one open question: turn {EARLY} and turn {LATE} (±2), p50 ms"]
    for name, one in results.growth.items():
        lines.append(
            f"  {name:<5} {percentile(one.early, 0.5):>8.1f} {percentile(one.late, 0.5):>8.1f}   "
            f"ratio {one.grown:.2f}   ({len(one.early)} turns each)"
        )
    return "\n".join(lines)


def _parts(results: Results) -> str:
    whole = sum(results.parts.values())
    lines = ["where a turn of ours goes, one resident, one bot, clocks on (means, ms)"]
    for name, taken in results.parts.items():
        lines.append(f"  {name:<30} {taken:>7.2f}  {100 * taken / whole:>4.0f}%")
    return "\n".join([*lines, f"  {'whole turn':<30} {whole:>7.2f}"])


def _memory(results: Results) -> str:
    lines = ["memory after the load, MiB (PSS: what processes share is counted once)"]
    for side, found in results.memory.items():
        each = ", ".join(f"{name} {mib:.0f}" for name, mib in found.items())
        lines.append(f"  {side:<5} {results.memory_of(side):>6.0f}   {each}")
    starts = ", ".join(f"{side} {took:.1f} s" for side, took in results.start_seconds.items())
    warm = f"warm `make run` {results.make_run_seconds:.1f} s"
    lines.append(f"start, until it answers: {starts}; {warm}")
    return "\n".join(lines)


def _webhooks(results: Results) -> str:
    lines = ["webhook alone (verified, kept, 204), bot stopped, worker running; ms"]
    for name, one in results.webhooks.items():
        lines.append(
            f"  {name:<34} p50 {one['p50_ms']:>6.1f}  p95 {one['p95_ms']:>6.1f}  "
            f"p99 {one['p99_ms']:>6.1f}   {one['texts']:.0f} texts"
        )
    return "\n".join(lines)


def _aims(results: Results) -> str:
    return "\n".join(["aims", *(f"  {aim.line()}" for aim in results.aims())])


def as_json(results: Results) -> dict[str, Any]:
    return {
        "quick": results.quick,
        "bots": results.bots,
        "cores": results.cores,
        "load_average": {"before": results.load_before, "after": results.load_after},
        "stock": {
            "training_lines": results.stock_lines,
            "epochs": results.stock_epochs,
            "trained_seconds": results.stock_trained_seconds,
        },
        "start_seconds": {**results.start_seconds, "make run": results.make_run_seconds},
        "levels": {
            str(residents): {
                **{name: load.as_json() for name, load in loads.items()},
                "ratio": {
                    "p50": round(ratio(loads["ours"].p50, loads["stock"].p50), 4),
                    "p95": round(ratio(loads["ours"].p95, loads["stock"].p95), 4),
                    "turns_per_second": round(
                        ratio(loads["ours"].turns_a_second, loads["stock"].turns_a_second), 4
                    ),
                },
            }
            for residents, loads in results.levels.items()
        },
        "growth": {
            name: {
                "early_p50_ms": round(percentile(one.early, 0.5), 2),
                "late_p50_ms": round(percentile(one.late, 0.5), 2),
                "ratio": round(one.grown, 4),
            }
            for name, one in results.growth.items()
        },
        "parts_ms": {name: round(taken, 3) for name, taken in results.parts.items()},
        "memory_pss_mib": results.memory,
        "cases_opened": results.cases_opened,
        "webhook": results.webhooks,
        "danger_screen": results.danger_screen,
        "aims": [aim.as_json() for aim in results.aims()],
    }


def write(results: Results, folder: Path) -> str:
    """Writes report.txt, report.json and report.html into `folder`; gives the text."""
    folder.mkdir(parents=True, exist_ok=True)
    words, data = text(results), as_json(results)
    (folder / "report.txt").write_text(words, encoding="utf-8")
    (folder / "report.json").write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")
    pages = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined
    )
    page = pages.get_template("page.html").render(data=data, charts=_charts(data), words=words)
    (folder / "report.html").write_text(page, encoding="utf-8")
    return words


def _charts(data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each chart a title, a unit and bars: (label, value, kind)."""
    levels = data["levels"]

    def bars(figure: str) -> list[tuple[str, float, str]]:
        return [
            (f"{name}, {residents}", loads[name][figure], name)
            for residents, loads in levels.items()
            for name in ("ours", "stock")
        ]

    grown = [
        (f"{name}, turn {turn}", one[key], name)
        for name, one in data["growth"].items()
        for turn, key in ((EARLY, "early_p50_ms"), (LATE, "late_p50_ms"))
    ]
    memory = [(name, sum(found.values()), name) for name, found in data["memory_pss_mib"].items()]
    parts = [(name, taken, "ours") for name, taken in data["parts_ms"].items()]
    hooks = [(name, one["p99_ms"], "ours") for name, one in data["webhook"].items()]
    return [
        _chart("p95 of a turn, by residents", "ms", bars("p95_ms")),
        _chart("p50 of a turn, by residents", "ms", bars("p50_ms")),
        _chart("Turns a second, by residents", "turns/s", bars("turns_per_second")),
        _chart("The same words early and late in a conversation, p50", "ms", grown),
        _chart("Where a turn of ours goes", "ms", parts),
        _chart("Memory (PSS)", "MiB", memory),
        _chart("The webhook alone, p99", "ms", hooks),
    ]


def _chart(title: str, unit: str, bars: list[tuple[str, float, str]]) -> dict[str, Any]:
    most = max((value for _, value, _ in bars), default=0.0) or 1.0
    return {
        "title": title,
        "unit": unit,
        "bars": [
            {"label": label, "value": value, "kind": kind, "width": max(0.0, 360 * value / most)}
            for label, value, kind in bars
        ],
    }
