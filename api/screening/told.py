"""Reads plain words by rule: what kind of thing it is, how and why, and at what time of day.

Nothing is guessed: a time without its part of the day ("at 3") is left unread, so it is asked.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import time
from functools import lru_cache
from typing import NamedTuple

from api.moments.clock import read_times
from api.policies.schema_shared import Behaviour, Cue

NIGHT_STARTS, NIGHT_ENDS = time(23), time(7)
DAY_STARTS, DAY_ENDS = time(8), time(19)

_SHORT = {
    "u": "you",
    "ur": "your",
    "r": "are",
    "nite": "night",
    "nites": "nights",
    "evry": "every",
    "neighbor": "neighbour",
    "neighbors": "neighbours",
    "wiv": "with",
    "coz": "because",
    "cos": "because",
    "cuz": "because",
    "bcos": "because",
    "bc": "because",
    "ppl": "people",
    "kidz": "kids",
    "thru": "through",
    "2nite": "tonight",
    "2moro": "tomorrow",
    "wont": "wont",
    "dnt": "dont",
    "cnt": "cant",
    "plz": "please",
    "gona": "gonna",
}
# Words that are meant as they stand, though a letter parts them from one that is read.
_MEANT = frozenset(
    "blanket blankets brother brothers cancel cancelled count counted counter countries counts "
    "defect defects growling hovering insulated insulation insulin leaning mediation nigeria "
    "nigerian nigerians paying peeling popped popping saying scrambler scramblers singing "
    "starting starving steroids stoned stoner stoners stress stressed stresses string strings "
    "swing swinging swings therefore though thought treat treated treating treatment treatments "
    "treats victims".split()
)
# A match is taken back when one of these stands right before it.
_NOT = r"(?:no|not|never|isnt|wasnt|arent|hasnt|havent|didnt|doesnt|without|nor|nothing to do with)"
_FILL = r"(?: (?:a|an|any|been|being|ever|really|actually|made|any sort of|any kind of|the))?"
_ONLY = r"(?: (?:just|only|even|simply|about|my|your|their|his|her|normal|usual|ordinary))?"


@dataclass(frozen=True)
class Read:
    """What the words hold: codes of behaviours and cues, and local times of day in order."""

    behaviours: frozenset[str]
    cues: frozenset[str]
    times: tuple[time, ...]


class _Pattern(NamedTuple):
    code: str
    words: re.Pattern[str]
    unless: re.Pattern[str] | None
    denied: re.Pattern[str]


def read_told(text: str, behaviours: Sequence[Behaviour], cues: Sequence[Cue]) -> Read:
    """Reads a resident's words (any length, any spelling) against the shared lists."""
    times = read_times(text)
    words = _corrected(flatten(text), _vocabulary(tuple(behaviours), tuple(cues)))
    found = _found(words, _behaviour_patterns(tuple(behaviours)))
    hints = _found(words, _cue_patterns(tuple(cues)))
    known = {cue.code for cue in cues}
    if any(moment >= NIGHT_STARTS or moment < NIGHT_ENDS for moment in times):
        hints |= {"night"} & known
    if any(DAY_STARTS <= moment < DAY_ENDS for moment in times):
        hints |= {"day"} & known
    return Read(behaviours=frozenset(found), cues=frozenset(hints), times=times)


def flatten(text: str) -> str:
    """Lower case words with single spaces, text-speak spelled out, without apostrophes.

    A comma stays as "," and the end of a sentence as "|": no reading goes past the one with a
    denial, or past the other at all.
    """
    lower = re.sub("['\u2018\u2019`\u00b4]", "", text.lower())
    lower = re.sub(r"[.!?;\n]+(?=\s|$)", " | ", lower)
    tokens = re.sub(r"[^a-z0-9,|]+", " ", lower.replace(",", " , ")).split()
    # "sooooo loooud": a letter three times or more stands for one or two of it.
    tokens = [re.sub(r"(.)\1{2,}", r"\1\1", token) for token in tokens]
    return " ".join(_SHORT.get(token, token) for token in tokens)


def _found(words: str, patterns: Iterable[_Pattern]) -> set[str]:
    return {pattern.code for pattern in patterns if _holds(words, pattern)}


