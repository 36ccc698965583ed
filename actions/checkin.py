"""The weekly contact message: its answers, and words that add to a report."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions import backend
from actions.talk import last_message, pass_on, say


class ActionCheckin(Action):
    """Better, the same, worse, or please call."""

    def name(self) -> str:
        return "action_checkin"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        answer = tracker.latest_message["intent"]["name"].removeprefix("choose_")
        body = {"answer": answer, "words": None}
        pass_on(dispatcher, await backend.ask(tracker.sender_id, "checkin", body))
        return []


class ActionTellMore(Action):
    """Words beside any question are kept with the report."""

    def name(self) -> str:
        return "action_tell_more"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        body = {"answer": None, "words": last_message(tracker).get("text") or ""}
        pass_on(dispatcher, await backend.ask(tracker.sender_id, "checkin", body))
        if tracker.slots.get("phase") == "risk":
            say(dispatcher, "offer_risk")
        return []
