"""The benchmark's arithmetic and its report. Nothing here is timed."""

import asyncio
import json
from itertools import islice
from pathlib import Path

import httpx
import pytest
import yaml

from tests.bench import load, measure, report, script, stock_side
from tests.bench.figures import Aim, Load, percentile, ratio
from tests.bench.measure import Growth
from tests.bench.spans import Recorder, totals


def test_percentiles_are_by_nearest_rank() -> None:
    hundred = list(range(100, 0, -1))
    assert percentile(hundred, 0.5) == 50
    assert percentile(hundred, 0.95) == 95
    assert percentile(hundred, 1) == 100
    assert percentile([7], 0.01) == percentile([7], 0.99) == 7
    assert percentile([1, 2, 3, 4], 0.5) == 2


@pytest.mark.parametrize("part", [0, -0.1, 1.01])
def test_a_percentile_needs_a_part_and_values(part: float) -> None:
    with pytest.raises(ValueError, match="a part lies"):
        percentile([1.0], part)
    with pytest.raises(ValueError, match="of nothing"):
        percentile([], 0.5)


def test_ratios() -> None:
    assert ratio(30, 60) == 0.5
    with pytest.raises(ValueError, match="a ratio to 0"):
        ratio(1, 0)


def test_loads_add_up() -> None:
    both = Load((10.0, 20.0), 0.5, 0.1) + Load((30.0, 40.0), 1.5, 0.3)
    assert (both.p50, both.p95) == (20.0, 40.0)
    assert both.turns_a_second == 2.0
    assert both.processor_ms_a_turn == pytest.approx(100.0)


def test_an_aim_is_met_up_to_its_limit() -> None:
    assert Aim("p95", 0.6, 0.6).met and not Aim("p95", 0.61, 0.6).met
    assert Aim("turns", 3.0, 3, at_least=True).met and not Aim("turns", 2.99, 3, at_least=True).met
    assert Aim("turns", 2.9, 3, "x", at_least=True).line() == (
        "MISSED  turns: 2.90 x (at least 3 x)"
    )


def results() -> report.Results:
    ours, stock = Load((30.0,) * 20, 1.0, 0.5), Load((100.0,) * 20, 2.5, 1.5)
    return report.Results(
        quick=True,
        bots=2,
        cores=2,
        load_before="0.10 0.20 0.30",
        load_after="1.10 1.20 1.30",
        make_run_seconds=31.0,
        start_seconds={"ours": 12.0, "stock": 20.0},
        levels={one: {"ours": ours, "stock": stock} for one in (1, 8, 32)},
        growth={
            "ours": Growth((10.0, 10.0, 10.0), (10.0, 11.0, 12.0)),
            "stock": Growth((20.0,), (40.0,)),
        },
        memory={"ours": {"bot": 500.0, "api": 200.0}, "stock": {"rasa": 1000.0}},
        parts={"kept": 2.0, "rest": 1.0},
        webhooks={
            "SQLite, one after another": {
                "texts": 10, "senders": 1, "p50_ms": 5.0, "p95_ms": 9.0, "p99_ms": 60.0,
            },
        },
        danger_screen="danger screen: quick",
    )  # fmt: skip


def test_the_report_judges_each_aim(tmp_path: Path) -> None:
    words = report.write(results(), tmp_path)
    told = json.loads((tmp_path / "report.json").read_text())
    met = {one["what"]: (one["value"], one["met"]) for one in told["aims"]}
    assert met == {
        "p95 of a turn beside stock's, 1 residents": (0.3, True),
        "p95 of a turn beside stock's, 8 residents": (0.3, True),
        "p95 of a turn beside stock's, 32 residents": (0.3, True),
        "turns a second beside stock's, 32 residents, 2 bots": (2.5, False),
        "turn 60 beside turn 5, p50": (1.1, True),
        "memory of all our processes": (700.0, True),
        "a warm `make run` answers after": (31.0, False),
        "webhook alone, p99, SQLite, one after another": (60.0, False),
    }
    assert (tmp_path / "report.txt").read_text() == words
    assert words.count("MISSED") == 3
    page = (tmp_path / "report.html").read_text()
    assert page.count("<svg") == 7 and page.count('class="missed"') == 3


