"""One turn: a resident's message in, message keys and facts out, kept whole or not at all."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from rasa.core.agent import Agent
from rasa.core.channels.channel import CollectingOutputChannel, UserMessage
from rasa.core.processor import MessageProcessor
from rasa.core.tracker_store import FailSafeTrackerStore, InMemoryTrackerStore
from rasa.shared.core.constants import (
    ACTION_LISTEN_NAME,
    ACTION_SESSION_START_NAME,
    REQUESTED_SLOT,
)
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    BotUttered,
    Event,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

from bot.components.context_answer import in_context, ranked
from bot.components.parsing import as_words, clauses, parse, understood
from bot.components.reading import NO_ANSWER
from bot.components.requests import or_a_request

RANKING = 5
_INTERNAL = frozenset({REQUESTED_SLOT, "session_started_metadata"})
# After so many messages a new session begins, with all that is known: Rasa reads a session's events
# back for each message and goes through them at each step, so that a long talk would slow down.
SESSION_MESSAGES = 6


class TurnFailed(Exception):
    """The assistant found nothing to say, or did not come to rest."""


@dataclass(frozen=True)
class Said:
    """What came in. `facts` are known slots for a new conversation; they are not kept as such."""

    conversation: str
    message_id: str
    text: str
    metadata: dict[str, Any]
    facts: dict[str, Any]


async def take_turn(agent: Agent, said: Said) -> dict[str, Any]:
    """Lets the model answer once, saves the conversation and returns the answer.

    A message id that the conversation's session already holds, the last one always, gets the
    answer of that turn again. Raises TurnFailed, ActionFailed or whatever failed: then nothing is
    saved.
    """
    processor = agent.processor
    if processor is None:
        raise TurnFailed("no model")
    _refuse_to_forget(processor)
    async with agent.lock_store.lock(said.conversation):
        tracker = await processor.get_tracker(said.conversation)
        earlier = _turn_of(tracker.events, said.message_id)
        if earlier is None:
            tracker = await _answer(processor, said, tracker)
            await processor.save_tracker(tracker)
            return _as_told(tracker)
    slots = processor.domain.slots
    return _as_told(DialogueStateTracker.from_events(said.conversation, earlier, slots=slots))


async def _answer(
    processor: MessageProcessor, said: Said, tracker: DialogueStateTracker
) -> DialogueStateTracker:
    output = CollectingOutputChannel()
    # What fetch_tracker_and_update_session does, without reading the conversation once more.
    await processor._update_tracker_session(tracker, output)
    if not _is_known(tracker):
        tracker.update_with_events(seeds(said, processor.domain), processor.domain)
    tracker.update_with_events(new_session(tracker), processor.domain)
    begins = tracker.get_slot("phase") == "report" and not tracker.get_slot("description")
    words = as_words(said.text)
    alone, *parts = parse(processor, [words, *(clauses(words) if begins else [])])
    metadata = {**said.metadata, "clauses": _kinds_of(parts)}
    parsed = in_context(alone, metadata, tracker)
    message = UserMessage(
        words,
        output,
        said.conversation,
        parse_data=or_a_request(parsed, metadata, tracker),
        input_channel="doorstep",
        message_id=said.message_id,
        metadata=metadata,
    )
    await processor._handle_message_with_tracker(message, tracker)
    tracker = await processor.run_action_extract_slots(output, tracker)
    tracker.update_with_events(count_no_answer(tracker), processor.domain)
    await processor._run_prediction_loop(output, tracker)
    if tracker.latest_action_name != ACTION_LISTEN_NAME:
        raise TurnFailed("the assistant did not come to rest")
    if not _messages(_turn_of(tracker.events, said.message_id) or []):
        raise TurnFailed("the assistant had nothing to say")
    return tracker


def _kinds_of(parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The likeliest kind of each clause of a message, as parsed by itself."""
    kinds = []
    for parsed in parts:
        top = next(iter(ranked(parsed.get("intent_ranking") or [])), ("", 0.0))
        if top[0].startswith("report_"):
            category = top[0].removeprefix("report_")
            kinds.append({"category": category, "confidence": round(top[1], 4)})
    return kinds


def _is_known(tracker: DialogueStateTracker) -> bool:
    """Whether the conversation has begun: a session may hold no message yet."""
    return any(isinstance(event, UserUttered | SlotSet) for event in tracker.events)


