"""The danger screen: read every message for danger by rule, before anything else understands it.

Pure: no database, no clock, no web. A doubtful message is asked about, never passed over.
"""

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Literal

from spacy.tokens import Doc

from api.policies.schema import Nation
from api.screening.danger_data import (
    HELPLINE_PLACE,
    DangerData,
    DangerDataError,
    Pattern,
    read_danger,
)
from api.screening.danger_languages import language_patterns
from api.screening.danger_match import Found, Lexicon, Lines
from api.screening.danger_words import Reader, Word, folded

__all__ = ["Danger", "DangerDataError", "DangerScreen", "Reason", "fixed_text", "load_danger"]

SHARED = Path(__file__).resolve().parents[2] / "data" / "policies" / "shared"
CUE_REACH = 12
CUES = (
    "now",
    "from_now",
    "here",
    "past",
    "lightly",
    "dealt_with",
    "finished",
    "long_ago",
    "habit",
    "unsure",
)
PEOPLE = frozenset({"ME", "THEM", "PERSON", "CHILD", "PARTNER", "EX", "FAMILY"})
Strength = Literal["emergency", "told", "doubtful", "noted"]


@dataclass(frozen=True)
class Reason:
    """Why: the pattern's code, its kind, the resident's own words, and how strongly it counts."""

    code: str
    kind: str
    words: str
    strength: Strength


@dataclass(frozen=True)
class Danger:
    """What the screen read in one message. Contract codes throughout."""

    flags: frozenset[str]
    emergency: bool
    doubtful: bool
    category: str | None
    reasons: tuple[Reason, ...]
    text_key: str | None


