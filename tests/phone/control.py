"""How the network behaves: what a test or a demonstration may change while it runs."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from tests.phone.magic import Fault
from tests.phone.opt_out import (
    ADVANCED_REPLIES,
    ADVANCED_WORDS,
    DEFAULT_REPLIES,
    DEFAULT_WORDS,
    Keyword,
    Mode,
)
from tests.phone.settings import Settings

Retry = Literal["ct", "rt", "4xx", "5xx", "all"]


class Control(BaseModel):
    """The switches of `/_control`. A request changes only the fields that it names."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    # Status callbacks. late: held until POST /_callbacks/release; twice: each one two times;
    # out_of_order: held until the message is final, then last first; none: never sent.
    callbacks: Literal["normal", "late", "twice", "out_of_order", "none"] = "normal"
    # Seconds between queued, sent and delivered.
    step_seconds: float = Field(default=0.2, ge=0, le=60)
    # Inbound webhooks: twice sends a second copy with the same MessageSid.
    inbound: Literal["normal", "twice"] = "normal"
    # What becomes of the next requests to create a message, whoever they are for; "ok" passes one.
    next_sends: list[Fault] = Field(default_factory=list)
    # How long a time-out lasts before the connection is answered with 504.
    hang_seconds: float = Field(default=30, ge=0, le=120)

    # Webhook connection, as in Twilio's overrides; a fragment of the address (#rc=3&rp=all) wins.
    rc: int = Field(default=1, ge=0, le=5)
    rp: list[Retry] = ["ct"]
    ct: int = Field(default=5000, ge=100, le=10000)
    rt: int = Field(default=15000, ge=100, le=15000)
    tt: int = Field(default=15000, ge=100, le=15000)
    retry_pause_seconds: float = Field(default=0, ge=0, le=10)

    # Fetching a file of a message. broken: 500; elsewhere: sent on to `media_redirect`.
    media: Literal["normal", "broken", "elsewhere"] = "normal"
    media_redirect: str = ""

    # What is set up in the account.
    account_status: Literal["active", "suspended", "closed"] = "active"
    services: bool = True
    countries: list[str] = ["GB"]
    smart_encoding: bool = False

    # Where the webhooks go.
    inbound_url: str
    status_url: str
    fallback_url: str | None = None
    # What is signed: right, with the second token, with a wrong token, or not at all.
    signature: Literal["right", "second", "wrong", "missing"] = "right"
    # Parameters that Twilio might add without notice; a name may stand twice.
    extra_parameters: list[tuple[str, str]] = Field(default_factory=list)

    # Opt-out. advanced: `words`, and OptOutType in the webhook; default: Twilio's lists.
    opt_out: Mode = "advanced"
    words: dict[Keyword, list[str]] = Field(default_factory=lambda: dict(ADVANCED_WORDS))
    replies: dict[Keyword, str] = Field(default_factory=lambda: dict(ADVANCED_REPLIES))

    def changed(self, fields: dict[str, Any]) -> "Control":
        """A copy with these fields. Raises pydantic.ValidationError where one is wrong."""
        return Control.model_validate({**self.model_dump(), **fields})

    @property
    def keywords(self) -> dict[Keyword, list[str]]:
        """The words that opt out, in and ask for help under the present mode."""
        if self.opt_out == "off":
            return {}
        return self.words if self.opt_out == "advanced" else DEFAULT_WORDS

    def reply_to(self, keyword: Keyword, landlord: str) -> str:
        """The network's own answer to a keyword."""
        replies = self.replies if self.opt_out == "advanced" else DEFAULT_REPLIES
        return replies[keyword].replace("{landlord}", landlord)


def as_configured(settings: Settings) -> Control:
    """The behaviour at the start and after POST /_reset."""
    return Control(
        inbound_url=f"{settings.public_base_url}/sms/twilio/inbound",
        status_url=f"{settings.public_base_url}/sms/twilio/status",
        step_seconds=settings.step_seconds,
    )
