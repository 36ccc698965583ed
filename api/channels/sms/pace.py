"""How fast one sender may text: a bucket of segments for each second, filled as time goes by.

The bucket is this process's own; with several workers each has one.
"""

from limits import RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter


class Pace:
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
