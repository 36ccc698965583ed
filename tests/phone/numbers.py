"""Phone numbers as people and programs write them."""

import re

_E_164 = re.compile(r"\+[1-9]\d{6,14}")
_GAPS = re.compile(r"[\s().-]")


def normalise(number: str) -> str:
    """A number in E.164 where it can be: `07700 900201` is `+447700900201`.

    Anything else, such as a name that a sender goes by, is returned without its outer blanks.
    """
    bare = _GAPS.sub("", number)
    if re.fullmatch(r"0\d{9,10}", bare):
        bare = "+44" + bare[1:]
    elif re.fullmatch(r"44\d{9,10}", bare):
        bare = "+" + bare
    return bare if is_e_164(bare) else number.strip()


def is_e_164(number: str) -> bool:
    """Whether the number is a plus sign and 7 to 15 digits."""
    return _E_164.fullmatch(number) is not None


def spoken(number: str) -> str:
    """A UK mobile as people write it, `07700 900201`; any other number unchanged."""
    if re.fullmatch(r"\+447\d{9}", number):
        return f"0{number[3:7]} {number[7:]}"
    return number
