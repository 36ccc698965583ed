"""What is told beside a question: something put right, danger, more trouble."""

import json
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import backend
from actions.talk import last_message, pass_on, say

# slot: what the api, the summary and its lines call it
CALLED = {"happened_when": "when", "happened_where": "where"}


class ActionCorrect(Action):
    """Puts facts right and says them back. Once a report is in, each is a new entry of its case."""

    def name(self) -> str:
        return "action_correct"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        fixes = read_fixes(last_message(tracker))
        events: list[EventType] = []
        if tells_report(tracker):
            events = [SlotSet(slot, value) for slot, value in fixes.items()]
            # The words that are judged have changed.
            events.append(SlotSet("outcome", None))
        else:
            for slot, value in fixes.items():
                body = {"what": CALLED.get(slot, slot), "to": value}
                told = await backend.ask(tracker.sender_id, "correct", body)
                if told.get("messages", [{}])[0].get("say") == "status_none":
                    pass_on(dispatcher, told)
                    return []
            if tracker.active_loop_name == "risk_form" and tracker.slots.get("r1"):
                events += [SlotSet("r1", fixes["how_often"])] if _on_card(fixes) else []
        say(dispatcher, "changed", changes={CALLED.get(s, s): to for s, to in fixes.items()})
        return events


def tells_report(tracker: Tracker) -> bool:
    """Whether a report is being told, also a new one after an earlier one has been settled."""
    return tracker.slots.get("phase") == "report" or tracker.active_loop_name == "report_form"


def read_fixes(message: dict[str, Any]) -> dict[str, str]:
    """Slot to what it should be, as ContextAnswer read it."""
    entities = (message.get("parse_data") or {}).get("entities") or []
    found = next((item["value"] for item in entities if item["entity"] == "fixes"), "{}")
    fixes: dict[str, str] = json.loads(found)
    return fixes


def _on_card(fixes: dict[str, str]) -> bool:
    """Whether the first question of the card has this answer too."""
    return fixes.get("how_often") in (
        "daily", "most_days", "most_weeks", "most_months", "occasionally",
    )  # fmt: skip


class ActionAddWords(Action):
    """More trouble, told instead of an answer: kept with the report and judged with it."""

    said = "words_added"

    def name(self) -> str:
        return "action_add_words"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        message = last_message(tracker)
        words, slots = message.get("text") or "", tracker.slots
        say(dispatcher, self.said)
        if not tells_report(tracker):
            body = {"answer": None, "words": words}
            await backend.ask(tracker.sender_id, "checkin", body)
            return []
        also = [*(slots.get("also") or []), *_kind(message, slots.get("kind"))]
        return [
            SlotSet("description", f"{slots.get('description') or ''}\n{words}".strip()),
            SlotSet("also", list(dict.fromkeys(also)) or None),
            SlotSet("outcome", None),
        ]


class ActionDanger(ActionAddWords):
    """The safety text has gone out already; the words are kept, and the question stands."""

    said = "danger_noted"

    def name(self) -> str:
        return "action_danger"


def _kind(message: dict[str, Any], main: str | None) -> list[str]:
    """The kind that the model is sure of in the words, where it is another one."""
    ranking = (message.get("parse_data") or {}).get("intent_ranking") or [{}]
    name, confidence = ranking[0].get("name", ""), float(ranking[0].get("confidence", 0))
    kind = name.removeprefix("report_")
    sure = name.startswith("report_") and confidence >= 0.5 and kind not in (main, "other")
    return [kind] if sure else []


class ActionUnsafe(Action):
    """Somebody says that they are not safe: the case is opened at once."""

    def name(self) -> str:
        return "action_unsafe"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        words = {"words": last_message(tracker).get("text") or ""}
        pass_on(dispatcher, await backend.ask(tracker.sender_id, "unsafe", words))
        return []
