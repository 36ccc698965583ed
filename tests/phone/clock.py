"""The simulator's only source of the time, and Twilio's two ways to write it."""

from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime


def now() -> datetime:
    """The present moment, in UTC, to the microsecond."""
    # Twilio has a clock of its own, and the simulator knows nothing of the product's.
    return datetime.now(UTC)  # noqa: TID251


def rfc_2822(moment: datetime | None) -> str | None:
    """A moment as Twilio's resources write it: `Thu, 24 Aug 2023 05:01:45 +0000`."""
    return None if moment is None else format_datetime(moment)


def receipt_date(moment: datetime) -> str:
    """A moment as delivery receipts write it (`RawDlrDoneDate`): `2308240501`."""
    return moment.strftime("%y%m%d%H%M")


def parse_filter(text: str) -> tuple[datetime, bool]:
    """What a `DateSent` filter names: the moment in UTC, and whether it is a whole day.

    Takes `2008-01-02`, `2019-06-11T22:05:25Z`, `2019-06-11 22:05:25.000` and RFC 2822.
    Raises ValueError for anything else.
    """
    if len(text) == len("2008-01-02"):
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC), True
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = parsedate_to_datetime(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC), False
