"""A resident's words for a time, made definite: what is read, what is left open, what never is."""

import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.moments.read import Moment, read_moment
from api.moments.say import shorter

LONDON = ZoneInfo("Europe/London")
TOLD_AT = datetime(2026, 11, 26, 10, 5, tzinfo=LONDON)  # a Thursday morning
TABLE = tomllib.loads((Path(__file__).parent / "moments.toml").read_text(encoding="utf-8"))


def local(moment: datetime) -> str:
    return moment.astimezone(LONDON).strftime("%Y-%m-%d %H:%M")


def told(words: str, at: str) -> tuple[str, str] | None:
    """From and to, as told at a local time."""
    found = read_moment(words, datetime.fromisoformat(at).replace(tzinfo=LONDON))
    return (local(found.earliest), local(found.latest)) if found else None


@pytest.mark.parametrize("case", TABLE["told"], ids=lambda case: case["says"])
def test_words_are_made_definite(case: dict[str, str]) -> None:
    found = read_moment(case["says"], TOLD_AT)
    assert found is not None
    assert found.earliest.tzinfo is found.latest.tzinfo is UTC
    assert (local(found.earliest), local(found.latest)) == (case["from"], case["to"])
    assert (found.precision, found.said) == (case["precision"], case["said"])


@pytest.mark.parametrize("words", TABLE["open"])
def test_what_is_vague_or_to_come_or_could_be_two_times_is_left_open(words: str) -> None:
    assert read_moment(words, TOLD_AT) is None


@pytest.mark.parametrize(
    ("words", "at", "meant"),
    [
        # After midnight a resident is still in the night before.
        ("tonight", "2026-11-26 01:30", ("2026-11-25 18:00", "2026-11-26 01:30")),
        ("tonight at 11", "2026-11-26 01:30", ("2026-11-25 23:00", "2026-11-25 23:59")),
        ("last night at 11pm", "2026-11-26 01:30", ("2026-11-25 23:00", "2026-11-25 23:59")),
        ("last night at 2am", "2026-11-26 01:30", None),
        ("saturday night", "2026-11-22 01:00", ("2026-11-21 18:00", "2026-11-22 01:00")),
        ("this evening", "2026-11-26 00:30", ("2026-11-25 17:00", "2026-11-25 23:59")),
        ("today", "2026-11-26 00:30", None),
        ("this morning at 2", "2026-11-26 03:00", ("2026-11-26 02:00", "2026-11-26 02:59")),
        ("11pm", "2026-11-26 01:00", ("2026-11-25 23:00", "2026-11-25 23:59")),
        # A year turns over.
        ("new years eve", "2027-01-01 09:00", ("2026-12-31 18:00", "2027-01-01 05:59")),
        ("since xmas", "2027-01-04 09:00", ("2026-12-25 00:00", "2027-01-04 09:00")),
        ("the 31st", "2027-03-02 09:00", ("2027-01-31 00:00", "2027-01-31 23:59")),
        ("29 feb", "2027-03-02 09:00", ("2024-02-29 00:00", "2024-02-29 23:59")),
        ("last weekend", "2026-11-22 12:00", ("2026-11-13 18:00", "2026-11-15 23:59")),
        ("the weekend", "2026-11-22 12:00", ("2026-11-20 18:00", "2026-11-22 12:00")),
    ],
)  # fmt: skip
def test_it_matters_when_it_was_told(words: str, at: str, meant: tuple[str, str] | None) -> None:
    assert told(words, at) == meant


def test_the_night_the_clocks_go_back_has_an_hour_twice() -> None:
    found = read_moment("sunday at 01:30", datetime(2026, 10, 26, 9, tzinfo=UTC))
    assert found is not None
    assert found.earliest == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert found.latest == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    night = read_moment("saturday night", datetime(2026, 10, 26, 9, tzinfo=UTC))
    assert night is not None
    assert night.latest - night.earliest == timedelta(hours=12, minutes=59, seconds=59)


