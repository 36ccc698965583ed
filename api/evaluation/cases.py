"""Labelled messages: one JSON object a line. A line that cannot be read is named, not skipped."""

import json
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from api.policies.schema import Category, Flag

Truth = Literal["asb", "not_asb", "question"]


class CasesUnreadable(ValueError):
    """What is wrong with a file of labelled messages: a line for each mistake."""


class LabelledMessage(BaseModel):
    """`also`: other categories that count as right. `is_asb`: landlord -> truth. `uncertain`:
    people would differ. `group` and `voice`: the same report told in several voices."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: str
    text: str
    category: Category
    also: tuple[Category, ...] = ()
    is_asb: dict[str, Truth] = {}
    emergency: bool = False
    flags: tuple[Flag, ...] = ()
    uncertain: bool = False
    note: str = ""
    group: str | None = None
    voice: str | None = None

    @property
    def right_kinds(self) -> frozenset[str]:
        return frozenset((self.category, *self.also))


def read_cases(path: Path) -> tuple[LabelledMessage, ...]:
    """Every message of the file. Raises CasesUnreadable with one line per mistake."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as trouble:
        raise CasesUnreadable(f"{path}: cannot be read ({trouble})") from trouble
    found: list[LabelledMessage] = []
    mistakes: list[str] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            found.append(LabelledMessage.model_validate(json.loads(line)))
        except json.JSONDecodeError as error:
            mistakes.append(f"{path.name}:{number}: not JSON: {error}")
        except ValidationError as error:
            mistakes += [
                f"{path.name}:{number}: {'.'.join(map(str, one['loc']))}: {one['msg']}"
                for one in error.errors()
            ]
    if not mistakes and not found:
        mistakes.append(f"{path.name}: holds no messages")
    if mistakes:
        raise CasesUnreadable("\n".join(mistakes))
    return tuple(found)
