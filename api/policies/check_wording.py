"""Messages must name only placeholders that exist, and fit a text with the longest values."""

import re
from collections.abc import Mapping

from api.policies import gsm7
from api.policies.check_shared import check_sms, with_choices
from api.policies.place import Notebook
from api.policies.schema import Policy, Words
from api.policies.schema_shared import Message

ALWAYS = ("landlord", "reference")
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
# A run of five digits or more, single spaces between them: a number to call or text.
NUMBER = re.compile(r"(?<![\d:/.-])\d(?: ?\d){4,}(?![\d:/.-]?\d)")

# The longest that each value may be; whoever renders a message shortens longer ones to this.
LONGEST: dict[str, int] = {
    "reference": 10,
    "promise": 56,
    "name": 24,
    "address": 36,
    "contact": 24,
    "when": 24,
    "moment": 44,
    "where": 24,
    "how_often": 14,
    "who": 24,
    "when_due": 33,
    "url": 100,
    "phone": 14,
    "number": 14,
    "date": 20,
    "count": 3,
    "code": 8,
    "topic": 36,
    "progress": 110,
    "first": 97,
    "answer": 36,
    "changes": 60,
    "noted": 76,
}
# A resident's own words, of which less is repeated back where a turn would not fit two segments.
TOLD = frozenset(
    {"when", "where", "who", "name", "address", "contact", "answer", "changes", "noted"}
)
CUTS = (20, 16, 13, 10)
# The least that a definite time is put in: "Tue 24 Nov 12:30am".
DEFINITE = 20
FROM_POLICY = ("landlord", "team_label", "category_label", "advice", "section")
KNOWN = frozenset((*LONGEST, *FROM_POLICY, "clause_words"))


def longest_values(policy: Policy) -> dict[str, str]:
    """For every placeholder the longest value this landlord's messages can hold, as sent."""
    values = {name: "x" * length for name, length in LONGEST.items()}
    values["landlord"] = policy.name
    values["team_label"] = _longest(team.label for team in policy.teams)
    values["category_label"] = _longest(rule.label for rule in policy.categories)
    # These are checked entry by entry, in check_policy_words.
    values |= {"advice": "", "section": "", "clause_words": ""}
    return values


def check_wording(
    wording: Mapping[str, Message], base: Mapping[str, Message], policy: Policy, book: Notebook
) -> None:
    """Every message of a landlord: placeholders declared and known, texts short and plain."""
    values = longest_values(policy)
    values |= {name: values[name][: CUTS[-1]] for name in TOLD}
    values |= dict.fromkeys(("when", "moment"), "x" * DEFINITE)
    for key, message in wording.items():
        for name in message.uses:
            if name not in KNOWN:
                book.wrong(f"{key}.uses", f"there is no value called {name!r}")
        lines = [choice.line or choice.label for choice in message.choices]
        texts = [("sms", message.sms), ("web", message.web)]
        texts += [("brief", message.brief)] if message.brief is not None else []
        texts += [("again", message.again)] if message.again is not None else []
        texts += [("choices", line) for line in lines]
        for channel, text in texts:
            place = f"{key}.{channel}"
            if not text.strip():
                book.wrong(place, "there are no words")
            for name in PLACEHOLDER.findall(text):
                if name not in message.uses and name not in ALWAYS:
                    book.wrong(place, f"{{{name}}} is not among what this message uses")
        for part, words in (
            ("sms", message.sms),
            ("brief", message.brief),
            ("again", message.again),
        ):
            if words is not None:
                sent = with_choices(fill(words, values), [fill(line, values) for line in lines])
                check_sms(sent, f"{key}.{part}", book)


def check_policy_words(policy: Policy, base: Mapping[str, Message], book: Notebook) -> None:
    """The questions and the advice of a policy fit a text, inside the messages that carry them."""
    for index, question in enumerate(policy.questions):
        labels = [answer.label for answer in question.answers]
        check_sms(with_choices(question.ask.sms, labels), f"questions[{index}].ask.sms", book)
    refused = base.get("not_asb_advice")
    for index, entry in enumerate(policy.not_asb):
        place = f"not_asb[{index}].advice.sms"
        sms, source = entry.advice.sms, entry.source
        _check_advice(policy, refused, sms, source.section, source.words, place, book)
    elsewhere = base.get("elsewhere_advice")
    for index, rule in enumerate(policy.categories):
        if rule.advice is None:
            continue
        message = refused if rule.outcome == "not_asb" else elsewhere
        section, words = (rule.source.section, rule.source.words) if rule.source else ("", "")
        place = f"categories[{index}].advice.sms"
        _check_advice(policy, message, rule.advice.sms, section, words, place, book)
    for index, refusal in enumerate(policy.no_action):
        check_sms(refusal.advice.sms, f"no_action[{index}].advice.sms", book)
    for place, told in _told_ways(policy):
        check_sms(told.sms, f"{place}.sms", book)
        if told.brief is not None:
            check_sms(told.brief, f"{place}.brief", book)


def check_numbers(
    policy: Policy, wording: Mapping[str, Message], numbers: frozenset[str]
) -> list[str]:
    """One line for every number in a landlord's words that the helplines do not hold (digits)."""
    said = [(f"{key}.sms", m.sms) for key, m in wording.items()]
    said += [(f"{key}.web", m.web) for key, m in wording.items()]
    said += [(f"{key}.brief", m.brief) for key, m in wording.items() if m.brief]
    advice = [(f"categories[{n}].advice", rule.advice) for n, rule in enumerate(policy.categories)]
    advice += [(f"not_asb[{n}].advice", entry.advice) for n, entry in enumerate(policy.not_asb)]
    advice += [(f"questions[{n}].ask", asked.ask) for n, asked in enumerate(policy.questions)]
    advice += [(f"no_action[{n}].advice", entry.advice) for n, entry in enumerate(policy.no_action)]
    advice += _told_ways(policy)
    for place, words in advice:
        if words is not None:
            said += [(f"{place}.sms", words.sms), (f"{place}.web", words.web)]
            said += [(f"{place}.brief", words.brief)] if words.brief else []
    return [
        f"{place}: {found[0]!r} is not a number of shared/helplines.toml"
        for place, text in said
        for found in NUMBER.finditer(text)
        if found[0].replace(" ", "") not in numbers
    ]


def _told_ways(policy: Policy) -> list[tuple[str, Words]]:
    """The words of a policy that are said by a key of their own, with their places."""
    parts = {
        "case_review": policy.case_review,
        "complaints": policy.complaints,
        "staff": policy.staff,
    }
    return [(f"{name}.words", part.words) for name, part in parts.items() if part is not None]


def fill(text: str, values: Mapping[str, str]) -> str:
    """A text with its placeholders filled; one that has no value is left out."""
    return PLACEHOLDER.sub(lambda found: values.get(found[1], ""), text)


def _check_advice(
    policy: Policy,
    message: Message | None,
    sms: str,
    section: str,
    words: str,
    place: str,
    book: Notebook,
) -> None:
    check_sms(sms, place, book)
    if message is None:
        return
    values = longest_values(policy) | {
        "advice": sms,
        "section": gsm7.plain(section),
        "clause_words": gsm7.plain(words),
    }
    sent = with_choices(fill(message.sms, values), [choice.label for choice in message.choices])
    length = gsm7.length(sent)
    if length > gsm7.TWO_SEGMENTS and gsm7.length(sms) <= gsm7.TWO_SEGMENTS:
        book.wrong(place, f"with its clause and choices, {length} characters; 306 are two segments")


def _longest(texts: object) -> str:
    return max((str(text) for text in texts), key=len, default="")  # type: ignore[attr-defined]
