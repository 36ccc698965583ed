"""What a report still needs, as plain functions on its facts.

Facts are the slots of the assistant: answers, and what the api judged (`outcome`, `question_code`,
`ask_details`). An answer that was declined is a value ("declined", "dont_know"), never None.
"""

import re
from dataclasses import dataclass
from typing import Any

SURE_OF_KIND = 0.3
KINDS_OFFERED = 4
UNKNOWN = ("dont_know", "declined")
# A yes or no with a condition in its words.
IN_PART = "in_part"
COMMON_KINDS = ("noise", "verbal_abuse", "drug_use", "vandalism")
DETAILS = (
    "happened_when", "happened_where", "how_often", "happening_now", "who", "police_reference",
    "evidence",
)  # fmt: skip
CONTACT = ("name", "address", "contact", "safe_contact")
# Kinds of trouble that stay where they come from: a home that is named is the place.
AT_HOME = frozenset(
    (
        "noise", "party", "living_noise", "diy", "cooking_smell", "animals", "garden", "drug_use",
        "drug_dealing", "cuckooing", "prostitution", "lifestyle",
    )
)  # fmt: skip
# Questions in whose answers other facts are listened for.
LISTENS = frozenset(
    (
        "kind_ok", "kind", "policy_answer", "happened_when", "happened_where", "how_often",
        "happening_now",
    )
)  # fmt: skip
# Asked where it happened: it is told once for both.
MY_ADDRESS = re.compile(
    r"^(?:(?:sorry|yes|ok|at)[\s,]+)?my (?:home )?address is (?P<address>.*\d.*?)[\s.!]*$",
    re.IGNORECASE,
)
SURE_OF_PART = 0.6
ANSWERING = frozenset(("describe", "answer", "resume"))
NOTED = {
    "when": "happened_when", "now": "happening_now", "how_often": "how_often",
    "where": "happened_where", "who": "who",
}  # fmt: skip
# By itself, a time is said back as the definite one that it was read as, or not at all.
BY_THEMSELVES = frozenset({"how_often", "where", "who"})
JUDGEMENT = (
    "policy_answer", "outcome", "category", "question_code", "answers", "ask_details",
)  # fmt: skip
# slot: what falls with it when the resident goes back to it
FALLS_WITH = {
    "description": ("kinds", "also", "effect", "kind_guess", "kind_ok", "kind", *JUDGEMENT),
    "kind_ok": ("kind", *JUDGEMENT),
    "kind": JUDGEMENT,
    "policy_answer": JUDGEMENT,
    "safe_contact": ("safe_how",),
}

Facts = dict[str, Any]


@dataclass(frozen=True)
class Heard:
    """The resident's last message. `kinds`: report categories with confidence, best first."""

    text: str
    kinds: tuple[tuple[str, float], ...] = ()
    entities: tuple[tuple[str, str], ...] = ()
    kind_from_flags: str | None = None
    # The likeliest kind of each part of a longer message.
    clauses: tuple[tuple[str, float], ...] = ()
    # Whether it tells or answers; talk beside a question is not listened to for facts.
    answers: bool = True

    @classmethod
    def of(cls, event: dict[str, Any], *, tells: bool = False) -> "Heard":
        """From Rasa's user event. `tells`: it is listened to, whatever it was taken for."""
        parsed = event.get("parse_data") or {}
        answers = tells or (parsed.get("intent") or {}).get("name") in ANSWERING
        return cls(
            text=event.get("text") or "",
            kinds=tuple(
                (item["name"].removeprefix("report_"), float(item["confidence"]))
                for item in parsed.get("intent_ranking") or []
                if item["name"].startswith("report_")
            ),
            entities=tuple(
                (item["entity"], str(item["value"]))
                for item in parsed.get("entities") or []
                if answers
            ),
            kind_from_flags=(event.get("metadata") or {}).get("kind_from_flags"),
            clauses=tuple(
                (part["category"], float(part["confidence"]))
                for part in (event.get("metadata") or {}).get("clauses") or []
            ),
            answers=answers,
        )

    def values(self, entity: str) -> list[str]:
        return [value for name, value in self.entities if name == entity]


