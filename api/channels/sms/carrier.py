"""What the service needs of a provider of text messages. Each provider is a file that gives it."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from api.channels.sms.codes import Codes
from api.channels.sms.inbound import TextIn
from api.intake.rulebook import Landlord


@dataclass(frozen=True)
class Sent:
    """What became of a text.

    `status`: a step of the outbox's ladder (sending · sent · delivered · undelivered · failed)
    when the provider has it; `retry` when it surely has not, and may be asked again; `refused`
    when it never will; `unknown` when nobody can say whether it was taken. `error`: the
    provider's own code.
    """

    status: str
    sid: str | None = None
    error: str | None = None


class MediaNotThere(Exception):
    """A file that came with a text cannot be had now; `ever`: it is not there any more."""

    def __init__(self, words: str, *, ever: bool) -> None:
        super().__init__(words)
        self.ever = ever


class Carrier(Protocol):
    """A provider. No method raises but where it says so."""

    name: str
    codes: Codes
    # Whether a text whose fate is unknown can be looked up. Where not, it is never sent again.
    looks_up: bool
    # Whether what came in can be listed, for when nobody answered the webhook.
    lists_what_came_in: bool

    def sender_of(self, landlord: Landlord) -> str:
        """The number, or name, that this landlord's texts come from."""

    def send(self, landlord: Landlord, *, text_id: int, to: str, body: str) -> Sent:
        """One text. `text_id` comes back with the receipts."""

    def look_up(
        self,
        landlord: Landlord,
        *,
        to: str,
        body: str,
        since: datetime,
        is_known: Callable[[str], bool],
    ) -> Sent | None:
        """A text that may have been taken although no answer came; one whose id `is_known` is
        another text. Raises when the provider cannot be asked."""

    def status_of(self, sid: str) -> Sent | None:
        """What the provider says of a text now; None when it cannot be asked."""

    def came_in(
        self,
        landlord: Landlord,
        *,
        since: datetime,
        until: datetime,
        missing: Callable[[Sequence[str]], Collection[str]],
    ) -> Iterator[TextIn]:
        """The texts that came in for a landlord in that time, oldest first; of their ids only the
        `missing` ones. Raises when the provider cannot be asked."""

    def redact(self, sid: str) -> bool:
        """Takes a text's words off the provider's records. False: try again later."""

    def fetch_media(self, url: str, *, most_bytes: int) -> bytes:
        """A file that came with a text; cut off just above `most_bytes`. Raises MediaNotThere."""

    def delete_media(self, url: str) -> bool:
        """Deletes such a file at the provider. False: try again later."""