def new_session(tracker: DialogueStateTracker) -> list[Event]:
    """The events that begin a new session of a conversation where it was; none where its session
    is short. The order of the questions goes along, so that "go back" finds the one before."""
    events = list(tracker.events)
    if sum(isinstance(event, UserUttered) for event in events) < SESSION_MESSAGES:
        return []
    known = tracker.current_slot_values()
    begun: list[Event] = [ActionExecuted(ACTION_SESSION_START_NAME), SessionStarted()]
    begun += [
        SlotSet(name, value)
        for name, value in known.items()
        if value is not None and name not in _INTERNAL
    ]
    if tracker.active_loop_name:
        begun.append(ActiveLoop(tracker.active_loop_name))
    begun += [SlotSet(REQUESTED_SLOT, slot) for slot in _questions(events)]
    if tracker.get_slot(REQUESTED_SLOT) is None:
        begun.append(SlotSet(REQUESTED_SLOT, None))
    return [*begun, ActionExecuted(ACTION_LISTEN_NAME)]


def _questions(events: list[Event]) -> list[str]:
    """What was asked since the form began, in order, each question where it was last asked."""
    order: list[str] = []
    for event in events:
        if isinstance(event, ActiveLoop) and event.name:
            order = []
        if isinstance(event, SlotSet) and event.key == REQUESTED_SLOT and event.value:
            order = [*(slot for slot in order if slot != event.value), event.value]
    return order


def count_no_answer(tracker: DialogueStateTracker) -> list[SlotSet]:
    """A message that has a reply of its own but leaves the question open is the first of two tries:
    at the next one that is not understood, a person is offered."""
    asked = tracker.get_slot(REQUESTED_SLOT)
    message = tracker.latest_message
    if not message or not asked or message.intent.get("name") not in NO_ANSWER:
        return []
    return [SlotSet("unclear_slot", asked), SlotSet("unclear_count", 1.0)]


def seeds(said: Said, domain: Domain) -> list[SlotSet]:
    """What is known already, as slots of a new conversation."""
    known = {
        **said.facts,
        **{name: said.metadata.get(name) for name in ("phase", "landlord", "channel")},
    }
    names = {slot.name for slot in domain.slots} - _INTERNAL
    return [
        SlotSet(name, value) for name, value in known.items() if name in names and value is not None
    ]


def _refuse_to_forget(processor: MessageProcessor) -> None:
    """Rasa falls back to memory where a store fails or is not found; that would lose answers."""
    store = processor.tracker_store
    if isinstance(store, FailSafeTrackerStore):
        processor.tracker_store = store._tracker_store
    if isinstance(processor.tracker_store, InMemoryTrackerStore):
        raise TurnFailed("conversations would be kept in memory only")


def _turn_of(events: Iterable[Event], message_id: str) -> list[Event] | None:
    """All events up to the end of the turn of that message; None where it is not there."""
    until: list[Event] = []
    found = False
    for event in events:
        if isinstance(event, UserUttered):
            if found:
                break
            found = event.message_id == message_id
        until.append(event)
    return until if found else None


def _messages(events: list[Event]) -> list[dict[str, Any]]:
    last = max(index for index, event in enumerate(events) if isinstance(event, UserUttered))
    said = [
        event.data["custom"]
        for event in events[last:]
        if isinstance(event, BotUttered) and (event.data or {}).get("custom")
    ]
    heard = next((e["value"] for e in events[last].entities if e["entity"] == "heard"), None)
    if heard is None or len(said) != 1 or not said[0]["say"].startswith("ask_"):
        return said
    return [_heard(str(heard)), *said]


def _heard(heard: str) -> dict[str, Any]:
    """An answer in own words is said back, so that it can be put right."""
    if heard.startswith("kind:"):
        return {"say": "heard_kind", "values": {"category": heard.removeprefix("kind:")}}
    return {"say": "heard_answer", "values": {"answer": heard}}


def _as_told(tracker: DialogueStateTracker) -> dict[str, Any]:
    """The answer of the last turn that a conversation holds."""
    user = tracker.latest_message
    parsed = user.parse_data if user else {}
    return {
        "messages": [{"values": {}, **message} for message in _messages(list(tracker.events))],
        "slots": {
            name: value
            for name, value in tracker.current_slot_values().items()
            if value is not None and name not in _INTERNAL
        },
        "active_loop": tracker.active_loop_name,
        "requested_slot": tracker.get_slot(REQUESTED_SLOT),
        **understood(parsed, RANKING),
    }
