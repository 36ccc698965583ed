"""What a resident takes back: "no, it was Tuesday", "wrong flat, 12 not 21", "change 3 to here".

Pure functions on the words, what was read in them, and the facts told so far. Only what was told
already can be corrected; what is being asked just now is answered, not corrected.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.components.choices import Choice
from bot.components.taken_back import (
    BESIDE,
    CHANGE,
    CLOCK,
    DAYS,
    DOES_IT,
    HOME,
    HOME_NUMBER,
    IN_A_PLACE,
    IT_WAS,
    LEADING,
    LINE,
    MINE,
    NAMED,
    NAMED_WRONG,
    NO_NAME,
    NOT,
    NOT_BUT,
    NOT_RIGHT,
    OF_A_HOME,
    OWN_HOME,
    PERSON,
    SAID_BUT,
    SORRY_AFTERWARDS,
    TAKEN_BACK,
    WHO_AND_WHERE,
    WRONG,
)

SLOT_OF_LINE = {"when": "happened_when", "where": "happened_where"}
OF_IT = ("happened_when", "happened_where", "who")
# The resident's own: put right only where nothing else can be meant.
OF_THEMSELVES = ("name", "address")
FROM_ENTITY = {
    "when": "happened_when",
    "how_often": "how_often",
    "where": "happened_where",
    "who": "who",
    "phone": "contact",
    "email": "contact",
}
# A question whose answer may well hold the same words: then it is an answer.
ANSWERS_TOO = {
    "happening_now": {"happened_when", "how_often"},
    "policy_answer": {"happened_when", "how_often"},
    "r1": {"how_often"},
    "evidence": {"who"},
    "safe_contact": {"happened_when", "how_often"},
    "safe_how": {"happened_when", "happened_where", "contact"},
    "happened_where": {"address"},
    **{question: {"who"} for question in ("r4", "r6", "r12", "r13", "r14")},
}
# And whose answer may well be "flat 12".
NAMES_A_HOME = frozenset({"happened_where", "who", "evidence", "address", "contact"})
MOST_WORDS = 9
MOST_IN_ALL = MOST_WORDS + 6
MOST_OF_HOW_OFTEN = 6


@dataclass(frozen=True)
class Told:
    """What the words are held against: the facts by slot, and what was read in the words."""

    known: Mapping[str, Any]
    asked: str | None
    entities: Sequence[Mapping[str, Any]]

    def of(self, slot: str) -> str:
        return str(self.known.get(slot) or "")

    def read(self, *names: str) -> list[str]:
        return [str(one["value"]) for one in self.entities if one["entity"] in names]


@dataclass(frozen=True)
class Swap:
    """ "12 not 21": what it should be, and what it should not."""

    new: str
    old: str

    def both(self, pattern: str) -> bool:
        sides = (self.new, self.old)
        return all(re.fullmatch(pattern, side, re.IGNORECASE) for side in sides)


def corrected(
    text: str,
    *,
    known: Mapping[str, Any],
    asked: str | None,
    entities: Sequence[Mapping[str, Any]] = (),
    choices: Sequence[Choice] = (),
) -> dict[str, str]:
    """The facts that the words put right, with what they should be; empty where they do not.

    `known`: slot → value as told; `choices`: what the last message offered (the summary's lines).
    """
    words = " ".join(text.replace("\u2019", "'").split())
    told = Told(known, asked, entities)
    if asked == "description" or not words:
        return {}
    if asked == "summary_ok" and (line := LINE.match(words)):
        at = int(line["line"]) - 1
        value = choices[at]["value"] if 0 <= at < len(choices) else None
        return _written({str(value): line["to"]}, told) if value not in (None, "yes") else {}
    if (change := CHANGE.match(words)) and known.get(NAMED[change["fact"].lower()]) is not None:
        return _written({NAMED[change["fact"].lower()]: change["to"]}, told)
    if len(words.split()) > MOST_IN_ALL:
        return {}
    found = _named_wrong(words, told) or _taken_back(words, told, picks=bool(choices))
    return {slot: value for slot, value in found.items() if slot != asked}


def _named_wrong(words: str, told: Told) -> dict[str, str]:
    """ "I gave you the wrong address, it's 14 Elm Court": the words say which fact is meant."""
    wrong = WRONG.match(words)
    if not wrong:
        return {}
    fact = next(wrong[name] for name in ("gave", "got", "said", "stands") if wrong[name]).lower()
    slot, to = NAMED_WRONG[fact], SORRY_AFTERWARDS.sub("", wrong["to"])
    swap, reached = _swap(to), told.read("email") + told.read("phone")
    if slot == "contact" or (fact == "number" and reached):
        return {"contact": reached[0]} if reached else {}
    if slot == HOME or (swap and slot == "address" and HOME_NUMBER.match(swap.old)):
        own = slot == "address" or bool(OWN_HOME.search(words))
        return _home(swap or Swap(to, ""), told, own=own, given=bool(wrong["gave"]))
    if swap:
        others = {"address": "happened_where", "name": "who"}
        return _swapped(swap, told, (slot,)) or _swapped(swap, told, (others.get(slot, slot),))
    if slot in ("happened_when", "how_often"):
        return {name: value for name, value in _by_entity(to, told).items() if name == slot}
    return _value(slot, to, told)


def _value(slot: str, to: str, told: Told) -> dict[str, str]:
    """What a fact that is named should say, where the words look like it."""
    if len(to.split()) > MOST_WORDS:
        return {}
    if slot == "address":
        place = not told.of("address") and re.search(r"\d", told.of("happened_where"))
        return {"happened_where" if place else "address": to} if re.search(r"\d", to) else {}
    if slot == "name" and (told.of("name") or not told.of("who")):
        return {"name": to} if _is_name(to) else {}
    slot = "who" if slot == "name" else slot
    return {slot: DOES_IT.sub("", to)} if told.of(slot) else {}


def _taken_back(words: str, told: Told, *, picks: bool) -> dict[str, str]:
    """What is said not to be so, and what is put in its place. `picks`: one of some choices may be
    meant."""
    bare = SORRY_AFTERWARDS.sub("", words)
    start = TAKEN_BACK.match(bare)
    rest = bare[start.end() if start else 0 :]
    may_answer = set() if NOT_RIGHT.search(words) else ANSWERS_TOO.get(told.asked or "", set())
    if mine := _mine(rest, told):
        return {slot: value for slot, value in mine.items() if slot not in may_answer}
    said = SAID_BUT.match(words)
    if not start and bare != words and (start := IT_WAS.match(bare)):
        rest = bare[start.end() :]
    rest = rest.strip(" ,.;:-")
    swap = Swap(said["new"], said["old"]) if said else _swap(rest)
    if not (start or said or (swap and _plainly_a_swap(words, swap, picks=picks))):
        return {}
    if swap:
        found = _meant(swap, told, own=bool(OWN_HOME.search(words)), sure=bool(start or said))
        return found or (_by_entity(swap.new, told) if start or said else {})
    # "sorry, every Monday" says how often; "no, it was Tuesday" does not.
    if told.asked == "how_often" and told.read("how_often"):
        may_answer = may_answer | {"happened_when"}
    home = HOME_NUMBER.match(rest)
    if home and home["word"]:
        answers = told.asked in NAMES_A_HOME and not NOT_RIGHT.search(words)
        return {} if answers else _home(Swap(rest, ""), told, own=False)
    in_place = start and IN_A_PLACE.search(bare[: start.end()]) and not told.read("when")
    found = _place(rest, told) if in_place else _guessed(rest, told)
    return {slot: value for slot, value in found.items() if slot not in may_answer}


def _plainly_a_swap(words: str, swap: Swap, *, picks: bool) -> bool:
    """Also without a sorry: "it wasn't Monday it was Tuesday", "Tuesday not Monday"."""
    numbers = swap.both(HOME_NUMBER.pattern) and not (picks and swap.both(r"\d"))
    return bool(NOT_BUT.match(words)) or numbers or swap.both(rf"(?:{DAYS}|{CLOCK})")


def _swap(words: str) -> Swap | None:
    """ "12 not 21", "it wasn't my neighbour but my brother"."""
    found = NOT_BUT.match(words) or NOT.match(words)
    if not found:
        return None
    new, old = (LEADING.sub("", found[side]).strip(" ,.'\"") for side in ("new", "old"))
    old = re.sub(r"^the\s+", "", old, flags=re.IGNORECASE)
    return Swap(new, old) if new and old else None


def _meant(swap: Swap, told: Told, *, own: bool, sure: bool) -> dict[str, str]:
    """The facts in which one thing stands for another. `sure`: they say that it was wrong."""
    if HOME_NUMBER.match(swap.old):
        return _home(swap, told, own=own)
    new = DOES_IT.sub("", swap.new)
    somebody = bool(WHO_AND_WHERE.match(new))
    found = _swapped(swap, told, ("who",) if somebody else OF_IT)
    if not found and somebody and sure and PERSON.search(f"the {swap.old}") and told.of("who"):
        return {"who": new}
    return found or _swapped(swap, told, OF_THEMSELVES)


def _swapped(swap: Swap, told: Told, slots: Sequence[str]) -> dict[str, str]:
    found = {}
    for slot in slots:
        value = told.of(slot)
        whole = re.search(rf"\b(?:the )?{re.escape(swap.old)}\b", value, re.IGNORECASE)
        if slot == told.asked or not whole:
            continue
        is_all = LEADING.sub("", value).lower() == whole[0].lower()
        if is_all or (slot == "who" and not re.search(r"\d", swap.new)):
            found[slot] = DOES_IT.sub("", swap.new)
        else:
            found[slot] = value[: whole.start()] + swap.new + value[whole.end() :]
    return found


def _home(swap: Swap, told: Told, *, own: bool, given: bool = False) -> dict[str, str]:
    """ "flat 12, not 21": where it is, or who does it; never a date. Their own home only where they
    say so (`own`), or where nothing else holds the number."""
    new, old = HOME_NUMBER.match(swap.new), HOME_NUMBER.match(swap.old)
    number = re.escape(old["number"]) if old else r"\d{1,4}[a-z]?"
    names = re.compile(rf"{OF_A_HOME}(?P<number>{number})\b", re.IGNORECASE)
    held = {
        slot: found
        for slot in ("happened_where", "who")
        if slot != told.asked and (found := names.search(told.of(slot)))
    }
    if not new:
        slot = "who" if PERSON.search(swap.new) else "happened_where"
        return {slot: DOES_IT.sub("", swap.new)} if old and slot in held else {}
    if not old and len({found["number"] for found in held.values()}) > 1:
        held = {slot: found for slot, found in held.items() if slot == "happened_where"}
    address = re.search(rf"\b(?P<number>{number})\b", told.of("address"), re.IGNORECASE)
    if address and (own or (not held and (old or given))):
        held = {"address": address}
    if not held and not old and new["word"] and told.of("happened_where"):
        return {"happened_where": swap.new}
    return {
        slot: found.string[: found.start("number")]
        + new["number"]
        + found.string[found.end("number") :]
        for slot, found in held.items()
    }


def _guessed(rest: str, told: Told) -> dict[str, str]:
    """What kind of thing is named says which fact is meant."""
    if len(rest.split()) > MOST_WORDS:
        return {}
    found = _by_entity(rest, told)
    who = DOES_IT.sub("", rest)
    return {"who": who} if not found and WHO_AND_WHERE.match(who) and told.of("who") else found


def _by_entity(rest: str, told: Told) -> dict[str, str]:
    """ "no, it was Tuesday": the first of each kind, where hardly anything else is said."""
    found: dict[str, str] = {}
    for entity in told.entities:
        name, value = str(entity["entity"]), str(entity["value"])
        slot = FROM_ENTITY.get(name)
        if slot is None or told.known.get(slot) is None or slot in found:
            continue
        if not _is_all(name, value, rest):
            continue
        found[slot] = _moved(told.of(slot), value) if slot == "happened_when" else value
    return found


def _is_all(name: str, value: str, rest: str) -> bool:
    """Whether the words say little beside what was read in them: "sorry, he came back on Friday"
    tells something new."""
    if name in ("phone", "email"):
        return True
    if name == "how_often":
        return len(rest.split()) <= MOST_OF_HOW_OFTEN
    bare = LEADING.sub("", value).lower()
    before, found, after = DOES_IT.sub("", rest).lower().partition(bare)
    left = [word for word in re.findall(r"[\w']+", f"{before} {after}") if word not in BESIDE]
    return bool(found) and len(left) <= (name == "when")


def _place(words: str, told: Told) -> dict[str, str]:
    """ "it was in the flat above mine": where, also when the place is somebody's home."""
    fits = told.of("happened_where") and words and len(words.split()) <= MOST_WORDS
    return {"happened_where": words} if fits else {}


def _mine(words: str, told: Told) -> dict[str, str]:
    """ "my name is Grace Hope": the fact, where it looks like one."""
    found = MINE.match(words)
    if not found or len(words.split()) > MOST_IN_ALL:
        return {}
    slot, value = NAMED[found["fact"].lower()], found["to"]
    if slot == "contact":
        return _written({slot: value}, told) if told.read("phone", "email") else {}
    right = _is_name(value) if slot == "name" else bool(re.search(r"\d", value))
    return {slot: value} if right else {}


def _is_name(value: str) -> bool:
    parts = value.lower().split()
    return len(parts) <= 4 and not NO_NAME & {*parts} and not re.search(r"[^\w\s'.-]", value)


def _moved(before: str, now: str) -> str:
    """The time told before with its day or its hour put right, or the new words."""
    for part, other in ((DAYS, CLOCK), (CLOCK, DAYS)):
        names_part = re.search(part, now, re.IGNORECASE)
        names_other = re.search(other, now, re.IGNORECASE)
        stands = re.search(part, before, re.IGNORECASE)
        keeps = re.search(other, before, re.IGNORECASE)
        if names_part and not names_other and stands and keeps:
            return before[: stands.start()] + names_part[0] + before[stands.end() :]
    return now


def _written(found: dict[str, str], told: Told) -> dict[str, str]:
    """Slots for lines, codes for how often, normal forms for a way to be reached."""
    result = {}
    for name, value in found.items():
        slot = SLOT_OF_LINE.get(name, name)
        if slot == "how_often":
            value = (told.read("how_often") or [value])[-1]
        if slot == "contact":
            value = (told.read("email") or told.read("phone") or [value])[-1]
        result[slot] = value
    return result