class DangerScreen:
    """Patterns, figures, cues and negation of one `danger.toml`, ready to read messages."""

    def __init__(self, data: DangerData) -> None:
        self.data = data
        self.kinds = {kind.code: kind for kind in data.kinds}
        self.order = [kind.code for kind in data.kinds]
        self.patterns = (*data.patterns, *language_patterns(data))
        cues = data.cues
        self.cue_names = (*CUES, "not_one")
        cue_lines = [*(getattr(cues, n) for n in CUES), data.negators.not_one]
        pattern_lines = [pattern.match for pattern in self.patterns]
        figure_lines = [figure.match for figure in data.figures]
        unless_lines = [pattern.unless for pattern in self.patterns]
        groups = [*cue_lines, *figure_lines, *pattern_lines, *unless_lines]
        everything = [line for group in groups for line in group]
        self.lexicon = Lexicon(data.classes, everything)
        self.lexicon.words |= {*data.negators.words, *data.negators.ends, *data.negators.subjects}
        self.lines = Lines(self.lexicon, groups)
        self.figures_from = len(cue_lines)
        self.patterns_from = len(cue_lines) + len(figure_lines)
        self.unless_from = self.patterns_from + len(pattern_lines)
        self.negators = frozenset(data.negators.words)
        self.foreign_negators = {
            pattern: frozenset(folded(word) for word in language.negators)
            for language in data.languages
            for pattern in (f"{language.code}_{kind}" for kind in language.words)
        }
        self.polite = frozenset(data.polite)
        self.reader = Reader(data, *danger_vocabulary(data), self.lexicon.words)

    def screen(self, text: str) -> Danger:
        """What danger `text` tells of. Any text, of any length, gives an answer."""
        words = self.reader.read(text)
        doc = self.lexicon.doc(words)
        found_all = [found for found in self.lines.find(doc) if one_sentence(words, found)]
        hidden = {
            place
            for found in found_all
            if self.figures_from <= found.owner < self.patterns_from
            and not self._person_in(found, doc)
            for place in range(found.start, found.end)
        }
        message = Message(words, [t.lemma_ for t in doc], self._cues(found_all, hidden))
        for found in found_all:
            if found.owner >= self.unless_from:
                code = self.patterns[found.owner - self.unless_from].code
                message.unless.setdefault(code, []).append(found)
        best: dict[tuple[str, tuple[int, ...]], tuple[int, Reason]] = {}
        for found in found_all:
            if not self.patterns_from <= found.owner < self.unless_from:
                continue
            pattern = self.patterns[found.owner - self.patterns_from]
            if hidden.intersection(found.keys):
                continue
            if not self._fits(pattern, found, message):
                continue
            strength = self._strength(pattern, found, message)
            if strength is None:
                continue
            said = " ".join(dict.fromkeys(w.written for w in words[found.start : found.end]))
            reason = Reason(pattern.code, pattern.kind, said, strength)
            rank = STRENGTHS.index(strength)
            name = (pattern.code, found.keys)
            if name not in best or rank < best[name][0]:
                best[name] = (rank, reason)
        ordered = sorted(best.values(), key=lambda item: item[0])
        return self.judge(tuple(dict.fromkeys(reason for _, reason in ordered)))

    def fixed_text(self, key: str, channel: Literal["sms", "web_chat"], nation: Nation) -> str:
        """The reviewed words for `key` with that nation's numbers. KeyError: no such text."""
        text = self.data.texts[key]
        field = "sms" if channel == "sms" else "web"
        words = text.nations.get(nation, {}).get(field) or getattr(text, field)
        numbers = {
            line.code: line.number or line.text_number or line.url or ""
            for line in self.data.helplines
            if nation in line.nations
        }
        return HELPLINE_PLACE.sub(lambda place: numbers[place.group(1)], words)

    def _cues(self, found_all: list[Found], hidden: set[int]) -> dict[str, list[Found]]:
        cues: dict[str, list[Found]] = {name: [] for name in self.cue_names}
        for found in found_all:
            if found.owner < self.figures_from and not hidden.intersection(found.keys):
                cues[self.cue_names[found.owner]].append(found)
        return cues

    def _person_in(self, figure: Found, doc: Doc) -> bool:
        """Whether someone stands in the match whom its line does not speak of."""
        return any(
            token.lemma_ in PEOPLE and not figure.names & {token.lemma_, token.orth_}
            for token in doc[figure.start : figure.end]
        )

    def _residents_own(self, pattern: Pattern, found: Found, message: "Message") -> bool:
        """ "I'll kill him": the resident's anger, which is asked about, not a threat to them."""
        if pattern.kind != "violence":
            return False
        tags = message.tags
        before = tags[max(0, found.start - 3) : found.keys[0]]
        if "I" not in before or {"THEY", "PERSON", "PARTNER", "FAMILY"} & set(before):
            return False
        span = tags[found.keys[0] : found.end]
        return not {"ME", "MY", "YOU", "by"} & set(span) and bool({"THEM", "PERSON"} & set(span))

    def _fits(self, pattern: Pattern, found: Found, message: "Message") -> bool:
        """Conditions on the whole message."""
        sentence = message.words[found.start].sentence
        if pattern.whole is not None:
            rest = message.words[: found.start] + message.words[found.end :]
            if pattern.whole == "sentence":
                rest = [word for word in rest if word.sentence == sentence]
            if any(word.text not in self.polite for word in rest):
                return False
        if any(
            other.start < found.end and found.start < other.end
            for other in message.unless.get(pattern.code, ())
        ):
            return False
        if pattern.only_without is None:
            return True
        others = {
            tag
            for tag, word in zip(message.tags, message.words, strict=True)
            if word.sentence == sentence
        }
        return pattern.only_without.upper() not in others

    def _strength(self, pattern: Pattern, found: Found, message: "Message") -> Strength | None:
        """How strongly a match counts, or None where the words deny it."""
        if pattern.code in self.foreign_negators:
            near = message.words[max(0, found.start - 3) : found.end + 2]
            if any(word.text in self.foreign_negators[pattern.code] for word in near):
                return "doubtful"
        elif pattern.negation != "ignored" and self._negated(found, message):
            if pattern.negation == "drops" and not self._lifted(found, message):
                return None
            return "doubtful"
        if pattern.level == "note":
            return "noted"
        if pattern.level == "told":
            return "told"
        if pattern.level == "ask" or self._residents_own(pattern, found, message):
            return "doubtful"
        if message.cues["lightly"]:
            return "told"
        now = bool(message.cues["now"]) or message.starts_now(found)
        long_ago = message.near("long_ago", found)
        if pattern.level == "always":
            return "told" if long_ago and not now else "emergency"
        if now:
            return "emergency"
        settled = (
            bool(message.cues["dealt_with"])
            or long_ago
            or any(message.near(name, found) for name in ("past", "habit"))
            or (not pattern.grave and self._finished(found, message))
        )
        if settled or message.just_before("unsure", found):
            return "told"
        if pattern.level == "now" or message.cues["here"]:
            return "emergency"
        return "told"

    def _finished(self, found: Found, message: "Message") -> bool:
        """ "He punched me": done, where nothing in the message tells of danger now."""
        after = self.data.cues.unfinished_after
        return any(
            found.start <= cue.start < found.end
            and not any(
                word.text in after for word in message.words[max(0, cue.start - 3) : cue.start]
            )
            for cue in message.cues["finished"]
        )

    def _negated(self, found: Found, message: "Message") -> bool:
        """Whether a negator before the match's key word reaches it."""
        words, rules = message.words, self.data.negators
        key = found.keys[0]
        for place in range(key - 1, max(-1, key - 2 - rules.reach), -1):
            here = words[place]
            if here.sentence != words[key].sentence:
                return False
            if here.text in self.negators:
                return self._reaches(place, key, message)
            if here.text in rules.ends:
                return False
        return False

    def _reaches(self, place: int, key: int, message: "Message") -> bool:
        words, rules = message.words, self.data.negators
        if any(place in range(f.start, f.end) for f in message.cues["not_one"]):
            return False
        between = words[place + 1 : key]
        if words[place].text in ("no", "nope", "nah") and (
            words[place + 1].text in rules.subjects
            or words[place + 1].clause != words[place].clause
        ):
            return False
        if any(word.text in rules.subjects for word in between[1:]):
            return False
        return words[place].clause == words[key].clause

    def _lifted(self, found: Found, message: "Message") -> bool:
        """ "He hasn't hit me yet": the negation itself tells of danger."""
        after = message.words[found.end : found.end + 4]
        return any(word.text in self.data.negators.lifted_by for word in after)

    def judge(self, reasons: tuple[Reason, ...]) -> Danger:
        """What some reasons, of any source, amount to."""
        emergency = any(reason.strength == "emergency" for reason in reasons)
        doubtful = any(reason.strength in ("told", "doubtful") for reason in reasons)
        flags: set[str] = {"emergency"} if emergency else set()
        for reason in reasons:
            flags.update(self.kinds[reason.kind].flags)
        told = {reason.kind for reason in reasons if reason.strength != "doubtful"}
        categories = [self.kinds[k].category for k in self.order if k in told]
        keys = {self._text_of(reason, emergency) for reason in reasons}
        return Danger(
            flags=frozenset(flags),
            emergency=emergency,
            doubtful=doubtful and not emergency,
            category=next((category for category in categories if category), None),
            reasons=reasons,
            text_key=min(keys, key=lambda key: self.data.texts[key].rank) if keys else None,
        )

    def _text_of(self, reason: Reason, emergency: bool) -> str:
        kind = self.kinds[reason.kind]
        if reason.strength == "emergency" or (emergency and kind.leads):
            return kind.text_now
        return kind.text_doubtful if reason.strength == "doubtful" else kind.text


