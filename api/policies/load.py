"""Reads every landlord's policy. Strict: a mistake stops the start, and all are told at once."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from api.policies.check_pack import check_examples, check_policy
from api.policies.check_shared import check_behaviours, check_helplines, check_matrix
from api.policies.check_wording import check_numbers, check_policy_words, check_wording
from api.policies.place import Notebook, PolicyMistakes, shown
from api.policies.schema import (
    Behaviour,
    BehavioursFile,
    Cue,
    Example,
    ExamplesFile,
    Helpline,
    HelplinesFile,
    Message,
    Policy,
    RewordedMessage,
    RiskMatrix,
)

__all__ = ["Pack", "Policies", "PolicyMistakes", "check_helplines", "load_policies", "policy_check"]

SHARED = "shared"
Shape = TypeVar("Shape", bound=BaseModel)


@dataclass(frozen=True)
class Pack:
    """One landlord: its policy, its wording (shared words under its own), its examples."""

    policy: Policy
    wording: Mapping[str, Message]
    examples: tuple[Example, ...]


@dataclass(frozen=True)
class Policies:
    """Everything that is decided by data. `landlords`: code → pack."""

    landlords: Mapping[str, Pack]
    risk_matrix: RiskMatrix
    behaviours: tuple[Behaviour, ...]
    cues: tuple[Cue, ...]
    helplines: tuple[Helpline, ...]


def load_policies(folder: Path) -> Policies:
    """All packs below `folder` (one folder per landlord, and `shared`).

    Raises PolicyMistakes with one line per mistake, over all files.
    """
    lines: list[str] = []
    shared = folder / SHARED
    matrix, book = _read(folder, shared / "risk_matrix.toml", RiskMatrix)
    if matrix:
        check_matrix(matrix, book)
    lines += book.lines
    words, book = _read(folder, shared / "behaviours.toml", BehavioursFile)
    if words:
        check_behaviours(words, book)
    lines += book.lines
    helplines, book = _read(folder, shared / "helplines.toml", HelplinesFile)
    lines += book.lines
    base, book = _messages(folder, shared / "wording.toml")
    lines += book.lines

    packs: dict[str, Pack] = {}
    names = sorted(p.name for p in folder.iterdir() if p.is_dir() and p.name != SHARED)
    if not names:
        lines.append(f"{folder.parent.name}/{folder.name}: no landlord has a folder here")
    for name in names:
        pack, found = _pack(folder, folder / name, base, words)
        lines += found
        if pack and helplines:
            file = f"{folder.parent.name}/{folder.name}/{name}"
            found = check_numbers(pack.policy, pack.wording, _numbers(helplines.helplines))
            lines += [f"{file}: {line}" for line in found]
        if pack:
            packs[name] = pack
    if lines or matrix is None or words is None or helplines is None:
        raise PolicyMistakes(lines)
    return Policies(
        landlords=MappingProxyType(packs),
        risk_matrix=matrix,
        behaviours=words.behaviours,
        cues=words.cues,
        helplines=helplines.helplines,
    )


def policy_check(folder: Path, on: date) -> list[str]:
    """Every mistake of the packs as a line, and every helpline past its review on that day."""
    try:
        policies = load_policies(folder)
    except PolicyMistakes as mistakes:
        return list(mistakes.lines)
    file = shown(folder, folder / SHARED / "helplines.toml")
    return [f"{file}: {line}" for line in check_helplines(policies.helplines, on)]


def _pack(
    folder: Path, own: Path, base: Mapping[str, Message], words: BehavioursFile | None
) -> tuple[Pack | None, list[str]]:
    policy, book = _read(folder, own / "policy.toml", Policy)
    lines = book.lines
    if policy:
        if policy.code != own.name:
            book.wrong("code", f"{policy.code!r} is not the name of its folder, {own.name!r}")
        check_policy(policy, words, book)
        check_policy_words(policy, base, book)
    examples, book = _read(folder, own / "examples.toml", ExamplesFile, optional=True)
    if policy and examples:
        check_examples(examples, policy, book)
    lines += book.lines
    wording, book = _reworded(folder, own / "wording.toml", base)
    if policy:
        check_wording(wording, base, policy, book)
    lines += book.lines
    if not policy or lines:
        return None, lines
    kept = examples.examples if examples else ()
    return Pack(policy=policy, wording=MappingProxyType(wording), examples=kept), lines


def _read(
    folder: Path, path: Path, shape: type[Shape], *, optional: bool = False
) -> tuple[Shape | None, Notebook]:
    book = Notebook(shown(folder, path))
    if optional and not path.exists():
        return None, book
    table = _table(path, book)
    if table is None:
        return None, book
    try:
        return shape.model_validate(_tuples(table)), book
    except ValidationError as error:
        book.validation(error)
        return None, book


def _table(path: Path, book: Notebook) -> dict[str, Any] | None:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        book.wrong("", "the file is missing")
    except UnicodeDecodeError:
        book.wrong("", "is not UTF-8 text")
    except tomllib.TOMLDecodeError as error:
        book.wrong("", f"is not TOML: {error}")
    return None


def _messages(folder: Path, path: Path) -> tuple[dict[str, Message], Notebook]:
    book = Notebook(shown(folder, path))
    messages: dict[str, Message] = {}
    for key, table in (_table(path, book) or {}).items():
        try:
            messages[key] = Message.model_validate(_tuples(table))
        except ValidationError as error:
            book.validation(error, key)
    return messages, book


def _reworded(
    folder: Path, path: Path, base: Mapping[str, Message]
) -> tuple[dict[str, Message], Notebook]:
    """The shared messages with the landlord's own words laid over them."""
    book = Notebook(shown(folder, path))
    messages = dict(base)
    for key, table in (_table(path, book) or {}).items() if path.exists() else ():
        try:
            own = RewordedMessage.model_validate(_tuples(table))
        except ValidationError as error:
            book.validation(error, key)
            continue
        if key not in base:
            book.wrong(key, "there is no such message in shared/wording.toml")
            continue
        messages[key] = base[key].model_copy(update=own.model_dump(exclude_none=True))
    return messages, book


def _numbers(helplines: tuple[Helpline, ...]) -> frozenset[str]:
    """Every number of the table, digits only."""
    given = (number for line in helplines for number in (line.number, line.text_number) if number)
    return frozenset("".join(c for c in number if c.isdigit()) for number in given)


def _tuples(value: Any) -> Any:
    """TOML's arrays as tuples, which is what strict, frozen models hold."""
    if isinstance(value, list):
        return tuple(_tuples(item) for item in value)
    if isinstance(value, dict):
        return {key: _tuples(item) for key, item in value.items()}
    return value
