"""What is offered where no form asks (the risk questions, the advice, the check-in, whose matter it
is) can still be taken after talk beside it."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

# What an offer holds, and how the first thing begins that is said to whoever takes it.
LEADS_TO = {
    "start_risk": ("ask_r", "ask_consent", "risk_done", "summary"),
    "later": ("risk_later",),
    "summary": ("summary",),
    "ok": ("advice_ok",),
    "challenge": ("challenge_recorded",),
    "better": ("checkin_thanks_better",),
    "same": ("checkin_thanks_same",),
    "worse": ("checkin_thanks_worse",),
    "call_me": ("checkin_thanks_call_me",),
    "accused_yes": ("accused_kept",),
    "accused_no": ("thanks_for_saying",),
    "new_matter": ("new_report",),
    "same_matter": ("same_matter",),
}


@dataclass
class Offers:
    """Follows one conversation, reply by reply. `open`: value to label of what may be taken now;
    `beside`: whether talk has come in between since it was offered."""

    open: dict[str, str] = field(default_factory=dict)
    beside: bool = False
    _taking: str | None = None

    def take(self, rng: random.Random) -> str:
        """The words that take one of what is open."""
        self._taking = rng.choice(sorted(self.open))
        return self.open[self._taking]

    def heard(
        self, kind: str, keys: Sequence[str], choices: Sequence[dict[str, Any]]
    ) -> str | None:
        """Notes a reply (all its keys, and the choices that stand after it) to a move of that
        kind. Gives what is wrong, if an offer was to be taken and was not."""
        wrong = None
        if self._taking and not _begins(keys, LEADS_TO[self._taking]):
            wrong = f"{self.open[self._taking]!r} could not be taken after talk: {list(keys)}"
        offered = {one["value"]: one["label"] for one in choices if one["value"] in LEADS_TO}
        # "Thank you" beside the advice, "hold on" beside the questions: talk may take it as well.
        taken = self._taking or any(_begins(keys, LEADS_TO[value]) for value in self.open)
        self._taking = None
        stands = kind == "aside" and bool(self.open) and not taken
        if not stands:
            self.open = offered
        self.beside = stands
        return wrong


def _begins(keys: Sequence[str], with_one_of: tuple[str, ...]) -> bool:
    return any(key.startswith(with_one_of) for key in keys)
