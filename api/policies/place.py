"""One line per mistake in a pack: which file, where in it, what is wrong."""

from collections.abc import Iterable
from pathlib import Path

from pydantic import ValidationError


class PolicyMistakes(Exception):
    """What must be mended before the policies can be used: one line per mistake."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.lines: tuple[str, ...] = tuple(dict.fromkeys(lines))
        super().__init__("\n".join(self.lines))


class Notebook:
    """Mistakes of one file, written down as they are found."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.lines: list[str] = []

    def wrong(self, place: str, what: str) -> None:
        """Notes one mistake; an empty place means the whole file."""
        self.lines.append(f"{self.file}: {place}: {what}" if place else f"{self.file}: {what}")

    def validation(self, error: ValidationError, within: str = "") -> None:
        """Notes each of pydantic's findings in plain words."""
        for found in error.errors(include_url=False):
            self.wrong(_dotted(within, found["loc"]), _plainly(found["type"], found))


def shown(folder: Path, path: Path) -> str:
    """A file's name as people know it: from the folder above the policies."""
    return f"{folder.parent.name}/{folder.name}/{path.relative_to(folder).as_posix()}"


def _dotted(within: str, loc: tuple[int | str, ...]) -> str:
    place = within
    for part in loc:
        place += f"[{part}]" if isinstance(part, int) else f".{part}" if place else part
    return place


def _plainly(kind: str, found: object) -> str:
    detail = dict(found)  # type: ignore[call-overload]
    given = detail.get("input")
    if kind == "extra_forbidden":
        return "unknown key"
    if kind == "missing":
        return "is missing"
    if kind == "literal_error":
        return f"{given!r} is not one of {detail['ctx']['expected']}"
    if kind == "string_pattern_mismatch":
        return f"{given!r} is not a code (lower case letters, digits, _ and -)"
    message = str(detail["msg"])
    return f"{given!r}: {message[0].lower()}{message[1:]}"
