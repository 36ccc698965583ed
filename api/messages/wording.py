"""The landlord's words for what is to be said, on the channel it is said on. Pure.

The assistant says *keys* with values; the words, the choices and their labels come from the
landlord's pack (wording, questions, categories) and from the risk matrix.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from api.policies.check_wording import LONGEST
from api.policies.gsm7 import TWO_SEGMENTS, folded, length, plain
from api.policies.load import Pack, Policies

RISK_KEY = re.compile(r"(ask|why)_r(\d{1,2})")
UNTOLD = "not told"
DECLINED = {"declined", "dont_know", "none", "", None}
# What of a resident's own words is repeated back where a text would grow past two parts.
AT_LEAST = 14
TOLD = frozenset({"when", "where", "who", "name", "address", "contact"})


@dataclass(frozen=True)
class Choice:
    """An answer on offer. `words` are other ways to say it, for the assistant to recognise."""

    value: str
    label: str
    words: tuple[str, ...] = ()

    def shown(self) -> dict[str, Any]:
        return {"value": self.value, "label": self.label, "words": list(self.words)}


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
    tight: bool = False

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
    if voice.by_text and length(found.text) > TWO_SEGMENTS:
        return _together(said, replace(voice, tight=True))
    return found


def _together(said: Sequence[Mapping[str, Any]], voice: _Voice) -> Rendered:
    parts = [_one(one, voice) for one in said]
    asking = next((part for part in reversed(parts) if part.choices), Rendered(""))
    text = ("\n" if voice.by_text else "\n\n").join(part.text for part in parts if part.text)
    if voice.by_text:
        lines = [f"{number} {choice.label}" for number, choice in enumerate(asking.choices, 1)]
        text = plain("\n".join([text, *lines]))
    return Rendered(text, asking.choices, asking.several)


def _one(one: Mapping[str, Any], voice: _Voice) -> Rendered:
    key, values = str(one["say"]), dict(one.get("values") or {})
    if key == "ask_policy":
        question = next(q for q in voice.pack.policy.questions if q.code == values["question"])
        choices = tuple(Choice(a.code, a.label, a.words) for a in question.answers)
        return Rendered(question.ask.sms if voice.by_text else question.ask.web, choices)
    if found := RISK_KEY.fullmatch(key):
        return _risk_question(int(found[2]), voice, why=found[1] == "why")
    if "category" in values:
        values["category_label"] = values["category"]
    message = voice.pack.wording[key]
    choices = tuple(Choice(c.value, c.label, c.words) for c in message.choices)
    if key == "ask_kind_list" and one.get("choices"):
        choices = tuple(
            Choice(code, "something else" if code == "other" else voice.label(code))
            for code in one["choices"]
        )
    shown = {
        name: _show(name, values.get(name, voice.always.get(name)), voice)
        for name in (*message.uses, "landlord", "reference")
    }
    template = message.sms if voice.by_text else message.web
    return Rendered(template.format_map(shown), choices, message.several)


def _risk_question(number: int, voice: _Voice, *, why: bool) -> Rendered:
    question = next(q for q in voice.policies.risk_matrix.questions if q.number == number)
    if why:
        return Rendered(question.why)
    choices = [Choice(a.code, a.label, (*a.say, a.words)) for a in question.answers]
    if question.several and all(choice.value != "none" for choice in choices):
        choices.append(Choice("none", "None of these", ("none", "no", "neither", "no one")))
    text = question.ask.sms if voice.by_text else question.ask.web
    return Rendered(text, tuple(choices), question.several)


def _show(name: str, value: Any, voice: _Voice) -> str:
    if name == "landlord":
        return voice.pack.policy.name
    if value in DECLINED:
        return UNTOLD
    text = str(value)
    if name == "category_label":
        return voice.label(text)
    if name == "how_often":
        codes = {c.value: c.label for c in voice.pack.wording["ask_how_often"].choices}
        text = codes.get(text, text)
    # What a text repeats back is cut to the length that the packs are checked with.
    if voice.by_text:
        # One letter outside the alphabet of phones more than doubles the parts of a text.
        text = folded(text)
    most = LONGEST.get(name) if voice.by_text else None
    if most and voice.tight and name in TOLD:
        most = AT_LEAST
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
