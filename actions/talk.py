"""What several topics share: passing messages on, and reading a conversation's state."""

from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

NOT_FACTS = frozenset(
    {"requested_slot", "session_started_metadata", "unclear_count", "unclear_slot"}
)


def say(dispatcher: CollectingDispatcher, key: str, **values: Any) -> None:
    """Adds a message by its key; the api finds the landlord's words for it."""
    dispatcher.utter_message(json_message={"say": key, "values": values})


def pass_on(dispatcher: CollectingDispatcher, told: dict[str, Any]) -> None:
    """Adds the api's messages as they are."""
    for message in told.get("messages", []):
        dispatcher.utter_message(json_message=message)


def facts(slots: dict[str, Any]) -> dict[str, Any]:
    """All that is known, for the api."""
    return {
        name: value for name, value in slots.items() if value is not None and name not in NOT_FACTS
    }


def last_message(tracker: Tracker) -> dict[str, Any]:
    """The event of the resident's last message: text, parse_data, metadata."""
    for event in reversed(tracker.events):
        if event.get("event") == "user":
            return dict(event)
    return {}


def changes(before: dict[str, Any], after: dict[str, Any]) -> list[EventType]:
    """The SlotSet events that turn `before` into `after`."""
    return [SlotSet(name, value) for name, value in after.items() if before.get(name) != value]
