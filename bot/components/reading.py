"""Reads a message as an answer to what was just asked, or as what it is instead. Pure."""

import re
from dataclasses import dataclass, field
from typing import Any

from bot.components.choices import (
    NO,
    YES,
    Choice,
    exactly,
    own_words,
    plain,
    plainly,
    resolve,
    skipped,
    words,
)
from bot.components.conditions import safe_on_condition, shared_on_condition
from bot.components.corrections import corrected
from bot.components.fits import (
    MUST_I,
    asks_back,
    may_be_home,
    may_be_time,
    names_only,
    tells_something,
    wants_repair,
)
from bot.components.talk import (
    ASKING,
    CHANGE_SOMETHING,
    EXACT,
    EXACT_ONLY,
    HEARD,
    NODS,
    PAUSES,
    PLAIN_TALK,
    STARTS,
    TALK,
    WAITS,
    insults,
    safety,
)

FREE_TEXT = words(
    "description happened_when happened_where who police_reference evidence name address "
    "safe_how change_to"
)
# Free words that may well tell of danger, or of another matter, and be the answer all the same.
TELLING = words("description happened_when happened_where who evidence change_to")
# What is said there twice is kept, whatever it is.
KEPT_AT_LAST = words("happened_when happened_where who evidence police_reference")
PLEASE = ("can you ", "can u ", "could you ", "could u ", "please ")
ON_CONDITION = {"safe_contact": safe_on_condition, "consent": shared_on_condition}
CHOSEN = words(
    "ok challenge start_risk later summary better same worse call_me new_matter same_matter"
)
# Asked about safety in so many words: an answer to these is not one to a safety text.
ABOUT_SAFETY = words("safe_contact safe_how")
# All that an agreement to the summary is made of.
AGREES = YES | words(
    "right correct ok okay fine good great perfect it its is thats that this all looks look seems "
    "sounds about to me i think everything now thanks thank you please exactly so of course then"
)
SAID_BACK = words("how_often happening_now policy_answer consent")
# What begins like this is told beside the question.
BESIDES = ("also ", "and also", "another thing", "by the way", "btw", "oh and", "while im here")
# "Line 5 is wrong": which one, but not what it should say.
IS_WRONG = re.compile(r"\s+(?:is|looks) (?:wrong|incorrect|not (?:right|correct))\W*$", re.I)
# What nobody answers with a question; no name or house begins like these.
NO_QUESTIONS = words("name address police_reference")
QUESTION_WORDS = words("why who what when where how which whats whos hows")
OF_A_PLACE = words("where home house_number street postcode")
OF_SOMEBODY = words("who home house_number")
# Has a reply of its own, and leaves the question open.
NO_ANSWER = words("out_of_scope ask_start_again")
MIN_TALK = 0.6
MIN_TALK_IN_FREE_TEXT = 0.75
# Of some 3,000 names hardly one, of some 300 places none was taken for chatter as surely as this.
MIN_CHATTER_FOR_A_NAME = 0.9
MIN_CHATTER_FOR_A_PLACE = 0.45
MIN_KIND = 0.3
MIN_OTHER_MATTER = 0.7
MATTER_WORDS = 7
MAX_TALK = 8  # words
MAX_QUESTION = 14


@dataclass
class Turn:
    """What a message is read with. `ranking` is the classifier's, best first."""

    text: str
    ranking: list[tuple[str, float]]
    entities: list[dict[str, Any]]
    choices: list[Choice]
    several: bool
    loop: str | None
    asked: str | None
    slots: dict[str, Any] = field(default_factory=dict)
    # What the danger screen read in this message, and whether a safety text stood before it.
    flags: list[str] = field(default_factory=list)
    asked_safe: bool = False
    told: dict[str, Any] = field(default_factory=dict)
    # Whether there is a risk card with questions left.
    card_open: bool = False

    @property
    def said(self) -> str:
        return plain(self.text)

    @property
    def words(self) -> int:
        return len(self.said.split())

    def entity(self, name: str) -> str | None:
        return next((item["value"] for item in self.entities if item["entity"] == name), None)

    def kind(self) -> tuple[str | None, float]:
        """The likeliest category with its confidence."""
        for name, confidence in self.ranking:
            if name.startswith("report_"):
                return name.removeprefix("report_"), confidence
        return None, 0.0


@dataclass(frozen=True)
class Reading:
    """The intent to go on with. `value` fills the question that was asked; `heard` is said back:
    a choice's value, or a category after "kind:"; `fixes` are facts put right."""

    intent: str
    value: str | None = None
    heard: str | None = None
    fixes: dict[str, str] = field(default_factory=dict)


