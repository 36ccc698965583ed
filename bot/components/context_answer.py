"""Reads what the model made of a message in its context: as an answer to what was just asked, or
as what it is instead."""

import json
from typing import Any

from rasa.shared.core.trackers import DialogueStateTracker

from bot.components.reading import Turn, read


def in_context(
    parsed: dict[str, Any], metadata: dict[str, Any], tracker: DialogueStateTracker
) -> dict[str, Any]:
    """`parsed` (as Rasa's parse data) with the intent that the message has where it stands, and
    what was read beside it as entities `value`, `heard` and `fixes`. The ranking stays.

    `metadata`: what the last message offered and what the danger screen found, by the api.
    """
    slots = tracker.current_slot_values()
    turn = Turn(
        text=parsed["text"],
        ranking=ranked(parsed.get("intent_ranking") or []),
        entities=parsed.get("entities") or [],
        choices=list(metadata.get("choices") or []),
        several=bool(metadata.get("several")),
        loop=tracker.active_loop_name,
        asked=slots.get("requested_slot"),
        slots=slots,
        flags=list(metadata.get("message_flags") or []),
        asked_safe=bool(metadata.get("asked_safe")),
        told=dict(metadata.get("told") or {}),
        card_open=bool(metadata.get("card_open")),
    )
    reading = read(turn)
    added = {
        "value": reading.value,
        "heard": _label(turn, reading.heard),
        "fixes": json.dumps(reading.fixes) if reading.fixes else None,
    }
    entities = [
        *turn.entities,
        *(entity(name, value, turn.text) for name, value in added.items() if value is not None),
    ]
    return {**parsed, "intent": sure(reading.intent), "entities": entities}


def sure(intent: str) -> dict[str, Any]:
    return {"name": intent, "confidence": 1.0}


def entity(name: str, value: str, text: str) -> dict[str, Any]:
    """One that the whole message stands for."""
    return {"entity": name, "value": value, "start": 0, "end": len(text), "extractor": "context"}


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
