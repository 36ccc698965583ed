"""`doorstep policy new`: a folder that loads, with every open decision marked."""

from datetime import date
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from api.cli import app
from api.policies.blank import LABELS, make_landlord
from api.policies.check_pack import CATEGORIES
from api.policies.load import load_policies, policy_check
from api.routing.rules import Facts, route
from api.screening.rules import Known, judge, tell
from api.settings import ROOT, Settings
from tests.policies.small_pack import small_pack

ON = date(2026, 11, 21)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return small_pack(tmp_path)


@pytest.fixture(autouse=True)
def settings(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.cli.current", lambda: Settings(POLICIES_DIR=folder))


def policy(*words: str) -> Result:
    return CliRunner().invoke(app, ["policy", *words])


def test_a_new_landlords_folder_passes_the_check(folder: Path) -> None:
    made = policy("new", "quay-side")
    assert made.exit_code == 0
    assert sorted(path.name for path in (folder / "quay-side").iterdir()) == [
        "examples.toml",
        "policy.toml",
        "wording.toml",
    ]
    assert policy_check(folder, ON) == []
    found = load_policies(folder).landlords["quay-side"].policy
    assert (found.name, found.version) == ("Quay Side", "1")


def test_it_loads_beside_the_landlords_that_ship(tmp_path: Path) -> None:
    tmp_path /= "shipped"
    shipped = ROOT / "data" / "policies"
    copy = tmp_path / "data" / "policies"
    for path in shipped.rglob("*.toml"):
        target = copy / path.relative_to(shipped)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    before = set(load_policies(copy).landlords)
    made = policy("new", "quay-side", "--folder", str(copy))
    assert made.exit_code == 0
    assert set(load_policies(copy).landlords) == before | {"quay-side"}
    check = policy("check", str(copy))
    assert (check.exit_code, check.stdout) == (0, "The policy packs are in order.\n")


def test_every_open_decision_is_marked_and_listed(folder: Path) -> None:
    made = policy("new", "quay-side")
    marked = [
        f"{path}:{number}:"
        for name in ("policy.toml", "wording.toml", "examples.toml")
        for path in [folder / "quay-side" / name]
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if "DECIDE:" in line
    ]
    *listed, last = made.stdout.splitlines()
    assert [line.partition(": ")[0] + ":" for line in listed] == marked
    assert all(line.partition(": ")[2] for line in listed)
    assert last == (f"Made {folder / 'quay-side'}. It loads; {len(marked)} decisions are open.")
    # One for each kind of behaviour, and the teams, hours, promises and so on beside them.
    assert len(marked) >= len(CATEGORIES) + 10
    assert any(line.endswith("what the policy makes of loud noise") for line in listed)


def test_the_service_takes_no_decision_until_a_person_has(folder: Path) -> None:
    make_landlord(folder, "quay-side", ON)
    policies = load_policies(folder)
    found = policies.landlords["quay-side"].policy
    for category in CATEGORIES:
        told = tell(
            category=category,
            text="drilling at 3pm",
            behaviours=policies.behaviours,
            cues=policies.cues,
            flags=(),
        )
        decision = judge(told, {}, Known(), found)
        assert (decision.outcome, decision.clause) == ("review", None), category
        routing = route(
            Facts(category=category, severity=decision.severity, outcome="review"), found
        )
        assert (routing.team, routing.severity) == ("asb-team", "case")
        # Nothing is promised that no clause stands behind.
        assert routing.deadlines == ()


def test_every_kind_has_words_that_complete_the_question() -> None:
    assert set(LABELS) == set(CATEGORIES)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("harbour", "already; nothing was changed."),
        ("shared", "is the folder of what all landlords share"),
        ("Quay Side", "cannot be a landlord's code"),
        ("../quay", "cannot be a landlord's code"),
        ("9-elms", "cannot be a landlord's code"),
        ("q" * 41, "is too long: a code has at most 40 characters."),
    ],
)
def test_a_name_that_cannot_be_is_refused_in_plain_words(folder: Path, name: str, why: str) -> None:
    before = {path: path.read_bytes() for path in folder.rglob("*.toml")}
    result = policy("new", name)
    assert result.exit_code == 1
    assert why in result.stderr
    assert result.stdout == ""
    assert {path: path.read_bytes() for path in folder.rglob("*.toml")} == before


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    result = policy("new", "quay-side", "--folder", str(tmp_path / "nowhere"))
    assert result.exit_code == 1
    assert result.stderr == f"There is no folder '{tmp_path / 'nowhere'}'.\n"
