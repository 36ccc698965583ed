"""Which of the offered answers a resident meant: digits, labels, own words, near misses.

Pure functions on text and choices. A choice is `{"value", "label", "words", "own"}`; the result is
its value, several values joined with commas, or None when the words do not settle it. A wrong guess
is worse than asking again: negations and "yes but" are never guessed.
"""

import re
import unicodedata
from collections.abc import Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Any

Choice = dict[str, Any]


def words(text: str) -> frozenset[str]:
    """A set of single words, written as one line."""
    return frozenset(text.split())


YES = words("yes y yeah yep yup yh ye yea aye yess definitely absolutely")
NO = words("no n nope nah na noo")
NEGATIONS = words(
    "no not never dont doesnt isnt arent wasnt didnt havent hasnt wont cant aint nor neither"
)
# What takes a phrase of own words back when it stands right before it.
DENIES = (NEGATIONS - {"no", "nor"}) | {"without", "hardly"}
SEVERAL = re.compile(r"[,;&+/\n]|\band\b")
CLAUSES = re.compile(r"[.!?;,\n]+(?:\s|$)|\bbut\b")
POSITIONS = {
    word: index
    for row in (
        ("one", "two", "three", "four", "five", "six", "seven", "eight"),
        ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth"),
        ("1st", "2nd", "3rd", "4th", "5th", "6th", "7th", "8th"),
        tuple("abcdefgh"),
    )
    for index, word in enumerate(row)
}
POSITION = re.compile(
    r"(?:(?:option|number|choice|answer|num|reply|line|change|edit|fix|its|it is|the) )*(\w+)"
    r"(?: (?:one|option|answer|please|pls|thanks|thank you))*"
)
DONT_KNOW = frozenset(
    {
        *(
            "skip",
            "pass",
            "next",
            "skip it",
            "skip this",
            "skip that",
            "skip please",
            "please skip",
            "can i skip",
            "can i skip this",
            "can i skip it",
            "can i skip that",
            "can i leave this blank",
            "can i leave it blank",
        ),
        *("dont know", "i dont know", "do not know", "i do not know", "dunno", "i dunno", "idk"),
        *("not sure", "im not sure", "i am not sure", "unsure", "no idea", "i have no idea"),
        *("no clue", "cant remember", "i cant remember", "cant say", "dont remember", "unknown"),
        *("i dont remember", "not certain", "hard to say", "who knows", "im unsure"),
    }
)
DECLINED = frozenset(
    {
        *("prefer not to say", "id prefer not to say", "i prefer not to say", "rather not"),
        *("id rather not", "i would rather not", "rather not say", "id rather not say"),
        *("i would rather not say", "i would prefer not to say", "not saying", "no comment"),
        *("prefer not to", "id prefer not to", "dont want to say", "i dont want to say"),
        *("i do not want to say", "not telling you", "private", "thats private"),
    }
)
BOTH = frozenset({"both", "both of them", "both please", "both of those", "the two"})
ALL = frozenset({"all", "all of them", "all of those", "all of it", "everything", "every one"})
NONE = frozenset(
    {"none", "none of them", "none of those", "neither", "nothing", "no one", "nobody", *NO}
)


def plain(text: str) -> str:
    """Lower case, no punctuation, no apostrophes, single spaces: what is compared."""
    text = unicodedata.normalize("NFKC", text).replace("\ufe0f", "").replace("\u20e3", "")
    text = re.sub(r"['`\u2019\u2018\u00b4]", "", text.lower())
    return " ".join(re.sub(r"[^\w@+]+|_", " ", text).split())


def skipped(text: str) -> str | None:
    """`dont_know` or `declined` where the words do no more than pass on the question."""
    said = plain(text)
    if said in DONT_KNOW:
        return "dont_know"
    return "declined" if said in DECLINED else None


def resolve(text: str, choices: Sequence[Choice], several: bool = False) -> str | None:
    """The value (or comma-joined values) that `text` chooses, or None."""
    said = plain(text)
    if not said or not choices:
        return None
    return _several(text, said, choices) if several else _single(said, choices)


