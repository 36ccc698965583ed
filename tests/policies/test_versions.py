"""Older and future versions of a policy: each has its days, and none is lost."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import cast

import pytest
import time_machine

from api.intake.rulebook import Rulebook
from api.policies.coming_back import ComingBack
from api.policies.load import PolicyMistakes, load_policies, policy_check
from api.screening.danger import DangerScreen
from api.screening.language import Languages
from tests.policies.small_pack import small_pack

AddVersion = Callable[..., Path]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return small_pack(tmp_path)


@pytest.fixture
def add(folder: Path) -> AddVersion:
    """Writes a version beside the small pack's own (version 1, in force from 2026-01-01)."""

    def write(version: str, begins: str, *, file: str = "", old: str = "", new: str = "") -> Path:
        text = (folder / "harbour" / "policy.toml").read_text(encoding="utf-8")
        text = text.replace('version = "1"', f'version = "{version}"')
        text = text.replace("in_force_from = 2026-01-01", f"in_force_from = {begins}")
        assert old in text
        path = folder / "harbour" / "versions" / f"{file or version}.toml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text.replace(old, new) if old else text, encoding="utf-8")
        return path

    return write


def test_without_other_versions_the_one_there_is_holds_on_every_day(folder: Path) -> None:
    policies = load_policies(folder)
    assert [one.version for one in policies.versions["harbour"]] == ["1"]
    for day in (date(1999, 1, 1), date(2026, 1, 1), date(2099, 1, 1)):
        assert policies.in_force("harbour", day) is policies.landlords["harbour"]


def test_each_day_has_the_latest_version_that_has_begun(folder: Path, add: AddVersion) -> None:
    add("2", "2027-04-01", old="interval_days = 7", new="interval_days = 5")
    add("0.9", "2020-01-01")
    policies = load_policies(folder)
    assert [one.version for one in policies.versions["harbour"]] == ["0.9", "1", "2"]

    def on(*day: int) -> str:
        return policies.in_force("harbour", date(*day)).policy.version

    assert on(2019, 12, 31) == "0.9"  # before all of them: nobody is without a policy
    assert on(2025, 12, 31) == "0.9"
    assert on(2026, 1, 1) == "1"
    assert on(2027, 3, 31) == "1"
    assert on(2027, 4, 1) == "2"
    later = policies.in_force("harbour", date(2027, 4, 1))
    assert later.policy.contact.interval_days == 5
    # The landlord's own words and examples stay as they are.
    assert later.wording["checkin"].sms == "How is it now?"
    assert policies.landlords["harbour"].policy.version == "1"


def test_a_version_is_found_by_its_name(folder: Path, add: AddVersion) -> None:
    add("2", "2027-04-01")
    policies = load_policies(folder)
    found = policies.version("harbour", "2")
    assert found is not None
    assert found.policy.in_force_from == date(2027, 4, 1)
    assert policies.version("harbour", "7") is None


def test_a_future_version_takes_over_on_its_day_in_london(folder: Path, add: AddVersion) -> None:
    add("2", "2027-04-01")
    screen, languages = DangerScreen.__new__(DangerScreen), Languages.__new__(Languages)
    coming_back = cast(ComingBack, None)
    rulebook = Rulebook(load_policies(folder), screen, languages, {}, coming_back)
    # 1 April begins in London at 23:00 UTC, as clocks are an hour ahead.
    with time_machine.travel(datetime(2027, 3, 31, 22, 59, tzinfo=UTC), tick=False):
        assert rulebook.pack("harbour").policy.version == "1"
    with time_machine.travel(datetime(2027, 3, 31, 23, 0, tzinfo=UTC), tick=False):
        assert rulebook.pack("harbour").policy.version == "2"
        assert rulebook.pack("harbour", on=date(2026, 6, 1)).policy.version == "1"


MISTAKES = [
    (
        "the name of another version",
        {"version": "1", "begins": "2027-04-01"},
        "data/policies/harbour: version: '1' is the name of two versions",
    ),
    (
        "the day of another version",
        {"version": "2", "begins": "2026-01-01"},
        "data/policies/harbour: in_force_from: two versions are in force from 2026-01-01",
    ),
    (
        "a file of another name",
        {"version": "2", "begins": "2027-04-01", "file": "3"},
        "data/policies/harbour/versions/3.toml: version: '2' is not the name of its file",
    ),
    (
        "another landlord's policy",
        {"version": "2", "begins": "2027-04-01", "old": '"harbour"', "new": '"haven"'},
        "data/policies/harbour/versions/2.toml: code: 'haven' is not the name of its folder, "
        "'harbour'",
    ),
    (
        "a team that is not there",
        {"version": "2", "begins": "2027-04-01", "old": 'team = "legal"', "new": 'team = "night"'},
        "data/policies/harbour/versions/2.toml: routes[0].team: 'night' is not a team of this "
        "landlord",
    ),
    (
        "a number that nobody has checked",
        {
            "version": "2",
            "begins": "2027-04-01",
            "old": "We do not treat DIY by day as anti-social.",
            "new": "Call 0808 999 1234.",
        },
        "data/policies/harbour/versions/2.toml: not_asb[0].advice.sms: '0808 999 1234' is not a "
        "number of shared/helplines.toml",
    ),
]


@pytest.mark.parametrize(("given", "line"), [m[1:] for m in MISTAKES], ids=[m[0] for m in MISTAKES])
def test_a_mistake_in_a_version_stops_the_start(
    folder: Path, add: AddVersion, given: dict[str, str], line: str
) -> None:
    add(**given)
    with pytest.raises(PolicyMistakes) as raised:
        load_policies(folder)
    assert line in raised.value.lines


def test_a_mistake_of_the_wording_is_told_once_however_many_versions(
    folder: Path, add: AddVersion
) -> None:
    add("2", "2027-04-01")
    (folder / "harbour" / "wording.toml").write_text('[checkin]\nsms = "Hello {name}?"\n')
    assert policy_check(folder, date(2026, 11, 21)) == [
        "data/policies/harbour/wording.toml: checkin.sms: {name} is not among what this message "
        "uses"
    ]