def settle(known: Facts, heard: Heard) -> Facts:
    """The facts with everything that follows from them without asking anybody."""
    facts = dict(known)
    if facts.get("description") and facts.get("kinds") is None:
        facts |= _from_description(facts, heard)
    elif facts.get("requested_slot") in LISTENS:
        facts |= _told_beside(facts, heard)
        _settle_home(facts, heard)
    _settle_kind(facts, heard)
    if facts.get("safe_contact") == IN_PART:
        # Safe on a condition is not safe to text; the words say how and when, so that is not asked.
        facts |= {"safe_contact": "no", "safe_how": heard.text}
    if facts.get("requested_slot") == "safe_how":
        _settle_contact(facts, heard)
    if facts.get("happening_now") in ("safe", "not_safe"):
        facts["happening_now"] = "no" if facts["happening_now"] == "safe" else "yes"
    return facts


def _from_description(facts: Facts, heard: Heard) -> Facts:
    """What the description says beside what happened is not asked again."""
    told = heard if facts["description"] == heard.text else Heard("")
    found: Facts = {
        "kinds": [
            {"category": category, "confidence": round(confidence, 4)}
            for category, confidence in told.kinds[:6]
        ]
    }
    guess, confidence = told.kinds[0] if told.kinds else ("other", 0.0)
    if guess != "other" and confidence >= SURE_OF_KIND:
        found["kind_guess"] = guess
    home = guess in AT_HOME
    return found | _told_beside(facts, told, home=home) | _parts(facts, told, guess)


def _told_beside(facts: Facts, told: Heard, home: bool = False) -> Facts:
    """What the words say of facts that are not known yet. `home`: a home named is the place."""
    when, often = told.values("when"), set(told.values("how_often"))
    where = told.values("where") or (told.values("street") + told.values("home") if home else [])
    read = {
        "happened_when": ", ".join(when) or None,
        "happened_where": next(iter(where), None),
        "how_often": often.pop() if len(often) == 1 else None,
        "happening_now": "yes" if told.values("now") else None,
        "who": next(iter(told.values("who")), None),
        "police_reference": next(iter(told.values("police_reference")), None),
        "effect": "; ".join(dict.fromkeys(told.values("effect"))) or None,
    }
    if "domestic_abuse" in (told.kind_from_flags, facts.get("kind")):
        read.pop("happening_now")
    elif read["happening_now"] and not read["happened_when"]:
        read["happened_when"] = "now"
    asked = facts.get("requested_slot")
    # An hour that settles the policy's question says nothing of the day yet.
    spared = (asked, "happened_when") if asked == "policy_answer" else (asked,)
    return {
        name: value
        for name, value in read.items()
        if value and facts.get(name) is None and name not in spared
    }


def _settle_home(facts: Facts, heard: Heard) -> None:
    """Where it happens is where they live."""
    told = MY_ADDRESS.match(heard.text) if facts["requested_slot"] == "happened_where" else None
    if told and facts.get("happened_where") == heard.text and facts.get("address") is None:
        facts["happened_where"] = facts["address"] = told["address"]


def _parts(facts: Facts, told: Heard, guess: str) -> Facts:
    """Other kinds told in the same message."""
    also = [
        kind
        for kind, confidence in told.clauses
        if confidence >= SURE_OF_PART and kind not in (guess, "other")
    ]
    return {"also": list(dict.fromkeys(also))} if also else {}


def _settle_contact(facts: Facts, heard: Heard) -> None:
    """A number or an address of e-mail in the words of how to be reached safely."""
    found = heard.values("phone") + heard.values("email")
    if found and facts.get("contact") is None and facts.get("safe_how"):
        facts["contact"] = found[0]


def _settle_kind(facts: Facts, heard: Heard) -> None:
    flagged = heard.kind_from_flags
    if flagged and facts.get("description") and _takes_flag(facts, flagged):
        # What it was taken for until now is kept as a matter beside it.
        others = (*(facts.get("also") or ()), facts.get("kind"), facts.get("kind_guess"))
        also = [one for one in dict.fromkeys(others) if one not in (None, "other", flagged)]
        forget(facts, "kind")
        facts |= {"kind": flagged, "kind_ok": "yes", "also": also or None}
    answer = facts.get("kind_ok")
    if facts.get("kind") in UNKNOWN:
        facts["kind"] = "other"
    if facts.get("kind") or not facts.get("description"):
        return
    if answer is None and not facts.get("kind_guess"):
        facts["kind_ok"] = "no"
    elif answer is None and facts["kind_guess"] == "domestic_abuse":
        # Not asked by name: somebody else may hold the phone. This way she is asked least.
        facts |= {"kind": "domestic_abuse", "kind_ok": "yes"}
    elif answer == "yes":
        facts["kind"] = facts.get("kind_guess")
    elif answer in UNKNOWN:
        facts["kind_ok"] = "no"
    elif answer not in (None, "no"):
        facts |= {"kind": answer, "kind_ok": "yes"}