def test_a_step_is_timed_without_the_steps_inside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter([0.0, 1.0, 3.0, 10.0])
    monkeypatch.setattr("tests.bench.spans.time.perf_counter", lambda: next(clock))

    class Work:
        def whole(self) -> str:
            return self.part()

        def part(self) -> str:
            return "done"

    recorder = Recorder(tmp_path / "spans")
    recorder.time(Work, "whole", "whole")
    recorder.time(Work, "part", "part")
    assert Work().whole() == "done"
    recorder.close()
    assert totals(tmp_path / "spans", {"whole"}) == {"part": 2000.0, "whole": 8000.0}
    assert totals(tmp_path / "spans", {"part"}) == {}


def test_both_sides_hear_the_same_words_in_turn() -> None:
    heard: list[tuple[str, str]] = []

    class Echo:
        def __init__(self, side: str) -> None:
            self.side = side

        async def open(self, client: httpx.AsyncClient) -> None:
            heard.append((self.side, "(opened)"))

        async def say(self, client: httpx.AsyncClient, text: str) -> str:
            heard.append((self.side, text))
            return text

    sides = [
        measure.Side("ours", lambda: Echo("ours"), lambda: 0.0),
        measure.Side("stock", lambda: Echo("stock"), lambda: 0.0),
    ]
    plan = measure.Plan({1: (2, 20)}, 1, 1, 1)
    found = asyncio.run(measure.levels(sides, plan))
    assert {name: len(load.milliseconds) for name, load in found[1].items()} == {
        "ours": 40,
        "stock": 40,
    }
    said = {side: [text for who, text in heard if who == side] for side in ("ours", "stock")}
    assert said["ours"] == said["stock"]
    whole, another = script.report(0), script.report(1000)
    assert said["ours"] == ["(opened)", *whole, "(opened)", *another[: 40 - len(whole)]]
    order = [who for who, _ in heard]
    switched = [who for number, who in enumerate(order) if not number or order[number - 1] != who]
    assert switched == ["ours", "stock", "ours"]

    heard.clear()
    grown = asyncio.run(measure.growth(sides, 1))
    assert {name: len(one.early) for name, one in grown.items()} == {"ours": 5, "stock": 5}
    # A fresh conversation up to turn 7, and one up to turn 62, each opened once.
    assert len([text for who, text in heard if who == "ours"]) == 7 + 62 + 2


def test_an_answer_that_is_none_stops_the_benchmark() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        held = {"messages": [{"text": "Sorry, our assistant is busy."}]}
        return httpx.Response(200, json=held if "conversations" in request.url.path else [])

    async def say(talk: load.Talk) -> None:
        async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
            await talk.say(client, "loud music")

    with pytest.raises(load.NoAnswer, match="was only held"):
        asyncio.run(say(load.OurTalk("http://bench.example")))
    with pytest.raises(load.NoAnswer, match="200"):
        asyncio.run(say(load.StockTalk("http://bench.example")))


def test_stock_learns_every_kind_from_a_fortieth_of_our_lines(tmp_path: Path) -> None:
    lines = stock_side.training_lines()
    project = tmp_path / "project"
    stock_side.write_project(project, lines)
    written = stock_side.lines_of(project / "data" / "nlu.yml")
    assert written == lines
    domain = yaml.safe_load((project / "domain.yml").read_text())
    kinds = {file.stem for file in stock_side.KINDS.glob("*.yml")}
    assert {f"report_{kind}" for kind in kinds} | set(stock_side.TALKS) == set(lines)
    assert set(lines) < set(domain["intents"])
    # A whole report answers each question of both forms once, between first words and talk.
    asked = [slot for form in domain["forms"].values() for slot in form["required_slots"]]
    beside = (script.BESIDE, *script.AFTER)
    assert len([one for one in script.report(0) if one not in beside]) == len(asked) + 1
    assert list(islice(script.unfinished(3), 3))[-1] == script.BESIDE


def test_another_project_is_another_model(tmp_path: Path) -> None:
    stock_side.write_project(tmp_path, {"thanks": ["ta"]})
    before = stock_side.fingerprint(tmp_path)
    assert stock_side.fingerprint(tmp_path) == before
    stock_side.write_project(tmp_path, {"thanks": ["ta", "cheers"]})
    assert stock_side.fingerprint(tmp_path) != before
