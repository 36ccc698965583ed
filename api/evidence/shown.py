"""What people are shown of a photo: a copy of its picture alone; and what the camera wrote in it.

The file as it came is never changed: it is the evidence.
"""

from datetime import datetime
from io import BytesIO
from typing import Any

import pillow_heif
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

pillow_heif.register_heif_opener()

MOST_PIXELS = 80_000_000
WIDEST = 2000
SHOWN_TYPE = "image/jpeg"


class CannotShow(Exception):
    """The picture is broken, or too large to open safely. The file itself can be saved."""


def shown_copy(content: bytes) -> bytes:
    """A JPEG of the picture, upright, at most 2000 pixels wide or high, with nothing else in it:
    no place, no device, no time, no comment. Raises CannotShow."""
    try:
        with Image.open(BytesIO(content)) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise CannotShow("the picture is too large")
            upright = ImageOps.exif_transpose(picture).convert("RGBA")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as broken:
        raise CannotShow(str(broken)) from broken
    upright.thumbnail((WIDEST, WIDEST))
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
        with Image.open(BytesIO(content)) as picture:
            exif = picture.getexif()
            details = exif.get_ifd(ExifTags.IFD.Exif)
            place = exif.get_ifd(ExifTags.IFD.GPSInfo)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        return []
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
