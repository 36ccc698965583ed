"""From a resident's message to plain words: text-speak, emoji, missing apostrophes, slips."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from api.screening.danger_data import DangerData

MARKS = "\u0300-\u036f\u064b-\u065f\u0900-\u0963\u0970-\u0dff\u0e00-\u0e7f"
LETTERS = rf"(?:[^\W_]|[{MARKS}])+"
CHINESE = re.compile("([\u4e00-\u9fff])")
PIECES = re.compile(rf"{LETTERS}(?:['*@$]+{LETTERS})*|[.!?;\n…]+|[,:()\-–—/]+|[^\w\s]")
STOPS = frozenset(".!?;\n…")
PAUSES = frozenset(",:()-–—/")
LEET = str.maketrans({"1": "i", "0": "o", "3": "e", "4": "a", "@": "a", "$": "s", "!": "i"})
APOSTROPHES = str.maketrans(dict.fromkeys("’‘ʼ`´＇", "'"))
RUN = re.compile(r"(.)\1{2,}")
# "It's my boyfriend. He punched me": a few words that say who, and what is told of them.
TELLS_ON = re.compile(r"\s*(?:and |then |now )?(?:he|she|they)\b")
MOST_TO_SAY_WHO = 5
SHORTEST_CORRECTED = 5


@dataclass(frozen=True)
class Word:
    """One word as the screen sees it. `sentence` and `clause` count the breaks before it."""

    text: str
    written: str
    sentence: int
    clause: int


def folded(text: str) -> str:
    """Lower case, accents off, straight apostrophes, each Chinese character a word."""
    text = unicodedata.normalize("NFKC", text).translate(APOSTROPHES).casefold()
    if text.isascii():
        return text
    kept = [c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)]
    plain = CHINESE.sub(r" \1 ", "".join(kept))
    return plain.replace("ł", "l").replace("ı", "i").replace("đ", "d").replace("\ufe0f", "")


def deletions(word: str) -> set[str]:
    return {word[:i] + word[i + 1 :] for i in range(len(word))}


def one_slip_apart(a: str, b: str) -> bool:
    """One letter added, left out or changed, or two neighbours swapped."""
    if abs(len(a) - len(b)) > 1:
        return False
    if len(a) == len(b):
        apart = [i for i in range(len(a)) if a[i] != b[i]]
        if len(apart) == 1:
            return True
        return (
            len(apart) == 2
            and apart[1] == apart[0] + 1
            and a[apart[0]] == b[apart[1]]
            and a[apart[1]] == b[apart[0]]
        )
    longer, shorter = (a, b) if len(a) > len(b) else (b, a)
    return shorter in deletions(longer)


class Reader:
    """Reads a message into Words by the data's rewriting. Pure; words are remembered."""

    def __init__(
        self, data: DangerData, slips: dict[str, str], corrected: set[str], known: set[str]
    ) -> None:
        """`slips`: listed slip -> word. `corrected`: one wrong letter is put right to these.
        `known`: words left as they are."""
        self.slips = slips
        self.short = data.rewriting.short
        self.known = known
        self.left = known | set(data.rewriting.ordinary) | set(self.short)
        self.emoji = {folded(mark): f" {words} " for mark, words in data.rewriting.emoji.items()}
        self.emoji_mark = re.compile("|".join(map(re.escape, self.emoji)))
        self.near: dict[str, list[str]] = {}
        for word in sorted(corrected):
            if len(word) >= SHORTEST_CORRECTED and word.isascii():
                for key in {word} | deletions(word):
                    self.near.setdefault(key, []).append(word)
        self.plain = lru_cache(maxsize=20_000)(self._plain)

    def read(self, text: str) -> list[Word]:
        """The message's words, in order."""
        text = self.emoji_mark.sub(lambda found: self.emoji[found.group()], folded(text))
        words: list[Word] = []
        sentence = clause = 0
        for found in PIECES.finditer(text):
            piece = found.group()
            if piece[0] in STOPS:
                told = sum(word.sentence == sentence for word in words)
                tells_on = "?" not in piece and TELLS_ON.match(text, found.end())
                if not (tells_on and 0 < told <= MOST_TO_SAY_WHO):
                    sentence += 1
                clause += 1
            elif piece[0] in PAUSES:
                clause += 1
            elif piece[0].isalnum():
                for plain in self.plain(piece):
                    words.append(Word(plain, piece, sentence, clause))
        return words

    def _plain(self, piece: str) -> tuple[str, ...]:
        """The words that one written piece stands for."""
        if piece in self.short:
            return tuple(self.short[piece].split())
        bare = piece.replace("'", "")
        if bare in self.short:
            return tuple(self.short[bare].split())
        return tuple(self._word(bare).split())

    def _word(self, bare: str) -> str:
        """The plain word, or words, of a written one: a slip put right, letters not repeated."""
        if bare in self.slips:
            return self.slips[bare]
        if bare in self.left or bare.isdigit():
            return bare
        tries = [bare] if bare.isalpha() else [bare, bare.translate(LEET)]
        for word in list(tries):
            tries += [RUN.sub(r"\1", word), RUN.sub(r"\1\1", word)]
        for word in tries[1:]:
            if word in self.slips:
                return self.slips[word]
            if word in self.left:
                return self.short.get(word, word)
        for word in dict.fromkeys(tries):
            danger = self._near_danger(word)
            if danger is not None:
                return danger
        return bare

    def _near_danger(self, word: str) -> str | None:
        """The danger word that this is one slip away from, or None."""
        if len(word) < SHORTEST_CORRECTED - 1 or not word.isascii():
            return None
        for key in [word, *sorted(deletions(word))]:
            for danger in self.near.get(key, ()):
                if one_slip_apart(word, danger):
                    return danger
        return None
