"""The time that a resident told, said back as a definite one, so that it can be put right."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from api.conversation.model import Conversation
from api.conversation.rasa import Turn
from api.reports.model import Report

Said = list[dict[str, Any]]
# Beside these the next question is asked as usual; beside anything else a time would be too much.
QUIET = frozenset({"first_words", "heard_kind"})


def confirm_time(conversation: Conversation, report: Report, turn: Turn, *, at: datetime) -> None:
    """All is right, says the resident of what we have; the definite time is among it."""
    right = conversation.requested_slot == "summary_ok" and turn.slots.get("summary_ok") == "yes"
    if right and report.happened_said:
        report.happened_confirmed_at = report.happened_confirmed_at or at


def with_time(conversation: Conversation, report: Report, turn: Turn) -> Said:
    """The turn's messages with the definite time in them, if one was told in it."""
    words, before = turn.slots.get("happened_when"), conversation.facts
    # Somebody else may hold her phone; and "now" needs no saying back.
    kinds = (report.implied_category, report.category, turn.slots.get("kind"))
    untold = "domestic_abuse" in (*kinds, *report.flags) or words == "now"
    return say_definite(
        turn.said,
        moment=None if untold else report.happened_said,
        fresh=conversation.phase == "report" and words != before.get("happened_when"),
        opening=before.get("description") is None,
    )


def say_definite(
    said: Sequence[Mapping[str, Any]], *, moment: str | None, fresh: bool, opening: bool
) -> Said:
    """A turn's messages with the definite time in them. `moment`: its plain form; `fresh`: told in
    this turn; `opening`: told in the first words, beside what happened."""
    told = [dict(one) for one in said]
    if not moment:
        return told
    done = [_in_place(one, moment) for one in told]
    if any(done) or not fresh or not _next_question(told):
        return told
    if opening:
        one: dict[str, Any] = {"say": "noted", "values": {"when": moment}}
    elif "since " in moment:
        one = {"say": "heard_answer", "values": {"answer": moment}}
    else:
        one = {"say": "heard_when", "values": {"moment": moment}}
    return [*told[:-1], one, told[-1]]


def _in_place(one: dict[str, Any], moment: str) -> bool:
    """Puts the definite time where the words stood; True where they did."""
    values = dict(one.get("values") or {})
    if one["say"] == "noted" and "when" in values:
        one["values"] = {**values, "when": moment}
        return True
    changes = values.get("changes")
    if one["say"] == "changed" and isinstance(changes, Mapping) and "when" in changes:
        one["values"] = {**values, "changes": {**changes, "when": moment}}
        return True
    return False


def _next_question(said: Said) -> bool:
    return said[-1]["say"].startswith("ask_") and all(one["say"] in QUIET for one in said[:-1])
