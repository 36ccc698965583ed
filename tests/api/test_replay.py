"""`doorstep policy replay`: who another version would treat differently; nothing is changed."""

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from sqlalchemy import MetaData, select
from typer.testing import CliRunner

from api.cases.model import Case
from api.cli import app as commands
from api.conversation.receive import start_conversation
from api.db import Database
from api.intake.risk import assess_risk
from api.intake.rulebook import Rulebook
from api.intake.take_report import hear, submit
from api.reports.model import Report
from api.settings import ROOT, Settings
from tests.people import ALICE, BOB, CHARLIE, DINAH, Person

AT = datetime(2026, 11, 2, 10, tzinfo=UTC)  # a Monday morning
VIVID = ROOT / "data" / "policies" / "vivid"

Edit = Callable[..., Path]


@pytest.fixture
def draft(tmp_path: Path) -> Edit:
    """A copy of VIVID's policy as version 2, with some of its words replaced."""

    def write(*pairs: tuple[str, str]) -> Path:
        text = (VIVID / "policy.toml").read_text(encoding="utf-8")
        for old, new in (('version = "1"', 'version = "2"'), *pairs):
            assert old in text, old
            text = text.replace(old, new, 1)
        folder = tmp_path / "vivid-2"
        folder.mkdir(exist_ok=True)
        (folder / "policy.toml").write_text(text, encoding="utf-8")
        return folder

    return write


