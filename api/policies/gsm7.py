"""How long a text message is, in the alphabet that phones count in (3GPP TS 23.038)."""

import unicodedata

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("^{}\\[~]|€\f")
TWO_SEGMENTS = 306
ONE_SEGMENT = 160

_PLAIN = str.maketrans(
    {
        "\u2018": "'",
        "\u2019": "'",
        "\u201a": "'",
        "\u201c": '"',
        "\u201d": '"',
        "\u201e": '"',
        "\u2013": "-",
        "\u2014": "-",
        "\u2011": "-",
        "\u2026": "...",
        "\u00a0": " ",
        "\u2022": "-",
        "\u00b7": "-",
    }
)
# Letters that have no accent to take off.
_STROKES = str.maketrans("łŁđĐħĦıøØ", "lLdDhHioO")


def plain(text: str) -> str:
    """Curly quotes, long dashes and the like as their plain forms; the rest as it is."""
    return text.translate(_PLAIN)


def folded(text: str) -> str:
    """Words in any script in the alphabet of phones: accents off, what is left over as `?`."""
    parts = []
    for letter in plain(text):
        if letter in BASIC or letter in EXTENDED:
            parts.append(letter)
            continue
        bare = unicodedata.normalize("NFKD", letter).translate(_STROKES)
        kept = "".join(c for c in bare if c in BASIC or c in EXTENDED)
        marks = all(unicodedata.combining(c) or c in "\u200d\ufe0f" for c in bare)
        parts.append(kept or ("" if marks else "?"))
    return "".join(parts)


def outside(text: str) -> list[str]:
    """The characters that would turn a text into UCS-2 (70 a segment), each once, in order."""
    return list(dict.fromkeys(c for c in text if c not in BASIC and c not in EXTENDED))


def length(text: str) -> int:
    """How many GSM-7 characters a text takes; those of the extension table take two."""
    return sum(2 if c in EXTENDED else 1 for c in text)


def segments(text: str) -> int:
    """How many parts a text is sent in: of 160 or 153 GSM-7 characters, or, with any character
    outside that alphabet, of 70 or 67 UTF-16 units (3GPP TS 23.040)."""
    if outside(text):
        units, one, many = len(text.encode("utf-16-le")) // 2, 70, 67
    else:
        units, one, many = length(text), ONE_SEGMENT, TWO_SEGMENTS // 2
    return 1 if units <= one else -(-units // many)
