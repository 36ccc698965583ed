"""How a text is cut for the air: GSM-7 or UCS-2, and into how many segments."""

import math

# GSM 03.38 default alphabet, and the extension characters that take two places.
_GSM_7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_7_EXTENSION = frozenset("^{}\\[~]|€\f")

_LOOK_ALIKES = str.maketrans(
    {
        "\u2018": "'",
        "\u2019": "'",
        "\u201c": '"',
        "\u201d": '"',
        "\u2013": "-",
        "\u2014": "-",
        "\u2026": "...",
        "\u00a0": " ",
    }
)


def is_gsm_7(text: str) -> bool:
    """Whether every character of the text is in the GSM-7 alphabet."""
    return all(letter in _GSM_7 or letter in _GSM_7_EXTENSION for letter in text)


def count(text: str) -> int:
    """Segments of a text: 160 or 153 places each in GSM-7, 70 or 67 in UCS-2; at least 1."""
    if is_gsm_7(text):
        places, single, joined = sum(1 + (c in _GSM_7_EXTENSION) for c in text), 160, 153
    else:
        places, single, joined = len(text.encode("utf-16-be")) // 2, 70, 67
    return 1 if places <= single else math.ceil(places / joined)


def smart_encode(text: str) -> str:
    """The text with curly quotes, dashes and the like as their GSM-7 look-alikes."""
    return text.translate(_LOOK_ALIKES)
