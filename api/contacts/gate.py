"""The gate that every text passes when it is about to leave. Pure: facts in, a verdict out.

An answer to someone who has just written goes at any time, and a safety text always. Everything
else may be read by whoever holds the phone by then: it must be safe, say nothing about anybody,
and come at a decent hour.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from api.clock import LONDON
from api.contacts.schedule import CLOSES, OPENS, may_text
from api.policies.gsm7 import segments
from api.policies.schema import Policy

# Who wrote within this time is still there to read the answer.
JUST_WRITTEN = timedelta(hours=1)
DAYS_AHEAD = 31
SHORTEST_NAME = 3


@dataclass(frozen=True)
class Ceilings:
    """How many texts one person gets in a day at most, and how many parts one text has."""

    contacts_a_day: int
    texts_a_day: int
    segments: int


@dataclass(frozen=True)
class Leaving:
    """A text that is about to leave, and what is known of the person at this moment.

    `kind`: reply · holding · safety · contact · officer · nudge · stopped. `stopped_by`: who keeps
    texts from them because they asked for that, `provider` or `us`. `safe`: whether texting is
    safe, None where nobody has said. `parties`: names and places of the case and its people.
    `safe_from`, `safe_until`: `HH:MM`, London.
    """

    kind: str
    body: str
    wrote_at: datetime
    is_mobile: bool = True
    stopped_by: str | None = None
    closed: bool = False
    safe: bool | None = None
    safe_from: str | None = None
    safe_until: str | None = None
    parties: Sequence[str] = field(default_factory=tuple)
    texts_today: int = 0
    contacts_today: int = 0


@dataclass(frozen=True)
class Hold:
    """Why a text does not leave now. `until`: when it may; None: not at all."""

    because: str
    until: datetime | None = None


def check(text: Leaving, policy: Policy, ceilings: Ceilings, *, at: datetime) -> Hold | None:
    """None when the text may leave at `at`."""
    if not text.is_mobile:
        return Hold("not a UK mobile number")
    if text.stopped_by and not _though_stopped(text, at):
        return Hold("this number asked for texts to stop")
    if text.kind in {"safety", "stopped"}:
        return None
    if segments(text.body) > ceilings.segments:
        return Hold(f"it is too long: {segments(text.body)} parts, at most {ceilings.segments}")
    if text.kind == "contact" or at - text.wrote_at > JUST_WRITTEN:
        held = _unasked(text, policy, ceilings, at)
        if held:
            return held
    if text.texts_today >= ceilings.texts_a_day:
        return _until_tomorrow(f"{text.texts_today} texts today already", text, policy, at)
    return None


def _though_stopped(text: Leaving, at: datetime) -> bool:
    """The word that texts have stopped; and, where only we keep them back, what to do in danger for
    somebody who has just written of it."""
    if text.kind == "safety":
        return text.stopped_by == "us" and at - text.wrote_at <= JUST_WRITTEN
    return text.kind == "stopped"


def _unasked(text: Leaving, policy: Policy, ceilings: Ceilings, at: datetime) -> Hold | None:
    """What holds for a text that is not an answer to somebody who has just written."""
    if text.closed:
        return Hold("the case is closed")
    if text.safe is False or (text.kind == "contact" and not text.safe):
        return Hold("no safe way to text is on record")
    if named(text.body.replace(policy.name, ""), text.parties):
        return Hold("it names a person or an address of the case")
    if not may_text(at, policy) or not _within(at, text):
        return _later("outside texting hours", at, text, policy)
    if text.kind == "contact" and text.contacts_today >= ceilings.contacts_a_day:
        return _until_tomorrow(
            f"{text.contacts_today} contact messages today already", text, policy, at
        )
    return None


def _later(because: str, at: datetime, text: Leaving, policy: Policy) -> Hold:
    until = next_safe_time(at, text, policy)
    if until is None:
        return Hold("the hours that are safe for them are outside our texting hours")
    return Hold(because, until)


def _until_tomorrow(because: str, text: Leaving, policy: Policy, at: datetime) -> Hold:
    day = at.astimezone(LONDON).date() + timedelta(days=1)
    return _later(because, datetime.combine(day, OPENS, LONDON), text, policy)


def next_safe_time(at: datetime, text: Leaving, policy: Policy) -> datetime | None:
    """The first moment from `at` on within texting hours and the person's own; None: never."""
    opens = max(OPENS, _time(text.safe_from) or OPENS)
    closes = min(CLOSES, _time(text.safe_until) or CLOSES)
    if opens >= closes:
        return None
    local = at.astimezone(LONDON)
    for days in range(DAYS_AHEAD):
        day = local.date() + timedelta(days=days)
        moment = max(datetime.combine(day, opens, LONDON), local)
        if moment.date() == day and moment.time() < closes and may_text(moment, policy):
            return moment.astimezone(at.tzinfo)
    return None


def _within(at: datetime, text: Leaving) -> bool:
    now = at.astimezone(LONDON).time()
    opens, closes = _time(text.safe_from), _time(text.safe_until)
    return (opens is None or opens <= now) and (closes is None or now < closes)


def _time(written: str | None) -> time | None:
    return time.fromisoformat(written) if written else None


def named(body: str, parties: Sequence[str]) -> str | None:
    """The first name or address of these that the words hold, whole or in part.

    A whole entry counts in any case of letters; a single word of one only as it is written there,
    so that a Will or a May does not silence every sentence.
    """
    for party in parties:
        words: list[str] = re.findall(r"[^\W_][\w'’-]*", party)
        if all(word.lower() in COMMON for word in words):
            continue
        whole = r"\W+".join(map(re.escape, words))
        if len(whole) >= SHORTEST_NAME and _holds(body, whole, re.IGNORECASE):
            return party
        for word in words:
            is_name = word[0].isupper() and len(word) >= SHORTEST_NAME
            if is_name and word.lower() not in COMMON and _holds(body, re.escape(word), 0):
                return word
    return None


def _holds(body: str, pattern: str, flags: int) -> bool:
    return re.search(rf"(?<!\w){pattern}(?!\w)", body, flags) is not None


# Words of an address, of "who" or of "where" that name nobody and no place.
COMMON = frozenset(
    "the and flat house road street court lane close avenue drive way place park view mews walk "
    "row hill green gardens neighbour neighbours man woman men women boy girl boys girls someone "
    "people group upstairs downstairs next door number two three four call please thank our you "
    "your they how are things now update report reply better same worse not sorry in on at by my "
    "outside inside home here there front back near opposite behind above below corner block "
    "building stairs stairwell landing hallway lift entrance car garden shop shops bus stop".split()
)
