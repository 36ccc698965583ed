"""What people are shown of a photo: a copy of its picture alone; and what the camera wrote in it.

The file as it came is never changed: it is the evidence.
"""

from datetime import datetime
from io import BytesIO
from math import ceil
from typing import Any

import pillow_heif
from PIL import ExifTags, Image, ImageOps

pillow_heif.register_heif_opener()

# An iPhone's HEIC has 48 million, and takes 350 MB while it is made smaller. A JPEG may have more:
# it is read at a half, a quarter or an eighth of its size.
MOST_PIXELS = 50_000_000
# Some phones take 200 million, as a JPEG. Pillow warns of more, and refuses twice as many.
Image.MAX_IMAGE_PIXELS = 200_000_000
WIDEST = 2000
PHOTOS = {"RGB", "L", "CMYK"}
SHOWN_TYPE = "image/jpeg"


class CannotShow(Exception):
    """The picture is broken, or too large to open safely. The file itself can be saved."""


def shown_copy(content: bytes) -> bytes:
    """A JPEG of the picture, upright, at most 2000 pixels wide or high, with nothing else in it:
    no place, no device, no time, no comment. Raises CannotShow."""
    try:
        return _copy(content)
    except CannotShow:
        raise
    # A stranger's file: what a decoder makes of it can be any error, and is no breakdown of ours.
    except Exception as broken:
        raise CannotShow(str(broken)) from broken


def _copy(content: bytes) -> bytes:
    with Image.open(BytesIO(content)) as picture:
        width, height = picture.size
        share = WIDEST / max(width, height)
        picture.draft(None, (ceil(width * share), ceil(height * share)))
        # A progressive JPEG is held in memory at its full size all the same.
        if not picture.info.get("progressive"):
            width, height = picture.size
        if width * height > MOST_PIXELS:
            raise CannotShow("the picture is too large")
        picture.load()
        # Made smaller before anything else: a photo at once, as each copy of it is large.
        small = picture if picture.mode in PHOTOS else picture.convert("RGBA")
        small.thumbnail((WIDEST, WIDEST))
        upright = ImageOps.exif_transpose(small).convert("RGBA")
    # Painted on a fresh sheet: nothing that the file carried along comes with it.
    sheet = Image.new("RGB", upright.size, "white")
    sheet.paste(upright, mask=upright.getchannel("A"))
    out = BytesIO()
    sheet.save(out, "JPEG", quality=85)
    return out.getvalue()


def told_by_camera(content: bytes) -> list[tuple[str, str]]:
    """What the camera wrote into a photo, for the officer: when, where, with what. Labels and
    values; empty where there is nothing, or nothing that can be read."""
    try:
        return _told(content)
    except Exception:
        return []


def _told(content: bytes) -> list[tuple[str, str]]:
    with Image.open(BytesIO(content)) as picture:
        exif = picture.getexif()
        details = exif.get_ifd(ExifTags.IFD.Exif)
        place = exif.get_ifd(ExifTags.IFD.GPSInfo)
    taken = details.get(ExifTags.Base.DateTimeOriginal) or exif.get(ExifTags.Base.DateTime)
    camera = " ".join(
        _text(exif.get(tag)) for tag in (ExifTags.Base.Make, ExifTags.Base.Model) if exif.get(tag)
    )
    found = [
        ("Taken (by the camera’s clock)", _moment(taken)),
        ("Place (by the camera)", _place(place)),
        ("Camera", camera),
        ("Changed with", _text(exif.get(ExifTags.Base.Software))),
    ]
    return [(name, value) for name, value in found if value]


def _text(value: Any) -> str:
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value or "")
    return "".join(letter for letter in text if letter.isprintable()).strip()[:200]


def _moment(value: Any) -> str:
    text = _text(value)
    try:
        return f"{datetime.strptime(text, '%Y:%m:%d %H:%M:%S'):%d %B %Y, %H:%M:%S}"  # noqa: DTZ007
    except ValueError:
        return text


def _place(gps: dict[int, Any]) -> str:
    try:
        north = _degrees(gps[ExifTags.GPS.GPSLatitude], _text(gps[ExifTags.GPS.GPSLatitudeRef]))
        east = _degrees(gps[ExifTags.GPS.GPSLongitude], _text(gps[ExifTags.GPS.GPSLongitudeRef]))
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return ""
    return f"{north:.5f}, {east:.5f}"


def _degrees(parts: Any, ref: str) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    value = degrees + minutes / 60 + seconds / 3600
    return -value if ref in {"S", "W"} else value
