"""What officers' systems get: their own landlord's cases, and nothing of anybody else's."""

from datetime import UTC, datetime

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import func, select

from api.db import Database
from api.messages.model import Message
from api.reports.model import Report
from api.teams.keys import make_key
from tests.api.test_chat_calls import open_chat
from tests.fakes import ScriptedBot

AT = datetime(2026, 11, 2, 10, tzinfo=UTC)


@pytest.fixture
def keys(app: FastAPI, database: Database) -> dict[str, dict[str, str]]:
    with database.writing() as session:
        return {
            landlord: {"Authorization": f"Bearer {make_key(session, landlord, 'test', at=AT)}"}
            for landlord in ("vivid", "nacro")
        }


def report_danger(client: httpx.Client, landlord: str) -> None:
    conversation, token = open_chat(client, landlord)
    answer = client.post(
        f"/chat/conversations/{conversation}/messages",
        json={"client_message_id": "1", "text": "he's outside my door right now with a knife"},
        headers=token,
    )
    assert answer.status_code == 200


def test_a_key_sees_its_own_landlords_cases_only(
    client: httpx.Client, keys: dict[str, dict[str, str]]
) -> None:
    report_danger(client, "vivid")
    report_danger(client, "nacro")
    own = client.get("/api/cases", headers=keys["vivid"]).json()["cases"]
    assert [case["landlord"] for case in own] == ["vivid"]
    [other] = client.get("/api/cases", headers=keys["nacro"]).json()["cases"]
    stolen = client.get(f"/api/cases/{other['reference']}", headers=keys["vivid"])
    assert stolen.status_code == 404
    assert other["reference"] in stolen.json()["detail"]
    assert "knife" not in stolen.text


@pytest.mark.parametrize("path", ["cases", "cases/VIV-222222", "non-asb"])
def test_without_a_key_there_is_nothing(client: httpx.Client, path: str) -> None:
    for headers in ({}, {"Authorization": "Bearer nonsense"}):
        answer = client.get(f"/api/{path}", headers=headers)
        assert answer.status_code == 401
        assert answer.headers["content-type"] == "application/problem+json"


def test_a_case_shows_everything_the_contract_names(
    client: httpx.Client, keys: dict[str, dict[str, str]]
) -> None:
    report_danger(client, "vivid")
    [case] = client.get("/api/cases", headers=keys["vivid"]).json()["cases"]
    assert set(case) >= {
        "reference", "landlord", "category", "category_label", "severity", "status", "team",
        "officer", "flags", "restricted", "screening", "risk", "deadlines", "contact", "report",
        "incidents", "policy_version", "opened_at",
    }  # fmt: skip
    assert set(case["risk"]) >= {"score", "answered", "could_reach", "band", "confirmed", "answers"}
    assert set(case["contact"]) >= {"channel", "safe_to_text", "interval_days", "next_due_at"}
    [deadline] = case["deadlines"]
    assert set(deadline) == {"kind", "due_at", "met_at", "clause"}
    assert set(deadline["clause"]) == {"document", "section", "words"}


def test_a_cursor_goes_through_all_cases_once(
    client: httpx.Client, keys: dict[str, dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.channels.officers_api.PAGE", 2)
    for _ in range(5):
        report_danger(client, "vivid")
    seen: list[str] = []
    cursor: str | None = None
    for _ in range(5):
        params = {"cursor": cursor} if cursor else {}
        page = client.get("/api/cases", headers=keys["vivid"], params=params).json()
        seen += [case["reference"] for case in page["cases"]]
        cursor = page["cursor"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 5


@pytest.mark.parametrize("params", [{"cursor": "%%%"}, {"updated_after": "2026-11-02T10:00:00"}])
def test_a_bad_parameter_is_said_plainly(
    client: httpx.Client, keys: dict[str, dict[str, str]], params: dict[str, str]
) -> None:
    answer = client.get("/api/cases", headers=keys["vivid"], params=params)
    assert answer.status_code == 422
    assert len(answer.json()["detail"]) > 20


def test_triage_judges_and_stores_nothing(
    client: httpx.Client,
    keys: dict[str, dict[str, str]],
    bot: ScriptedBot,
    database: Database,
) -> None:
    bot.ranking = [{"name": "report_living_noise", "confidence": 0.8}]
    text = {"text": "I can hear next door's washing machine"}
    found = client.post("/api/triage", json=text, headers=keys["vivid"]).json()
    assert found["category"] == "living_noise"
    assert found["screening"]["outcome"] == "not_asb"
    assert "washing machine" in found["screening"]["clause"]["words"]
    assert found["team"] is None
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Report)) == 0
        assert session.scalar(select(func.count()).select_from(Message)) == 0


def test_triage_without_the_model_says_so(
    client: httpx.Client, keys: dict[str, dict[str, str]], bot: ScriptedBot
) -> None:
    bot.up = False
    answer = client.post("/api/triage", json={"text": "noise"}, headers=keys["vivid"])
    assert answer.status_code == 503
    assert "try again" in answer.json()["detail"]


def test_health_says_what_is_missing(client: httpx.Client, bot: ScriptedBot) -> None:
    assert client.get("/healthz").status_code == 200
    bot.up = False
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert {"model", "actions"} <= set(answer.json()["missing"])


@pytest.mark.parametrize("what", ["judge", "submit", "challenge", "risk", "correct", "checkin"])
def test_the_actions_calls_need_the_services_token(client: httpx.Client, what: str) -> None:
    path = f"/internal/conversations/abc.1/{what}"
    assert client.post(path, json={}).status_code == 401
    wrong = client.post(path, json={}, headers={"Authorization": "Bearer x"})
    assert wrong.status_code == 401


def test_a_failed_commit_is_an_error_and_keeps_nothing(
    client: httpx.Client, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy.orm import Session

    def fail(self: Session) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(Session, "commit", fail)
    monkeypatch.setattr("sqlalchemy.orm.session.SessionTransaction.commit", fail)
    answer = client.post("/chat/vivid/conversations")
    monkeypatch.undo()
    assert answer.status_code == 500
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Report)) == 0
