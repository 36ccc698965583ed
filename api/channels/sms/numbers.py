"""Phone numbers: how they are written, and which ones may be sent a text."""

import phonenumbers

# Ofcom's numbers for drama: nobody has them, and they are only used in the demo.
DRAMA = "+447700900"


def sendable(number: str, *, demo: bool) -> bool:
    """A UK mobile. A text to a landline is read aloud by a robot, to whoever picks up."""
    if number.startswith(DRAMA):
        return demo
    try:
        parsed = phonenumbers.parse(number, "GB")
    except phonenumbers.NumberParseException:
        return False
    kind = phonenumbers.number_type(parsed)
    return (
        phonenumbers.is_valid_number(parsed)
        and parsed.country_code == 44
        and kind == phonenumbers.PhoneNumberType.MOBILE
    )


def e164(number: str) -> str:
    """A number as the providers write it, for comparing; as given when it cannot be read."""
    try:
        parsed = phonenumbers.parse(number, "GB")
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
