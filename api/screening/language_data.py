"""What is known of other languages, as data: `languages.toml`, strictly read."""

import tomllib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, ValidationError, model_validator

from api.policies import gsm7
from api.policies.schema import Code, Entry
from api.screening.danger_data import listed_as_tuples
from api.screening.danger_words import folded

UNKNOWN = "und"  # BCP 47: undetermined
OTHER_LETTERS = frozenset(
    "arabic cyrillic ethiopic devanagari bengali gurmukhi gujarati tamil greek cjk".split()
)


class LanguageDataError(ValueError):
    """A mistake in `languages.toml`: a line for each, with file and place."""


def words_of(text: object) -> object:
    """A list of words written as running text, without accents, each once."""
    if not isinstance(text, str):
        return text
    return tuple(dict.fromkeys(folded(word).replace("'", "") for word in text.split()))


Words = Annotated[tuple[str, ...], BeforeValidator(words_of)]


class OtherLanguage(Entry):
    """A language that is recognised, and what someone who writes in it is told.

    `code`: BCP 47 in small letters. `own`: the language's name in itself. `script`: the letters it
    is written in. `letters`: those that tell it from others of the same script. `words`: its
    commonest words, without accents. `sms` and `web` say the same as the English line that is put
    below them. `checked_by` names the native speaker who has read it; until then it is `none`.
    """

    code: Code
    name: str
    own: str
    script: str = "latin"
    letters: str = ""
    words: Words = ()
    sms: str
    web: str
    checked_by: str
    note: str = ""


class EnglishLine(Entry):
    """Said below the words in the other language; `unknown`: where that is not known."""

    sms: str
    web: str
    unknown_sms: str
    unknown_web: str


class LanguageData(Entry):
    """The whole of `languages.toml`. `english`: words that show that a message is English.
    `neutral`: words that people of any language put into a message; they are not counted."""

    english: Words
    neutral: Words
    english_line: EnglishLine
    languages: Annotated[tuple[OtherLanguage, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def names_hold(self) -> "LanguageData":
        """Codes stand once, scripts exist, and every fixed text can be sent as two segments."""
        codes = [one.code for one in self.languages]
        for code in codes:
            if codes.count(code) > 1 or code == UNKNOWN:
                raise ValueError(f"language {code}: the code stands twice or is kept for others")
        for one in self.languages:
            if one.script != "latin" and one.script not in OTHER_LETTERS:
                raise ValueError(f"language {one.code}: there is no script '{one.script}'")
            if one.script == "latin" and len(one.words) < 40:
                raise ValueError(f"language {one.code}: fewer than 40 words to know it by")
            text = self.fixed_text(one.code, "sms")
            if gsm7.segments(text) > 2:
                raise ValueError(
                    f"language {one.code}: its text takes {gsm7.segments(text)} segments, not 2"
                )
        return self

    def fixed_text(self, code: str, channel: Literal["sms", "web_chat"]) -> str:
        """What is said to someone who writes in that language. KeyError: no such language."""
        line, short = self.english_line, channel == "sms"
        if code == UNKNOWN:
            return line.unknown_sms if short else line.unknown_web
        one = next((one for one in self.languages if one.code == code), None)
        if one is None:
            raise KeyError(code)
        if short:
            return f"{one.sms}\n{line.sms}"
        return f"{one.web}\n\n{line.web.format(language=one.name)}"


def read_languages(folder: Path) -> LanguageData:
    """`folder/languages.toml`. Raises LanguageDataError with one line per mistake."""
    path = folder / "languages.toml"
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
        return LanguageData.model_validate(listed_as_tuples(tables))
    except FileNotFoundError as error:
        raise LanguageDataError(f"{path.name}: the file is missing") from error
    except tomllib.TOMLDecodeError as error:
        raise LanguageDataError(f"{path.name}: {error}") from error
    except ValidationError as error:
        raise LanguageDataError(
            "\n".join(
                f"{path.name}: {'.'.join(map(str, one['loc'])) or 'file'}: {one['msg']}"
                for one in error.errors()
            )
        ) from error
