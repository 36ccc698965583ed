"""How a conversation is written down: one file of `talks/` each, read by hand and by test_talks.py.

    about = "one line: what this conversation shows"
    landlords = ["vivid", "nacro"]       # held under each; or landlord = "vivid"
    channels = ["sms", "web"]            # each landlord on each; or channel = "web" ("sms" by
                                         # itself)
    person = { name = "Robin Rowan" }    # somebody new by itself; name and address may be given
    never_hears = ["When did it"]        # words that nothing said in the whole talk may hold

Then the turns, each one act and what is heard on it:

    [[turns]]
    say = "loud music at 2am"            # may hold {name} {number} {address} {reference} {code}
    hears = ["999"]                      # parts of what comes back, capitals aside
    not_hears = ["How often"]
    hears_at = { vivid = ["Category B"] }   # under that landlord only
    silent = true                        # nothing comes back at all
    only = "web"                         # left out where the talk is held on another channel
    asks_again = true                    # questions may come again from here: they asked for it
    case = { severity = "category_a" }   # what already stands in the case now

    answer_until = "Your reference is"   # answers what is asked, until this is heard,
    answers = { "How often" = "daily" }  # as residents.py does, or by these (part of question)
    officer = "takes over"               # or "hands back", or "says" with words = "…"
    later = "3 days"                     # time goes by (minutes, hours, days); what is due is done
    on = "phone"                         # goes on with another device: "phone", "web" (a new chat)
    sends_file = "photo"                 # at the link that was last heard
    stops = "bot"                        # that process ends; starts = "bot" brings it back

Last, what must stand, by the published calls and on the officers' pages. A text in `report` has to
hold the words given, `flags` at least those given; anything else is equal. "" is: nothing
there; true: something is.

    [case]                               # GET /api/cases/{reference}; `deadlines` are their kinds
    category = "noise"
    report = { happened_where = "stairs" }
    at = { nacro = { severity = "medium" } }   # under that landlord
    [not_asb]                            # the same, of GET /api/non-asb
    [kept]                               # the same, of the row of the report
    [pages]                              # what an officer's page shows of this; [] for nothing
    requests = ["asked to close"]        # requests, incomplete, conversations, case
    no_case = true                       # at the very top: no case was opened

Beside what a file says, every talk is held to one thing: nothing that was told is asked again.
"""

import tomllib
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

FOLDER = Path(__file__).with_name("talks")
LANDLORDS = ("lyme-trust", "vivid", "seven-locks", "nacro", "places-for-people")
LandlordCode = Literal["lyme-trust", "vivid", "seven-locks", "nacro", "places-for-people"]
Channel = Literal["sms", "web"]
ACTS = ("say", "answer_until", "officer", "later", "on", "sends_file", "stops", "starts")


class MistakeInFile(Exception):
    """What is wrong in a conversation's file, a line for each mistake."""


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Turn(Strict):
    say: str | None = None
    answer_until: str | None = None
    answers: dict[str, str] = {}
    officer: Literal["takes over", "says", "hands back"] | None = None
    words: str = ""
    later: str | None = None
    on: Literal["phone", "web"] | None = None
    sends_file: Literal["photo"] | None = None
    stops: Literal["bot", "actions"] | None = None
    starts: Literal["bot", "actions"] | None = None
    hears: list[str] = []
    not_hears: list[str] = []
    hears_at: dict[LandlordCode, list[str]] = {}
    silent: bool = False
    only: Channel | None = None
    asks_again: bool = False
    case: dict[str, Any] = {}

    @model_validator(mode="after")
    def _one_act(self) -> "Turn":
        acts = [act for act in ACTS if getattr(self, act) is not None]
        if len(acts) != 1:
            raise ValueError(f"a turn is one of {', '.join(ACTS)}; this one is {acts or 'none'}")
        if self.answers and self.answer_until is None:
            raise ValueError("`answers` go with `answer_until`")
        if bool(self.words) != (self.officer == "says"):
            raise ValueError('`words` go with officer = "says"')
        return self


class Talk(Strict):
    about: str
    landlord: LandlordCode | None = None
    landlords: list[LandlordCode] = []
    channel: Channel | None = None
    channels: list[Channel] = []
    person: dict[Literal["name", "address"], str] = {}
    never_hears: list[str] = []
    no_case: bool = False
    turns: list[Turn]
    case: dict[str, Any] = {}
    not_asb: dict[str, Any] = {}
    kept: dict[str, Any] = {}
    pages: dict[Literal["requests", "incomplete", "conversations", "case"], list[str]] = {}

    @model_validator(mode="after")
    def _whole(self) -> "Talk":
        if bool(self.landlord) == bool(self.landlords):
            raise ValueError("give either `landlord` or `landlords`")
        if self.channel and self.channels:
            raise ValueError("give either `channel` or `channels`")
        if len(self.channels) < 2 and any(turn.only for turn in self.turns):
            raise ValueError("`only` is for a talk that is held on both channels")
        if not self.turns:
            raise ValueError("nobody says anything: give [[turns]]")
        if not (self.case or self.not_asb or self.kept or self.no_case):
            raise ValueError("say what must stand: [case], [not_asb], [kept] or no_case = true")
        return self

    @property
    def runs(self) -> list[tuple[str, Channel]]:
        """Each landlord and channel it is held with."""
        landlords = [self.landlord] if self.landlord else self.landlords
        channels: list[Channel] = [self.channel] if self.channel else self.channels or ["sms"]
        return [(landlord, channel) for landlord in landlords for channel in channels]


def read_talk(path: Path) -> Talk:
    """The conversation of a file. Raises MistakeInFile, which names the file and the place."""
    try:
        return Talk.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except tomllib.TOMLDecodeError as error:
        raise MistakeInFile(f"{path.name}: {error}") from error
    except ValidationError as error:
        lines = [
            f"{path.name}: {'.'.join(map(str, one['loc'])) or 'the file'}: {one['msg']}"
            for one in error.errors()
        ]
        raise MistakeInFile("\n".join(lines)) from error


def every_talk() -> dict[str, Talk]:
    """Name of the file to conversation."""
    return {path.stem: read_talk(path) for path in sorted(FOLDER.glob("*.toml"))}
