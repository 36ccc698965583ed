"""What the danger screen knows, as data: `danger.toml` and `helplines.toml`, strictly read."""

import re
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, Field, ValidationError, model_validator

from api.policies.schema import Category, Code, Entry, Flag, Nation
from api.policies.schema_shared import Helpline

NATIONS: tuple[str, ...] = get_args(Nation)
Level = Literal["always", "now", "here", "told", "ask", "note"]
Negation = Literal["drops", "doubts", "ignored"]
GAP = re.compile(r"\.\.\d*")
PART = re.compile(r"[^\s|.?<>]+(\|[^\s|.?<>]+)*\??")
HELPLINE_PLACE = re.compile(r"\{helpline:([a-z0-9_]+)\}")


class DangerDataError(ValueError):
    """A mistake in `danger.toml` or `helplines.toml`: a line for each, with file and place."""


class WordClass(Entry):
    """Words that mean the same to the screen. One word belongs to one class.

    `common` classes (persons, times, places) never make a danger on their own.
    A word one letter off from one of its words of five letters and more is taken for it, unless
    `as_written`. `slips` are misspellings too short or too far off to be found that way.
    """

    code: Code
    words: tuple[str, ...]
    slips: tuple[str, ...] = ()
    common: bool = False
    as_written: bool = False


class Kind(Entry):
    """A kind of danger: the flags and the category it implies, and the fixed text for each case.

    `text_now` answers danger now, `text` a danger that is told but not now, `text_doubtful` one
    that is only possible. With `leads`, `text_now` is offered whenever the message is an emergency,
    whichever kind made it one. The first kind in the file decides the category.
    """

    code: Code
    flags: tuple[Flag, ...] = ()
    category: Category | None = None
    text_now: Code
    text: Code
    text_doubtful: Code
    leads: bool = False


class Pattern(Entry):
    """One way in which a danger is told.

    `match`: words in small letters, CLASSES in capitals, `THIS|that` for either, `..` (a gap of up
    to 3 words; `..6` up to 6), and `?` after a part that may be missing.
    `level`: always (an emergency unless long ago), now (an emergency unless the words put it in
    the past or make it a habit), here (an emergency only with a word for now or nearby),
    told (never an emergency by itself, asked about), ask (doubtful: may be no danger at all),
    note (flags only).
    `negation`: what a negation does: drops it, leaves a doubt, or is ignored (the pattern has it).
    `whole`: the match must be all of the message or of its sentence, polite words aside.
    `unless`: lines that, where they touch the match, tell of something else.
    `only_without`: a class of words that must not stand in the same sentence.
    `grave`: a verb that tells of something finished does not settle it.
    """

    code: Code
    kind: Code
    level: Level
    match: tuple[str, ...]
    negation: Negation = "drops"
    whole: Literal["message", "sentence"] | None = None
    only_without: Code | None = None
    grave: bool = False
    unless: tuple[str, ...] = ()
    source: str
    examples: Annotated[tuple[str, ...], Field(min_length=1)]
    not_examples: tuple[str, ...] = ()


class Figure(Entry):
    """Danger words that mean none: what it matches is not looked at again.

    A match with a person in it whom the line does not name does not count.
    """

    code: Code
    match: tuple[str, ...]
    source: str
    examples: Annotated[tuple[str, ...], Field(min_length=1)]


class Cues(Entry):
    """Words for when and where, as patterns. `now` beats `past`; `past` beats `here`.

    `from_now` ("and now") speaks of what follows it; `dealt_with` (police have been, the
    fire is out) and `lightly` (a game, a film) of the whole message. `finished` are verbs that tell
    of something done, unless one of the words of `unfinished_after` stands just before them
    ("will hit").
    """

    now: tuple[str, ...]
    from_now: tuple[str, ...]
    here: tuple[str, ...]
    past: tuple[str, ...]
    lightly: tuple[str, ...]
    dealt_with: tuple[str, ...]
    finished: tuple[str, ...]
    unfinished_after: tuple[str, ...]
    long_ago: tuple[str, ...]
    habit: tuple[str, ...]
    unsure: tuple[str, ...]


