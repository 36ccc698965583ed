"""Which language a message is written in, when it is not English. Pure: no file is read here.

Letters decide where they can. Among languages in Latin letters English is ruled out first, by a
list of words, and only then is the language named, by lists and by a detector: taking English
for something else would leave a resident without an answer.
"""

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from lingua import IsoCode639_1, Language, LanguageDetector, LanguageDetectorBuilder

from api.screening.danger_words import MARKS, folded
from api.screening.language_data import UNKNOWN, LanguageData, read_languages

NOT_WORDS = re.compile(
    r"https?://\S+|www\.\S+|\S+@\S+|\b[A-Z]{3}-[A-Z0-9]{6}\b|\S*\d\S*|\b(?i:thank you)\b"
)
WORD = re.compile(rf"(?:[^\W\d_]|[{MARKS}])+(?:['’](?:[^\W\d_])+)*")
JOINER = "\u200c"  # parts of one Persian word
SHOUTED_LETTER = re.compile(r"(.)\1{2,}")
# Letters of other scripts are words of another language from this many on, or from half of all.
FEW_WORDS = 3
CHINESE_WORD = 2  # characters
SHORTEST = 4  # words that count, below which a message in Latin letters is left to the dialogue
MOST_ENGLISH = 0.34
HARDLY_ENGLISH = 0.1
SURELY_NOT = 0.02
SURE = 0.6
LONG = 5
ALSO_TOLD = frozenset("CS SK HR LV SW TL YO SN SV".split())
ISO_CODES = frozenset(name for name in dir(IsoCode639_1) if len(name) == 2)


@dataclass(frozen=True)
class Heard:
    """A language other than English. `code`: BCP 47 in small letters; `name`: in English."""

    code: str
    name: str


@dataclass(frozen=True)
class Detected:
    """The detector's word. `code`: None where it is not sure which; `stranger`: it is sure of a
    language that is not on file."""

    code: str | None
    maybe_english: bool = False
    stranger: bool = False