def read(turn: Turn) -> Reading:
    """Decides what a message is, in its context. Pure."""
    if turn.loop and turn.asked:
        found = _beside(turn) or (_free_text(turn) if turn.asked in FREE_TEXT else _choice(turn))
        tried = turn.slots.get("unclear_slot") == turn.asked
        once = tried and turn.slots.get("unclear_count") == 1
        return Reading("unclear") if once and found.intent == "out_of_scope" else found
    return _outside(turn)


def _beside(turn: Turn) -> Reading | None:
    """What comes before any answer: whether they are safe, and what they take back."""
    about_safety = turn.asked in ABOUT_SAFETY or (
        turn.asked == "happening_now" and turn.slots.get("kind") == "domestic_abuse"
    )
    safe = None if about_safety else safety(turn.said, turn.asked_safe)
    if safe:
        return Reading(safe)
    fixes = _fixes(turn)
    return Reading("correct", fixes=fixes) if fixes else None


def _fixes(turn: Turn) -> dict[str, str]:
    return corrected(
        turn.text,
        known={**turn.told, **{slot: v for slot, v in turn.slots.items() if v is not None}},
        asked=turn.asked if turn.loop else None,
        entities=turn.entities,
        choices=turn.choices,
    )


def _free_text(turn: Turn) -> Reading:
    value = exactly(turn.text, turn.choices) if turn.choices else None
    if value:
        return Reading("answer", value)
    if turn.said in EXACT:
        return Reading(EXACT[turn.said])
    if _pauses(turn):
        return Reading("choose_later")
    if insults(turn.said):
        return Reading("insult")
    if turn.asked != "description" and (value := skipped(turn.text)):
        return Reading("answer", value)
    talk = _talk(turn, MIN_TALK_IN_FREE_TEXT) if turn.words > 1 or _ends_as_question(turn) else None
    if talk and (_asks(turn) or (talk in PLAIN_TALK and turn.asked != "description")):
        return Reading(talk)
    if turn.asked in NO_QUESTIONS and _is_question(turn):
        return Reading(_asked_back(turn) or _aside(turn) or "unclear")
    if turn.asked == "description":
        return Reading("answer") if _tells_something(turn) else Reading("unclear")
    if turn.flags and turn.words > 3 and (turn.asked not in TELLING or "emergency" in turn.flags):
        return Reading("danger")
    may_be_yes_or_no = turn.asked in ("evidence", "police_reference")
    if not turn.said or (turn.said in YES | NO | HEARD and not may_be_yes_or_no):
        return Reading("unclear")
    return Reading(_no_answer(turn) or "answer")


def _no_answer(turn: Turn) -> str | None:
    """What free words are that are no answer. Where they may be one they are taken for one: a real
    answer that is refused does more harm than nonsense that is kept."""
    asked, tried = turn.asked, turn.slots.get("unclear_slot") == turn.asked
    if asked in ABOUT_SAFETY or asked == "change_to" or (tried and asked in KEPT_AT_LAST):
        return None
    other, aside = _other_matter(turn), _aside(turn)
    read = {str(one["entity"]) for one in turn.entities}
    told_beside = turn.said.startswith(BESIDES) or wants_repair(turn.said)
    if asked == "happened_when" and asks_back(turn.said) and not read & {"when", "how_often"}:
        return _asked_back(turn) or aside or "unclear"
    if asked == "happened_when" and may_be_time(turn.said, read):
        return aside if told_beside else None
    if asked == "happened_when":
        return _asked_back(turn) or other or _chatter(turn, MIN_CHATTER_FOR_A_PLACE) or "unclear"
    if asked in ("happened_where", "who"):
        told = read & (OF_A_PLACE if asked == "happened_where" else OF_SOMEBODY)
        named = names_only(turn.text) or (told and not tells_something(turn.said))
        if not told and (back := _asked_back(turn)):
            return back
        if aside and (told_beside or not named):
            return aside
        if not told and asks_back(turn.said):
            return "unclear"
        return _chatter(turn, MIN_CHATTER_FOR_A_PLACE) if asked == "happened_where" else None
    if asked == "evidence":
        back = (_asked_back(turn) or "unclear") if asks_back(turn.said) else None
        return aside if aside and told_beside else back
    # A name, an address, a reference: short, or with a number in it.
    numbered = any(letter.isdigit() for letter in turn.said)
    home = asked == "address" and may_be_home(turn.said)
    looks_right = numbered or home or turn.words < MATTER_WORDS
    if not looks_right or (aside and not (numbered or home)):
        return other
    if tried or home or asked == "police_reference":
        return None
    return _chatter(turn, MIN_CHATTER_FOR_A_NAME if asked == "name" else MIN_CHATTER_FOR_A_PLACE)


