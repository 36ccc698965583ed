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
        # A text longer than the bucket would never fit.
        return self._limiter.hit(self._rate, sender, cost=min(segments, self._rate.amount))
