"""Pictures of strangers: huge ones, hostile ones, and broken ones never break an officer's page."""

import struct
import zlib
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from api.evidence.shown import CannotShow, shown_copy, told_by_camera
from tests.browser.photos import photo


def jpeg(width: int, height: int, *, progressive: bool = False) -> bytes:
    """A small JPEG that says it is so large."""
    out = BytesIO()
    Image.new("RGB", (40, 20), "teal").save(out, "JPEG", progressive=progressive)
    found = bytearray(out.getvalue())
    frame = found.index(b"\xff\xc2" if progressive else b"\xff\xc0")
    found[frame + 5 : frame + 9] = struct.pack(">HH", height, width)
    return bytes(found)


def png(width: int, height: int) -> bytes:
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = b"IDAT" + zlib.compress(bytes(100))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(part) - 4) + part + struct.pack(">I", zlib.crc32(part))
        for part in (header, body, b"IEND")
    )


HUGE = {
    "a JPEG of 900 megapixels": jpeg(30_000, 30_000),
    "a progressive one of 108": jpeg(12_000, 9_000, progressive=True),
    "a PNG of 100": png(10_000, 10_000),
    "a PNG of 3,600": png(60_000, 60_000),
}


@pytest.mark.parametrize("content", HUGE.values(), ids=HUGE)
def test_a_picture_that_says_it_is_huge_is_not_opened(content: bytes) -> None:
    with pytest.raises(CannotShow):
        shown_copy(content)
    assert told_by_camera(content) == []


@pytest.mark.parametrize("size", [(12_000, 9_000), (16_000, 3_800)])
def test_what_large_phones_take_is_shown_small(size: tuple[int, int]) -> None:
    out = BytesIO()
    Image.new("L", size, 128).save(out, "JPEG")
    shown = Image.open(BytesIO(shown_copy(out.getvalue())))
    assert shown.size == (2000, round(2000 * size[1] / size[0]))


@pytest.mark.parametrize("mode", ["1", "P", "L", "LA", "RGB", "RGBA", "CMYK", "I;16"])
def test_every_kind_of_picture_is_shown(mode: str) -> None:
    out = BytesIO()
    kind = "TIFF" if mode == "CMYK" else "PNG"
    Image.new(mode, (3000, 1500)).save(out, kind)
    assert Image.open(BytesIO(shown_copy(out.getvalue()))).size == (2000, 1000)


@pytest.mark.parametrize("trouble", [MemoryError, OverflowError, struct.error, IndexError])
def test_whatever_a_decoder_makes_of_a_picture_is_no_breakdown(
    trouble: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise trouble("no")

    monkeypatch.setattr(Image, "open", broken)
    with pytest.raises(CannotShow):
        shown_copy(photo())
    assert told_by_camera(photo()) == []
