"""The figures of an evaluation. Pure: labelled messages and what was said of them, counted."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

from api.evaluation.cases import LabelledMessage

FLAGS = ("weapon", "domestic_abuse", "hate", "child", "self_harm", "exploitation")
SCREENED_OUT = frozenset({"not_asb", "elsewhere"})
BINS = 10
Z95 = 1.96


@dataclass(frozen=True)
class Said:
    """What the service makes of one message. `kinds`: (category, confidence), best first.

    By landlord: `outcomes`, `whys` and `decided`, the category that a case would stand under.
    `asked`: the resident is asked whether they are safe.
    """

    kinds: tuple[tuple[str, float], ...]
    flags: frozenset[str]
    asked: bool
    outcomes: Mapping[str, str]
    whys: Mapping[str, str]
    decided: Mapping[str, str]

    @property
    def emergency(self) -> bool:
        return "emergency" in self.flags

    @property
    def first(self) -> str:
        return self.kinds[0][0]

    def among(self, right: frozenset[str], most: int) -> bool:
        return any(kind in right for kind, _ in self.kinds[:most])


Row = tuple[LabelledMessage, Said]


def share(hits: int, of: int) -> dict[str, Any]:
    """A share with its count and 95% interval (Wilson); `share` is null where there is nothing."""
    if of == 0:
        return {"hits": 0, "of": 0, "share": None, "low": None, "high": None}
    p = hits / of
    middle = (p + Z95**2 / (2 * of)) / (1 + Z95**2 / of)
    half = Z95 * sqrt(p * (1 - p) / of + Z95**2 / (4 * of**2)) / (1 + Z95**2 / of)
    return {
        "hits": hits,
        "of": of,
        "share": round(p, 4),
        "low": round(max(0.0, middle - half), 4),
        "high": round(min(1.0, middle + half), 4),
    }


def counted(rows: Iterable[Row], hit: Callable[[LabelledMessage, Said], bool]) -> dict[str, Any]:
    hits = [hit(case, said) for case, said in rows]
    return share(sum(hits), len(hits))


def figures(rows: Sequence[Row]) -> dict[str, Any]:
    """Everything that section 5 of the contract asks for, and what explains it."""
    certain = [row for row in rows if not row[0].uncertain]
    return {
        "messages": len(rows),
        "category": {
            "first": counted(rows, lambda c, s: s.among(c.right_kinds, 1)),
            "within_two": counted(rows, lambda c, s: s.among(c.right_kinds, 2)),
            "decided": share(
                sum(kind in c.right_kinds for c, s in rows for kind in s.decided.values()),
                sum(len(s.decided) for _, s in rows),
            ),
            "first_certain": counted(certain, lambda c, s: s.among(c.right_kinds, 1)),
            "within_two_certain": counted(certain, lambda c, s: s.among(c.right_kinds, 2)),
        },
        "categories": per_category(rows),
        "confusion": confusion(rows),
        "calibration": calibration(rows),
        "landlords": per_landlord(rows),
        "danger": danger(rows),
        "danger_certain": danger(certain),
        "flags": {flag: per_flag(rows, flag) for flag in FLAGS},
        "voices": voices(rows),
    }


def per_category(rows: Sequence[Row]) -> dict[str, Any]:
    """By the label's category: found first, within two; and of those said first, how many right."""
    found = {}
    for kind in sorted({case.category for case, _ in rows} | {said.first for _, said in rows}):
        told = [row for row in rows if row[0].category == kind]
        guessed = [row for row in rows if row[1].first == kind]
        found[kind] = {
            "first": counted(told, lambda c, s: s.among(c.right_kinds, 1)),
            "within_two": counted(told, lambda c, s: s.among(c.right_kinds, 2)),
            "right_of_said": counted(guessed, lambda c, s: s.among(c.right_kinds, 1)),
        }
    return found