def _holds(words: str, pattern: _Pattern) -> bool:
    covered = [m.span() for m in pattern.unless.finditer(words)] if pattern.unless else []
    for match in pattern.words.finditer(words):
        if any(start < match.end() and match.start() < end for start, end in covered):
            continue
        if pattern.denied.search(words[: match.start()]):
            continue
        return True
    return False


@lru_cache(maxsize=8)
def _behaviour_patterns(behaviours: tuple[Behaviour, ...]) -> tuple[_Pattern, ...]:
    denied = re.compile(rf"\b{_NOT}{_ONLY}{_FILL} $")
    return tuple(_Pattern(b.code, _any(b.words), _some(b.unless), denied) for b in behaviours)


@lru_cache(maxsize=8)
def _cue_patterns(cues: tuple[Cue, ...]) -> tuple[_Pattern, ...]:
    denied = re.compile(rf"\b{_NOT}{_FILL} $")
    return tuple(_Pattern(c.code, _any(c.words), _some(c.unless), denied) for c in cues)


def _some(phrases: Sequence[str]) -> re.Pattern[str] | None:
    return _any(phrases) if phrases else None


def _any(phrases: Sequence[str]) -> re.Pattern[str]:
    """One pattern for all phrases: word starts, a final dot for the word itself, … for a gap."""
    return re.compile("|".join(sorted({_phrase(phrase) for phrase in phrases}, key=len)[::-1]))


def _phrase(phrase: str) -> str:
    pieces: list[str] = []
    for part in phrase.lower().replace("'", "").split(" ... "):
        whole = part.endswith(".")
        inner = " ".join(_SHORT.get(word, word) for word in part.rstrip(".").split())
        # Inner words may carry an ending too ("bang on door" reads "banging on doors").
        loose = r"[a-z0-9]* ".join(re.escape(word) for word in inner.split(" "))
        pieces.append(loose + (r"\b" if whole else r"[a-z0-9]*"))
    return r"\b" + r" (?:[^ |]+ ){0,4}?".join(pieces)


@lru_cache(maxsize=8)
def _vocabulary(behaviours: tuple[Behaviour, ...], cues: tuple[Cue, ...]) -> frozenset[str]:
    """The longer words that are read, for which a slip of typing is forgiven."""
    entries: tuple[Behaviour | Cue, ...] = (*behaviours, *cues)
    phrases = (phrase for entry in entries for phrase in (*entry.words, *entry.unless))
    return frozenset(
        word
        for phrase in phrases
        for word in re.sub(r"[^a-z ]", "", phrase.lower()).split()
        if len(word) >= 6
    )


def _corrected(words: str, vocabulary: frozenset[str]) -> str:
    return " ".join(_spelled(token, vocabulary) for token in words.split(" "))


@lru_cache(maxsize=4096)
def _spelled(token: str, vocabulary: frozenset[str]) -> str:
    """The word that was meant, where one letter was swapped, left out or typed twice.

    A letter for another is not forgiven: it turns "shooting" into "shouting".
    """
    if (
        len(token) < 6
        or not token.isalpha()
        or token in _MEANT
        or any(token.startswith(w) for w in vocabulary)
    ):
        return token
    for word in sorted(vocabulary, key=len, reverse=True):
        if token[0] == word[0] and any(_slip(token[:n], word) for n in _lengths(token, word)):
            return word
    return token


def _lengths(token: str, word: str) -> range:
    return range(max(len(word) - 1, 5), min(len(word) + 1, len(token)) + 1)


def _slip(given: str, word: str) -> bool:
    if len(given) == len(word):
        apart = [i for i, (a, b) in enumerate(zip(given, word, strict=True)) if a != b]
        return (
            len(apart) == 2
            and apart[1] == apart[0] + 1
            and given[apart[0]] == word[apart[1]]
            and given[apart[1]] == word[apart[0]]
        )
    longer, shorter = (given, word) if len(given) > len(word) else (word, given)
    return len(longer) - len(shorter) == 1 and any(
        longer[:i] + longer[i + 1 :] == shorter for i in range(1, len(longer))
    )