def plainly(text: str, choices: Sequence[Choice], several: bool = False) -> bool:
    """Whether the answer was picked, by number, value, label, listed word or a bare yes or no:
    then it need not be said back."""
    said = plain(text)
    parts = [plain(part) for part in SEVERAL.split(text.lower())] if several else [said]
    picked = (_named(part, choices) or _positioned(part, choices, letters=True) for part in parts)
    bare = said.isdigit() or said in YES | NO | NONE | BOTH | ALL
    return bare or _named(said, choices) is not None or all(picked)


def own_words(text: str, choices: Sequence[Choice], several: bool = False) -> str | None:
    """The choice whose phrases of people's own words (`own`) stand in a longer answer.

    Of phrases that overlap the longest counts ("not because" before "because im"), and one that
    denies takes back what follows it ("nothing to do with" before "my race"). None where a phrase
    is denied otherwise, or where two choices are named.
    """
    said = " | ".join(plain(part) for part in CLAUSES.split(text))
    found = [
        (str(choice["value"]), match.start(), match.end())
        for choice in choices
        for phrase in choice.get("own") or ()
        for match in _phrase(plain_phrase(phrase)).finditer(said)
    ]
    whole = [
        (value, start)
        for value, start, end in found
        if not any(
            _longer_over(a, b, start, end) or (other != value and _takes_back(said, a, b, start))
            for other, a, b in found
        )
    ]
    if any(DENIES & set(said[:start].rpartition("|")[2].split()[-3:]) for _, start in whole):
        return None
    values = [choice["value"] for choice in choices if choice["value"] in {v for v, _ in whole}]
    if several:
        return ",".join(values) or None
    return str(values[0]) if len(values) == 1 else None


def _longer_over(a: int, b: int, start: int, end: int) -> bool:
    return a < end and start < b and (b - a) > (end - start)


def _takes_back(said: str, a: int, b: int, start: int) -> bool:
    """Whether the phrase from a to b denies what begins at `start`, a word after it at most."""
    between = said[b:start]
    denies = (NEGATIONS | {"nothing"}) & set(said[a:b].split())
    return a < b <= start and len(between.split()) <= 1 and "|" not in between and bool(denies)


def plain_phrase(phrase: str) -> str:
    """A phrase of the data as it is compared; "..." stands for up to four words."""
    return " ... ".join(plain(part) for part in phrase.split(" ... "))


@lru_cache(maxsize=2048)
def _phrase(phrase: str) -> re.Pattern[str]:
    gap = r" (?:[^ |]+ ){0,4}?"
    return re.compile(r"\b" + gap.join(re.escape(part) for part in phrase.split(" ... ")) + r"\b")


def exactly(text: str, choices: Sequence[Choice]) -> str | None:
    """As `resolve`, but only by number, value, label or listed word: for questions that also
    take free words."""
    said = plain(text)
    return _named(said, choices) or _positioned(said, choices, letters=False)


def _single(said: str, choices: Sequence[Choice]) -> str | None:
    if _contradicts_itself(said, choices):
        return None
    return (
        _named(said, choices)
        or _positioned(said, choices, letters=True)
        or _yes_or_no(said, choices)
        or _misspelt(said, choices)
        or _contained(said, choices)
    )


def _several(text: str, said: str, choices: Sequence[Choice]) -> str | None:
    values = [choice["value"] for choice in choices]
    real = [value for value in values if value != "none"]
    if said in NONE:
        return "none"
    if said in ALL:
        return ",".join(value for value in real if value != "other") or None
    if said in BOTH:
        return ",".join(real[:2]) if len(real) > 1 else None
    if re.fullmatch(r"[1-9](?:[1-9])+", said) and len(choices) < 10:
        parts = list(said)
    elif re.fullmatch(r"\d+(?: \d+)+", said):
        parts = said.split()
    else:
        parts = [part for part in SEVERAL.split(text.lower()) if plain(part)]
    found = [_single(plain(part), choices) for part in parts]
    if not found or None in found:
        whole = _single(said, choices)
        return whole
    chosen = [value for value in values if value in found]
    if len(chosen) > 1:
        chosen = [value for value in chosen if value != "none"]
    return ",".join(chosen)