def confusion(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """(truth, said, how many) of the wrong first guesses, most first."""
    wrong = Counter(
        (case.category, said.first) for case, said in rows if not said.among(case.right_kinds, 1)
    )
    return [{"truth": t, "said": s, "times": n} for (t, s), n in wrong.most_common()]


def calibration(rows: Sequence[Row]) -> dict[str, Any]:
    """Is 0.8 right 80% of the time? Bins of the first guess's confidence, and the mean gap."""
    bins: list[list[tuple[float, bool]]] = [[] for _ in range(BINS)]
    for case, said in rows:
        confidence = said.kinds[0][1]
        place = min(int(confidence * BINS), BINS - 1)
        bins[place].append((confidence, said.among(case.right_kinds, 1)))
    shown = [
        {
            "from": place / BINS,
            "to": (place + 1) / BINS,
            "confidence": round(sum(c for c, _ in bin_) / len(bin_), 4),
            "right": share(sum(r for _, r in bin_), len(bin_)),
        }
        for place, bin_ in enumerate(bins)
        if bin_
    ]
    gap = sum(
        one["right"]["of"] * abs(one["confidence"] - one["right"]["share"])  # type: ignore[index]
        for one in shown
    )
    return {"bins": shown, "expected_gap": round(gap / len(rows), 4)}


def per_landlord(rows: Sequence[Row]) -> dict[str, Any]:
    """Truth x said, wrongly screened out and wrongly let in, for each landlord in the labels."""
    found = {}
    for landlord in sorted({landlord for case, _ in rows for landlord in case.is_asb}):
        judged = [
            (c.is_asb[landlord], s.outcomes[landlord]) for c, s in rows if landlord in c.is_asb
        ]
        table = Counter(judged)
        real = [said for truth, said in judged if truth == "asb"]
        none = [said for truth, said in judged if truth == "not_asb"]
        found[landlord] = {
            "table": [
                {"truth": truth, "said": said, "times": times}
                for (truth, said), times in sorted(table.items())
            ],
            "wrongly_screened_out": share(sum(s in SCREENED_OUT for s in real), len(real)),
            "wrongly_let_in": share(sum(s == "asb" for s in none), len(none)),
        }
    return found


def danger(rows: Sequence[Row]) -> dict[str, Any]:
    """Emergencies found, found or at least asked about, and false alarms."""
    real = [row for row in rows if row[0].emergency]
    calm = [row for row in rows if not row[0].emergency]
    return {
        "recall": counted(real, lambda c, s: s.emergency),
        "recall_or_asked": counted(real, lambda c, s: s.emergency or s.asked or bool(s.flags)),
        "false_alarms": counted(calm, lambda c, s: s.emergency),
        "asked_without_need": counted(calm, lambda c, s: s.asked and not s.emergency),
    }


def per_flag(rows: Sequence[Row], flag: str) -> dict[str, Any]:
    told = [row for row in rows if flag in row[0].flags]
    said = [row for row in rows if flag in row[1].flags]
    return {
        "recall": counted(told, lambda c, s: flag in s.flags),
        "precision": counted(said, lambda c, s: flag in c.flags),
    }


def voices(rows: Sequence[Row]) -> dict[str, Any]:
    """The same report told in several voices: how often each voice is judged right, and how often
    every voice of a report is judged alike. Empty where no message has a group."""
    grouped: dict[str, list[Row]] = {}
    for case, said in rows:
        if case.group and case.voice:
            grouped.setdefault(case.group, []).append((case, said))
    told = [row for group in grouped.values() for row in group]
    if not told:
        return {}
    each = {}
    for voice in sorted({case.voice or "" for case, _ in told}):
        here = [row for row in told if row[0].voice == voice]
        each[voice] = {
            "first": counted(here, lambda c, s: s.among(c.right_kinds, 1)),
            "within_two": counted(here, lambda c, s: s.among(c.right_kinds, 2)),
            "danger": danger(here),
            "flags_right": counted(
                here, lambda c, s: frozenset(c.flags) == s.flags - {"emergency"}
            ),
        }
    groups = list(grouped.values())
    alike: dict[str, Callable[[Said], object]] = {
        "first": lambda s: s.first,
        "emergency": lambda s: s.emergency,
        "flags": lambda s: s.flags - {"emergency"},
        "outcomes": lambda s: tuple(sorted(s.outcomes.items())),
    }
    return {
        "voices": each,
        "alike": {
            name: share(sum(len({seen(s) for _, s in g}) == 1 for g in groups), len(groups))
            for name, seen in alike.items()
        },
    }


def misses(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Every message on which something was wrong, with what and why; the gravest first."""
    found = []
    for case, said in rows:
        wrong: list[str] = []
        if case.emergency and not said.emergency:
            wrong.append("danger missed" if not said.asked else "danger asked about, not alarmed")
        for landlord, truth in case.is_asb.items():
            outcome = said.outcomes[landlord]
            why = said.whys.get(landlord, "")
            if truth == "asb" and outcome in SCREENED_OUT:
                wrong.append(f"screened out by {landlord}: {why}")
            elif truth == "not_asb" and outcome == "asb":
                wrong.append(f"let in by {landlord}: {why}")
        wrong += [f"flag {flag} missed" for flag in case.flags if flag not in said.flags]
        if said.emergency and not case.emergency:
            wrong.append("false alarm")
        spare = said.flags - {"emergency", *case.flags}
        wrong += [f"flag {flag} without need" for flag in sorted(spare)]
        if not said.among(case.right_kinds, 1):
            two = " (second guess)" if said.among(case.right_kinds, 2) else ""
            wrong.append(f"kind {said.first}, not {case.category}{two}")
        if wrong:
            found.append(
                {
                    "id": case.id,
                    "text": case.text,
                    "wrong": wrong,
                    "uncertain": case.uncertain,
                    "note": case.note,
                    "kinds": [f"{kind} {confidence:.2f}" for kind, confidence in said.kinds[:3]],
                    "flags": sorted(said.flags),
                }
            )
    order = ("danger", "screened out", "flag", "false alarm", "let in", "kind")
    rank = {word: place for place, word in enumerate(order)}

    def gravest(miss: dict[str, Any]) -> int:
        return min(
            next((rank[word] for word in order if one.startswith(word)), 9) for one in miss["wrong"]
        )

    return sorted(found, key=gravest)
