"""How fast one sender of ours may text, and how much of one number's texts is answered.

Each process counts for itself.
"""

from limits import RateLimitItemPerSecond, parse_many
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from api.settings import Settings

# One in so many of a day's texts to a number is kept back: for how to go on, and for a person.
KEPT_BACK = 20


class Pace:
    """A bucket of segments for each second, filled as time goes by."""

    def __init__(self, segments_per_second: int) -> None:
        self._rate = RateLimitItemPerSecond(segments_per_second)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def take(self, sender: str, segments: int) -> bool:
        """Takes so many segments out of a sender's bucket. False: there are not so many yet."""
        return self._limiter.hit(self._rate, sender, cost=self._cost(segments))

    def has_room(self, sender: str, segments: int) -> bool:
        """Whether `take` would succeed just now."""
        return self._limiter.test(self._rate, sender, cost=self._cost(segments))

    def _cost(self, segments: int) -> int:
        # A text longer than the bucket would never fit.
        return min(segments, self._rate.amount)


class Answering:
    """How many texts of one number the assistant answers. All of them are kept."""

    def __init__(self, settings: Settings) -> None:
        self._rates = parse_many(settings.rate_per_number)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._texts_a_day = settings.sms_texts_a_day
        self._chat = f"{settings.public_url}/chat"

    def too_fast(self, landlord: str, number: str) -> bool:
        """Counts a text that has just come in."""
        return not all(self._limiter.hit(rate, landlord, number) for rate in self._rates)

    def near_the_ceiling(self, texts_today: int) -> bool:
        """Whether another answer might be one that is held until tomorrow."""
        return texts_today >= self._texts_a_day - max(1, self._texts_a_day // KEPT_BACK)

    def chat_of(self, landlord: str) -> str:
        """The address of the landlord's chat, where they can go on."""
        return f"{self._chat}/{landlord}"
