"""The shape of what all landlords share as data: wording, behaviours, helplines, the risk card."""

from datetime import date
from typing import Literal

from pydantic import Field

from api.policies.schema import Category, Code, Entry, Nation, Words


class Choice(Entry):
    """An answer that is offered. `words` are other ways to say it, `own` phrases that mean it in a
    longer answer. `line` stands in place of the label in a text's numbered lines and may hold
    placeholders of its message."""

    value: str
    label: str
    words: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    line: str | None = None


class Message(Entry):
    """A message to residents: its words per channel, the placeholders it may use, its choices.

    `brief` is said instead of `sms` where the whole turn would not fit two segments, `again` on
    both channels where an offer stands and is said once more after talk beside it. `spare`: left
    out where even the brief words would not; it only bids welcome or says that something is noted.
    """

    sms: str
    web: str
    brief: str | None = None
    again: str | None = None
    spare: bool = False
    uses: tuple[str, ...] = ()
    why: str | None = None
    choices: tuple[Choice, ...] = ()
    several: bool = False


class Behaviour(Entry):
    """A matter finer than a category, read in plain words by rule (lower case, word starts).

    `stands_alone`: its words are clear enough to count as a matter of its own kind in a report of
    another kind. Without it, such a matter never goes further than a person looking.
    """

    code: Code
    category: Category
    label: str
    words: tuple[str, ...]
    unless: tuple[str, ...] = ()
    stands_alone: bool = False
    source: str


class Cue(Entry):
    """Something a resident's words say about how, why or how often. `lifts`: a harm, an intent or
    a targeting that lifts any exclusion."""

    code: Code
    label: str
    words: tuple[str, ...]
    unless: tuple[str, ...] = ()
    lifts: bool = False
    source: str


class Helpline(Entry):
    """A number or address that a text may name. Times only where a source supports them."""

    code: Code
    name: str
    number: str | None = None
    text_number: str | None = None
    url: str | None = None
    nations: tuple[Nation, ...]
    hours: str | None = None
    source: str
    verified_on: date
    review_by: date


class RiskAnswer(Entry):
    """An answer of the card. `say` are other ways to name it; `own` are phrases that mean it in a
    longer answer, and what is read by them is said back."""

    code: Code
    words: str
    label: str
    points: int
    say: tuple[str, ...] = ()
    own: tuple[str, ...] = ()


class RiskQuestion(Entry):
    """One question of the card. `words` as printed; `ask` as we ask it; `why` on request."""

    number: int
    group: Literal["history", "vulnerability", "support"]
    words: str
    ask: Words
    why: str
    details: bool = False
    several: bool = False
    note: str | None = None
    answers: tuple[RiskAnswer, ...]


class RiskBand(Entry):
    start: int = Field(alias="from")
    end: int = Field(alias="to")


class RiskBands(Entry):
    confirmed: bool
    reason: str
    low: RiskBand
    medium: RiskBand
    high: RiskBand


class RiskMatrix(Entry):
    document: str
    version: str
    bands: RiskBands
    questions: tuple[RiskQuestion, ...]


class RewordedMessage(Entry):
    """A landlord's own words for a shared message; what is not given stays as shared."""

    sms: str | None = None
    web: str | None = None
    brief: str | None = None
    again: str | None = None
    why: str | None = None


class BehavioursFile(Entry):
    """`shared/behaviours.toml`: what is read in residents' words."""

    version: str
    behaviours: tuple[Behaviour, ...]
    cues: tuple[Cue, ...]


class HelplinesFile(Entry):
    """`shared/helplines.toml`: every number or address that a text may name."""

    helplines: tuple[Helpline, ...]
