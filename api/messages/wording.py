"""The landlord's words for what is to be said, on the channel it is said on. Pure.

The assistant says *keys* with values; the words, the choices and their labels come from the
landlord's pack (wording, questions, categories) and from the risk matrix.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from api.moments.say import shorter
from api.policies.check_wording import CUTS, DEFINITE, LONGEST, TOLD
from api.policies.gsm7 import TWO_SEGMENTS, folded, length, plain
from api.policies.load import Pack, Policies
from api.policies.schema import Words
from api.policies.schema_shared import Message, RiskQuestion

RISK_KEY = re.compile(r"(ask|why)_r(\d{1,2})")
UNTOLD = "not told"
DECLINED = {"declined", "dont_know", "none", "", None}
# What leaves an answer as it was told before.
KEEPS = ("yes", "y", "yeah", "yep", "the same", "same", "as i said", "thats right", "correct")
# Ways to say that no box is ticked.
NOBODY = (
    "none", "no", "neither", "no one", "nobody", "no one else", "nobody else", "just me", "only me",
)  # fmt: skip
NOTED = ("when", "now", "how_often", "where", "who")
# Keys whose words stand in the landlord's policy, and the part of it that has them.
OF_POLICY = {"case_review": "case_review", "complaint_way": "complaints", "staff_way": "staff"}


@dataclass(frozen=True)
class Choice:
    """An answer on offer. `words` are other ways to say it and `own` phrases that mean it, for
    the assistant to recognise; `line` stands in place of the label in a text."""

    value: str
    label: str
    words: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    line: str | None = None

    def shown(self) -> dict[str, Any]:
        shown = {"value": self.value, "label": self.label, "words": list(self.words)}
        return {**shown, "own": list(self.own)} if self.own else shown


@dataclass(frozen=True)
class Rendered:
    """What a resident gets: one text, and the choices that its last part offers."""

    text: str
    choices: tuple[Choice, ...] = ()
    several: bool = False


@dataclass(frozen=True)
class _Voice:
    """In whose words, on which channel, and with which values at hand."""

    pack: Pack
    policies: Policies
    channel: str
    always: Mapping[str, str]
    # How much of their own words is said back (`whole`: but for what was just put right), of how
    # many messages, from the first on, the brief words are taken, whether what can be spared is
    # said, and whether the lines of a list that was sent before come again.
    cut: int | None = None
    whole: bool = True
    brief: int = 0
    spare: bool = True
    listed: bool = True

    @property
    def by_text(self) -> bool:
        return self.channel == "sms"

    def label(self, category: str) -> str:
        return next(
            (one.label for one in self.pack.policy.categories if one.code == category), category
        )


def render(
    said: Sequence[Mapping[str, Any]],
    *,
    pack: Pack,
    policies: Policies,
    channel: str,
    always: Mapping[str, str],
) -> Rendered:
    """One turn's messages as one text. `always`: values every message may use (reference …)."""
    voice = _Voice(pack, policies, channel, always)
    found = _together(said, voice)
    for less in _less(len(said)) if voice.by_text else ():
        if length(found.text) <= TWO_SEGMENTS:
            break
        found = _together(said, replace(voice, **less))
    return found


def _less(messages: int) -> Iterator[dict[str, Any]]:
    """What is left out of a text that would not fit two segments, one step after the other."""
    yield from ({"cut": cut} for cut in CUTS)
    yield from ({"cut": CUTS[-1], "brief": brief} for brief in range(1, messages + 1))
    yield {"cut": CUTS[-1], "whole": False}
    yield from ({"cut": cut, "whole": False, "brief": messages} for cut in CUTS)
    least = {"cut": CUTS[-1], "whole": False, "brief": messages, "spare": False}
    yield least
    yield {**least, "listed": False}


def _together(said: Sequence[Mapping[str, Any]], voice: _Voice) -> Rendered:
    at_length = replace(voice, brief=0)
    parts = [
        _one(one, voice if number < voice.brief else at_length)
        for number, one in enumerate(said)
        if voice.spare or not _can_be_spared(one, voice)
    ]
    asking = next((part for part in reversed(parts) if part.choices), Rendered(""))
    text = ("\n" if voice.by_text else "\n\n").join(part.text for part in parts if part.text)
    if voice.by_text:
        lines = [
            f"{number} {choice.line or choice.label}"
            for number, choice in enumerate(asking.choices, 1)
            if voice.listed or choice.line is None
        ]
        text = plain("\n".join([text, *lines]))
    return Rendered(text, asking.choices, asking.several)


def _can_be_spared(one: Mapping[str, Any], voice: _Voice) -> bool:
    message = voice.pack.wording.get(str(one["say"]))
    return message is not None and message.spare


def _of(words: Words | Message, voice: _Voice) -> str:
    """The words for this channel, as brief as this text has to be."""
    if not voice.by_text:
        return words.web
    return words.brief if voice.brief and words.brief is not None else words.sms


