"""The numbers a text may name: each with its source and within its date, and no others."""

import re
import shutil
from pathlib import Path

import pytest

from api import clock
from api.screening.danger_data import DangerDataError, read_danger, read_helplines

SHARED = Path(__file__).resolve().parents[2] / "data" / "policies" / "shared"
NATIONS = {"england", "wales", "scotland", "northern_ireland"}
# What the field's sources support; a number that is not here needs a source first.
SUPPORTED = {
    "emergency": "999",
    "silent": "55",
    "emergency_deaf": "18000",
    "emergency_text": "999",
    "police": "101",
    "police_deaf": "18001 101",
    "samaritans": "116 123",
    "shout": "85258",
    "childline": "0800 1111",
    "nspcc": "0808 800 5000",
    "modern_slavery": "08000 121 700",
    "crimestoppers": "0800 555 111",
    "victim_support": "08 08 16 89 111",
    "true_vision": "report-it.org.uk",
    "housing_ombudsman": "0300 111 3000",
}
DOMESTIC_ABUSE = {
    "england": "0808 2000 247",
    "wales": "0808 80 10 800",
    "scotland": "0800 027 1234",
    "northern_ireland": "0808 802 1414",
}


def test_numbers_are_those_that_a_source_supports() -> None:
    lines = read_helplines(SHARED)
    found = {line.code: line.number or line.text_number or line.url for line in lines}
    found.pop("domestic_abuse")
    assert found == SUPPORTED
    abuse = {
        n: line.number for line in lines if line.code == "domestic_abuse" for n in line.nations
    }
    assert abuse == DOMESTIC_ABUSE


@pytest.mark.parametrize("code", ["nspcc", "modern_slavery"])
def test_no_hours_where_the_sources_disagree(code: str) -> None:
    [line] = [line for line in read_helplines(SHARED) if line.code == code]
    assert line.hours is None


def test_true_vision_does_not_cover_scotland() -> None:
    [line] = [line for line in read_helplines(SHARED) if line.code == "true_vision"]
    assert set(line.nations) == NATIONS - {"scotland"}


def test_every_helpline_has_a_source_and_is_within_its_review_date() -> None:
    for line in read_helplines(SHARED):
        assert line.source
        assert line.verified_on < line.review_by
        assert clock.now().date() <= line.review_by, f"{line.name} must be checked again"


def test_no_text_holds_a_number_of_its_own() -> None:
    for key, text in read_danger(SHARED).texts.items():
        versions = [text.sms, text.web, *(w for n in text.nations.values() for w in n.values())]
        for words in versions:
            assert not re.search(r"\d", re.sub(r"\{helpline:[a-z_]+\}", "", words)), key


def test_a_mistake_is_named_by_file_and_place(tmp_path: Path) -> None:
    shutil.copy(SHARED / "danger.toml", tmp_path)
    broken = (SHARED / "helplines.toml").read_text().replace('number = "999"', "number = 999", 1)
    (tmp_path / "helplines.toml").write_text(broken)
    with pytest.raises(DangerDataError) as mistake:
        read_danger(tmp_path)
    assert str(mistake.value) == (
        "helplines.toml: helplines.0.number: Input should be a valid string"
    )


def test_two_numbers_for_one_nation_are_a_mistake(tmp_path: Path) -> None:
    shutil.copy(SHARED / "danger.toml", tmp_path)
    text = (SHARED / "helplines.toml").read_text()
    (tmp_path / "helplines.toml").write_text(text.replace('["wales"]', '["england"]'))
    with pytest.raises(DangerDataError, match="domestic_abuse stands twice for england"):
        read_danger(tmp_path)


def test_a_text_that_lacks_a_number_for_a_nation_is_a_mistake(tmp_path: Path) -> None:
    shutil.copy(SHARED / "danger.toml", tmp_path)
    text = (SHARED / "helplines.toml").read_text()
    (tmp_path / "helplines.toml").write_text(text.replace('nations = ["wales"]', "nations = []"))
    with pytest.raises(DangerDataError, match="no helpline 'domestic_abuse' for wales"):
        read_danger(tmp_path)
