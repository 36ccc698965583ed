"""Files as phones make them, for tests."""

from io import BytesIO

from PIL import ExifTags, Image

# A field in the middle of nowhere, and a camera that does not exist.
LATITUDE, LONGITUDE = (51.0, 30.0, 0.0), (0.0, 7.0, 30.0)


def photo(colour: str = "teal", *, sideways: bool = False) -> bytes:
    """A JPEG of 40 by 20 with a camera, a time and a place written in it."""
    picture = Image.new("RGB", (40, 20), colour)
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Sample Phones"
    exif[ExifTags.Base.Model] = "Sample 1"
    if sideways:
        exif[ExifTags.Base.Orientation] = 6
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = "2026:06:05 02:14:00"
    place = exif.get_ifd(ExifTags.IFD.GPSInfo)
    place[ExifTags.GPS.GPSLatitudeRef], place[ExifTags.GPS.GPSLatitude] = "N", LATITUDE
    place[ExifTags.GPS.GPSLongitudeRef], place[ExifTags.GPS.GPSLongitude] = "W", LONGITUDE
    out = BytesIO()
    picture.save(out, "JPEG", exif=exif, comment=b"secret comment")
    return out.getvalue()


def recording() -> bytes:
    """A WAV of a tenth of a second of silence."""
    samples = b"\x80" * 800
    return (
        b"RIFF" + (36 + len(samples)).to_bytes(4, "little") + b"WAVEfmt "
        + (16).to_bytes(4, "little") + (1).to_bytes(2, "little") + (1).to_bytes(2, "little")
        + (8000).to_bytes(4, "little") + (8000).to_bytes(4, "little")
        + (1).to_bytes(2, "little") + (8).to_bytes(2, "little")
        + b"data" + len(samples).to_bytes(4, "little") + samples
    )  # fmt: skip
