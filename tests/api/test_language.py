"""Which language a message is in: real ones are found, and English is never taken for another."""

import shutil
import time
import tomllib
from pathlib import Path
from typing import Literal, get_args

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from api.policies import gsm7
from api.screening.danger import load_danger
from api.screening.language import Languages
from api.screening.language_data import UNKNOWN, LanguageDataError, read_languages
from tests.reading import grade, longest_sentence

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT / "data" / "policies" / "shared"
HERE = Path(__file__).parent
DATA = read_languages(SHARED)
LANGUAGES = Languages(DATA)
SCREEN = load_danger(SHARED)
FOUND = tomllib.loads((HERE / "language_cases.toml").read_text())
MIXED = [(one["text"], one["code"]) for one in FOUND.pop("mixed")["lines"]]
ENGLISH = [
    line
    for line in (HERE / "english_lines.txt").read_text().splitlines()
    if line and not line.startswith("#")
]
Channel = Literal["sms", "web_chat"]
CHANNELS: tuple[Channel, ...] = get_args(Channel)
CODES = [one.code for one in DATA.languages]


def code_of(text: str, before: str | None = None) -> str | None:
    heard = LANGUAGES.recognise(text, before)
    return heard.code if heard else None


def trained() -> list[str]:
    """Every message of the training data, as its resident wrote it."""
    lines = []
    for path in sorted((ROOT / "data" / "training" / "nlu").rglob("*.yml")):
        for entry in yaml.safe_load(path.read_text())["nlu"]:
            if "intent" in entry:
                lines += [line.removeprefix("- ") for line in entry["examples"].splitlines()]
    return lines


# ------------------------------------------------------------------ English stays English


def test_there_is_enough_to_measure_with() -> None:
    assert len(ENGLISH) >= 300
    assert len(trained()) >= 2000
    assert set(FOUND) == set(CODES)
    assert min(len(group["lines"]) for group in FOUND.values()) >= 10


@pytest.mark.parametrize("text", ENGLISH)
def test_english_of_every_sort_is_english(text: str) -> None:
    assert code_of(text) is None
    assert code_of(text.upper()) is None
    assert code_of(f"{text} 😡🙏") is None


def test_no_message_of_the_training_data_is_another_language() -> None:
    assert [(text, found) for text in trained() if (found := code_of(text))] == []


def test_no_english_danger_case_is_another_language() -> None:
    cases = tomllib.loads((HERE / "danger_cases.toml").read_text())
    texts = [text for kind in cases.values() for group in kind for text in group["texts"]]
    foreign = set(SCREEN.foreign_negators)
    plain = [t for t in texts if not {r.code for r in SCREEN.screen(t).reasons} & foreign]
    assert len(plain) > 250
    assert [(text, found) for text in plain if (found := code_of(text))] == []


@settings(deadline=None, max_examples=150)
@given(st.lists(st.sampled_from(ENGLISH), min_size=2, max_size=4))
def test_english_beside_english_is_english(lines: list[str]) -> None:
    """Odd lines in a row. What holds no English word at all may be anything and is left out."""
    whole = [line for line in lines if " " in line and set(line.lower().split()) & COMMON]
    assert code_of(". ".join(whole)) is None


COMMON = frozenset("the a is to and of in i my he she it they on at you for this that not".split())


# ------------------------------------------------------------------ others are found


@pytest.mark.parametrize(
    ("code", "text"), [(code, text) for code in FOUND for text in FOUND[code]["lines"]]
)
def test_no_message_in_another_language_is_taken_for_english(code: str, text: str) -> None:
    assert code_of(text) is not None


@pytest.mark.parametrize("code", FOUND)
def test_a_language_is_named(code: str) -> None:
    lines = FOUND[code]["lines"]
    right = sum(code_of(text) == code for text in lines)
    assert right >= len(lines) - 1


@pytest.mark.parametrize(("text", "code"), MIXED)
def test_a_message_that_is_mostly_another_language_is_noticed(text: str, code: str) -> None:
    assert code_of(text) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("مساعدة", "ar"), ("救命", "zh"), ("помогите", "ru"), ("βοήθεια", "el"),
        ("เพื่อนบ้านเสียงดังทุกคืน", UNKNOWN), ("이웃이 매일 밤 시끄럽게 해요", UNKNOWN),
        ("Soused nad námi pouští každou noc hlasitou hudbu až do tří hodin", UNKNOWN),
        ("Jirani yangu anapiga muziki kwa sauti kubwa kila usiku", UNKNOWN),
        ("proszę o pomoc", "pl"), ("komşu gürültü yapıyor", "tr"),
    ],
)  # fmt: skip
def test_short_ones_and_languages_without_a_text_of_their_own(text: str, code: str) -> None:
    assert code_of(text) == code


@pytest.mark.parametrize(
    "text", ["my mum is called Оксана", 'he said "مرحبا" to me and then he hit me with a stick']
)
def test_a_name_or_a_word_in_other_letters_is_no_message_in_them(text: str) -> None:
    assert code_of(text) is None


def test_an_address_is_a_name() -> None:
    text = "Tŷ Gwyn, Heol y Bont, Llanfair yng Nghornwy, Ynys Môn"
    assert LANGUAGES.recognise(text, named=True) is None


def test_a_short_message_goes_on_in_the_language_before_it() -> None:
    assert code_of("tak") is None
    assert code_of("tak", before="pl") == "pl"
    assert code_of("ok", before="pl") == "pl"
    assert code_of("the music is loud", before="pl") is None
    assert code_of("1", before="pl") is None


