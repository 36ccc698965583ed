"""Reads a message as an answer to what was just asked.

The last component of the pipeline. It sees the conversation (Rasa passes the live tracker to a
component whose `process` has a parameter of that name) and, in the message's metadata, what the
last message offered. Without such metadata (`rasa test nlu`, /parse) it changes nothing.
"""

import json
from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.components.reader import Reader
from bot.components.reading import Turn, read


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class ContextAnswer(Reader):
    """Replaces the intent by what the message is in its context; keeps the ranking."""

    def process(
        self, messages: list[Message], tracker: DialogueStateTracker | None = None
    ) -> list[Message]:
        for message in messages:
            metadata = message.get("metadata") or {}
            if metadata.get("landlord") and message.get(TEXT):
                self._reread(message, metadata, tracker)
        return messages

    def _reread(
        self, message: Message, metadata: dict[str, Any], tracker: DialogueStateTracker | None
    ) -> None:
        turn = Turn(
            text=message.get(TEXT),
            ranking=ranked(message.get(INTENT_RANKING_KEY) or []),
            entities=message.get(ENTITIES) or [],
            choices=list(metadata.get("choices") or []),
            several=bool(metadata.get("several")),
            loop=tracker.active_loop_name if tracker else None,
            asked=tracker.get_slot("requested_slot") if tracker else None,
            slots=tracker.current_slot_values() if tracker else {},
            flags=list(metadata.get("message_flags") or []),
            asked_safe=bool(metadata.get("asked_safe")),
            told=dict(metadata.get("told") or {}),
        )
        reading = read(turn)
        message.set(INTENT, {"name": reading.intent, "confidence": 1.0}, add_to_output=True)
        read_here = {
            "value": reading.value,
            "heard": _label(turn, reading.heard),
            "fixes": json.dumps(reading.fixes) if reading.fixes else None,
        }
        added = [
            {
                "entity": name,
                "value": value,
                "start": 0,
                "end": len(turn.text),
                "extractor": "ContextAnswer",
            }
            for name, value in read_here.items()
            if value is not None
        ]
        if added:
            message.set(ENTITIES, [*turn.entities, *added], add_to_output=True)


def _label(turn: Turn, heard: str | None) -> str | None:
    """What is said back: the labels of the choices, or the category as it is."""
    if heard is None or heard.startswith("kind:"):
        return heard
    labels = {str(choice["value"]): str(choice["label"]) for choice in turn.choices}
    return ", ".join(labels.get(value, value) for value in heard.split(","))


def ranked(ranking: list[dict[str, Any]]) -> list[tuple[str, float]]:
    """Names and confidences, best first, without the fallback's own entry."""
    return [
        (item["name"], float(item["confidence"]))
        for item in ranking
        if item["name"] != "nlu_fallback"
    ]
