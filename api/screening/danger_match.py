"""Pattern lines of `danger.toml` as spaCy matchers over a message's words.

A word that no pattern knows is handed to spaCy as "_", a number as "#", a year as "#year": its
vocabulary then never grows with what residents write, and keeps none of it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

import spacy
from spacy.matcher import Matcher
from spacy.tokens import Doc

from api.screening.danger_data import GAP, WordClass
from api.screening.danger_words import Word

DEFAULT_GAP = 3
UNKNOWN = "_"
NUMBER = "#"
YEAR = "#year"
SHORTEST_STEM = 3  # letters
EVERYDAY = frozenset(
    "ME I MY YOU YOUR THEY THEM PERSON CHILD PLACE BE INTEND SELF BODY a about after all an and at "
    "back because but by do for from get go going got had has have her here his i in into it its "
    "just keeps music no noise not now of off on out over people so stop the their then there this "
    "through time to up want was we when will with".split()
)


@dataclass(frozen=True)
class Found:
    """One match: who matched (an owner's index and its line's), from `start` to before `end`.

    `keys` are the positions of the words that carry the meaning, `names` the words and CLASSES
    that the line names.
    """

    owner: int
    start: int
    end: int
    keys: tuple[int, ...]
    names: frozenset[str]


class Lexicon:
    """Which class a word belongs to, and which words any pattern names."""

    def __init__(self, classes: tuple[WordClass, ...], lines: Iterable[str]) -> None:
        self.nlp = spacy.blank("en")
        self.class_of = {word: entry.code for entry in classes for word in entry.words}
        self.common = {entry.code for entry in classes if entry.common}
        self.words = set(self.class_of)
        for line in lines:
            self.words |= {name for name in names_in(line) if not name.isupper()}

    def tag(self, word: str) -> str:
        """CLASS of a word, or the word itself."""
        code = self.class_of.get(word)
        return code.upper() if code else word

    def doc(self, words: list[Word]) -> Doc:
        """The words as a spaCy document: ORTH the word, LEMMA its class or the word."""
        known = [self._known(word.text) for word in words]
        return Doc(self.nlp.vocab, words=known, lemmas=[self.tag(word) for word in known])

    def _known(self, word: str) -> str:
        if word.isdigit() and word not in self.class_of:
            return YEAR if len(word) == 4 and word[:2] in ("19", "20") else NUMBER
        if word in self.words:
            return word
        # A stem of another language: "bicak*" stands for "bicakla".
        stems = (f"{word[:end]}*" for end in range(len(word), SHORTEST_STEM - 1, -1))
        return next((stem for stem in stems if stem in self.words), UNKNOWN)

    def is_common(self, name: str) -> bool:
        return name.isupper() and name.lower() in self.common

    def steps(self, line: str) -> Iterator[list[dict[str, Any]]]:
        """The spaCy patterns of one line. Alternatives of words inside classes make several."""
        ways: list[list[dict[str, Any]]] = []
        for part in line.split():
            if GAP.fullmatch(part):
                ways.append([{"OP": f"{{0,{part[2:] or DEFAULT_GAP}}}"}])
                continue
            extra = {"OP": "?"} if part.endswith("?") else {}
            names = part.rstrip("?").split("|")
            tags = [name for name in names if name.isupper() or name not in self.class_of]
            classed = [name for name in names if name not in tags]
            options: list[dict[str, Any]] = []
            for attribute, values in (("LEMMA", tags), ("ORTH", classed)):
                if len(values) == 1:
                    options.append({attribute: values[0], **extra})
                elif values:
                    options.append({attribute: {"IN": values}, **extra})
            ways.append(options)
        for steps in product(*ways):
            yield list(steps)

    def key_names(self, line: str) -> tuple[frozenset[str], frozenset[str]]:
        """(the names that must be there for the line to match, all names that carry meaning)."""
        required: list[frozenset[str]] = []
        keys: set[str] = set()
        for part in line.split():
            if GAP.fullmatch(part):
                continue
            names = frozenset(part.rstrip("?").split("|"))
            keys.update(name for name in names if name.isupper() and not self.is_common(name))
            if not part.endswith("?"):
                required.append(names)
        must = min(required, key=self._busyness)
        return must, frozenset(keys) or must

    def _busyness(self, names: frozenset[str]) -> tuple[int, int, int]:
        """How often one of these is likely to stand in a message: the least busy is looked for."""
        everyday = sum(self.tag(name) in EVERYDAY for name in names)
        words = sum(self.is_common(self.tag(name)) or not name.isupper() for name in names)
        return everyday, words, -min(map(len, names))


@dataclass
class Group:
    """The lines that share a key word, and how far from it they can reach (words)."""

    matcher: Matcher
    reach: int = 0


class Lines:
    """Pattern lines of many owners, matched together.

    A line is tried only around the words that it cannot do without: that keeps a long message
    quick.
    """

    def __init__(self, lexicon: Lexicon, owners: Iterable[tuple[str, ...]]) -> None:
        self.lexicon = lexicon
        self.owners: dict[int, tuple[int, frozenset[str], frozenset[str]]] = {}
        self.groups: dict[str, Group] = {}
        for owner, lines in enumerate(owners):
            for number, line in enumerate(lines):
                must, keys = lexicon.key_names(line)
                name = f"{owner}.{number}"
                self.owners[lexicon.nlp.vocab.strings.add(name)] = (owner, keys, names_in(line))
                steps = list(lexicon.steps(line))
                for word in must:
                    if word not in self.groups:
                        self.groups[word] = Group(Matcher(lexicon.nlp.vocab, validate=False))
                    group = self.groups[word]
                    group.matcher.add(name, steps)
                    group.reach = max(group.reach, longest(line) - 1)

    def find(self, doc: Doc) -> list[Found]:
        """Every match in the document."""
        words = [(token.orth_, token.lemma_) for token in doc]
        found: dict[tuple[int, int, int], Found] = {}
        for name, first, last in self._stretches(words):
            for match, start, end in self.groups[name].matcher(doc[first:last]):
                start, end = start + first, end + first
                owner, keys, names = self.owners[match]
                if (match, start, end) not in found:
                    places = tuple(i for i in range(start, end) if not keys.isdisjoint(words[i]))
                    found[match, start, end] = Found(owner, start, end, places or (start,), names)
        return list(found.values())

    def _stretches(self, words: list[tuple[str, str]]) -> Iterator[tuple[str, int, int]]:
        """(key word, first, after last) of each stretch to try, overlapping ones as one."""
        open_until: dict[str, list[list[int]]] = {}
        for place, (orth, lemma) in enumerate(words):
            for name in {orth, lemma}:
                group = self.groups.get(name)
                if group is None:
                    continue
                first = max(0, place - group.reach)
                last = min(len(words), place + group.reach + 1)
                stretches = open_until.setdefault(name, [])
                if stretches and first <= stretches[-1][1]:
                    stretches[-1][1] = last
                else:
                    stretches.append([first, last])
        for name, stretches in open_until.items():
            for first, last in stretches:
                yield name, first, last


def names_in(line: str) -> frozenset[str]:
    """The words and CLASSES that a line names, gaps left out."""
    parts = [part.rstrip("?") for part in line.split() if not GAP.fullmatch(part)]
    return frozenset(name for part in parts for name in part.split("|"))


def longest(line: str) -> int:
    """The most words that a line can match."""
    return sum(int(part[2:] or DEFAULT_GAP) if GAP.fullmatch(part) else 1 for part in line.split())
