"""The landlord's words for what is to be said, on the channel it is said on. Pure.

The assistant says *keys* with values; the words, the choices and their labels come from the
landlord's pack (wording, questions, categories) and from the risk matrix.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.policies.check_wording import LONGEST
from api.policies.gsm7 import plain
from api.policies.load import Pack, Policies

RISK_KEY = re.compile(r"(ask|why)_r(\d{1,2})")
UNTOLD = "not told"
DECLINED = {"declined", "dont_know", "none", "", None}


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


def render(
    said: Sequence[Mapping[str, Any]],
    *,
    pack: Pack,
    policies: Policies,
    channel: str,
    always: Mapping[str, str],
) -> Rendered:
    """One turn's messages as one text. `always`: values every message may use (reference …)."""
    parts = [_one(one, pack, policies, channel, always) for one in said]
    choices = next((part.choices for part in reversed(parts) if part.choices), ())
    several = next((part.several for part in reversed(parts) if part.choices), False)
    separator = "\n" if channel == "sms" else "\n\n"
    text = separator.join(part.text for part in parts if part.text)
    if channel == "sms":
        if choices:
            text += "\n" + "\n".join(
                f"{number} {choice.label}" for number, choice in enumerate(choices, 1)
            )
        text = plain(text)
    return Rendered(text, choices, several)


def _one(
    one: Mapping[str, Any],
    pack: Pack,
    policies: Policies,
    channel: str,
    always: Mapping[str, str],
) -> Rendered:
    key, values = str(one["say"]), dict(one.get("values") or {})
    if key == "ask_policy":
        question = next(q for q in pack.policy.questions if q.code == values["question"])
        choices = tuple(Choice(a.code, a.label, a.words) for a in question.answers)
        return Rendered(getattr(question.ask, _words(channel)), choices)
    if found := RISK_KEY.fullmatch(key):
        return _risk_question(int(found[2]), policies, channel, why=found[1] == "why")
    if "category" in values:
        values["category_label"] = values["category"]
    message = pack.wording[key]
    template = getattr(message, _words(channel))
    labels: dict[str, str] = {category.code: category.label for category in pack.policy.categories}
    offered = one.get("choices")
    if key == "ask_kind_list" and offered:
        choices = tuple(
            Choice(code, labels[code] if code != "other" else "something else") for code in offered
        )
    else:
        choices = tuple(Choice(c.value, c.label, c.words) for c in message.choices)
    shown = {
        name: _show(name, values.get(name, always.get(name)), labels, pack, channel)
        for name in (*message.uses, "landlord", "reference")
    }
    return Rendered(template.format_map(shown), choices, message.several)


def _risk_question(number: int, policies: Policies, channel: str, *, why: bool) -> Rendered:
    question = next(q for q in policies.risk_matrix.questions if q.number == number)
    if why:
        return Rendered(question.why)
    choices = [Choice(a.code, a.label, (*a.say, a.words)) for a in question.answers]
    if question.several and all(choice.value != "none" for choice in choices):
        choices.append(Choice("none", "None of these", ("none", "no", "neither", "no one")))
    return Rendered(getattr(question.ask, _words(channel)), tuple(choices), question.several)


def _words(channel: str) -> str:
    return "sms" if channel == "sms" else "web"


def _show(name: str, value: Any, labels: Mapping[str, str], pack: Pack, channel: str) -> str:
    if name == "landlord":
        return pack.policy.name
    if value in DECLINED:
        return UNTOLD
    text = str(value)
    if text in labels:
        return labels[text]
    if name == "how_often":
        codes = {c.value: c.label for c in pack.wording["ask_how_often"].choices}
        text = codes.get(text, text)
    # What a text repeats back is cut to the length that the packs are checked with.
    most = LONGEST.get(name) if channel == "sms" else None
    if most and len(text) > most:
        text = text[: most - 3].rstrip() + "..."
    return text