def _one(one: Mapping[str, Any], voice: _Voice) -> Rendered:
    key, values = str(one["say"]), dict(one.get("values") or {})
    if key == "ask_policy":
        question = next(q for q in voice.pack.policy.questions if q.code == values["question"])
        choices = tuple(Choice(a.code, a.label, a.words) for a in question.answers)
        return Rendered(_of(question.ask, voice), choices)
    if part := getattr(voice.pack.policy, OF_POLICY.get(key, ""), None):
        return Rendered(_of(part.words, voice))
    if found := RISK_KEY.fullmatch(key):
        number, known = int(found[2]), values.get("known")
        return _reason(number, voice) if found[1] == "why" else _risk_question(number, voice, known)
    if key == "why_policy" and (code := values.get("question")):
        return Rendered(next(q.why for q in voice.pack.policy.questions if q.code == code))
    if "category" in values:
        values["category_label"] = values["category"]
    if key == "noted":
        values["noted"] = _each_once(_show(n, values[n], voice) for n in NOTED if n in values)
    if isinstance(values.get("changes"), Mapping):
        values["changes"] = _changes(values["changes"], voice)
    message = voice.pack.wording[key]
    shown = {
        name: _show(name, values.get(name, voice.always.get(name)), voice)
        for name in (*message.uses, "landlord", "reference")
    }
    choices = tuple(
        Choice(c.value, c.label, c.words, c.own, c.line.format_map(shown) if c.line else None)
        for c in message.choices
    )
    if key == "ask_kind_list" and one.get("choices"):
        choices = tuple(
            Choice(code, "something else" if code == "other" else voice.label(code))
            for code in one["choices"]
        )
    template = message.sms if voice.by_text else message.web
    shows_change = key == "changed" and voice.whole
    if voice.by_text and voice.brief and message.brief is not None and not shows_change:
        template = message.brief
    if one.get("again") and message.again is not None:
        template = message.again
    return Rendered(template.format_map(shown), choices, message.several)


def _each_once(facts: Iterable[str]) -> str:
    """Facts in a row; one that stands within another is said in it: "below", "the man below"."""
    told = list(dict.fromkeys(facts))
    return ", ".join(fact for fact in told if not any(fact in one and fact != one for one in told))


def _changes(changes: Mapping[str, Any], voice: _Voice) -> str:
    """ "When: Tuesday. Where: flat 12": facts put right, by the names the summary gives them. One
    alone has all the room, so that what was put right can be seen in it."""
    names = {choice.value: choice.label for choice in voice.pack.wording["summary"].choices}
    parts = []
    for fact, to in changes.items():
        name = names.get(fact, fact)
        alone = len(changes) == 1 and voice.whole
        room = LONGEST["changes"] - len(name) - 2 if alone else None
        parts.append(f"{name}: {_show(fact, to, voice, room)}")
    return ". ".join(parts)


def _reason(number: int, voice: _Voice) -> Rendered:
    return Rendered(_on_card(number, voice).why)


def _on_card(number: int, voice: _Voice) -> RiskQuestion:
    return next(q for q in voice.policies.risk_matrix.questions if q.number == number)


def _risk_question(number: int, voice: _Voice, known: str | None) -> Rendered:
    """`known`: the answer that they gave before the card; a yes is enough to keep it."""
    question = _on_card(number, voice)
    choices = [
        Choice(a.code, a.label, (*a.say, a.words, *(KEEPS if a.code == known else ())), a.own)
        for a in question.answers
    ]
    if question.several and all(choice.value != "none" for choice in choices):
        choices.append(Choice("none", "None of these", NOBODY))
    text = _of(question.ask, voice)
    if told := next((choice.label for choice in choices if choice.value == known), None):
        before = _of(voice.pack.wording["noted"], voice).format_map({"noted": told})
        text = f"{before} {text}"
    return Rendered(text, tuple(choices), question.several)


def _show(name: str, value: Any, voice: _Voice, room: int | None = None) -> str:
    """A value as it is said. `room`: characters it may take in a text, where not the usual ones."""
    if name == "landlord":
        return voice.pack.policy.name
    if value in DECLINED:
        return UNTOLD
    text = str(value)
    if name == "category_label":
        return voice.label(text)
    if name == "now":
        return "it is happening now"
    if name == "how_often":
        codes = {c.value: c.label for c in voice.pack.wording["ask_how_often"].choices}
        text = codes.get(text, text)
    if voice.by_text and text == voice.always.get("moment"):
        # A definite time is put shorter, not cut: the resident is to say whether it is right.
        fits = LONGEST["when" if name == "when" else "moment"] if voice.cut is None else DEFINITE
        text = shorter(text, fits)
        return text if len(text) <= fits else f"{text[: fits - 3].rstrip()}..."
    # What a text repeats back is cut to the length that the packs are checked with.
    if voice.by_text:
        # One letter outside the alphabet of phones more than doubles the parts of a text.
        text = folded(text)
    most = (room or LONGEST.get(name)) if voice.by_text else None
    if most and voice.cut and name in TOLD and not room:
        most = voice.cut if name not in ("noted", "changes") else most
    if most and len(text) > most:
        text = text[: most - 3].rstrip() + "..."
    return text


def picked(text: str, choices: Sequence[Any]) -> str | None:
    """The value that words choose exactly: by number, value, label or a listed word."""
    said = _flat(text)
    for number, choice in enumerate(choices, 1):
        if said in {str(number), *map(_flat, (choice.value, choice.label, *choice.words))}:
            return str(choice.value)
    return None


def _flat(text: str) -> str:
    return " ".join(re.sub(r"[^a-z0-9]+", " ", re.sub("['\u2019]", "", text.lower())).split())
