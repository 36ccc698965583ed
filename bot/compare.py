"""Measures the pipelines of bot/pipelines side by side: `python -m bot.compare [EVERY]`.

Each is trained on the same messages (every EVERY-th line of a kind; 1, the default, takes all) in a
process of its own and read against data/evaluation, which another hand wrote. Prints a table and
writes it to BOT_MODELS/compare.json: accuracy, milliseconds a message, memory, seconds to train.
"""

import asyncio
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PIPELINES = ROOT / "bot" / "pipelines"
KINDS = ROOT / "data" / "training" / "nlu" / "kinds"
TESTED = ROOT / "data" / "evaluation" / "second_hand.jsonl"
PREFIX = "report_"


def thinned(every: int, folder: Path) -> Path:
    """The kinds' training lines, one in `every`, as one file. Raises OSError."""
    import yaml

    blocks = []
    for path in sorted(KINDS.glob("*.yml")):
        for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            lines = block["examples"].splitlines()[::every]
            blocks.append({"intent": block["intent"], "examples": "\n".join(lines) + "\n"})
    target = folder / "nlu.yml"
    target.write_text(yaml.safe_dump({"version": "3.1", "nlu": blocks}), encoding="utf-8")
    return target


def measure(name: str, every: int) -> dict[str, Any]:
    """Trains one pipeline here and reads the tested messages with it."""
    from bot.early import before_imports

    before_imports()
    from rasa.core.agent import load_agent
    from rasa.model_training import train_nlu

    sys.path.insert(0, str(ROOT))
    os.chdir(ROOT)
    with tempfile.TemporaryDirectory() as folder:
        data = thinned(every, Path(folder))
        began, cpu = time.monotonic(), time.process_time()
        model = train_nlu(str(PIPELINES / f"{name}.yml"), str(data), folder, fixed_model_name=name)
        trained = time.monotonic() - began, time.process_time() - cpu
        peak_training = _peak()
        agent = asyncio.run(load_agent(model_path=model))
        return {
            "pipeline": name,
            "messages": sum(1 for line in data.read_text().splitlines() if "- " in line),
            "seconds_to_train": round(trained[0], 1),
            "cpu_seconds_to_train": round(trained[1], 1),
            "mib_in_training": peak_training,
            **asyncio.run(_read(agent)),
        }


async def _read(agent: Any) -> dict[str, Any]:
    first = second = 0
    spent = []
    cases = [json.loads(line) for line in TESTED.read_text(encoding="utf-8").splitlines()]
    for case in cases:
        began = time.perf_counter()
        parsed = await agent.parse_message(case["text"])
        spent.append((time.perf_counter() - began) * 1000)
        ranking = [one["name"].removeprefix(PREFIX) for one in parsed["intent_ranking"]]
        right = {case["category"], *case["also"]}
        first += bool(right & set(ranking[:1]))
        second += bool(right & set(ranking[:2]))
    return {
        "tested": len(cases),
        "first": round(first / len(cases), 3),
        "within_two": round(second / len(cases), 3),
        "ms_p50": round(statistics.median(spent), 1),
        "ms_p95": round(sorted(spent)[int(len(spent) * 0.95)], 1),
    }


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main() -> int:
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(measure(sys.argv[2], int(sys.argv[3]))))
        return 0
    every = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    rows = []
    for path in sorted(PIPELINES.glob("*.yml")):
        done = subprocess.run(
            [sys.executable, "-m", "bot.compare", "--one", path.stem, str(every)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            print(f"{path.stem} failed:\n{done.stderr[-1500:]}", file=sys.stderr)
            return 1
        rows.append(json.loads(done.stdout.splitlines()[-1]))
        print(json.dumps(rows[-1]), flush=True)
    from bot.train import models_folder

    models_folder().mkdir(parents=True, exist_ok=True)
    (models_folder() / "compare.json").write_text(json.dumps(rows, indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
