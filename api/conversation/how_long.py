"""How many questions are still to come, for whoever asks how long it takes. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

# Asked of every report, as far as they are not told yet.
REPORT = (
    "happened_when", "happened_where", "how_often", "happening_now", "who", "police_reference",
    "evidence", "name", "address", "contact", "safe_contact",
)  # fmt: skip
FEW = 3


def how_long(
    form: str | None, phase: str, slots: Mapping[str, Any], questions: Iterable[int]
) -> dict[str, Any]:
    """What to say. `form`: the one whose question stands; `questions`: the card's numbers."""
    if form == "report_form":
        # After domestic abuse nearly all of them are left out.
        few = slots.get("kind") == "domestic_abuse"
        return _say("how_long", 0 if few else _unknown(REPORT, slots))
    if form == "risk_form" or (form is None and phase == "risk"):
        # The last one is whether all that we have is right.
        left = _unknown((*(f"r{number}" for number in questions), "consent"), slots) + 1
        return _say("how_long_risk", left)
    return {"say": "how_long_few" if form else "how_long_none"}


def _unknown(asked: Iterable[str], slots: Mapping[str, Any]) -> int:
    return sum(slots.get(slot) is None for slot in asked)


def _say(key: str, left: int) -> dict[str, Any]:
    return {"say": key, "values": {"count": left}} if left > FEW else {"say": "how_long_few"}
