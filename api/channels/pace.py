"""How fast one chat, and one address, may go. Nobody over a limit is ignored: they are told."""

from ipaddress import ip_address
from math import ceil

from fastapi import Request
from limits import RateLimitItem, parse_many
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from api import clock
from api.errors import DoorstepError
from api.settings import Settings


class TooFast(DoorstepError):
    """Over a limit. `retry_after` is in seconds."""

    status = 429
    type = "/problems/too-fast"
    title = "That was too much in a short time."

    def __init__(self, what: str, retry_after: int) -> None:
        wait = "a minute" if retry_after <= 60 else f"{ceil(retry_after / 60)} minutes"
        super().__init__(
            f"{what} Please wait {wait}, then send it again. If someone is in danger now, call 999."
        )
        self.retry_after = retry_after


class Pace:
    """The limits of one process. Several processes count each for itself."""

    def __init__(self, settings: Settings) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._chat = parse_many(settings.rate_per_chat)
        self._address = parse_many(settings.rate_per_address)
        self._opening = parse_many(settings.rate_new_chats)

    def writing(self, request: Request, conversation_id: str) -> None:
        """Raises TooFast for a chat, or an address, that sends too much."""
        what = "That was a lot of messages in a short time. This one was not sent."
        self._hit(self._chat, what, "chat", conversation_id)
        self._of_address(self._address, what, "address", request)

    def opening(self, request: Request) -> None:
        """Raises TooFast for an address that opens too many chats."""
        what = "A lot of chats were opened from your connection in a short time."
        self._of_address(self._opening, what, "opening", request)

    def uploading(self, request: Request, link: str) -> None:
        """Raises TooFast for a link, or an address, that sends too many files."""
        what = "That was a lot of files in a short time. These were not kept."
        self._hit(self._chat, what, "upload", link)
        self._of_address(self._address, what, "address", request)

    def _of_address(
        self, items: list[RateLimitItem], what: str, kind: str, request: Request
    ) -> None:
        host = request.client.host if request.client else ""
        # A proxy that has not told us whom it speaks for stands for everyone behind it.
        if host and not _is_loopback(host):
            self._hit(items, what, kind, host)

    def _hit(self, items: list[RateLimitItem], what: str, *key: str) -> None:
        for item in items:
            if not self._limiter.hit(item, *key):
                reset_at = self._limiter.get_window_stats(item, *key).reset_time
                raise TooFast(what, max(1, ceil(reset_at - clock.now().timestamp())))


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