def _takes_flag(facts: Facts, flagged: str) -> bool:
    """Words may name the kind where none is agreed. Domestic abuse always does: it asks less."""
    return not facts.get("kind") or (flagged == "domestic_abuse" != facts["kind"])


def offered_kinds(facts: Facts) -> list[str]:
    """The next best kinds for the list, and always `other`."""
    ranked = [item["category"] for item in facts.get("kinds") or []]
    rejected = facts.get("kind_guess")
    offered = [kind for kind in (ranked or COMMON_KINDS) if kind not in (rejected, "other")]
    return [*offered[:KINDS_OFFERED], "other"]


def wants_judgement(facts: Facts) -> bool:
    """Whether the api has to say what the policy makes of it: first, or after an answer."""
    if not facts.get("kind"):
        return False
    return facts.get("outcome") is None or (
        facts["outcome"] == "question" and facts.get("policy_answer") is not None
    )


def answered(facts: Facts, heard: Heard) -> Facts:
    """The facts with the answer to the policy's question filed under its code."""
    answer, code = facts.get("policy_answer"), facts.get("question_code")
    if answer is None or code is None:
        return facts
    facts = {**facts, "policy_answer": None}
    if answer == "own_words":
        known = facts.get("happened_when")
        facts["happened_when"] = f"{known}; {heard.text}" if known else heard.text
        return facts
    return {**facts, "answers": {**(facts.get("answers") or {}), code: answer}}


def judged(facts: Facts, told: dict[str, Any]) -> Facts:
    """The facts with the api's judgement. A question that was answered is not asked twice: then
    a person decides."""
    question = (told.get("question") or {}).get("code")
    asked_before = question in (facts.get("answers") or {})
    outcome = "review" if told["outcome"] == "question" and asked_before else told["outcome"]
    return {
        **facts,
        "outcome": outcome,
        "category": told.get("category"),
        "question_code": question if outcome == "question" else None,
        "ask_details": True if outcome == "review" else bool(told.get("ask_details")),
    }


def required(facts: Facts) -> list[str]:
    """The slots that this report needs, in the order in which they are asked."""
    needed = ["description", "kind_ok"]
    if facts.get("kind_ok") == "no":
        needed.append("kind")
    if facts.get("outcome") == "question":
        return [*needed, "policy_answer"]
    if not facts.get("ask_details"):
        return needed
    if facts.get("kind") == "domestic_abuse":
        return [*needed, *_only_to_be_safe(facts)]
    needed += DETAILS + CONTACT
    if facts.get("safe_contact") not in (None, "yes"):
        needed.append("safe_how")
    return needed


def _only_to_be_safe(facts: Facts) -> list[str]:
    """After domestic abuse: whether they are safe, and how to reach them safely. Nothing else."""
    if facts.get("contact") is None or facts.get("safe_how") is not None:
        return ["happening_now", "safe_how"]
    safe = facts.get("safe_contact")
    return ["happening_now", "safe_contact", *([] if safe in (None, "yes") else ["safe_how"])]


def next_question(facts: Facts) -> str | None:
    """The first needed slot that is not known; None when the report is complete."""
    return next((slot for slot in required(facts) if facts.get(slot) is None), None)


def noted(before: Facts, facts: Facts) -> Facts:
    """What the first words held, to be said back; empty where it is too little to mention."""
    if before.get("kinds") is not None or facts.get("kind") == "domestic_abuse":
        return {}
    held = {
        short: facts[slot]
        for short, slot in NOTED.items()
        if facts.get(slot) is not None and before.get(slot) is None and facts[slot] != "now"
    }
    return held if len(held) > 1 or BY_THEMSELVES & held.keys() else {}


def forget(facts: Facts, slot: str) -> None:
    """Clears a slot and what was concluded from it."""
    for name in (slot, *FALLS_WITH.get(slot, ())):
        facts[name] = None
