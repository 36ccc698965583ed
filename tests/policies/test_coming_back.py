"""The waits of a conversation that rests, as data."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from api.policies.coming_back import FILE, load_coming_back
from api.policies.load import PolicyMistakes
from api.settings import ROOT

SHARED = ROOT / "data" / "policies" / "shared"
LANDLORDS = {"vivid": None, "nacro": None}


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    shutil.copy(SHARED / FILE, tmp_path / FILE)
    return tmp_path


def add(shared: Path, words: str) -> None:
    with (shared / FILE).open("a") as file:
        file.write(words)


def test_every_landlord_has_the_defaults() -> None:
    found = load_coming_back(SHARED, LANDLORDS).of("vivid")
    assert found.nudge
    assert found.nudge_after == timedelta(hours=4)
    assert found.incomplete_after(flagged=False) == timedelta(hours=24)
    assert found.incomplete_after(flagged=True) == timedelta(hours=1)
    assert "domestic_abuse" in found.never_nudge


def test_a_landlord_changes_what_it_names_and_no_more(shared: Path) -> None:
    add(shared, "\n[landlords.vivid]\nnudge = false\nincomplete_after_hours = 48\n")
    found = load_coming_back(shared, LANDLORDS)
    assert not found.of("vivid").nudge
    assert found.of("vivid").incomplete_after(flagged=False) == timedelta(hours=48)
    assert found.of("vivid").nudge_after == found.of("nacro").nudge_after
    assert found.of("nacro").nudge


@pytest.mark.parametrize(
    ("added", "line"),
    [
        ("\n[landlords.nobody]\nnudge = false\n", "landlords.nobody: there is no such landlord"),
        ("\n[landlords.vivid]\nnudge_after_hours = 0\n", "vivid.nudge_after_hours: Input should"),
        ("\n[landlords.vivid]\nnudges = true\n", "vivid.nudges: Extra inputs are not permitted"),
        ('\n[landlords.vivid]\nnever_nudge = ["noize"]\n', "vivid.never_nudge.0: Input should be"),
        ("\n[else]\n", "else: there is no such table"),
        ("\n[[", "is not TOML"),
    ],
)
def test_a_mistake_is_a_line_with_its_place(shared: Path, added: str, line: str) -> None:
    add(shared, added)
    with pytest.raises(PolicyMistakes) as found:
        load_coming_back(shared, LANDLORDS)
    assert any(line in one and FILE in one for one in found.value.lines), found.value.lines


def test_a_missing_file_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(PolicyMistakes, match="the file is missing"):
        load_coming_back(tmp_path, LANDLORDS)


def test_every_question_has_a_name_for_its_place() -> None:
    found = load_coming_back(SHARED, LANDLORDS)
    assert found.topic("happened_when", "report") == "when it happened"
    assert found.topic("r7", "risk") == "how this affects you"
    assert found.topic(None, "after") == "your report"
