"""The arithmetic of the benchmark: percentiles, ratios and whether an aim is met."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil


def percentile(values: Sequence[float], part: float) -> float:
    """The smallest value that at least `part` (0 to 1) of all are not above: nearest rank.

    Raises ValueError where there is no value.
    """
    if not values:
        raise ValueError("a percentile of nothing")
    if not 0 < part <= 1:
        raise ValueError(f"a part lies above 0 and is at most 1, not {part}")
    return sorted(values)[ceil(part * len(values)) - 1]


def ratio(ours: float, theirs: float) -> float:
    """How many times theirs ours is. Raises ValueError where theirs is nothing."""
    if theirs <= 0:
        raise ValueError(f"a ratio to {theirs}")
    return ours / theirs


@dataclass(frozen=True)
class Load:
    """The turns of one side at one number of residents: milliseconds each, and seconds in all.

    `processor_seconds` is what the side's own processes used.
    """

    milliseconds: tuple[float, ...]
    seconds: float
    processor_seconds: float = 0.0

    @property
    def p50(self) -> float:
        return percentile(self.milliseconds, 0.5)

    @property
    def p95(self) -> float:
        return percentile(self.milliseconds, 0.95)

    @property
    def turns_a_second(self) -> float:
        return len(self.milliseconds) / self.seconds

    @property
    def processor_ms_a_turn(self) -> float:
        return 1000 * self.processor_seconds / len(self.milliseconds)

    def __add__(self, other: "Load") -> "Load":
        return Load(
            self.milliseconds + other.milliseconds,
            self.seconds + other.seconds,
            self.processor_seconds + other.processor_seconds,
        )

    def as_json(self) -> dict[str, float | int]:
        return {
            "turns": len(self.milliseconds),
            "p50_ms": round(self.p50, 2),
            "p95_ms": round(self.p95, 2),
            "turns_per_second": round(self.turns_a_second, 2),
            "processor_ms_per_turn": round(self.processor_ms_a_turn, 2),
        }


@dataclass(frozen=True)
class Aim:
    """What a figure should be: at most, or at least, a limit."""

    what: str
    value: float
    limit: float
    unit: str = ""
    at_least: bool = False

    @property
    def met(self) -> bool:
        return self.value >= self.limit if self.at_least else self.value <= self.limit

    def line(self) -> str:
        bound = "at least" if self.at_least else "at most"
        verdict = "met   " if self.met else "MISSED"
        unit = f" {self.unit}" if self.unit else ""
        return f"{verdict}  {self.what}: {self.value:.2f}{unit} ({bound} {self.limit:g}{unit})"

    def as_json(self) -> dict[str, object]:
        return {
            "what": self.what,
            "value": round(self.value, 4),
            "limit": self.limit,
            "unit": self.unit,
            "at_least": self.at_least,
            "met": self.met,
        }
