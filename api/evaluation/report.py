"""The report of an evaluation: text for a terminal, JSON, and a page with charts."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, select_autoescape

from api.evaluation.figures import FLAGS

PAGES = Environment(
    loader=PackageLoader("api.evaluation", ""), autoescape=select_autoescape(), trim_blocks=True
)


def said_plainly(one: Mapping[str, Any]) -> str:
    """For example `95.0% (190 of 200; 91.0–97.3)`."""
    if one["share"] is None:
        return "none to count"
    low, high = one["low"] * 100, one["high"] * 100
    return f"{one['share']:.1%} ({one['hits']} of {one['of']}; {low:.1f}–{high:.1f})"


def in_words(name: str, found: Mapping[str, Any], before: Mapping[str, Any] | None) -> str:
    """The figures as lines; beside each, what it was in an earlier report, where one is given."""
    lines = [f"{name}: {found['messages']} messages (count and 95% interval in brackets)", ""]

    def add(label: str, *path: str) -> None:
        here, then = _at(found, path), _at(before or {}, path)
        was = f"   before: {said_plainly(then)}" if then else ""
        lines.append(f"  {label:<38}{said_plainly(here)}{was}")

    lines.append("Category")
    add("right first", "category", "first")
    add("right within two", "category", "within_two")
    add("right as decided, over landlords", "category", "decided")
    add("right first, certain labels", "category", "first_certain")
    add("right within two, certain labels", "category", "within_two_certain")
    lines.append(f"  {'mean gap of confidence':<38}{found['calibration']['expected_gap']:.3f}")
    lines.append("Danger")
    add("found", "danger", "recall")
    add("found, certain labels", "danger_certain", "recall")
    add("found, flagged or asked about", "danger", "recall_or_asked")
    add("false alarms", "danger", "false_alarms")
    add("false alarms, certain labels", "danger_certain", "false_alarms")
    add("asked without need", "danger", "asked_without_need")
    lines.append("Flags (found; right of those said)")
    for flag in FLAGS:
        add(f"{flag} found", "flags", flag, "recall")
        add(f"{flag} right", "flags", flag, "precision")
    for landlord in found["landlords"]:
        lines.append(landlord)
        add("wrongly screened out", "landlords", landlord, "wrongly_screened_out")
        add("wrongly let in", "landlords", landlord, "wrongly_let_in")
        for cell in found["landlords"][landlord]["table"]:
            lines.append(f"    {cell['truth']:>9} said {cell['said']:<10}{cell['times']:>5}")
    if found["voices"]:
        lines.append("The same report in several voices, judged alike")
        for what in found["voices"]["alike"]:
            add(what, "voices", "alike", what)
        for voice in found["voices"]["voices"]:
            add(f"{voice}: kind right first", "voices", "voices", voice, "first")
            add(f"{voice}: danger found", "voices", "voices", voice, "danger", "recall")
    lines.append("Taken for another kind (truth, said, times)")
    for cell in found["confusion"][:15]:
        lines.append(f"  {cell['truth']:>20} {cell['said']:<20}{cell['times']:>4}")
    return "\n".join(lines) + "\n"


def _at(found: Mapping[str, Any], path: Sequence[str]) -> Any:
    for step in path:
        found = found.get(step) or {}
    return found


def write_report(
    folder: Path,
    name: str,
    found: Mapping[str, Any],
    missed: Sequence[Mapping[str, Any]],
    before: Mapping[str, Any] | None,
) -> dict[str, Path]:
    """Writes `NAME.txt`, `.json`, `.html` and `-misses.jsonl` into the folder; says where."""
    folder.mkdir(parents=True, exist_ok=True)
    written = {
        "text": folder / f"{name}.txt",
        "figures": folder / f"{name}.json",
        "page": folder / f"{name}.html",
        "misses": folder / f"{name}-misses.jsonl",
    }
    written["text"].write_text(in_words(name, found, before), encoding="utf-8")
    written["figures"].write_text(json.dumps(found, indent=1), encoding="utf-8")
    page = PAGES.get_template("page.html").render(
        name=name, found=found, missed=missed, flags=FLAGS, plainly=said_plainly
    )
    written["page"].write_text(page, encoding="utf-8")
    with written["misses"].open("w", encoding="utf-8") as out:
        out.writelines(json.dumps(one, ensure_ascii=False) + "\n" for one in missed)
    return written
