"""What may be kept as evidence, and how large: data/evidence.toml, read strictly."""

import tomllib
from pathlib import Path

import filetype
from pydantic import BaseModel, ConfigDict, Field

MEGABYTE = 1_000_000
# As much of a file as its type is read from.
HEAD_BYTES = 8192


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Kind(_Strict):
    """One kind of file. `types`: media type → ending of the file's name."""

    label: str
    most_megabytes: int = Field(gt=0)
    types: dict[str, str]

    @property
    def most_bytes(self) -> int:
        return self.most_megabytes * MEGABYTE


class Kinds(_Strict):
    most_files: int = Field(gt=0)
    kinds: list[Kind]

    def of(self, media_type: str | None) -> Kind | None:
        return next((kind for kind in self.kinds if media_type in kind.types), None)

    @property
    def most_bytes(self) -> int:
        """The largest that any file may be."""
        return max(kind.most_bytes for kind in self.kinds)

    def in_words(self) -> str:
        """For people, before they choose a file: `a photo (up to 15 MB), …`."""
        said = [f"a {one.label} (up to {one.most_megabytes} MB)" for one in self.kinds]
        return ", ".join(said[:-1]) + " or " + said[-1]


def load_kinds(path: Path) -> Kinds:
    """Raises pydantic's ValidationError or tomllib's TOMLDecodeError on a mistake."""
    return Kinds.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))


def sniff(content: bytes) -> str | None:
    """The media type that the bytes themselves show; None for one that nobody knows."""
    found: str | None = filetype.guess_mime(content[:HEAD_BYTES])
    return found