class Languages:
    """The languages of one `languages.toml`, ready to recognise messages."""

    def __init__(self, data: LanguageData) -> None:
        self.data = data
        self.by_code = {one.code: one for one in data.languages}
        self.english = frozenset(data.english) | frozenset(data.neutral)
        self.neutral = frozenset(data.neutral)
        self.latin = {
            one.code: frozenset(one.words) - self.neutral
            for one in data.languages
            if one.script == "latin"
        }
        self.letters = {code: frozenset(self.by_code[code].letters) for code in self.latin}
        self.detector = detector_for(frozenset(self.by_code))
        self.detectable = frozenset(code for code in self.latin if code.upper() in ISO_CODES)

    def recognise(
        self, text: str, before: str | None = None, *, named: bool = False
    ) -> Heard | None:
        """The language of `text`, None for English and where nothing can be said.

        `before`: the language of the message before it, in which a short one is taken to go on.
        `named`: a name or an address was asked for, so that Latin letters say nothing.
        """
        plain = NOT_WORDS.sub(" ", unicodedata.normalize("NFKC", text).replace(JOINER, " "))
        words = WORD.findall(plain)
        latin = [word for word in words if script_of(word) == "latin"]
        others = [word for word in words if script_of(word) != "latin"]
        count = sum(amount(word) for word in others)
        if count and (count >= FEW_WORDS or count >= len(latin)):
            return self._heard(self._by_letters(others))
        found = None if named else self._by_words(latin)
        if found is None and before and self._goes_on(latin):
            found = before
        return self._heard(found)

    def fixed_text(self, code: str, channel: Literal["sms", "web_chat"]) -> str:
        """What is said once to someone who writes in that language. KeyError: no such language."""
        return self.data.fixed_text(code, channel)

    def name(self, code: str) -> str:
        """The language's name in English; the code itself where it is not on file."""
        if code == UNKNOWN:
            return "a language other than English"
        return self.by_code[code].name if code in self.by_code else code

    def _heard(self, code: str | None) -> Heard | None:
        return Heard(code, self.name(code)) if code else None

    def _by_letters(self, words: list[str]) -> str:
        scripts = Counter(script_of(word) for word in words)
        script = scripts.most_common(1)[0][0]
        known = [one for one in self.data.languages if one.script == script]
        if not known:
            return UNKNOWN
        letters = Counter("".join(words).casefold())
        plain = [folded(word) for word in words]

        def told(place: int) -> tuple[int, int]:
            one = known[place]
            own = sum(letters[letter] for letter in one.letters)
            common = sum(word in one.words for word in plain)
            return own + 2 * common, -place

        return known[max(range(len(known)), key=told)].code

    def _by_words(self, written: list[str]) -> str | None:
        # One letter is a word in many languages and tells none of them.
        words = {w for w in map(spelled, written) if len(w) > 1 and w not in self.neutral}
        if len(words) < 2:
            return None
        code, own, english = self._likeliest(written, words)
        if len(words) < SHORTEST:
            all_its_own = own == len(words) and self._marked(code, written)
            return code if all_its_own else None
        share = english / len(words)
        listed = own >= 2 and own > english and share <= MOST_ENGLISH
        if listed and code not in self.detectable:
            return code
        names = all(word.istitle() for word in written)
        if not listed and (len(words) < LONG or share > HARDLY_ENGLISH or names):
            return None
        # The detector knows more words than the lists, but not every language.
        detected = self._detected([w for w in written if spelled(w) not in self.neutral])
        if listed and not detected.stranger and (own - english >= 3 or detected.code is None):
            return code
        if detected.code is not None or detected.maybe_english:
            return detected.code
        hardly_english = len(words & self.english) / len(words) <= HARDLY_ENGLISH
        return UNKNOWN if listed or hardly_english else None

    def _likeliest(self, written: list[str], words: set[str]) -> tuple[str, int, int]:
        """(code, words that are its and not English, words that are English and not its)."""
        counts = [
            (code, len((words & own) - self.english), len((words & self.english) - own))
            for code, own in self.latin.items()
        ]
        return max(counts, key=lambda one: one[1] - one[2] + self._marked(one[0], written))

    def _marked(self, code: str, written: list[str]) -> int:
        """How many of the words hold a letter that tells the language."""
        return sum(not self.letters[code].isdisjoint(word.lower()) for word in written)

    def _detected(self, written: list[str]) -> Detected:
        values = self.detector.compute_language_confidence_values(" ".join(written).lower())
        first, sure = values[0], values[0].value > SURE
        english = next(one.value for one in values if one.language == Language.ENGLISH)
        if first.language == Language.ENGLISH or english > SURELY_NOT:
            return Detected(None, maybe_english=True)
        code = first.language.iso_code_639_1.name.lower()
        known = code in self.latin
        return Detected(code if known and sure else None, stranger=sure and not known)

    def _goes_on(self, written: list[str]) -> bool:
        words = [spelled(word) for word in written]
        return bool(words) and not any(
            word in self.english and word not in self.neutral for word in words
        )


def load_languages(folder: Path) -> Languages:
    """The languages of `folder/languages.toml`. Raises LanguageDataError."""
    return Languages(read_languages(folder))


@lru_cache(maxsize=2)
def detector_for(codes: frozenset[str]) -> LanguageDetector:
    """lingua for English and those of the languages that it knows, in its small models.

    Others that are spoken here are told apart from these, but have no text of their own.
    """
    wanted = {"EN", *ALSO_TOLD, *(code.upper() for code in codes)} & ISO_CODES
    return (
        LanguageDetectorBuilder.from_iso_codes_639_1(
            *(getattr(IsoCode639_1, name) for name in sorted(wanted))
        )
        .with_low_accuracy_mode()
        .with_preloaded_language_models()
        .build()
    )


def script_of(word: str) -> str:
    """By the Unicode name of its first letter: `latin`, `arabic`, `cjk` … in small letters."""
    letter = next((c for c in word if c.isalpha()), "a")
    return unicodedata.name(letter, "LATIN").split()[0].lower()


def amount(word: str) -> int:
    """How many words a written one stands for: Chinese is written without spaces."""
    if script_of(word) in ("cjk", "hiragana", "katakana", "thai", "khmer", "myanmar", "lao"):
        return max(1, len(word) // CHINESE_WORD)
    return 1


def spelled(word: str) -> str:
    """A word as the lists have it: small letters, no accents, no letter drawn out."""
    plain = folded(word).replace("'", "")
    return SHOUTED_LETTER.sub(r"\1", plain)