def test_the_night_the_clocks_go_forward_has_no_half_past_one() -> None:
    found = read_moment("sunday at 01:30", datetime(2026, 3, 30, 9, tzinfo=UTC))
    assert found is not None
    assert found.earliest == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    ago = read_moment("2 hours ago", datetime(2026, 3, 29, 1, 30, tzinfo=UTC))
    assert ago is not None
    assert ago.earliest <= datetime(2026, 3, 28, 23, 30, tzinfo=UTC) <= ago.latest


def test_an_hour_of_something_that_keeps_happening_is_no_day() -> None:
    assert read_moment("2am", TOLD_AT) is not None
    assert read_moment("2am", TOLD_AT, often=True) is None
    assert read_moment("2am on tuesday", TOLD_AT, often=True) is not None


def test_the_plain_form_is_put_shorter_and_keeps_its_sense() -> None:
    said = "Tuesday 24 November, about 2:30am"
    assert shorter(said, 40) == said
    assert shorter(said, 24) == "Tue 24 Nov, about 2:30am"
    assert shorter(said, 20) == "Tue 24 Nov 2:30am"
    assert shorter("most nights since Sunday 1 November", 24) == "since Sun 1 Nov"


WORDS = st.lists(
    st.sampled_from(
        "last this next on since for from till until between and the at about not before tuesday "
        "sunday thursday weekend night morning evening yesterday today tonight now 2 3 14th 24/11 "
        "half quarter to past 10ish 2am 11pm 23:30 01:30 ago weeks days hours month november may "
        "christmas easter every most midnight early hours year 2025 14/11/26 29 feb all day few "
        "bank holiday 9999999 400 1.5 24:00 25/13 99 lst nite tmrw in , -".split()
    ),
    min_size=1,
    max_size=8,
).map(" ".join)
MOMENTS = st.integers(0, 16 * 365 * 24 * 60).map(
    lambda minutes: datetime(2020, 1, 2, tzinfo=UTC) + timedelta(minutes=minutes)
)
# Around both changes of the clock, to the minute.
NIGHTS = st.builds(
    lambda day, minutes: datetime(*day, tzinfo=UTC) + timedelta(minutes=minutes),
    st.sampled_from([(2026, 3, 28, 20), (2026, 10, 24, 20), (2027, 3, 27, 20)]),
    st.integers(0, 26 * 60),
)


def check(found: Moment | None, told_at: datetime) -> None:
    if found is not None:
        assert found.earliest <= found.latest <= told_at
        assert found.earliest.utcoffset() == found.latest.utcoffset() == timedelta(0)
        assert found.said.strip() == found.said != ""


@settings(max_examples=400, deadline=None)
@given(WORDS, MOMENTS | NIGHTS)
def test_no_words_raise_or_name_what_is_to_come(words: str, told_at: datetime) -> None:
    check(read_moment(words, told_at), told_at)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300), MOMENTS)
def test_no_text_at_all_raises(text: str, told_at: datetime) -> None:
    check(read_moment(text, told_at), told_at)


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from([case["says"] for case in TABLE["told"]]) | WORDS,
    st.sampled_from(["  ", "   ", "\t", " \n"]),
    MOMENTS | NIGHTS,
)
def test_case_and_spaces_change_nothing(words: str, gap: str, told_at: datetime) -> None:
    plain = read_moment(words, told_at)
    spread = f"{gap}{gap.join(words.split())}{gap}"
    assert read_moment(words.upper(), told_at) == plain
    assert read_moment(spread, told_at) == plain


@settings(max_examples=150, deadline=None)
@given(NIGHTS, st.sampled_from(["last night at 2am", "01:30", "saturday night", "2 hours ago"]))
def test_the_nights_when_clocks_change_are_as_safe(told_at: datetime, words: str) -> None:
    check(read_moment(words, told_at), told_at)
