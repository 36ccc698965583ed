"""The assistant's files: generated ones are fresh, keys have words, Rasa accepts the data."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from resident import CARD, ROOT, WORDING

from bot import generate, train

DOMAIN = ROOT / "bot" / "domain"
TALK = sorted((ROOT / "data" / "training" / "nlu" / "talk").glob("*.yml"))
# Said by the api by itself or in answer to the actions.
SAID_BY_API = {
    "first_words", "holding", "empty_message", "not_text", "offer_risk", "case_opened",
    "case_opened_review", "report_recorded", "not_asb_advice", "elsewhere_advice",
    "challenge_recorded", "risk_done", "corrected", "checkin", "checkin_thanks_better",
    "checkin_thanks_same", "checkin_thanks_worse", "checkin_thanks_call_me", "checkin_words_kept",
    "handover", "status_none", "da_contact", "status_private", "status_kept", "status_draft",
    "case_progress", "case_closed", "handover_stuck", "handover_distress", "go_on_here", "seen_by",
    "seen_late", "seen_unknown", "kept_for_person", "officer_here", "handed_back", "here_again",
    "welcome_back", "welcome_back_short", "nudge", "take_up_code", "take_up_not_safe",
    "take_up_here", "take_up_many", "take_up_wrong", "code_asked", "code_text", "diary_kept",
    "evidence_link", "evidence_unsafe", "close_kept", "close_nothing", "complain_kept",
    "ombudsman", "for_someone_else", "am_witness", "stay_anonymous",
    "may_stay_anonymous", "am_staff", "about_contractor", "accused_kept", "how_long_risk",
    "how_long_few", "how_long_none",
    "unsafe_now", "heard_answer", "heard_kind", "heard_when", "file_received", "file_refused",
    "texts_stopped", "new_report", "contact_left", "leave_contact", "too_many_texts",
}  # fmt: skip
SAID_BY_ACTIONS = {
    "ask_kind_list", "say_again", "say_again_contact", "offer_person", "first_question",
    "start_again", "risk_later", "ask_accused", "ask_if_new", "thanks_for_saying",
    "start_again_kept", "noted", "changed", "danger_noted", "words_added", "summary_change_to",
}  # fmt: skip


# The words of the first stand in each policy; in place of the second a person takes over.
NO_SHARED_WORDS = {"ask_policy", "offer_person"}


def domain() -> dict[str, dict[str, Any]]:
    parts: dict[str, dict[str, Any]] = {"responses": {}, "slots": {}, "forms": {}}
    for path in DOMAIN.glob("*.yml"):
        loaded = yaml.safe_load(path.read_text(encoding="utf-8"))
        for part, entries in parts.items():
            entries.update(loaded.get(part) or {})
    return parts


def said_by_domain() -> set[str]:
    return {
        variation["custom"]["say"]
        for variations in domain()["responses"].values()
        for variation in variations
    }


def test_generated_files_are_fresh():
    assert generate.stale() == []


def test_a_stale_file_is_found(tmp_path, monkeypatch):
    path = tmp_path / "risk.yml"
    path.write_text("old", encoding="utf-8")
    monkeypatch.setattr(generate, "generated", lambda: {path: "new"})
    assert generate.stale() == [path]


def test_every_key_that_is_said_has_words_and_every_word_is_said():
    card = {f"{kind}_r{q['number']}" for q in CARD["questions"] for kind in ("ask", "why")}
    said = said_by_domain() | SAID_BY_ACTIONS
    assert said - card - set(WORDING) == NO_SHARED_WORDS
    assert set(WORDING) - said - SAID_BY_API == set()
    assert card <= said


def test_every_question_of_a_form_has_a_reason():
    asked = {slot for form in domain()["forms"].values() for slot in form["required_slots"]}
    reasons = {
        variation["condition"][0]["value"]
        for variation in domain()["responses"]["utter_ask_why"]
        if "condition" in variation
    }
    assert asked == reasons


def test_slots_never_sway_a_rule_but_for_the_phase():
    swaying = {name for name, slot in domain()["slots"].items() if slot["influence_conversation"]}
    assert swaying == {"phase"}


@pytest.mark.parametrize("path", TALK, ids=lambda path: path.stem)
def test_talk_has_varied_examples(path):
    lines = yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"][0]["examples"].splitlines()
    assert len(set(lines)) == len(lines) >= 25


def test_what_only_the_context_can_tell_is_never_trained():
    trained = {
        item["intent"]
        for path in (ROOT / "data" / "training" / "nlu").rglob("*.yml")
        for item in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]
    }
    assert not {"describe", "unclear", "resume", "tell_more"} & trained
    assert not [intent for intent in trained if intent.startswith("choose_")]


def test_training_follows_the_data(tmp_path):
    for folder in ("bot/domain", "data"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "bot" / "config.yml").write_text("a: 1")
    (tmp_path / "data" / "x.yml").write_text("b: 1")
    sources = ("bot/config.yml", "bot/domain", "data")
    before = train.fingerprint(tmp_path, sources)
    assert train.fingerprint(tmp_path, sources) == before
    (tmp_path / "data" / "note.txt").write_text("no source")
    assert train.fingerprint(tmp_path, sources) == before
    (tmp_path / "data" / "x.yml").write_text("b: 2")
    changed = train.fingerprint(tmp_path, sources)
    assert changed != before
    (tmp_path / "data" / "x.yml").rename(tmp_path / "data" / "y.yml")
    assert train.fingerprint(tmp_path, sources) not in (before, changed)


def test_an_empty_folder_holds_no_model(tmp_path):
    assert train.trained(tmp_path) is None
    assert not train.up_to_date(tmp_path)


def rasa(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "rasa", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        env={
            "PYTHONPATH": str(ROOT),
            "RASA_TELEMETRY_ENABLED": "false",
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "HOME": str(folder),
            "PATH": "/usr/bin:/bin",
        },
        check=False,
        timeout=280,
    )


def test_rasa_finds_the_data_valid(tmp_path):
    done = rasa(
        *("data", "validate", "--domain", str(DOMAIN), "--data", str(ROOT / "data" / "training")),
        *("--config", str(ROOT / "bot" / "config.yml")),
        folder=tmp_path,
    )
    assert done.returncode == 0, done.stderr[-3000:]


def test_rasa_holds_the_model_to_the_stories(model, tmp_path):
    done = rasa(
        *("test", "core", "--model", str(model), "--out", str(tmp_path / "results")),
        *("--stories", str(ROOT / "data" / "training" / "stories")),
        *("--no-plot", "--fail-on-prediction-errors"),
        folder=tmp_path,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-3000:]
    report = json.loads((tmp_path / "results" / "story_report.json").read_text(encoding="utf-8"))
    assert report["report_form"]["support"] >= 5
    assert report["report_form"]["recall"] == 1.0


def test_rasa_understands_the_held_out_words(model, tmp_path):
    done = rasa(
        *("test", "nlu", "--model", str(model), "--out", str(tmp_path / "results")),
        *("--nlu", str(ROOT / "tests" / "conversation" / "held_out.yml")),
        *("--domain", str(DOMAIN), "--no-plot"),
        folder=tmp_path,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-3000:]
    report = json.loads((tmp_path / "results" / "intent_report.json").read_text(encoding="utf-8"))
    assert report["weighted avg"]["support"] == 17
    errors = tmp_path / "results" / "intent_errors.json"
    assert not errors.exists() or json.loads(errors.read_text(encoding="utf-8")) == []
