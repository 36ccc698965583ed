"""How long the danger screen takes, beside a plain spaCy tokenisation of the same messages.

Run: `python -m tests.bench.danger_screen`. Prints p50 and p95 (ms of processor time) by length and
the ratio of the two, so that a slow machine can be told from a slow screen. Aims: under 5 ms for a
message of 300 characters, under 20 ms for one of 2,000.
"""

import time
import tomllib
from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from statistics import quantiles

import spacy

from api.screening.danger import shared_screen

CASES = Path(__file__).parents[1] / "api" / "danger_cases.toml"
LENGTHS = (100, 300, 2000)
ROUNDS = 200


def messages(length: int) -> list[str]:
    """`ROUNDS` messages of `length` characters, made of the test cases end to end."""
    cases = tomllib.loads(CASES.read_text())
    texts = cycle(text for groups in cases.values() for group in groups for text in group["texts"])
    made = []
    for _ in range(ROUNDS):
        text = next(texts)
        while len(text) < length:
            text += ". " + next(texts)
        made.append(text[:length])
    return made


def timed(work: Callable[[str], object], texts: list[str]) -> tuple[float, float]:
    """(p50, p95) in milliseconds."""
    taken = []
    for text in texts:
        start = time.thread_time()
        work(text)
        taken.append((time.thread_time() - start) * 1000)
    cuts = quantiles(taken, n=20)
    return cuts[9], cuts[18]


def main() -> None:
    screen = shared_screen().screen
    tokenise = spacy.blank("en")
    print("characters   screen p50   p95 (ms)   spaCy p50   p95 (ms)   ratio of p50")
    for length in LENGTHS:
        texts = messages(length)
        for text in texts[:20]:
            screen(text)
            tokenise(text)
        ours, plain = timed(screen, texts), timed(tokenise, texts)
        print(
            f"{length:>10}   {ours[0]:>10.2f}   {ours[1]:>8.2f}   {plain[0]:>9.3f}   "
            f"{plain[1]:>8.3f}   {ours[0] / plain[0]:>12.0f}"
        )


if __name__ == "__main__":
    main()