STRENGTHS: tuple[Strength, ...] = ("emergency", "told", "doubtful", "noted")


@dataclass(frozen=True)
class Message:
    """A message's words, the class (or word) of each, and the cues found in them."""

    words: list[Word]
    tags: list[str]
    cues: dict[str, list[Found]]
    unless: dict[str, list[Found]] = field(default_factory=dict)

    def near(self, name: str, found: Found) -> bool:
        """Whether a cue stands in the match's sentence, within reach of it."""
        sentence = self.words[found.start].sentence
        return any(
            self.words[cue.start].sentence == sentence
            and cue.start - found.end <= CUE_REACH
            and found.start - cue.end <= CUE_REACH
            for cue in self.cues[name]
        )

    def starts_now(self, found: Found) -> bool:
        """Whether "now" ends its clause, or what is told stands after it: "now he is here"."""
        for cue in self.cues["from_now"]:
            last = self.words[cue.end - 1]
            ends = cue.end == len(self.words) or self.words[cue.end].clause != last.clause
            if ends or found.end > cue.end:
                return True
        return False

    def just_before(self, name: str, found: Found) -> bool:
        """Whether a cue stands right before the match, in its sentence."""
        sentence = self.words[found.start].sentence
        return any(
            self.words[cue.start].sentence == sentence and 0 <= found.start - cue.end <= 3
            for cue in self.cues[name]
        )


def one_sentence(words: list[Word], found: Found) -> bool:
    """A match holds within one sentence."""
    return words[found.start].sentence == words[found.end - 1].sentence


def danger_vocabulary(data: DangerData) -> tuple[dict[str, str], set[str]]:
    """(listed slip -> its word, the words to which one wrong letter is put right)."""
    slips = {slip: entry.words[0] for entry in data.classes for slip in entry.slips}
    corrected = [entry for entry in data.classes if not entry.common and not entry.as_written]
    return slips, {word for entry in corrected for word in entry.words}


def load_danger(folder: Path) -> DangerScreen:
    """The screen of `folder/danger.toml` and `folder/helplines.toml`. Raises DangerDataError."""
    return DangerScreen(read_danger(folder))


@lru_cache(maxsize=1)
def shared_screen() -> DangerScreen:
    return load_danger(SHARED)


def fixed_text(key: str, channel: Literal["sms", "web_chat"], nation: Nation) -> str:
    """The reviewed words for `key` of the shared `danger.toml`."""
    return shared_screen().fixed_text(key, channel, nation)
