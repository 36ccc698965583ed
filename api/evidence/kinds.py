"""What may be kept as evidence, and how large: data/evidence.toml, read strictly."""

import re
import tomllib
from pathlib import Path

import filetype
from pydantic import BaseModel, ConfigDict, Field

MEGABYTE = 1_000_000
# As much of a file as its type is read from.
HEAD_BYTES = 8192
# Of the format of MP4: what a track holds, after the name, version and class of its handler.
TRACK = re.compile(rb"hdlr.{8}(soun|vide)", re.DOTALL)
SOUND_BRANDS = (b"M4A", b"M4B")
MOST_BOXES = 1000


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
    found: str | None = _tracks_type(content) or filetype.guess_mime(content[:HEAD_BYTES])
    return found


def _tracks_type(content: bytes) -> str | None:
    """The type of sound or video in the one format that MP4, M4A, MOV and 3GP share.

    Its brand says the family, but not whether there is a picture: a voice note may have the brand
    of a video. Its tracks say that.
    """
    if content[4:8] != b"ftyp":
        return None
    brand = content[8:12]
    tracks = {found[1] for found in TRACK.finditer(_box(content, b"moov"))}
    if brand.startswith(b"3g"):
        return "audio/3gpp" if tracks == {b"soun"} else "video/3gpp"
    if brand.startswith(SOUND_BRANDS) or tracks == {b"soun"}:
        return "audio/mp4"
    if b"vide" in tracks:
        return "video/quicktime" if brand == b"qt  " else "video/mp4"
    return None


def _box(content: bytes, name: bytes) -> bytes:
    """The first part of that name at the top of such a file; empty where there is none."""
    at = 0
    for _ in range(MOST_BOXES):
        size, here = int.from_bytes(content[at : at + 4]), content[at + 4 : at + 8]
        if size == 1:
            size = int.from_bytes(content[at + 8 : at + 16])
        if here == name:
            return content[at : at + size] if size else content[at:]
        if size < 8:
            break
        at += size
    return b""
