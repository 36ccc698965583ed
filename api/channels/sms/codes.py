"""A provider's error codes and what follows from each: data/sms/<provider>.toml, read strictly."""

import tomllib
from collections import Counter
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from api.settings import ROOT

FOLDER = ROOT / "data" / "sms"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Rule(_Strict):
    """What follows from some codes.

    `then`: `retry` the provider did not take the text, the same one is tried again with back-off ·
    `again` it was taken and did not arrive, a new one goes out, a few times · `stop` it never will.
    `tell_admin`: somebody must mend the account. `stops_texts`: the person has opted out there.
    """

    codes: list[str]
    then: Literal["retry", "again", "stop"]
    words: str  # for officers: what happened
    tell_admin: bool = False
    stops_texts: bool = False


class Codes(_Strict):
    """`again_after_minutes`: the waits before each new try of a text that did not arrive."""

    source: str
    again_after_minutes: list[int] = Field(min_length=1)
    unknown: Rule
    rules: list[Rule]

    @model_validator(mode="after")
    def _each_once(self) -> "Codes":
        counts = Counter(code for rule in self.rules for code in rule.codes)
        twice = [code for code, times in counts.items() if times > 1]
        if twice:
            raise ValueError(f"codes with two rules: {', '.join(twice)}")
        return self

    def of(self, code: str | None) -> Rule:
        """The rule for a code; an unlisted one gets the rule for what nobody has foreseen."""
        return next((rule for rule in self.rules if code in rule.codes), self.unknown)

    @property
    def for_the_admin(self) -> frozenset[str]:
        return frozenset(code for rule in self.rules if rule.tell_admin for code in rule.codes)


def load_codes(provider: str) -> Codes:
    """Raises pydantic's ValidationError on a mistake in the file."""
    path: Path = FOLDER / f"{provider}.toml"
    return Codes.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