@pytest.fixture
def run(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.setattr("api.cli.current", lambda: settings)
    return lambda *words: CliRunner().invoke(commands, ["policy", "replay", *map(str, words)])


def report(
    database: Database,
    rulebook: Rulebook,
    person: Person,
    landlord: str = "vivid",
    *,
    at: datetime = AT,
    band: bool = False,
    **told: Any,
) -> str:
    """Hands in a report as a resident would; gives its reference."""
    facts = {
        "description": "loud music at 2am most nights",
        "kind": "noise",
        "happened_when": "most nights",
        "name": person.name,
        "address": person.address,
        "contact": person.number,
        "safe_contact": "yes",
        **told,
    }
    with database.writing() as session:
        conversation, _ = start_conversation(
            session, landlord=landlord, channel="sms", number=person.number, at=at
        )
        found = session.get_one(Report, conversation.report_id)
        words = facts["description"]
        danger = rulebook.danger.screen(words)
        hear(session, found, danger, rulebook, words=words, at=at, number=person.number)
        case = submit(session, found, rulebook, facts=facts, at=at, number=person.number)
        if band and case:
            assess_risk(
                session, case, rulebook, answers={"1": "daily", "11": "physical,mental"},
                raw={}, consent="yes", done=True, at=at,
            )  # fmt: skip
        return found.reference


def rows(database: Database) -> dict[str, list[str]]:
    """Every row of every table, as text."""
    tables = MetaData()
    tables.reflect(database.engine)
    with database.reading() as session:
        return {
            table.name: sorted(str(row) for row in session.execute(select(table)))
            for table in tables.sorted_tables
        }


NOISE_CLASS = (
    'label = "loud noise"\noutcome = "asb"\nseverity = "category_b"',
    'label = "loud noise"\noutcome = "asb"\nseverity = "category_a"',
)


def test_the_version_in_force_treats_nobody_differently(
    database: Database, rulebook: Rulebook, run: Callable[..., Result]
) -> None:
    report(database, rulebook, ALICE, band=True)
    report(database, rulebook, BOB, description="their washing machine", kind="living_noise")
    report(database, rulebook, CHARLIE, description="he came at me with a knife", kind="weapons")
    report(database, rulebook, DINAH, description="my ex keeps hitting me", kind="domestic_abuse")
    result = run("--with", VIVID)
    assert result.exit_code == 0, result.stderr
    assert result.stdout == ("0 of 4 reports would be treated differently. Nothing was changed.\n")
    assert run("--with", VIVID, "--json").stdout == ""


def test_who_would_be_treated_differently_is_listed_and_nothing_is_changed(
    database: Database, rulebook: Rulebook, run: Callable[..., Result], draft: Edit
) -> None:
    noise = report(database, rulebook, ALICE)
    report(database, rulebook, BOB, description="he shouts insults at me", kind="verbal_abuse")
    report(database, rulebook, CHARLIE, "nacro")
    before = rows(database)
    result = run("--with", draft(NOISE_CLASS))
    assert result.exit_code == 0, result.stderr
    line, total = result.stdout.splitlines()
    assert line.startswith(f"{noise} severity: category_b -> category_a; ")
    assert "team: neighbourhood -> tenancy-enforcement" in line
    assert "due first_contact: " in line
    assert total == "1 of 2 reports would be treated differently. Nothing was changed."
    assert rows(database) == before
    assert sum(len(found) for found in before.values()) > 6
    # No word of a resident is printed.
    assert "music" not in result.stdout
    assert ALICE.name not in result.stdout


def test_json_has_a_line_for_each_with_from_and_to(
    database: Database, rulebook: Rulebook, run: Callable[..., Result], draft: Edit
) -> None:
    reference = report(database, rulebook, ALICE)
    found = [
        json.loads(line) for line in run("--with", draft(NOISE_CLASS), "--json").stdout.splitlines()
    ]
    assert len(found) == 1
    assert found[0]["reference"] == reference
    assert found[0]["landlord"] == "vivid"
    assert found[0]["from"]["outcome"] == found[0]["to"]["outcome"] == "asb"
    assert (found[0]["from"]["severity"], found[0]["to"]["severity"]) == (
        "category_b",
        "category_a",
    )
    with database.reading() as session:
        case = session.scalars(select(Case)).one()
        kept = {one.kind: one.due_at for one in case.deadlines if one.superseded_at is None}
        assert found[0]["from"]["team"] == case.team
        assert found[0]["from"]["severity"] == case.severity
    # What the older version gives is what the case was promised.
    came = {kind: datetime.fromisoformat(at) for kind, at in found[0]["from"]["deadlines"].items()}
    assert came == kept | {"checkin": case.next_contact_due_at}


def test_a_rarer_contact_and_a_longer_promise_are_timed_differently(
    database: Database, rulebook: Rulebook, run: Callable[..., Result], draft: Edit
) -> None:
    reference = report(database, rulebook, ALICE)
    result = run("--with", draft(("interval_days = 7", "interval_days = 14")))
    assert result.stdout.splitlines()[0] == (
        f"{reference} due checkin: 2026-11-09T10:00+00:00 -> 2026-11-16T10:00+00:00"
    )


def test_what_is_no_longer_excluded_reaches_a_team(
    database: Database, rulebook: Rulebook, run: Callable[..., Result], draft: Edit
) -> None:
    reference = report(
        database, rulebook, ALICE, description="their washing machine", kind="living_noise"
    )
    listed = ('behaviours = ["washing_machine", "vacuum"', 'behaviours = ["vacuum"')
    came = run("--with", draft(listed), "--json")
    found = [json.loads(line) for line in came.stdout.splitlines()]
    assert [one["reference"] for one in found] == [reference], came.stderr
    assert (found[0]["from"]["outcome"], found[0]["from"]["team"]) == ("not_asb", None)
    assert (found[0]["to"]["outcome"], found[0]["to"]["team"]) == ("review", "neighbourhood")


def test_a_third_report_counts_what_the_earlier_ones_would_have_come_to(
    database: Database, rulebook: Rulebook, run: Callable[..., Result]
) -> None:
    told = {"description": "their washing machine", "kind": "living_noise"}
    for day in range(3):
        report(database, rulebook, ALICE, at=AT + timedelta(days=day), **told)
    with database.reading() as session:
        outcomes = session.scalars(select(Report.outcome).order_by(Report.started_at)).all()
    assert outcomes == ["not_asb", "not_asb", "review"]
    # The third stays with a person under the same rules, so nobody is listed.
    assert run("--with", VIVID).stdout.startswith("0 of 3 reports")


def test_a_report_is_compared_with_the_version_it_was_decided_on(
    database: Database,
    rulebook: Rulebook,
    draft: Edit,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    reference = report(database, rulebook, ALICE)
    # Since then version 2 has come into force; the older one is kept beside it.
    policies = tmp_path / "later" / "policies"
    shutil.copytree(ROOT / "data" / "policies", policies)
    own = policies / "vivid"
    (own / "versions").mkdir()
    shutil.move(own / "policy.toml", own / "versions" / "1.toml")
    begins = ("in_force_from = 2026-11-01", "in_force_from = 2026-11-03")
    shutil.copy(draft(NOISE_CLASS, begins) / "policy.toml", own / "policy.toml")
    later = settings.model_copy(update={"policies_dir": policies})
    monkeypatch.setattr("api.cli.current", lambda: later)

    def replay(path: Path) -> list[str]:
        words = ["policy", "replay", "--with", str(path)]
        return CliRunner().invoke(commands, words).stdout.splitlines()

    assert replay(own)[0].startswith(f"{reference} severity: category_b -> category_a; ")
    nobody = "0 of 1 reports would be treated differently. Nothing was changed."
    assert replay(own / "versions" / "1.toml") == [nobody]


def test_only_the_landlord_that_is_asked_for(
    database: Database, rulebook: Rulebook, run: Callable[..., Result], draft: Edit
) -> None:
    report(database, rulebook, ALICE)
    report(database, rulebook, BOB, "nacro")
    every = ROOT / "data" / "policies"
    assert run("--with", every).stdout.startswith("0 of 2 reports")
    assert run("--with", every, "--landlord", "nacro").stdout.startswith("0 of 1 reports")
    wrong = run("--with", draft(), "--landlord", "nacro")
    assert wrong.exit_code == 1
    assert "is no policy of 'nacro'. It is of: vivid" in wrong.stderr


def test_a_draft_with_a_mistake_or_of_nobody_is_refused(
    database: Database, run: Callable[..., Result], draft: Edit
) -> None:
    mistaken = run("--with", draft((NOISE_CLASS[0], NOISE_CLASS[1].replace("y_a", "y_x"))))
    assert mistaken.exit_code == 1
    assert "'category_x' is not a severity of this landlord" in mistaken.stderr
    nobody = run("--with", draft(('code = "vivid"', 'code = "quay-side"')))
    assert nobody.exit_code == 1
    assert "is a policy of 'quay-side', which is not a landlord here." in nobody.stderr


def test_without_a_database_it_says_so_in_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = Settings(DATABASE_URL=f"sqlite:///{tmp_path / 'nowhere' / 'none.sqlite3'}")
    monkeypatch.setattr("api.cli.current", lambda: nowhere)
    result = CliRunner().invoke(commands, ["policy", "replay", "--with", str(VIVID)])
    assert result.exit_code == 1
    assert result.stderr.startswith("There are no reports to read: no database")
