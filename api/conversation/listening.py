"""Whether the assistant listens: how many facts it asked for though they had been told. Pure."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

# What is read in a resident's words, and the question that it answers.
TELLS = {
    "when": "happened_when",
    "where": "happened_where",
    "how_often": "how_often",
    "now": "happening_now",
    "who": "who",
    "police_reference": "police_reference",
}
# Words of these turns are about something else than the report: an address holds a place, and a
# safe way to be reached holds a time.
ELSEWHERE = frozenset(
    {"name", "address", "contact", "safe_contact", "safe_how", "who", "evidence",
     "police_reference", "policy_answer"}
)  # fmt: skip
# The resident asked for it: what was told before is to be told again.
ON_PURPOSE = frozenset({"go_back", "ask_start_again"})


def told_after(
    before: Collection[str],
    *,
    asked: str | None,
    intent: str | None,
    entities: Iterable[Mapping[str, Any]],
    facts: Mapping[str, Any],
) -> list[str]:
    """The facts told by the end of a turn: those answered, and those that stood in the words.
    `asked` is the question that the words came in answer to."""
    if intent in ON_PURPOSE:
        return sorted(fact for fact in before if facts.get(fact) is not None)
    told = {*before, *(fact for fact in TELLS.values() if facts.get(fact) is not None)}
    if intent in ("describe", "answer") and asked not in ELSEWHERE:
        # Two readings of how often settle nothing.
        found = [(str(one["entity"]), str(one["value"])) for one in entities]
        often = {value for name, value in found if name == "how_often"}
        told |= {TELLS[n] for n, _ in found if n in TELLS and (n != "how_often" or len(often) == 1)}
    return sorted(told)


def asked_again(
    asks: str | None, *, asked: str | None, told: Collection[str], intent: str | None
) -> bool:
    """Whether a turn newly asks (`asks`; `asked` before it) for a fact that was told."""
    return asks is not None and asks != asked and asks in told and intent not in ON_PURPOSE
