"""A diary by text: another incident of a case that is open."""

import re
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import backend
from actions.talk import changes, last_message, pass_on

# Words that only say that something has come back, and not what.
SAYS_NOTHING = frozenset(
    "a add again agen all am an and another as at back been before can case come diary do doing "
    "done for further going happen happened happening happens has have he here hes i if im in "
    "incident incidents is it its just last later log m me more my night nite now of ok on one "
    "please pls problem rather record report right rn same she so sorry started still tell that "
    "the there they theyre thing this to today told tonight up want was we well what wish with "
    "yes yesterday you your kicked off am pm oclock from until til since two three times time "
    "evening morning afternoon week day days weekend".split()
)
ENOUGH = 2


def tells_what(words: str) -> bool:
    """Whether words say what happened, and not only that it did."""
    said = re.sub(r"['\u2019]", "", words.lower())
    told = [word for word in re.findall(r"[a-z]+", said) if word not in SAYS_NOTHING]
    return len(told) >= ENOUGH


def told_when(message: dict[str, Any]) -> str | None:
    """When it happened, as read in a message; `now` where it goes on."""
    entities = (message.get("parse_data") or {}).get("entities") or []
    found = [str(one["value"]) for one in entities if one["entity"] == "when"]
    if found:
        return ", ".join(found)
    return "now" if any(one["entity"] == "now" for one in entities) else None


class ValidateDiaryForm(Action):
    """Asks only for what the words so far do not hold."""

    def name(self) -> str:
        return "validate_diary_form"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        slots = tracker.slots
        message = last_message(tracker)
        what, when = slots.get("diary_what"), slots.get("diary_when")
        opening = (tracker.latest_message.get("intent") or {}).get("name") == "happening_again"
        if when is None and what is not None:
            when = told_when(message)
        if opening and what is not None and not tells_what(what):
            what = None
        missing = "diary_what" if what is None else "diary_when" if when is None else None
        # Only what has changed: a form that sets nothing lets a question in between be answered.
        return [
            *changes(slots, {"diary_what": what, "diary_when": when}),
            SlotSet("requested_slot", missing),
        ]


class ActionSubmitDiary(Action):
    """Adds the incident to the case. Only the api says that it is kept."""

    def name(self) -> str:
        return "action_submit_diary"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        slots = tracker.slots
        body = {"what": slots.get("diary_what") or "", "when": slots.get("diary_when")}
        pass_on(dispatcher, await backend.ask(tracker.sender_id, "diary", body))
        return [SlotSet("diary_what", None), SlotSet("diary_when", None)]


class ActionKeepIncident(Action):
    """An incident told amid other questions is kept as it is; the question then comes again."""

    def name(self) -> str:
        return "action_keep_incident"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        message = last_message(tracker)
        body = {"what": message.get("text") or "", "when": told_when(message)}
        pass_on(dispatcher, await backend.ask(tracker.sender_id, "diary", body))
        return []