def forms(choice: Choice) -> list[str]:
    """All the ways to name a choice, plain."""
    return [
        form
        for form in map(plain, (choice["value"], choice["label"], *choice.get("words", ())))
        if form
    ]


def _named(said: str, choices: Sequence[Choice]) -> str | None:
    for choice in choices:
        if said in forms(choice):
            return str(choice["value"])
    return None


def _positioned(said: str, choices: Sequence[Choice], letters: bool) -> str | None:
    first, _, rest = said.partition(" ")
    if first.isdigit() and rest:
        position = _at(first, choices)
        same = _single_without_position(rest, choices)
        return position if position and same == position else None
    match = POSITION.fullmatch(said)
    if not match or (len(match[1]) == 1 and not match[1].isdigit() and not letters):
        return None
    return _at(match[1], choices)


def _contradicts_itself(said: str, choices: Sequence[Choice]) -> bool:
    """A number of one choice beside the words of another: "2 every day"."""
    first, _, rest = said.partition(" ")
    if not first.isdigit() or not rest:
        return False
    numbered, worded = _at(first, choices), _single_without_position(rest, choices)
    return numbered is not None and worded is not None and numbered != worded


def _at(word: str, choices: Sequence[Choice]) -> str | None:
    index = int(word) - 1 if word.isdigit() else POSITIONS.get(word, -1)
    return str(choices[index]["value"]) if 0 <= index < len(choices) else None


def _single_without_position(said: str, choices: Sequence[Choice]) -> str | None:
    return _named(said, choices) or _misspelt(said, choices) or _contained(said, choices)


def _yes_or_no(said: str, choices: Sequence[Choice]) -> str | None:
    """ "yes it is", "no never": the first word decides, unless what follows takes it back."""
    first, *rest = said.replace("no one", "nobody").split()
    answers = (YES, "yes") if first in YES else (NO, "no") if first in NO else None
    if answers is None or len(rest) > 15:
        return None
    opposite = NO if first in YES else YES
    if rest and (rest[0] in {"but", "one", "idea", "and", "or", "though"} or rest[0] in opposite):
        return None
    if first in YES and NEGATIONS & set(rest):
        return None
    for choice in choices:
        if answers[1] in forms(choice):
            return str(choice["value"])
    if answers[1] == "no" and not rest:
        return _named("none", choices)
    return None


def _misspelt(said: str, choices: Sequence[Choice]) -> str | None:
    """The same number of words, each equal or nearly so, and one choice only."""
    words = said.split()
    close: dict[str, float] = {}
    for choice in choices:
        for form in forms(choice):
            others = form.split()
            if len(others) == len(words):
                likeness = min(_likeness(a, b) for a, b in zip(words, others, strict=True))
                if likeness >= 0.75:
                    value = str(choice["value"])
                    close[value] = max(close.get(value, 0.0), likeness)
    return next(iter(close)) if len(close) == 1 else None


def near(word: str, others: Sequence[str]) -> bool:
    """Whether a word is one of the others, or one of them misspelt."""
    return any(_likeness(word, other) >= 0.75 for other in others)


def _likeness(said: str, meant: str) -> float:
    if said == meant:
        return 1.0
    if len(said) < 4 or len(meant) < 4 or said[0] != meant[0]:
        return 0.0
    return SequenceMatcher(None, said, meant).ratio()


def _contained(said: str, choices: Sequence[Choice]) -> str | None:
    """A short sentence that names exactly one choice and denies nothing."""
    if len(said.split()) > 12:
        return None
    padded = f" {said} "
    matched = [
        (form, str(choice["value"]))
        for choice in choices
        for form in forms(choice)
        if len(form) >= 4 and f" {form} " in padded
    ]
    longest = [
        (form, value)
        for form, value in matched
        if not any(form != other and f" {form} " in f" {other} " for other, _ in matched)
    ]
    values = {value for _, value in longest}
    if len(values) != 1:
        return None
    left = padded
    for form, _ in longest:
        left = left.replace(f" {form} ", " ")
    return None if NEGATIONS & set(left.split()) else values.pop()