def _chatter(turn: Turn, least: float) -> str | None:
    """Small talk or nonsense, by the classifier. It is less sure of a word or two than it says."""
    name, confidence = turn.ranking[0] if turn.ranking else ("", 0.0)
    enough = least if turn.words > 2 else MIN_CHATTER_FOR_A_NAME
    sure = name == "out_of_scope" and confidence >= enough and turn.words <= MAX_TALK
    return name if sure else None


def _asked_back(turn: Turn) -> str | None:
    """The likeliest question, where the words are a question: also one the classifier is less
    sure of than of a kind of trouble."""
    if not (asks_back(turn.said) or _ends_as_question(turn)):
        return None
    asked = [(c, name) for name, c in turn.ranking if name in PLAIN_TALK and c >= MIN_KIND]
    if asked:
        return max(asked)[1]
    name, confidence = turn.ranking[0] if turn.ranking else ("", 0.0)
    wish = name not in TALK and not name.startswith("report_") and confidence >= MIN_TALK
    return "ask_why" if MUST_I.search(turn.said) and not wish else None


def _choice(turn: Turn) -> Reading:
    if turn.asked == "summary_ok" and turn.said in CHANGE_SOMETHING:
        return Reading("answer", "change")
    if turn.asked == "summary_ok" and IS_WRONG.search(turn.text):
        line = resolve(IS_WRONG.sub("", turn.text), turn.choices)
        if line and line != "yes":
            return Reading("answer", line)
    value = resolve(turn.text, turn.choices, turn.several)
    sure = bool(value) and plainly(turn.text, turn.choices, turn.several)
    if turn.asked == "summary_ok" and value == "yes" and not sure and not _agrees(turn):
        # "He is outside right now" holds a word of the answer, and none of its sense.
        value = None
    own = None if sure else own_words(turn.text, turn.choices, turn.several)
    if own and own != value:
        # "no its because im polish": the first word says one thing, the rest another. Elsewhere
        # the whole phrase says more than the one word in it.
        word = turn.said.partition(" ")[0]
        first = "yes" if word in YES else "no" if word in NO else None
        against = first and (value == first or own == {"yes": "no", "no": "yes"}[first])
        value = own = None if against else own
    if _pauses(turn) and not sure:
        # "no more questions" is no "no".
        return Reading("choose_later")
    if turn.asked in ON_CONDITION and not sure and (found := _on_condition(turn)):
        return found
    beside = turn.said.startswith(BESIDES)
    no_kind = value == "yes" or beside or insults(turn.said)
    if turn.asked == "kind_ok" and turn.words > 2 and not no_kind:
        kind = _own_kind(turn)
        if kind:
            return Reading("answer", kind, heard=f"kind:{kind}")
    if value and (sure or not (turn.flags and "emergency" in turn.flags)):
        return Reading("answer", value, heard=None if sure else _said_back(turn, value))
    if turn.said in EXACT:
        return Reading(EXACT[turn.said])
    if value := skipped(turn.text):
        return Reading("answer", value)
    if insults(turn.said):
        return Reading("insult")
    talk = _talk(turn, MIN_TALK)
    if talk in PLAIN_TALK and _asks(turn):
        return Reading(talk)
    value = None if beside else (_by_entity(turn) or own)
    if value:
        kind = turn.asked in ("kind", "kind_ok")
        return Reading("answer", value, f"kind:{value}" if kind else _said_back(turn, value))
    if turn.flags:
        return Reading("danger")
    return Reading(talk or _other_matter(turn) or "unclear")


def _on_condition(turn: Turn) -> Reading | None:
    """ "Yes but only in the mornings", and a question back, are never a yes."""
    if turn.said in EXACT or skipped(turn.text) or "emergency" in turn.flags:
        return None
    told = ON_CONDITION[str(turn.asked)](turn.said)
    if asks_back(turn.said) or (_ends_as_question(turn) and not told):
        talk = _talk(turn, MIN_TALK) or _asked_back(turn)
        asks_for_it = told and not talk and turn.said.startswith(PLEASE)
        return Reading("answer", told) if asks_for_it else Reading(talk or "unclear")
    return Reading("answer", told) if told else None


def _pauses(turn: Turn) -> bool:
    return turn.said in PAUSES or (turn.said in WAITS and turn.loop != "risk_form")