@settings(deadline=None, max_examples=200)
@given(
    st.sampled_from([(code, text) for code in FOUND for text in FOUND[code]["lines"]]),
    st.sampled_from(["", "hello ", "please help ", "Dear sir "]),
    st.sampled_from(["", " thank you", " 😡😡", " flat 12", " ZZ1 1AA", "!!!"]),
)
def test_polite_english_around_it_hides_no_language(
    case: tuple[str, str], first: str, last: str
) -> None:
    code, text = case
    assert code_of(f"{first}{text}{last}") in {code_of(text), UNKNOWN}, code


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=300))
def test_any_text_gets_an_answer(text: str) -> None:
    heard = LANGUAGES.recognise(text)
    assert heard is None or heard.name


@pytest.mark.parametrize("text", ["", " ", "🙂", "12", "....", "https://example.org/noc/sasiad"])
def test_what_holds_no_words_is_no_language(text: str) -> None:
    assert LANGUAGES.recognise(text) is None


def test_a_long_message_is_read_quickly() -> None:
    text = "zorgle blaft wurdi sasiad noc " * 800
    started = time.perf_counter()
    LANGUAGES.recognise(text)
    assert time.perf_counter() - started < 2


# ------------------------------------------------------------------ danger in other languages


def test_danger_has_an_entry_for_each_language_with_every_kind() -> None:
    kinds = {"weapon", "violence", "domestic_abuse", "child", "fire", "danger", "self_harm"}
    known = {language.code: language for language in SCREEN.data.languages}
    assert set(known) == {code.partition("-")[0] for code in CODES}
    for language in known.values():
        assert set(language.words) == kinds, language.code
        assert language.negators and len(language.examples) >= 7


DANGER_LINES = [
    (f"{language.code}_{kind}", line.replace("*", ""))
    for language in SCREEN.data.languages
    for kind, lines in language.words.items()
    for line in lines
]


@pytest.mark.parametrize(("code", "line"), DANGER_LINES)
def test_every_danger_word_of_another_language_is_danger(code: str, line: str) -> None:
    danger = SCREEN.screen(line)
    assert danger.emergency or danger.doubtful or danger.flags, code


@pytest.mark.parametrize("code", FOUND)
def test_a_threat_to_kill_is_an_emergency_in_every_language(code: str) -> None:
    """The sixth line of each group is a neighbour who threatens to kill."""
    danger = SCREEN.screen(FOUND[code]["lines"][5])
    assert danger.emergency and "emergency" in danger.flags
    assert danger.category == "violence_or_threats"


CALM = (0, 1, 2, 3, 4, 6, 7, 11)


@pytest.mark.parametrize(
    ("code", "text"),
    [(code, group["lines"][place]) for code, group in FOUND.items() for place in CALM],
)
def test_noise_and_litter_are_no_emergency_in_any_language(code: str, text: str) -> None:
    assert not SCREEN.screen(text).emergency


def test_a_word_is_known_by_its_beginning_and_english_words_are_not() -> None:
    assert SCREEN.screen("elinde bıçaklarla geldi").emergency
    assert not SCREEN.screen("the incendiary article in the paper").emergency


# ------------------------------------------------------------------ the fixed texts


@pytest.mark.parametrize("code", [*CODES, UNKNOWN])
def test_a_fixed_text_fits_two_segments_and_names_no_number_but_999(code: str) -> None:
    text = DATA.fixed_text(code, "sms")
    assert gsm7.segments(text) <= 2
    for channel in CHANNELS:
        words = DATA.fixed_text(code, channel)
        assert "999" in words
        assert set(filter(str.isdecimal, words.replace("999", ""))) == set()


@pytest.mark.parametrize("code", [*CODES, UNKNOWN])
def test_a_fixed_text_ends_in_english_that_reads_easily(code: str) -> None:
    for channel in CHANNELS:
        line = DATA.fixed_text(code, channel).splitlines()[-1]
        assert "kept" in line and "999" in line
        assert grade(line) <= 6
        assert longest_sentence(line) <= 20


@pytest.mark.parametrize("code", CODES)
def test_what_is_said_on_the_web_is_in_its_own_language_and_letters(code: str) -> None:
    own = DATA.fixed_text(code, "web_chat").partition("\n\n")[0]
    assert code_of(own) == code


def test_until_a_native_speaker_has_read_it_a_text_says_so() -> None:
    assert {one.checked_by for one in DATA.languages} == {"none"}


# ------------------------------------------------------------------ loading


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('code = "ro"', 'code = "pl"', "the code stands twice"),
        ('script = "greek"', 'script = "gerek"', "there is no script 'gerek'"),
        ("Niebezpieczeństwo?", "Niebezpieczeństwo " * 9, "its text takes 5 segments, not 2"),
        ('own = "polski"', "", "own: Field required"),
        ("[english_line]", "[english_line", "languages.toml: "),
    ],
)
def test_a_mistake_stops_with_one_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    text = (SHARED / "languages.toml").read_text()
    assert old in text
    (tmp_path / "languages.toml").write_text(text.replace(old, new, 1))
    with pytest.raises(LanguageDataError) as mistake:
        read_languages(tmp_path)
    [line] = str(mistake.value).splitlines()
    assert line.startswith("languages.toml: ") and said in line


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    shutil.copy(SHARED / "danger.toml", tmp_path)
    with pytest.raises(LanguageDataError, match=r"languages\.toml: the file is missing"):
        read_languages(tmp_path)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a" * 160, 1), ("a" * 161, 2), ("a" * 307, 3), ("ż" * 70, 1), ("ż" * 71, 2),
        ("ż" * 134, 2), ("ż" * 135, 3), ("😡" * 35, 1), ("😡" * 36, 2),
    ],
)  # fmt: skip
def test_a_text_is_counted_as_phones_count(text: str, parts: int) -> None:
    assert gsm7.segments(text) == parts
