"""Around a question: going back to the one before, saying that an answer was not understood."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import report
from actions.talk import changes, say

PERSON_OFFERED_AT = 2  # tries; whoever goes on after that has as many again


class ActionGoBack(Action):
    """Clears the answer before the present question; the form then asks it again."""

    def name(self) -> str:
        return "action_go_back"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        slot = previous(asked(tracker.events), tracker.slots)
        if slot is None:
            say(dispatcher, "first_question")
            return []
        cleared = dict(tracker.slots)
        report.forget(cleared, slot)
        return changes(tracker.slots, cleared)


def asked(events: list[dict[str, Any]]) -> list[str]:
    """The slots that were asked for since the form began, in order."""
    order: list[str] = []
    for event in events:
        if event.get("event") == "active_loop" and event.get("name"):
            order = []
        if event.get("event") == "slot" and event.get("name") == "requested_slot":
            slot = event.get("value")
            if slot and (not order or order[-1] != slot):
                order.append(slot)
    return order


def previous(order: list[str], slots: dict[str, Any]) -> str | None:
    """The last question before the present one that has an answer."""
    present = slots.get("requested_slot")
    earlier = (slot for slot in reversed(order) if slot != present and slots.get(slot) is not None)
    return next(earlier, None)


class ActionUnclear(Action):
    """Says that it was not understood; offers a person at the second time for one question."""

    def name(self) -> str:
        return "action_unclear"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        slot = tracker.slots.get("requested_slot") or "none"
        same = tracker.slots.get("unclear_slot") == slot
        tried = (tracker.slots.get("unclear_count") or 0) if same else 0
        count = tried + 1 if tried < PERSON_OFFERED_AT else 1
        if count == PERSON_OFFERED_AT:
            say(dispatcher, "offer_person")
        elif slot == "contact":
            say(dispatcher, "say_again_contact")
        else:
            say(dispatcher, "say_again")
        return [SlotSet("unclear_count", float(count)), SlotSet("unclear_slot", slot)]
