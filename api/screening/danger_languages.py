"""The danger words of other languages as patterns of the screen."""

from api.screening.danger_data import DangerData, Pattern
from api.screening.danger_words import folded


def language_patterns(data: DangerData) -> list[Pattern]:
    """The other languages' words, written as the reader will give them. A word that is English
    too is left to the English. A stem ("bicak*") also stands for the whole words of these lists
    that begin with it."""
    english = {word for entry in data.classes if not entry.common for word in entry.words}
    short = data.rewriting.short

    def read(line: str) -> list[str]:
        plain = folded(line).replace("'", "").split()
        return " ".join(short.get(word, word) for word in plain).split()

    lists = [lines for language in data.languages for lines in language.words.values()]
    listed = sorted({word for lines in lists for line in lines for word in read(line)})

    def ways(word: str) -> str:
        stem = word.removesuffix("*")
        others = [w for w in listed if w.startswith(stem)] if stem != word else []
        return "|".join(dict.fromkeys([word, *others]))

    return [
        Pattern(
            code=f"{language.code}_{kind}",
            kind=kind,
            level="always",
            match=tuple(
                " ".join(ways(word) for word in read(line))
                for line in lines
                if " ".join(read(line)) not in english
            ),
            negation="doubts",
            source=f"{language.name}, checked by: {language.checked_by}",
            examples=language.examples,
        )
        for language in data.languages
        for kind, lines in language.words.items()
    ]
