"""Colours of landlords: what may be read on them."""

import re

COLOUR = re.compile(r"#[0-9a-fA-F]{6}\Z")
# WCAG 2.2 AA: text beside its ground (1.4.3).
ENOUGH_CONTRAST = 4.5


def contrast_with_white(colour: str) -> float:
    """WCAG's contrast ratio (1 to 21) of `#rrggbb` and white. Raises ValueError for no colour."""
    if not COLOUR.match(colour):
        raise ValueError(f"{colour!r} is not a colour of the form #rrggbb")
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)


def colour_mistake(colour: str) -> str | None:
    """Why white words cannot stand on this colour; None when they can."""
    try:
        contrast = contrast_with_white(colour)
    except ValueError as wrong:
        return str(wrong)
    if contrast < ENOUGH_CONTRAST:
        return (
            f"white words on {colour} have a contrast of {contrast:.1f} to 1; "
            f"{ENOUGH_CONTRAST} to 1 is the least that everyone can read"
        )
    return None
