"""A report that is in: its summary, its corrections, how it stands, a person for it."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import backend
from actions.report import UNKNOWN
from actions.talk import last_message, pass_on, say


class ValidateSummaryForm(Action):
    """Corrects what the resident wants corrected, then shows the summary again."""

    def name(self) -> str:
        return "validate_summary_form"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        slots = tracker.slots
        ok, what, to = (slots.get(name) for name in ("summary_ok", "change_what", "change_to"))
        if ok is None:
            return [SlotSet("requested_slot", "summary_ok")]
        if ok in ("yes", *UNKNOWN):
            return [SlotSet("requested_slot", None)]
        picked: list[EventType] = []
        if what is None and ok != "change":
            what = ok  # a line was picked by its number
            picked = [SlotSet("change_what", what)]
        if what is None:
            return [SlotSet("requested_slot", "change_what")]
        if to is None and what not in UNKNOWN:
            # Set again, it would pass for an answer, and what is told beside it go unheard.
            return [*picked, SlotSet("requested_slot", "change_to")]
        if what not in UNKNOWN and to not in UNKNOWN:
            meant = {"what": what, "to": _meant(tracker, what, to)}
            pass_on(dispatcher, await backend.ask(tracker.sender_id, "correct", meant))
        return [
            *(SlotSet(name, None) for name in ("summary_ok", "change_what", "change_to")),
            SlotSet("requested_slot", "summary_ok"),
        ]


def _meant(tracker: Tracker, what: str, to: str) -> str:
    """How often is a code; a number or e-mail is written in its normal form."""
    wanted = {"how_often": ("how_often",), "contact": ("email", "phone")}.get(what, ())
    entities = (last_message(tracker).get("parse_data") or {}).get("entities") or []
    for name in wanted:
        for entity in entities:
            if entity["entity"] == name:
                return str(entity["value"])
    return to


class ActionAskChangeTo(Action):
    """What a line should say: in their words, or picked where there are choices."""

    def name(self) -> str:
        return "action_ask_change_to"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        often = tracker.slots.get("change_what") == "how_often"
        say(dispatcher, "ask_how_often" if often else "summary_change_to")
        return []


class ActionStatus(Action):
    """How the resident's report stands."""

    def name(self) -> str:
        return "action_status"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        pass_on(dispatcher, await backend.ask(tracker.sender_id, "status"))
        return []


class ActionHandover(Action):
    """Tells the team that somebody wants to speak to a person."""

    def name(self) -> str:
        return "action_handover"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        slots = tracker.slots
        stuck = (slots.get("unclear_count") or 0) >= 2 and (
            slots.get("unclear_slot") == slots.get("requested_slot")
        )
        reason = "not_understood" if stuck else "asked"
        pass_on(dispatcher, await backend.ask(tracker.sender_id, "handover", {"reason": reason}))
        return []
