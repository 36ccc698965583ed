"""The time that a resident told, said back as a definite one, so that it can be put right. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

Said = list[dict[str, Any]]
# Beside these the next question is asked as usual; beside anything else a time would be too much.
QUIET = frozenset({"first_words", "heard_kind"})


def say_definite(
    said: Sequence[Mapping[str, Any]], *, moment: str | None, fresh: bool, opening: bool
) -> Said:
    """A turn's messages with the definite time in them. `moment`: its plain form; `fresh`: told in
    this turn; `opening`: told in the first words, beside what happened."""
    told = [dict(one) for one in said]
    if not moment:
        return told
    done = [_in_place(one, moment) for one in told]
    if any(done) or not fresh or not _next_question(told):
        return told
    if opening:
        one: dict[str, Any] = {"say": "noted", "values": {"when": moment}}
    elif "since " in moment:
        one = {"say": "heard_answer", "values": {"answer": moment}}
    else:
        one = {"say": "heard_when", "values": {"moment": moment}}
    return [*told[:-1], one, told[-1]]


def _in_place(one: dict[str, Any], moment: str) -> bool:
    """Puts the definite time where the words stood; True where they did."""
    values = dict(one.get("values") or {})
    if one["say"] == "noted" and "when" in values:
        one["values"] = {**values, "when": moment}
        return True
    changes = values.get("changes")
    if one["say"] == "changed" and isinstance(changes, Mapping) and "when" in changes:
        one["values"] = {**values, "changes": {**changes, "when": moment}}
        return True
    return False


def _next_question(said: Said) -> bool:
    return said[-1]["say"].startswith("ask_") and all(one["say"] in QUIET for one in said[:-1])
