"""Rasa's test stories (`stories/`): held to the rules by Rasa's own test, then said word by word to
the running assistant with its real actions, and its conversation compared, step by step.

`metadata` of a story is what Rasa knows nothing of: what the service tells with every message, or
with these words alone (`with`), and what it answers (`api`).
"""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from fake_api import judged
from resident import ROOT, WORDING
from test_data import DOMAIN, domain, rasa

from bot.generate import FORMS, OUTSIDE

FOLDER = Path(__file__).with_name("stories")
RULES = ROOT / "data" / "training" / "rules"
TOPICS = (
    "reporting", "screening", "risk", "safety", "cases", "contacts", "handover", "talk", "accused",
    "diary", "roles", "another",
)  # fmt: skip
# What stands offered where a phase begins.
OFFERED = {
    "risk": "offer_risk", "checkin": "checkin", "sent": "not_asb_advice", "accused": "ask_accused",
}  # fmt: skip
LISTENS = {"action_listen", "action_session_start"}
# What a report may be about: read as a report, or as an answer, wherever it is said.
KINDS = "report_"

# (what, name): an intent, an action, the form that is open from here on, the phase
Step = tuple[str, Any]
Story = dict[str, Any]


def loaded(path: Path, part: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))[part]
    return found


STORIES: dict[str, Story] = {
    f"{path.stem}: {story['story']}": story
    for path in sorted(FOLDER.glob("test_*.yml"))
    for story in loaded(path, "stories")
}
# A step without words stands for what no words lead to.
SAID = [
    name
    for name, story in STORIES.items()
    if all("user" in step for step in story["steps"] if "intent" in step)
]


def steps_of(written: list[dict[str, Any]]) -> list[Step]:
    """The steps of a story or a rule, all that is compared of it."""
    found: list[Step] = []
    for step in written:
        slots = {name: value for one in step.get("slot_was_set", []) for name, value in one.items()}
        found += [
            (what, step[what]) for what in ("intent", "action", "active_loop") if what in step
        ]
        found += [("phase", slots["phase"])] if "phase" in slots else []
    return found


def changes_only(steps: list[Step]) -> list[Step]:
    """Without the forms and phases that are named where they were so already."""
    found, now = [], {"active_loop": None, "phase": "report"}
    for what, name in steps:
        if what in now:
            if now[what] == name:
                continue
            now[what] = name
        found.append((what, name))
    return found


def held(data: Path, conversation: str) -> Iterator[Step]:
    """What the assistant's own store holds of a conversation. What an action calls for by itself
    stands in no rule, and in no story."""
    with sqlite3.connect(f"file:{data / 'conversations.sqlite3'}?mode=ro", uri=True) as store:
        rows = store.execute(
            "SELECT data FROM events WHERE sender_id = ? ORDER BY id", [conversation]
        ).fetchall()
    called_for = False
    for event in (json.loads(data) for [data] in rows):
        what, name = event["event"], event.get("name")
        if what == "user":
            called_for = False
            yield "intent", event["parse_data"]["intent"]["name"]
        called_for = called_for or what == "followup"
        if called_for:
            continue
        if what == "action" and name not in LISTENS:
            yield "action", name
        if what == "active_loop":
            yield "active_loop", name
        if what == "slot" and name == "phase":
            yield "phase", event["value"]


def beginning(story: Story) -> dict[str, Any]:
    """The slots that are set before the first words."""
    first = story["steps"][0]
    return {name: value for one in first.get("slot_was_set", []) for name, value in one.items()}


def test_rasa_holds_the_model_to_them(model, tmp_path):
    done = rasa(
        *("test", "core", "--model", str(model), "--out", str(tmp_path / "results")),
        *("--stories", str(FOLDER), "--no-plot", "--fail-on-prediction-errors"),
        folder=tmp_path,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-3000:]
    report = json.loads((tmp_path / "results" / "story_report.json").read_text(encoding="utf-8"))
    assert report["conversation_accuracy"]["correct"] == len(STORIES)


@pytest.mark.parametrize("name", SAID)
def test_said_word_by_word(resident, api, bot_data, name):
    story = STORIES[name]
    known, more = beginning(story), dict(story.get("metadata", {}))
    phase = known.pop("phase", "report")
    for attribute, value in more.pop("api", {}).items():
        made = [judged(body={}, **one) for one in value] if attribute == "judgements" else value
        setattr(api, attribute, made)
    with_words = more.pop("with", {})
    grace = resident(phase, facts=known)
    grace.case_open = known.get("case_open", False)
    if phase in OFFERED:
        grace.offers(WORDING[OFFERED[phase]]["choices"])
    plain = {one: getattr(grace, one) for told in with_words.values() for one in told}
    for step in story["steps"]:
        if "user" in step:
            told = {**plain, **more, **with_words.get(step["user"], {})}
            for attribute, value in told.items():
                setattr(grace, attribute, value)
            grace.says(step["user"])
    expected = changes_only(steps_of(story["steps"]))
    assert changes_only(list(held(bot_data, grace.conversation))) == expected


# ---- Nothing is left out ----------------------------------------------------------------------


def told_apart() -> dict[tuple[Step, ...], str]:
    """The rules by what they say. The same talk is answered alike beside every form and in every
    phase, so one of those rules stands for all."""
    return {
        tuple(same(steps_of(rule["steps"]))): rule["rule"]
        for path in sorted(RULES.glob("*.yml"))
        for rule in loaded(path, "rules")
    }


def same(steps: list[Step]) -> list[Step]:
    return [(what, "a form" if name in FORMS else name) for what, name in steps if what != "phase"]


def test_every_topic_has_stories():
    assert {path.stem for path in FOLDER.iterdir()} == {f"test_{topic}" for topic in TOPICS}


def test_every_rule_is_met():
    walked = [same(steps_of(story["steps"])) for story in STORIES.values()]
    missed = [
        name
        for rule, name in told_apart().items()
        if not any(
            tuple(steps[at : at + len(rule)]) == rule
            for steps in walked
            for at in range(len(steps))
        )
    ]
    assert missed == []


def test_every_intent_form_and_phase_is_met():
    named = {step for story in STORIES.values() for step in steps_of(story["steps"])}
    intents = {
        intent
        for path in DOMAIN.glob("*.yml")
        for intent in yaml.safe_load(path.read_text(encoding="utf-8")).get("intents") or []
        if not intent.startswith(KINDS)
    }
    assert {("intent", intent) for intent in intents} - named == set()
    assert {("active_loop", form) for form in domain()["forms"]} - named == set()
    begun = {beginning(story).get("phase", "report") for story in STORIES.values()}
    assert begun == {*OUTSIDE}
