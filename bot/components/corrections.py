"""What a resident takes back: "no, it was Tuesday", "wrong flat, 12 not 21", "change 3 to here".

Pure functions on the words, what was read in them, and the facts told so far. Only what was told
already can be corrected; what is being asked just now is answered, not corrected.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from bot.components.choices import Choice

# Names of facts as residents say them, and the slot each means.
NAMED = {
    "when": "happened_when", "time": "happened_when", "date": "happened_when",
    "day": "happened_when", "where": "happened_where", "place": "happened_where",
    "location": "happened_where", "how often": "how_often", "who": "who", "person": "who",
    "name": "name", "address": "address", "postcode": "address", "contact": "contact",
    "number": "contact", "phone number": "contact", "phone": "contact", "mobile": "contact",
    "mobile number": "contact", "email": "contact", "e-mail": "contact",
}  # fmt: skip
SLOT_OF_LINE = {"when": "happened_when", "where": "happened_where"}
SEARCHED = ("happened_when", "happened_where", "who", "name", "address")
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
    "evidence": {"happened_when"},
    "safe_how": {"happened_when", "happened_where", "contact"},
    "happened_where": {"address"},
}
SURE = (
    r"(?:sorry|actually|correction|oops|whoops|typo|i meant(?: to say)?|i mean|make that|my mistake"
    r"|i got that wrong|i was wrong|that was wrong|thats wrong|that's wrong|wrong)"
)
IT_IS = (
    r"(?:it (?:was|is|should be|should say|should have been|happened|happens)|it's|its|that was"
    r"|that is|that's|this is|they are|they're|he is|he's|she is|she's)"
)
TAKEN_BACK = re.compile(
    rf"^(?:(?:oh|wait|hang on|ah|er|um|ok|but|no|nope|and)[\s,.]+)*(?:{SURE}\b[\s,.:;-]*)+"
    rf"(?:no[\s,]+)?(?:(?:{SURE}|{IT_IS}|on|at|in)\b\s*)*"
    rf"|^(?:no|nope)[\s,.]+(?:{IT_IS}|on|at)\s+",
    re.IGNORECASE,
)
IN_A_PLACE = re.compile(r"\b(?:was|is|it's|its|happened|happens|that's) in\s*$", re.IGNORECASE)
NOT = re.compile(
    r"^(?P<new>.+?)[\s,]+(?:and )?(?:not|instead of|rather than)\s+(?P<old>.+?)[\s.!]*$",
    re.IGNORECASE,
)
NOT_BUT = re.compile(
    r"^(?:it |that |this |they )?(?:wasn'?t|was not|isn'?t|is not|not)\s+(?P<old>[^,.]+?)"
    r"(?:[\s,.;-]+(?:but|it was|it's|its|it is|that was)|,)\s+(?P<new>.+?)[\s.!]*$",
    re.IGNORECASE,
)
WRONG = re.compile(
    r"^(?:the )?(?:wrong )?(?:flat|house|number|day|date|time|person|address|name|street|road)"
    r"(?: is wrong| number)?[\s,.:;-]+(?:it'?s |it is |it was |should be )?(?=\S)",
    re.IGNORECASE,
)
_FACT = "|".join(sorted(map(re.escape, NAMED), key=len, reverse=True))
CHANGE = re.compile(
    rf"^(?:(?:please |can you |can i )?(?:change|correct|fix|edit|make)\s+)?(?:the |my )?"
    rf"(?P<fact>{_FACT})\s+(?:to|should be|should say|is wrong[\s,]+it(?:'s| is)|is actually)\s+"
    r"(?P<to>.+?)[\s.!]*$",
    re.IGNORECASE,
)
# Told of oneself, whatever was asked: also what nobody has told yet.
MINE = re.compile(
    r"^(?:and )?my (?:new |right |real |full )?(?P<fact>name|address|phone number|mobile number"
    r"|number|phone|mobile|e-?mail)(?: address)? is (?:actually |now )?(?P<to>\S.*?)[\s.!]*$",
    re.IGNORECASE,
)
NO_NAME = frozenset("not on in still already known the a safe here there wrong private".split())
LINE = re.compile(
    r"^(?:please )?(?:change|correct|edit|fix)?\s*(?:line|number|no)?\s*(?P<line>\d)\s*"
    r"(?:to|should be|should say|is|=|:)\s+(?!(?:wrong|incorrect|not right|not correct)\b)"
    r"(?P<to>.+?)[\s.!]*$",
    re.IGNORECASE,
)
DAYS = (
    r"(?:on |last |this )?(?:mon|tues|wednes|thurs|fri|satur|sun)days?(?: (?:morning|afternoon"
    r"|evening|night))?|yesterday|today|tonight|last night|this morning"
)
CLOCK = r"\d{1,2}(?:[:.]\d{2})?\s?(?:am|pm)|\d{1,2}:\d{2}|midnight|noon"
PERSON = re.compile(
    r"\b(?:my|the|his|her|our|a)\s+(?:[a-z]+ )?(?:neighbou?rs?|brother|sister|son|daughter|dad|mum"
    r"|father|mother|uncle|cousin|ex|husband|wife|partner|boyfriend|girlfriend|man|woman|lady|guy"
    r"|bloke|lads?|kids|couple|family|tenants?|landlord|friend|flatmate|lodger)\b",
    re.IGNORECASE,
)
MOST_WORDS = 9


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
    if asked == "description" or not words:
        return {}
    if asked == "summary_ok" and (line := LINE.match(words)):
        at = int(line["line"]) - 1
        value = choices[at]["value"] if 0 <= at < len(choices) else None
        return _written({str(value): line["to"]}, entities) if value not in (None, "yes") else {}
    if (change := CHANGE.match(words)) and known.get(NAMED[change["fact"].lower()]) is not None:
        return _written({NAMED[change["fact"].lower()]: change["to"]}, entities)
    taken_back = TAKEN_BACK.match(words)
    start = taken_back.end() if taken_back else 0
    spared = {asked}
    if "wrong" not in words.lower():
        spared |= ANSWERS_TOO.get(asked or "", set())
        # "sorry, every Monday" says how often; "no, it was Tuesday" does not.
        if asked == "how_often" and _names(entities, "how_often"):
            spared.add("happened_when")
    if mine := _mine(words[start:], entities):
        return {slot: value for slot, value in mine.items() if slot not in spared}
    if len(words.split()) > MOST_WORDS + 6 or not (taken_back or NOT_BUT.match(words)):
        return {}
    rest = WRONG.sub("", words[start:], count=1).strip(" ,.;:-")
    found = _instead(rest, known, asked)
    if not found and taken_back:
        in_place = bool(IN_A_PLACE.search(words[:start])) and not _names(entities, "when")
        place = words[start:].strip(" ,.;:-")
        found = _place(place, known) if in_place else _by_entity(rest, known, entities)
    return {slot: value for slot, value in found.items() if slot not in spared}


def _mine(words: str, entities: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """ "my name is Grace Hope": the fact, where it looks like one."""
    told = MINE.match(words)
    if not told or len(words.split()) > MOST_WORDS + 6:
        return {}
    slot, value = NAMED[told["fact"].lower()], told["to"]
    if slot == "contact":
        reachable = {"phone", "email"} & {str(entity["entity"]) for entity in entities}
        return _written({slot: value}, entities) if reachable else {}
    parts = value.lower().split()
    is_name = len(parts) <= 4 and not NO_NAME & {*parts} and not re.search(r"[^\w\s'.-]", value)
    right = is_name if slot == "name" else bool(re.search(r"\d", value))
    return {slot: value} if right else {}


def _instead(rest: str, known: Mapping[str, Any], asked: str | None) -> dict[str, str]:
    """ "12 not 21", "my brother not my neighbour"."""
    named = NOT_BUT.match(rest) or NOT.match(rest)
    if not named:
        return {}
    new, old = (named[part].strip(" ,.'\"") for part in ("new", "old"))
    new = re.sub(rf"^(?:{IT_IS}|{SURE})\s+", "", new, flags=re.IGNORECASE)
    if not new or not old:
        return {}
    whole = re.compile(rf"\b{re.escape(_bare(old))}\b", re.IGNORECASE)
    found = {}
    for slot in SEARCHED:
        value = str(known.get(slot) or "")
        if slot == asked or not whole.search(value):
            continue
        part = re.search(r"\d", new) or slot in ("happened_when", "address")
        found[slot] = whole.sub(lambda _: _bare(new), value, count=1) if part else new
    if not found and PERSON.search(new) and asked != "who":
        return {"who": new}
    return found


def _bare(words: str) -> str:
    """ "flat 21" and "number 21" as "21", where that is all there is."""
    return re.sub(r"^(?:flat|house|number|no\.?|on|at)\s+(?=\S+$)", "", words, flags=re.IGNORECASE)


def _by_entity(
    rest: str, known: Mapping[str, Any], entities: Sequence[Mapping[str, Any]]
) -> dict[str, str]:
    """ "no, it was Tuesday": what kind of thing is named says which fact is meant."""
    if len(rest.split()) > MOST_WORDS:
        return {}
    found: dict[str, str] = {}
    for entity in entities:
        slot = FROM_ENTITY.get(str(entity["entity"]))
        if slot is None or known.get(slot) is None or slot in found:
            continue
        value = str(entity["value"])
        found[slot] = _moved(str(known[slot]), value) if slot == "happened_when" else value
    if not found and PERSON.search(rest) and known.get("who") is not None:
        return {"who": rest}
    return found


def _place(words: str, known: Mapping[str, Any]) -> dict[str, str]:
    """ "it was in the flat above mine": where, also when the place is somebody's home."""
    told = known.get("happened_where") is not None and len(words.split()) <= MOST_WORDS
    return {"happened_where": words} if told and words else {}


def _names(entities: Sequence[Mapping[str, Any]], name: str) -> bool:
    return any(one["entity"] == name for one in entities)


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


def _written(found: dict[str, str], entities: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Slots for lines, codes for how often, normal forms for a way to be reached."""
    read = {str(entity["entity"]): str(entity["value"]) for entity in entities}
    result = {}
    for name, value in found.items():
        slot = SLOT_OF_LINE.get(name, name)
        if slot == "how_often":
            value = read.get("how_often", value)
        if slot == "contact":
            value = read.get("email") or read.get("phone") or value
        result[slot] = value
    return result
