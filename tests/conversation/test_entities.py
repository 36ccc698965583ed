"""What is read in a resident's words beside what happened: when, where, which home, who, how often.

Precision first: a number is a home, a time or a reference only where the words say so.
"""

from pathlib import Path

import pytest
import tomli

from bot.components.details import read_details
from bot.components.entities import EntityReader

READER = EntityReader()
LINES = tomli.loads((Path(__file__).parent / "entity_lines.toml").read_text(encoding="utf-8"))[
    "lines"
]


def test_there_are_lines_enough():
    assert len({line["says"] for line in LINES}) >= 150


@pytest.mark.parametrize("line", LINES, ids=lambda line: line["says"][:50])
def test_what_is_read_in_a_line(line):
    found = [*READER.read(line["says"]), *read_details(line["says"])]
    assert [f"{one.name}={one.value}" for one in found] == line["reads"]


@pytest.mark.parametrize(
    "words",
    [
        "my flat battery is dead", "i gave a unit of blood", "no 10 complaints were answered",
        "A1 behaviour", "999", "101", "i rang 999 and then 101", "crime 999", "no 1 cares",
        "he sat there", "i give it 9/10", "he works nights", "crime 24/7",
    ],
)  # fmt: skip
def test_what_only_looks_like_a_fact_is_not_read(words):
    names = {one.name for one in [*READER.read(words), *read_details(words)]}
    assert names <= {"how_often"}


def test_round_the_clock_is_how_often_and_no_day():
    assert [(one.name, one.value) for one in READER.read("24/7")] == [("how_often", "daily")]


def test_an_entity_stands_where_its_words_stand():
    for line in LINES:
        for one in READER.read(line["says"]):
            assert line["says"][one.start : one.end].strip()
            if one.name == "when":
                assert line["says"][one.start : one.end] == one.value
