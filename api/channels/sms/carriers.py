"""Which provider texts go out by (`SMS_PROVIDER`). Receipts of the other one are still taken."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from api.channels.sms.carrier import Carrier
from api.channels.sms.twilio import Twilio
from api.channels.sms.vonage import Vonage
from api.intake.rulebook import Landlord
from api.settings import Settings


@dataclass(frozen=True)
class Carriers:
    active: Carrier
    twilio: Twilio
    vonage: Vonage | None

    @property
    def configured(self) -> tuple[Carrier, ...]:
        return (self.twilio, self.vonage) if self.vonage else (self.twilio,)

    def of(self, name: str | None) -> Carrier | None:
        """The provider of that name, while it is configured."""
        return next((one for one in self.configured if one.name == name), None)


def make_carriers(settings: Settings) -> Carriers:
    """Raises ValueError when the chosen provider is not configured."""
    twilio = Twilio(settings)
    vonage = Vonage(settings) if settings.vonage_api_key else None
    active: Carrier | None = vonage if settings.sms_provider == "vonage" else twilio
    if active is None:
        raise ValueError("SMS_PROVIDER is vonage, but VONAGE_API_KEY is not set")
    return Carriers(active, twilio, vonage)


def second_sender_mistakes(settings: Settings, landlords: Iterable[Landlord]) -> list[str]:
    """What must be mended before texts go out by the second provider, one line each."""
    if settings.sms_provider != "vonage":
        return []
    return [
        f"{settings.landlords_file.name}: {one.code}: second_sender is not set, and SMS_PROVIDER "
        "is vonage: nobody could answer its texts. Set its number there, or a name on purpose."
        for one in landlords
        if not one.second_sender
    ]


def cannot_be_answered(settings: Settings, landlords: Iterable[Landlord]) -> Iterator[str]:
    """The landlords whose texts by the second provider come, or would come, from a name."""
    if settings.vonage_api_key:
        for one in landlords:
            if not (one.second_sender or "").lstrip("+").isdecimal():
                yield one.code
