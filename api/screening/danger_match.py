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
        keys = {
            name
            for names, _ in parts_of(line)
            for name in names
            if name.isupper() and not self.is_common(name)
        }
        must = min(required_parts(line), key=self._busyness)
        return must, frozenset(keys) or must

    def _busyness(self, names: frozenset[str]) -> tuple[int, int, int]:
        """How often one of these is likely to stand in a message: the least busy is looked for."""
        everyday = sum(self.tag(name) in EVERYDAY for name in names)
        words = sum(self.is_common(self.tag(name)) or not name.isupper() for name in names)
        return everyday, words, -min(map(len, names))


@dataclass(frozen=True)
class Part:
    """A part of a line that may not be missing, and how far it may stand after the one before."""

    names: frozenset[str]
    step: int


@dataclass(frozen=True)
class Line:
    """One pattern line: its matcher, and what must stand in a message before it is tried.

    `must`: the names of its least common part. `lead`, `tail`: words that may stand before the
    first and after the last part that may not be missing.
    """

    number: int
    owner: int
    matcher: Matcher
    must: frozenset[str]
    parts: tuple[Part, ...]
    lead: int
    tail: int
    keys: frozenset[str]
    names: frozenset[str]

    def stretches(self, places: "Places") -> list[tuple[int, int]]:
        """(first, last) of the words where its parts stand in order and near enough."""
        chains: set[tuple[int, int]] = set()
        for number, part in enumerate(self.parts):
            here = places.of(part.names)
            if not here:
                return []
            if number == 0:
                chains = {(place, place) for place in here}
                continue
            step = part.step
            chains = {
                (first, place)
                for first, last in chains
                for place in here
                if last < place <= last + step
            }
            if not chains:
                return []
        return sorted(chains)


class Places:
    """Where each name stands in one message. What was asked once is remembered."""

    def __init__(self, words: list[tuple[str, str]]) -> None:
        self.named: dict[str, list[int]] = {}
        for place, names in enumerate(words):
            for name in set(names):
                self.named.setdefault(name, []).append(place)
        self.known: dict[frozenset[str], list[int]] = {}

    def of(self, names: frozenset[str]) -> list[int]:
        """The places of any of the names."""
        found = self.known.get(names)
        if found is None:
            found = [place for name in names & self.named.keys() for place in self.named[name]]
            self.known[names] = found
        return found


class Lines:
    """Pattern lines of many owners, matched together.

    A line is tried only where its parts stand in order and near enough: that keeps a long message
    quick.
    """

    def __init__(self, lexicon: Lexicon, owners: Iterable[tuple[str, ...]]) -> None:
        self.lines_of: dict[str, list[Line]] = {}
        texts = [(owner, text) for owner, lines in enumerate(owners) for text in lines]
        for number, (owner, text) in enumerate(texts):
            line = read_line(lexicon, number, owner, text)
            for word in line.must:
                self.lines_of.setdefault(word, []).append(line)

    def find(self, doc: Doc) -> list[Found]:
        """Every match in the document."""
        words = [(token.orth_, token.lemma_) for token in doc]
        places = Places(words)
        to_try = {
            line.number: line for word in places.named for line in self.lines_of.get(word, ())
        }
        found: list[Found] = []
        for line in to_try.values():
            matches: set[tuple[int, int]] = set()
            until = -1
            for first, last in line.stretches(places):
                first, last = max(0, first - line.lead), min(len(words), last + line.tail + 1)
                if last <= until:
                    continue
                until = last
                for _, start, end in line.matcher(doc[first:last]):
                    matches.add((start + first, end + first))
            for start, end in sorted(matches):
                keys = tuple(i for i in range(start, end) if not line.keys.isdisjoint(words[i]))
                found.append(Found(line.owner, start, end, keys or (start,), line.names))
        return found


def read_line(lexicon: Lexicon, number: int, owner: int, text: str) -> Line:
    """The line of `owner` that `text` writes."""
    must, keys = lexicon.key_names(text)
    matcher = Matcher(lexicon.nlp.vocab, validate=False)
    matcher.add("line", list(lexicon.steps(text)))
    parts: list[Part] = []
    between = 0
    for piece in text.split():
        if GAP.fullmatch(piece):
            between += int(piece[2:] or DEFAULT_GAP)
        elif piece.endswith("?"):
            between += 1
        else:
            parts.append(Part(frozenset(piece.split("|")), between + 1))
            between = 0
    lead = parts[0].step - 1
    return Line(number, owner, matcher, must, tuple(parts), lead, between, keys, names_in(text))


def parts_of(line: str) -> Iterator[tuple[frozenset[str], bool]]:
    """(the names of a part, whether it may be missing), gaps left out."""
    for part in line.split():
        if not GAP.fullmatch(part):
            yield frozenset(part.rstrip("?").split("|")), part.endswith("?")


def required_parts(line: str) -> list[frozenset[str]]:
    """The names of each part that may not be missing."""
    return [names for names, optional in parts_of(line) if not optional]


def names_in(line: str) -> frozenset[str]:
    """The words and CLASSES that a line names, gaps left out."""
    return frozenset(name for names, _ in parts_of(line) for name in names)
