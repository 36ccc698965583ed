"""Reads every landlord's policy. Strict: a mistake stops the start, and all are told at once."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from api.policies import versions
from api.policies.check_pack import check_examples, check_policy
from api.policies.check_shared import check_behaviours, check_helplines, check_matrix
from api.policies.check_wording import check_numbers, check_policy_words, check_wording
from api.policies.place import Notebook, PolicyMistakes, shown
from api.policies.schema import Policy
from api.policies.schema_examples import Example, ExamplesFile
from api.policies.schema_shared import (
    Behaviour,
    BehavioursFile,
    Cue,
    Helpline,
    HelplinesFile,
    Message,
    RewordedMessage,
    RiskMatrix,
)

__all__ = [
    "Draft",
    "Pack",
    "Policies",
    "PolicyMistakes",
    "check_helplines",
    "load_draft",
    "load_policies",
    "policy_check",
]

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
    """Everything that is decided by data. `landlords`: code → pack, as `policy.toml` has it.

    `versions`: code → every version on file, by the day from which it is in force.
    """

    landlords: Mapping[str, Pack]
    versions: Mapping[str, tuple[Policy, ...]]
    risk_matrix: RiskMatrix
    behaviours: tuple[Behaviour, ...]
    cues: tuple[Cue, ...]
    helplines: tuple[Helpline, ...]

    def in_force(self, code: str, on: date) -> Pack:
        """A landlord's pack with the policy of that day; KeyError for an unknown landlord."""
        return self._with(code, versions.in_force(self.versions[code], on))

    def version(self, code: str, name: str) -> Pack | None:
        """A landlord's pack with the version of that name, None where it is not on file."""
        found = next((one for one in self.versions[code] if one.version == name), None)
        return self._with(code, found) if found else None

    def _with(self, code: str, policy: Policy) -> Pack:
        pack = self.landlords[code]
        return pack if policy is pack.policy else replace(pack, policy=policy)


@dataclass(frozen=True)
class Draft:
    """A policy that may not be in use. `wording`: message key → the landlord's own words; None
    where only the policy's file was read, as its words are then not known."""

    policy: Policy
    wording: Mapping[str, RewordedMessage] | None


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
    kept: dict[str, tuple[Policy, ...]] = {}
    names = sorted(p.name for p in folder.iterdir() if p.is_dir() and p.name != SHARED)
    if not names:
        lines.append(f"{folder.parent.name}/{folder.name}: no landlord has a folder here")
    for name in names:
        pack, every, found = _pack(folder, folder / name, base, words)
        lines += found
        if pack and helplines:
            numbers = _numbers(helplines.helplines)
            file = shown(folder, folder / name)
            found = check_numbers(pack.policy, pack.wording, numbers)
            lines += [f"{file}: {line}" for line in found]
            for policy in every:
                if policy is not pack.policy:
                    place = f"{file}/{versions.FOLDER}/{policy.version}.toml"
                    found = check_numbers(policy, {}, numbers)
                    lines += [f"{place}: {line}" for line in found]
        if pack:
            packs[name], kept[name] = pack, every
    if lines or matrix is None or words is None or helplines is None:
        raise PolicyMistakes(lines)
    return Policies(
        landlords=MappingProxyType(packs),
        versions=MappingProxyType(kept),
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


def load_draft(path: Path, folder: Path) -> Draft:
    """A policy file, or a folder that holds one, checked against the shared files of `folder`.

    Raises PolicyMistakes, one line per mistake. It need not stand in its landlord's folder.
    """
    file = path / "policy.toml" if path.is_dir() else path
    words, _ = _read(folder, folder / SHARED / "behaviours.toml", BehavioursFile)
    base, _ = _messages(folder, folder / SHARED / "wording.toml")
    policy, book = _policy(file.parent, file, base, words)
    lines = book.lines
    own: dict[str, RewordedMessage] | None = None
    if path.is_dir():
        own, book = _own_words(path, path / "wording.toml", base)
        lines += book.lines
    if policy is None or lines:
        raise PolicyMistakes(lines)
    return Draft(policy=policy, wording=own)


def _pack(
    folder: Path, own: Path, base: Mapping[str, Message], words: BehavioursFile | None
) -> tuple[Pack | None, tuple[Policy, ...], list[str]]:
    policy, book = _policy(folder, own / "policy.toml", base, words)
    if policy and policy.code != own.name:
        book.wrong("code", f"{policy.code!r} is not the name of its folder, {own.name!r}")
    lines = book.lines
    examples, book = _read(folder, own / "examples.toml", ExamplesFile, optional=True)
    if policy and examples:
        check_examples(examples, policy, book)
    lines += book.lines
    every = [policy] if policy else []
    for path in sorted((own / versions.FOLDER).glob("*.toml")):
        version, book = _policy(folder, path, base, words)
        if version:
            every.append(version)
            if version.code != own.name:
                book.wrong("code", f"{version.code!r} is not the name of its folder, {own.name!r}")
            if version.version != path.stem:
                book.wrong("version", f"{version.version!r} is not the name of its file")
        lines += book.lines
    book = Notebook(shown(folder, own))
    versions.check_versions(every, book)
    lines += book.lines
    changed, book = _own_words(folder, own / "wording.toml", base)
    wording = dict(base)
    for key, message in changed.items():
        wording[key] = base[key].model_copy(update=message.model_dump(exclude_none=True))
    for one in every:
        check_wording(wording, base, one, book)
    lines += book.lines
    if not policy or lines:
        return None, (), lines
    given = examples.examples if examples else ()
    pack = Pack(policy=policy, wording=MappingProxyType(wording), examples=given)
    return pack, versions.by_date(every), lines


def _policy(
    folder: Path, path: Path, base: Mapping[str, Message], words: BehavioursFile | None
) -> tuple[Policy | None, Notebook]:
    policy, book = _read(folder, path, Policy)
    if policy:
        check_policy(policy, words, book)
        check_policy_words(policy, base, book)
    return policy, book


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


def _own_words(
    folder: Path, path: Path, base: Mapping[str, Message]
) -> tuple[dict[str, RewordedMessage], Notebook]:
    """What a landlord says in its own words instead of the shared ones."""
    book = Notebook(shown(folder, path))
    own: dict[str, RewordedMessage] = {}
    for key, table in (_table(path, book) or {}).items() if path.exists() else ():
        try:
            message = RewordedMessage.model_validate(_tuples(table))
        except ValidationError as error:
            book.validation(error, key)
            continue
        if key in base:
            own[key] = message
        else:
            book.wrong(key, "there is no such message in shared/wording.toml")
    return own, book


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