class Negators(Entry):
    """Words that negate what follows, what looks like one and is none, and what ends their reach.

    `reach` counts words.
    """

    words: tuple[str, ...]
    not_one: tuple[str, ...]
    ends: tuple[str, ...]
    subjects: tuple[str, ...]
    lifted_by: tuple[str, ...]
    reach: int


class Rewriting(Entry):
    """Text-speak and contractions, emoji, and words never to be corrected into a danger word."""

    short: dict[str, str]
    emoji: dict[str, str]
    ordinary: tuple[str, ...]


class Language(Entry):
    """Danger words of another language, by kind. Letters are compared without their accents.

    `checked_by` names the native speaker who has read the list; until then it is `none`.
    """

    code: Code
    name: str
    checked_by: str
    negators: tuple[str, ...] = ()
    words: dict[str, tuple[str, ...]]
    examples: Annotated[tuple[str, ...], Field(min_length=1)]


Probability = Annotated[float, Field(gt=0, le=1)]


class FewWords(Entry):
    """What counts in a message of `at_most` so many words, where the model has little to go on.
    A flag that is not named counts as in any message."""

    at_most: int
    ask_from: Probability
    flags: dict[Flag, Probability]


class OpinionRules(Entry):
    """From what probability on the model's opinion counts: as an alarm, as a question to the
    resident, as each flag. `measured` says on what."""

    alarm_from: Probability
    ask_from: Probability
    flags: dict[Flag, Probability]
    few: FewWords
    measured: str

    @model_validator(mode="after")
    def asks_before_it_alarms(self) -> "OpinionRules":
        if max(self.ask_from, self.few.ask_from) > self.alarm_from:
            raise ValueError("ask_from must not be above alarm_from")
        return self


class FixedText(Entry):
    """A reviewed answer. `rank` 1 is the most serious. `why` says what it stands on; `asks_safe`
    that it asks whether they are safe."""

    rank: int
    asks_safe: bool = False
    sms: str
    web: str
    why: str
    nations: dict[str, dict[str, str]] = Field(default_factory=dict)


class DangerData(Entry):
    """The whole of `danger.toml`, with the helplines its texts name."""

    polite: tuple[str, ...]
    classes: tuple[WordClass, ...]
    kinds: tuple[Kind, ...]
    patterns: tuple[Pattern, ...]
    figures: tuple[Figure, ...]
    cues: Cues
    negators: Negators
    rewriting: Rewriting
    languages: tuple[Language, ...]
    opinion: OpinionRules
    texts: dict[str, FixedText]
    helplines: tuple[Helpline, ...]

    @model_validator(mode="after")
    def names_hold(self) -> "DangerData":
        """Every name that is used exists, and no word stands in two classes."""
        classes = {entry.code for entry in self.classes}
        kinds = {entry.code for entry in self.kinds}
        for label in (*self.opinion.flags, "danger"):
            if label not in kinds:
                raise ValueError(f"opinion: there is no kind '{label}'")
        homes: dict[str, str] = {}
        for entry in self.classes:
            for word in entry.words + entry.slips:
                if homes.setdefault(word, entry.code) != entry.code:
                    raise ValueError(f"'{word}' stands in {homes[word]} and in {entry.code}")
        for kind in self.kinds:
            for key in (kind.text_now, kind.text, kind.text_doubtful):
                if key not in self.texts:
                    raise ValueError(f"kind {kind.code}: there is no text '{key}'")
        for pattern in self.patterns:
            if pattern.kind not in kinds:
                raise ValueError(f"pattern {pattern.code}: there is no kind '{pattern.kind}'")
            if pattern.only_without is not None and pattern.only_without not in classes:
                raise ValueError(f"pattern {pattern.code}: no class '{pattern.only_without}'")
        for language in self.languages:
            for code in language.words:
                if code not in kinds:
                    raise ValueError(f"language {language.code}: there is no kind '{code}'")
        codes = [pattern.code for pattern in self.patterns]
        codes += [figure.code for figure in self.figures]
        twice = {code for code in codes if codes.count(code) > 1}
        if twice:
            raise ValueError(f"two entries are called '{sorted(twice)[0]}'")
        for place, lines in self.lines():
            for line in lines:
                check_line(place, line, classes)
        check_helplines(self.texts, self.helplines)
        return self

    def lines(self) -> list[tuple[str, tuple[str, ...]]]:
        """Every place that holds pattern lines, with its lines."""
        found = [(f"pattern {entry.code}", entry.match) for entry in self.patterns]
        found += [(f"pattern {entry.code}", entry.unless) for entry in self.patterns]
        found += [(f"figure {entry.code}", entry.match) for entry in self.figures]
        found += [(f"cues {name}", getattr(self.cues, name)) for name in Cues.model_fields]
        found += [("negators not_one", self.negators.not_one)]
        return found


