"""The answers to the risk questions. They are scored by the api, never here."""

import re
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActiveLoop, EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import backend
from actions.report import IN_PART, UNKNOWN
from actions.talk import last_message, pass_on, say

# Questions whose "none" is an answer of the card; elsewhere it means that no box is ticked.
NONE_IS_AN_ANSWER = frozenset({"r5", "r7"})


def answers(slots: dict[str, Any]) -> dict[str, list[str]]:
    """Question number to answer codes. A question that was passed on is left out; an empty list
    says that no box is ticked."""
    given = {}
    for name, value in slots.items():
        if re.fullmatch(r"r\d+", name) and value is not None and value not in UNKNOWN:
            no_tick = value == "none" and name not in NONE_IS_AN_ANSWER
            given[name[1:]] = [] if no_tick else str(value).split(",")
    return given


def consent(slots: dict[str, Any]) -> str | None:
    """`yes`, `no` (also where it was given on a condition), or None where it was passed on."""
    value = slots.get("consent")
    return "no" if value == IN_PART else value if value in ("yes", "no") else None


class ActionSubmitRisk(Action):
    """Hands the answers in."""

    def name(self) -> str:
        return "action_submit_risk"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        slots = tracker.slots
        body = {"answers": answers(slots), "consent": consent(slots), "done": True}
        if slots.get("consent") == IN_PART:
            body["consent_words"] = last_message(tracker).get("text")
        pass_on(dispatcher, await backend.ask(tracker.sender_id, "risk", body))
        return []


class ActionRiskLater(Action):
    """Puts the questions off, before or amid them; what was answered is kept."""

    def name(self) -> str:
        return "action_risk_later"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        given = answers(tracker.slots)
        if given:
            await backend.ask(
                tracker.sender_id, "risk", {"answers": given, "consent": None, "done": False}
            )
        say(dispatcher, "risk_later")
        return [ActiveLoop(None), SlotSet("requested_slot", None)]