def _agrees(turn: Turn) -> bool:
    said = turn.said.split()
    return said[0] in YES or AGREES.issuperset(said)


def _said_back(turn: Turn, value: str) -> str | None:
    risk = turn.loop == "risk_form"
    sensitive = turn.slots.get("kind") == "domestic_abuse"
    if value == "own_words":
        return None
    return value if (risk or turn.asked in SAID_BACK) and not sensitive else None


def _other_matter(turn: Turn) -> str | None:
    """Something else told instead of an answer: a repair, another service, or more trouble."""
    category, confidence = turn.kind()
    top = turn.ranking[0][0] if turn.ranking else ""
    if turn.words < 4 or confidence < MIN_OTHER_MATTER or not top.startswith("report_"):
        return None
    if category in ("repairs", "other_service"):
        return "other_repair" if category == "repairs" else "out_of_scope"
    return None if category == "other" else "add_words"


def _aside(turn: Turn) -> str | None:
    """A matter of another service, a repair mostly."""
    other = _other_matter(turn)
    return None if other == "add_words" else other


def _by_entity(turn: Turn) -> str | None:
    """An answer in own words, where what was read in them is exactly what was asked."""
    if turn.asked in ("how_often", "r1"):
        often = turn.entity("how_often")
        return often if turn.asked == "how_often" or often != "once" else None
    if turn.asked == "happening_now":
        return turn.entity("now") if turn.slots.get("kind") != "domestic_abuse" else None
    if turn.asked == "contact":
        return turn.entity("email") or turn.entity("phone")
    if turn.asked in ("kind", "kind_ok"):
        return _own_kind(turn)
    if turn.asked == "policy_answer" and turn.entity("when"):
        return "own_words"
    return None


def _own_kind(turn: Turn) -> str | None:
    category, confidence = turn.kind()
    top = turn.ranking[0][0] if turn.ranking else ""
    if category and confidence >= MIN_KIND and top.startswith("report_"):
        return category
    return None


def _outside(turn: Turn) -> Reading:
    value = resolve(turn.text, turn.choices) if turn.choices else None
    if value in CHOSEN:
        return Reading(f"choose_{value}")
    phase = turn.slots.get("phase")
    if started := _started(turn, phase):
        return Reading(started)
    fixes = _fixes(turn) if turn.told else {}
    if fixes:
        return Reading("correct", fixes=fixes)
    if phase != "report" and (safe := safety(turn.said, turn.asked_safe)):
        return Reading(safe)
    intent = EXACT.get(turn.said) or ("insult" if insults(turn.said) else _talk(turn, MIN_TALK))
    if intent:
        return Reading(intent)
    if phase == "report" and turn.slots.get("description"):
        return Reading("resume")
    # A report that has a case is added to; where there is none, new words are a new report.
    if phase == "report" or (phase == "after" and not turn.slots.get("case_open")):
        return Reading("describe" if _tells_something(turn) else "unclear")
    return Reading("tell_more" if _tells_something(turn) else "unclear")


def _started(turn: Turn, phase: str | None) -> str | None:
    """What the words start by themselves, offered or not."""
    start = STARTS.get(turn.said)
    if start == "choose_start_risk":
        return start if turn.card_open else None
    return start if phase != "report" else None


def _tells_something(turn: Turn) -> bool:
    """More than a nod, a number or a skip: a word of three letters at least."""
    if skipped(turn.text):
        return False
    return any(len(word) >= 3 and word.isalpha() and word not in NODS for word in turn.said.split())


def _talk(turn: Turn, least: float) -> str | None:
    """A short message, or a question, that the classifier is sure is talk. Commands must be exact
    words."""
    if not turn.ranking or turn.words > (MAX_QUESTION if _asks(turn) else MAX_TALK):
        return None
    name, confidence = turn.ranking[0]
    sure = name in TALK and name not in EXACT_ONLY and confidence >= least
    return name if sure else None


def _is_question(turn: Turn) -> bool:
    """A question for certain: "May Cottage" and "Will" begin like one."""
    said = turn.said.split()
    numbered = any(letter.isdigit() for letter in turn.said)
    begins = asks_back(turn.said) or (len(said) > 2 and said[0] in QUESTION_WORDS)
    return not numbered and (_ends_as_question(turn) or begins)


def _asks(turn: Turn) -> bool:
    first = turn.said.split()[:1]
    return _ends_as_question(turn) or bool(first and first[0] in ASKING)


def _ends_as_question(turn: Turn) -> bool:
    return turn.text.rstrip().endswith("?")