def check_helplines(texts: dict[str, FixedText], helplines: tuple[Helpline, ...]) -> None:
    """Raise ValueError unless each code has one number a nation, and each text all it names."""
    known: set[tuple[str, str]] = set()
    for line in helplines:
        for nation in line.nations:
            if (line.code, nation) in known:
                raise ValueError(f"helpline {line.code} stands twice for {nation}")
            known.add((line.code, nation))
    for key, text in texts.items():
        for place in NATIONS:
            own = text.nations.get(place, {})
            for words in (own.get("sms", text.sms), own.get("web", text.web)):
                for code in HELPLINE_PLACE.findall(words):
                    if (code, place) not in known:
                        raise ValueError(f"text {key}: no helpline '{code}' for {place}")


def check_line(place: str, line: str, classes: set[str]) -> None:
    """Raise ValueError where a pattern line cannot be read or names a class that does not exist."""
    parts = [part for part in line.split() if not GAP.fullmatch(part)]
    if not parts:
        raise ValueError(f"{place}: '{line}' holds no word")
    for part in parts:
        if not PART.fullmatch(part):
            raise ValueError(f"{place}: '{part}' cannot be read")
        for name in part.rstrip("?").split("|"):
            if name.isupper() and name.lower() not in classes:
                raise ValueError(f"{place}: there is no class '{name}'")


class HelplineFile(BaseModel):
    model_config = Entry.model_config

    helplines: tuple[Helpline, ...]


def read_toml(path: Path) -> dict[str, Any]:
    """The file's tables. Raises DangerDataError where it is missing or not TOML."""
    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except FileNotFoundError as error:
        raise DangerDataError(f"{path.name}: the file is missing") from error
    except tomllib.TOMLDecodeError as error:
        raise DangerDataError(f"{path.name}: {error}") from error


def listed_as_tuples(value: Any) -> Any:
    """TOML gives lists; strict models hold tuples."""
    if isinstance(value, list):
        return tuple(listed_as_tuples(item) for item in value)
    if isinstance(value, dict):
        return {key: listed_as_tuples(item) for key, item in value.items()}
    return value


def mistakes(path: Path, error: ValidationError) -> DangerDataError:
    """One line per mistake: file, place, what is wrong."""
    lines = [
        f"{path.name}: {'.'.join(str(part) for part in item['loc']) or 'file'}: {item['msg']}"
        for item in error.errors()
    ]
    return DangerDataError("\n".join(lines))


def read_helplines(folder: Path) -> tuple[Helpline, ...]:
    """The helplines of `folder/helplines.toml`. Raises DangerDataError."""
    path = folder / "helplines.toml"
    try:
        return HelplineFile.model_validate(listed_as_tuples(read_toml(path))).helplines
    except ValidationError as error:
        raise mistakes(path, error) from error


def read_danger(folder: Path) -> DangerData:
    """`folder/danger.toml` with the helplines beside it. Raises DangerDataError."""
    path = folder / "danger.toml"
    tables = listed_as_tuples(read_toml(path))
    tables["helplines"] = read_helplines(folder)
    try:
        return DangerData.model_validate(tables)
    except ValidationError as error:
        raise mistakes(path, error) from error
