"""A chat's messages as pages show them. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from api.clock import LONDON

WHO = {"resident": "You", "assistant": "Automated reply", "officer": "Officer"}


def shown(messages: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """MESSAGEs with a name, a day, a time and, for picked choices, their labels.

    `latest` marks where the last turn begins: the resident's last message.
    """
    lines: list[dict[str, Any]] = []
    labels: dict[str, str] = {}
    turn = 0
    for message in messages:
        text = message["text"]
        if message["from"] == "resident":
            turn = message["id"]
            text = in_words(text, labels)
        elif message["choices"]:
            labels = {choice["value"]: choice["label"] for choice in message["choices"]}
        at = datetime.fromisoformat(message["sent_at"]).astimezone(LONDON)
        who = WHO.get(message["from"], "Officer")
        day = f"{at.day} {at:%B %Y}"
        lines.append({**message, "shown": text, "who": who, "day": day, "time": f"{at:%H:%M}"})
    return [{**line, "latest": line["id"] == turn} for line in lines]


def in_words(answer: str, labels: Mapping[str, str]) -> str:
    """A picked choice by its label, several by theirs; a person's own words as they are."""
    parts = [part.strip() for part in answer.split(",")]
    if all(part in labels for part in parts):
        return ", ".join(labels[part] for part in parts)
    return labels.get(answer, answer)


def question_on_offer(messages: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """The last message with choices that the resident has not answered yet."""
    for message in reversed(messages):
        if message["from"] == "resident":
            return None
        if message["choices"]:
            return dict(message)
    return None
