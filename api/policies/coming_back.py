"""How long a conversation may rest, and what happens then: shared data, a landlord may differ."""

import tomllib
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import PositiveInt, ValidationError

from api.policies.load import PolicyMistakes
from api.policies.schema import Category, Entry

FILE = "coming_back.toml"


class Waits(Entry):
    """The waits of one landlord. Hours and minutes are whole and above zero."""

    welcome_after_minutes: PositiveInt
    nudge: bool
    nudge_after_hours: PositiveInt
    incomplete_after_hours: PositiveInt
    incomplete_after_hours_flagged: PositiveInt
    code_minutes: PositiveInt
    never_nudge: tuple[Category, ...]

    @property
    def welcome_after(self) -> timedelta:
        return timedelta(minutes=self.welcome_after_minutes)

    @property
    def nudge_after(self) -> timedelta:
        return timedelta(hours=self.nudge_after_hours)

    def incomplete_after(self, *, flagged: bool) -> timedelta:
        hours = self.incomplete_after_hours_flagged if flagged else self.incomplete_after_hours
        return timedelta(hours=hours)

    @property
    def code_valid(self) -> timedelta:
        return timedelta(minutes=self.code_minutes)


class ComingBack:
    """The waits of every landlord, and the words for where somebody was."""

    def __init__(
        self, defaults: Waits, landlords: Mapping[str, Waits], topics: Mapping[str, str]
    ) -> None:
        self._defaults = defaults
        self._landlords = landlords
        self.topics = topics

    def of(self, landlord: str) -> Waits:
        return self._landlords.get(landlord, self._defaults)

    def topic(self, asked: str | None, phase: str) -> str:
        """What to call the place where a question stood: `happened_when` → `when it happened`."""
        code = "risk" if phase == "risk" and asked not in self.topics else asked
        return self.topics.get(code or "", self.topics["other"])


def load_coming_back(shared: Path, landlords: Mapping[str, Any]) -> ComingBack:
    """Reads `coming_back.toml`. Raises PolicyMistakes with file and place of each mistake."""
    path = shared / FILE
    place = f"{shared.name}/{FILE}"
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise PolicyMistakes([f"{place}: the file is missing"]) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PolicyMistakes([f"{place}: is not TOML: {error}"]) from None
    defaults = table.get("defaults", {})
    lines = [
        f"{place}: {name}: there is no such table"
        for name in table
        if name not in {"defaults", "landlords", "topics"}
    ]
    topics = table.get("topics", {})
    if not topics.get("other"):
        lines.append(f"{place}: topics.other: is missing; it stands for every other question")
    lines += [
        f"{place}: landlords.{name}: there is no such landlord"
        for name in table.get("landlords", {})
        if name not in landlords
    ]
    read: dict[str, Waits] = {}
    for name, changed in (("defaults", {}), *table.get("landlords", {}).items()):
        try:
            read[name] = Waits.model_validate(_tuples({**defaults, **changed}))
        except ValidationError as error:
            lines += [
                f"{place}: {name}.{'.'.join(map(str, one['loc']))}: {one['msg']}"
                for one in error.errors()
            ]
    if lines:
        raise PolicyMistakes(lines)
    own = {name: waits for name, waits in read.items() if name != "defaults"}
    return ComingBack(read["defaults"], MappingProxyType(own), MappingProxyType(topics))


def _tuples(table: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: tuple(value) if isinstance(value, list) else value for name, value in table.items()
    }
