"""`doorstep policy diff`: what is different between two versions, in plain lines."""

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli import app
from api.policies.diff import changes
from api.policies.load import load_draft
from api.settings import Settings
from tests.policies.small_pack import small_pack


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return small_pack(tmp_path)


@pytest.fixture
def new(folder: Path, tmp_path: Path) -> Path:
    """A copy of the landlord's folder, to be changed."""
    shutil.copytree(folder / "harbour", tmp_path / "new")
    return tmp_path / "new"


def edit(path: Path, *pairs: tuple[str, str]) -> None:
    text = path.read_text(encoding="utf-8")
    for old, fresh in pairs:
        assert old in text
        text = text.replace(old, fresh, 1)
    path.write_text(text, encoding="utf-8")


def lines(folder: Path, new: Path) -> list[str]:
    old, fresh = load_draft(folder / "harbour", folder), load_draft(new, folder)
    return [f"{one.place}: {one.what}" for one in changes(old, fresh)]


NOISE = '[[categories]]\ncode = "noise"\nlabel = "noise"\noutcome = "asb"\nseverity = '
DIY_ENTRY = """\
[[not_asb]]
code = "diy"
categories = ["diy"]
behaviours = ["diy_work"]
source = { section = "3", words = "DIY by day" }
asks = "diy_hours"
holds_for = ["day"]
unsure = ["unsure"]
advice.sms = "We do not treat DIY by day as anti-social."
advice.web = "We do not treat DIY by day as anti-social."
"""
LEGAL_ROUTE = """\
[[routes]]
when.severity = ["urgent"]
team = "legal"
source = { section = "1", words = "The legal team" }
"""
HATE_ROUTE = LEGAL_ROUTE.replace('when.severity = ["urgent"]', 'when.category = ["hate"]')
CHANGES = [
    (
        "a class",
        [(f'{NOISE}"usual"', f'{NOISE}"urgent"')],
        ["categories.noise.severity: 'usual' -> 'urgent'"],
    ),
    (
        "a clause that goes",
        [(DIY_ENTRY, DIY_ENTRY.replace('code = "diy"', 'code = "drilling"'))],
        [
            "not_asb.diy: removed, categories ['diy']; behaviours ['diy_work']; asks 'diy_hours'; "
            "holds_for ['day']; unsure ['unsure']; on 3: 'DIY by day'",
            "not_asb.drilling: added, categories ['diy']; behaviours ['diy_work']; "
            "asks 'diy_hours'; holds_for ['day']; unsure ['unsure']; on 3: 'DIY by day'",
        ],
    ),
    (
        "a promise and its words",
        [
            ("within_working_days = 1", "within_working_days = 2"),
            ("by the end of the next working day", "within two working days"),
        ],
        [
            "deadlines.first_contact(otherwise).within_working_days: 1 -> 2",
            "deadlines.first_contact(otherwise).source.words: "
            "'by the end of the next working day' -> 'within two working days'",
        ],
    ),
    (
        "a condition's hours",
        [("end = 20:00:00", "end = 19:00:00")],
        [
            "questions.diy_hours.answers.day.hours.08:00-20:00: removed, start 08:00; end 20:00",
            "questions.diy_hours.answers.day.hours.08:00-19:00: added, start 08:00; end 19:00",
        ],
    ),
    (
        "who looks after a case",
        [(LEGAL_ROUTE, LEGAL_ROUTE.replace('team = "legal"', 'team = "estate"'))],
        ["routes.(severity=urgent).team: 'legal' -> 'estate'"],
    ),
    (
        "the advice",
        [('advice.web = "We do not', 'advice.web = "Sorry, we do not')],
        [
            "not_asb.diy.advice.web: 'We do not treat DIY by day as anti-social.' -> "
            "'Sorry, we do not treat DIY by day as anti-social.'"
        ],
    ),
    (
        "the version and its day",
        [
            ('version = "1"', 'version = "2"'),
            ("in_force_from = 2026-01-01", "in_force_from = 2027-04-01"),
        ],
        ["version: '1' -> '2'", "in_force_from: 2026-01-01 -> 2027-04-01"],
    ),
    (
        "a closure day",
        [("closes = 17:00:00", "closes = 17:00:00\nclosure_days = [2026-12-24]")],
        ["office.closure_days: added, [2026-12-24]"],
    ),
]


