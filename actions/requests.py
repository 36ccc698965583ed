"""What somebody wants beside reporting, and who they are when it does not happen to them."""

import re
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActiveLoop, EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import backend, report
from actions.talk import changes, last_message, pass_on, say

# intent: who the writer is, or whom it is about
ROLES = {
    "for_someone_else": "someone_else",
    "am_witness": "witness",
    "stay_anonymous": "anonymous",
    "am_staff": "staff",
    "about_contractor": "contractor",
}
# Such words can say already what happened: "your contractor swore at me".
MAY_TELL = frozenset({"staff", "contractor"})
TELLS_FROM, TELLS_ANYWAY_FROM = 5, 10  # words
ONLY_SAYS_SO = (
    "it's about", "its about", "it is about", "i want to", "i wish to", "i'd like", "i need to",
    "can i", "i'm", "im", "i am", "how do", "where do", "do ", "as ",
)  # fmt: skip
# Slots that a new report begins with. Who writes is known; whether a text is safe is asked anew, as
# another matter may make it dangerous.
STAYS = frozenset(
    {"landlord", "channel", "name", "address", "contact", "set_aside", "requested_slot",
     "session_started_metadata"}
)  # fmt: skip
# "Can I stay anonymous" is a wish, "do I have to give my name" is none yet.
ASKS_WHETHER = re.compile(r"\W*(?:do|does|must|would|what|why|how)\b", re.IGNORECASE)
UNSAID = {
    "name": "declined",
    "address": "declined",
    "contact": "declined",
    "safe_contact": "no",
    "safe_how": "declined",
}


class _Ask(Action):
    """Hands one request on, with the words it was made in."""

    action = ""
    what = ""

    def name(self) -> str:
        return self.action

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        body = {"words": last_message(tracker).get("text") or ""}
        pass_on(dispatcher, await backend.ask(tracker.sender_id, self.what, body))
        return []


class ActionEvidenceLink(_Ask):
    """A one-time page for photos and recordings, where a link may be sent."""

    action, what = "action_evidence_link", "evidence"


class ActionAskClose(_Ask):
    """A wish to close is kept; a person decides."""

    action, what = "action_ask_close", "close"


class ActionComplain(_Ask):
    """How to complain about the landlord."""

    action, what = "action_complain", "complain"


class ActionTakeUp(_Ask):
    """A code with which this chat can be gone on with by text."""

    action, what = "action_take_up", "take_up"


class ActionRole(Action):
    """Who the writer is. A name and a contact that are kept back are not asked for again."""

    def name(self) -> str:
        return "action_role"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        role = ROLES[tracker.latest_message["intent"]["name"]]
        message = last_message(tracker)
        words = message.get("text") or ""
        if role == "anonymous" and ASKS_WHETHER.match(words):
            say(dispatcher, "may_stay_anonymous")
            return []
        pass_on(
            dispatcher,
            await backend.ask(tracker.sender_id, "role", {"role": role, "words": words}),
        )
        if role == "anonymous":
            return changes(tracker.slots, {**tracker.slots, **UNSAID})
        opening = tracker.slots.get("phase") == "report" and not tracker.slots.get("description")
        if opening and role in MAY_TELL and _tells(words):
            return _described(tracker.slots, report.Heard.of(message))
        return []


class ActionAskAccused(Action):
    """Asks whether the words answer a complaint about the writer; keeps them until then."""

    def name(self) -> str:
        return "action_ask_accused"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        heard = report.Heard.of(last_message(tracker), tells=True)
        say(dispatcher, "ask_accused")
        events: list[EventType] = [_set_aside(tracker, heard), SlotSet("phase", "accused")]
        if tracker.active_loop.get("name"):
            events += [ActiveLoop(None), SlotSet("requested_slot", None)]
        return events


class ActionAccused(Action):
    """It goes to a person, and is kept; no case is opened about the writer's neighbour."""

    def name(self) -> str:
        return "action_accused"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        kept = tracker.slots.get("set_aside") or {}
        body = {"words": kept.get("text") or last_message(tracker).get("text") or ""}
        pass_on(dispatcher, await backend.ask(tracker.sender_id, "accused", body))
        return [SlotSet("set_aside", None)]


class ActionNotAccused(Action):
    """The words were a report after all: it begins with them."""

    def name(self) -> str:
        return "action_not_accused"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        say(dispatcher, "thanks_for_saying")
        return [
            SlotSet("phase", "report"),
            *_begin_with_what_was_kept(tracker, tracker.slots),
            FollowupAction("report_form"),
        ]


class ActionAskIfNew(Action):
    """Keeps words of another kind with the open case, and asks whether they belong to it."""

    def name(self) -> str:
        return "action_ask_if_new"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        heard = report.Heard.of(last_message(tracker), tells=True)
        body = {"answer": None, "words": heard.text}
        pass_on(dispatcher, await backend.ask(tracker.sender_id, "checkin", body))
        say(dispatcher, "ask_if_new")
        return [_set_aside(tracker, heard)]


class ActionNewMatter(Action):
    """A report of its own beside an open case; it begins with the words that were kept."""

    def name(self) -> str:
        return "action_new_matter"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        kept = tracker.slots.get("set_aside") or {}
        body = {"words": kept.get("text") or ""}
        told = await backend.ask(tracker.sender_id, "new_report", body)
        pass_on(dispatcher, told)
        known = {name: value if name in STAYS else None for name, value in tracker.slots.items()}
        known |= {**told["facts"], "phase": "report"}
        return [
            *changes(tracker.slots, known),
            *_begin_with_what_was_kept(tracker, known),
            FollowupAction("report_form"),
        ]


def _tells(words: str) -> bool:
    """Whether words say what was done, and not only by whom or to whom."""
    count = len(words.split())
    only = words.lower().replace("\u2019", "'").startswith(ONLY_SAYS_SO)
    return count >= TELLS_ANYWAY_FROM or (count >= TELLS_FROM and not only)


def _set_aside(tracker: Tracker, heard: report.Heard) -> EventType:
    """Words kept until we know what they are, after those kept before."""
    before = tracker.slots.get("set_aside") or {}
    kept = {
        "text": "\n".join(filter(None, (before.get("text"), heard.text))),
        "kinds": [list(kind) for kind in heard.kinds],
        "entities": [*before.get("entities", []), *(list(one) for one in heard.entities)],
    }
    return SlotSet("set_aside", kept)


def _begin_with_what_was_kept(tracker: Tracker, known: dict[str, Any]) -> list[EventType]:
    kept = tracker.slots.get("set_aside") or {}
    if not kept.get("text"):
        return []
    heard = report.Heard(
        kept["text"],
        tuple((name, float(sure)) for name, sure in kept["kinds"]),
        tuple((name, value) for name, value in kept["entities"]),
    )
    return [SlotSet("set_aside", None), *_described(known, heard)]


def _described(known: dict[str, Any], heard: report.Heard) -> list[EventType]:
    settled = report.settle({**known, "description": heard.text, "kinds": None}, heard)
    return changes(known, {k: v for k, v in settled.items() if k != "requested_slot"})
