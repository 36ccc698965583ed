"""Conventions of this repository, each held by a test."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from alembic import command
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from api.main import create_app
from api.migrate import config
from api.settings import ROOT, Settings

TEXT = {".py", ".md", ".toml", ".yml", ".yaml", ".html", ".js", ".css", ".txt", ".json", ""}


def tracked() -> Iterator[tuple[Path, str]]:
    """Every text file of the repository, vendored ones and locks aside."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    for name in listed:
        path = ROOT / name
        if "vendor" in path.parts or path.suffix not in TEXT or path.name.endswith(".lock"):
            continue
        if path.is_file():
            yield path, path.read_text(encoding="utf-8", errors="replace")


def test_every_setting_stands_in_the_example() -> None:
    example = (ROOT / ".env.example").read_text()
    named = set(re.findall(r"^([A-Z_]+)=", example, re.MULTILINE))
    assert named == {str(field.alias) for field in Settings.model_fields.values()}


def test_the_demo_runs_what_production_runs_and_a_phone() -> None:
    def lines(name: str) -> dict[str, str]:
        found = (ROOT / name).read_text().splitlines()
        return dict(line.split(":", 1) for line in found if line.strip())

    production, demo = lines("Procfile"), lines("Procfile.demo")
    assert {name: demo[name] for name in production} == production
    assert set(demo) - set(production) == {"phone", "welcome"}
    composed = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    assert set(composed) == {*production, "db"}


def test_migrations_make_the_tables_that_the_code_has(database_url: str) -> None:
    command.check(config(database_url))


def test_migrations_go_back_to_nothing(database_url: str) -> None:
    command.downgrade(config(database_url), "base")
    command.upgrade(config(database_url), "head")


PUBLIC = {
    "/healthz",
    "/readyz",
    "/",
    "/accessibility",
    "/chat/{landlord}",
    "/chat/{landlord}/conversations",
    "/officers/sign-in",
    "/problems/{name}",
}
# What opens each of the others, by the words of its path.
GUARDED = {
    "/chat/": "the chat's token",
    "/upload/": "a one-time link",
    "/sms/twilio/": "Twilio's signature",
    "/sms/vonage/": "Vonage's signature",
    "/api/": "a landlord's key",
    "/internal/": "the service's token",
    "/officers": "an officer's session",
    "/static": "files for everyone",
    "/docs": "the description",
    "/openapi.json": "the description",
    "/redoc": "the description",
}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    folder = tmp_path_factory.mktemp("data")
    return create_app(Settings(DATA_DIR=folder, DATABASE_URL=f"sqlite:///{folder / 'x.sqlite3'}"))


def test_every_route_is_public_on_purpose_or_guarded(app: FastAPI) -> None:
    paths = {route.path for route in iter_route_contexts(app.routes)}
    assert len(paths) > 30
    for path in paths - PUBLIC:
        assert any(path.startswith(start) for start in GUARDED), path


def test_the_contract_is_published(app: FastAPI) -> None:
    described = app.openapi()["paths"]
    for path in (
        "/chat/{landlord}/conversations",
        "/chat/conversations/{conversation}/messages",
        "/chat/conversations/{conversation}/events",
        "/api/cases",
        "/api/cases/{reference}",
        "/api/triage",
        "/api/non-asb",
        "/sms/twilio/inbound",
        "/sms/twilio/status",
        "/healthz",
        "/readyz",
    ):
        assert path in described, path
    assert not any(path.startswith("/internal") for path in described)


PHONE = re.compile(r"(?<![\w.])(?:\+447|07)\d(?:[ ]?\d){8}(?!\d)")
DRAMA = re.compile(r"^(?:\+44|0)7700900\d{3}$")


def test_only_drama_numbers_stand_in_the_repository() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {number}"
        for path, text in tracked()
        if path.name != "helplines.toml"
        for number in PHONE.findall(text)
        if not DRAMA.match(number.replace(" ", ""))
    ]
    assert found == []


def test_no_file_names_a_machine() -> None:
    # Spelled so that this line does not find itself.
    marks = re.compile("/(?:wor" + "k|roo" + "t|hom" + "e)/[a-z.]")
    found = [
        str(path.relative_to(ROOT))
        for path, text in tracked()
        if marks.search(text) and path.name not in {"Dockerfile", "docker-compose.yml"}
    ]
    assert found == []


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= 150