@pytest.mark.parametrize(
    ("pairs", "expected"), [c[1:] for c in CHANGES], ids=[c[0] for c in CHANGES]
)
def test_a_changed_rule_is_a_line_with_its_place(
    folder: Path, new: Path, pairs: list[tuple[str, str]], expected: list[str]
) -> None:
    edit(new / "policy.toml", *pairs)
    assert lines(folder, new) == expected


def test_a_changed_order_of_routes_is_told_as_the_first_match_wins(folder: Path, new: Path) -> None:
    edit(folder / "harbour" / "policy.toml", (LEGAL_ROUTE, LEGAL_ROUTE + "\n" + HATE_ROUTE))
    edit(new / "policy.toml", (LEGAL_ROUTE, HATE_ROUTE + "\n" + LEGAL_ROUTE))
    assert lines(folder, new) == [
        "routes: in another order: (severity=urgent), (category=hate), (otherwise) -> "
        "(category=hate), (severity=urgent), (otherwise)"
    ]


def test_the_order_of_kinds_decides_nothing(folder: Path, new: Path) -> None:
    text = (new / "policy.toml").read_text(encoding="utf-8")
    head, *blocks = text.split("\n[[categories]]\n")
    (new / "policy.toml").write_text(
        "\n[[categories]]\n".join([head, *reversed([block + "\n" for block in blocks])]),
        encoding="utf-8",
    )
    assert lines(folder, new) == []


def test_changed_words_are_told_too(folder: Path, new: Path) -> None:
    (new / "wording.toml").write_text(
        '[checkin]\nsms = "How are you?"\n[case_opened]\nweb = "Thank you. {reference}"\n'
    )
    assert lines(folder, new) == [
        "wording.checkin.sms: 'How is it now?' -> 'How are you?'",
        "wording.case_opened: added, web 'Thank you. {reference}'",
    ]


@pytest.fixture
def run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setattr("api.cli.current", lambda: Settings(POLICIES_DIR=folder))
    return CliRunner()


def test_the_command_groups_the_lines(folder: Path, new: Path, run: CliRunner) -> None:
    edit(
        new / "policy.toml",
        ('version = "1"', 'version = "2"'),
        ("within_working_days = 1", "within_working_days = 2"),
    )
    result = run.invoke(app, ["policy", "diff", str(folder / "harbour"), str(new)])
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "Harbour Homes, version 1 (in force from 2026-01-01) -> "
        "Harbour Homes, version 2 (in force from 2026-01-01): 2 changes",
        "",
        "The policy itself",
        "  version: '1' -> '2'",
        "",
        "What is promised by when",
        "  deadlines.first_contact(otherwise).within_working_days: 1 -> 2",
    ]


def test_the_command_takes_files_and_says_when_nothing_is_different(
    folder: Path, run: CliRunner, tmp_path: Path
) -> None:
    own = folder / "harbour"
    copy = shutil.copy(own / "policy.toml", tmp_path / "2027.toml")
    # A file has no wording beside it: that of the folder is not taken for removed.
    for old, new in ((own, own), (own, copy), (copy, own / "policy.toml")):
        result = run.invoke(app, ["policy", "diff", str(old), str(new)])
        assert result.exit_code == 0
        assert result.stdout == "No rule and no wording is different.\n"


def test_a_draft_with_a_mistake_is_refused_in_a_line(
    folder: Path, new: Path, run: CliRunner
) -> None:
    edit(new / "policy.toml", ('team = "legal"', 'team = "night"'))
    result = run.invoke(app, ["policy", "diff", str(folder / "harbour"), str(new)])
    assert result.exit_code == 1
    assert "new/policy.toml: routes[0].team: 'night' is not a team" in result.stderr
    assert result.stdout == ""
    missing = run.invoke(app, ["policy", "diff", str(folder / "nobody"), str(new)])
    assert missing.exit_code == 1
    assert "the file is missing" in missing.stderr
