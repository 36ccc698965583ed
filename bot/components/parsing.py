"""What the model makes of a text outside any conversation: kinds, entities, the danger opinion."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage
from rasa.core.processor import MessageProcessor
from rasa.engine.constants import PLACEHOLDER_MESSAGE, PLACEHOLDER_TRACKER
from rasa.shared.core.trackers import DialogueStateTracker

from bot.components.context_answer import ranked

MAX_CHARACTERS = 2000
RANKING = 10
# Texts whose parse is remembered: the same one is read for danger and then for its turn, and
# "yes" and "1" are said by everybody.
REMEMBERED = 256
# Longer than this (words) a text is also read in passages: one short cry for help among many
# words on rubbish would drown in the whole.
LONG = 40
PASSAGE = 25
MOST_PASSAGES = 12
OUT_OF_CONTEXT = 0.7
# Where one matter ends and another may begin.
CLAUSES = re.compile(r"[.;!?\n]+\s*|,\s*(?:and )?(?:also )?|\b(?:and|also|plus)\b", re.IGNORECASE)
CLAUSE_WORDS = 4
MAX_CLAUSES = 4
NOTHING: dict[str, Any] = {"intent": {"name": None, "confidence": 0.0}, "entities": []}


def parse(processor: MessageProcessor, texts: Sequence[str]) -> list[dict[str, Any]]:
    """The model's parse data of some texts, the same whoever says them and when; several cost
    little more than one. Not to be changed by the caller.
    """
    known = {text: _remembered(processor, text) for text in texts}
    fresh = [text for text, found in known.items() if not found]
    if fresh:
        # What MessageProcessor.parse_message does for one message.
        target = processor.model_metadata.nlu_target
        nobody = DialogueStateTracker.from_events("", [])
        messages = [UserMessage(text) for text in fresh]
        run = processor.graph_runner.run(
            inputs={PLACEHOLDER_MESSAGE: messages, PLACEHOLDER_TRACKER: nobody}, targets=[target]
        )
        for text, message in zip(fresh, run[target], strict=True):
            known[text].update(NOTHING, **message.as_dict(only_output_properties=True))
    return [known[text] for text in texts]


@lru_cache(maxsize=REMEMBERED)
def _remembered(processor: MessageProcessor, text: str) -> dict[str, Any]:
    return {}


def as_words(text: str) -> str:
    """People's words are words: Rasa takes a leading "/" for a command."""
    return text.strip().lstrip("/").strip()[:MAX_CHARACTERS] or "-"


def read_text(agent: Agent, text: str) -> dict[str, Any]:
    """`understood` with `danger`: label -> probability, the most of the whole and its passages.

    A passage out of its context counts for a little less.
    """
    processor = agent.processor
    assert processor
    words = as_words(text)
    long = passages(words)
    # The clauses are not needed here, but by the turn that comes next.
    parsed, *parts = parse(processor, [words, *long, *clauses(words)])
    danger: dict[str, float] = dict(parsed.get("danger") or {})
    for part in parts[: len(long)]:
        danger = {
            label: max(danger.get(label, 0.0), round(p * OUT_OF_CONTEXT, 4))
            for label, p in (part.get("danger") or {}).items()
        }
    return {**understood(parsed, RANKING), "danger": danger}


def clauses(words: str) -> list[str]:
    """The first parts of a text that may each tell another matter; none where it has but one."""
    parts = [part.strip() for part in CLAUSES.split(words) if len(part.split()) >= CLAUSE_WORDS]
    return parts[:MAX_CLAUSES] if len(parts) > 1 else []


def passages(text: str) -> list[str]:
    """Stretches of a long text, of whole clauses where there are any, each about 25 words;
    none for a short one."""
    if len(text.split()) <= LONG:
        return []
    found: list[list[str]] = [[]]
    for clause in re.split(r"(?<=[.!?;,\n])\s+", text):
        words = clause.split()
        while words:
            room = PASSAGE - len(found[-1])
            if room <= 0 or (found[-1] and len(words) > room and len(words) <= PASSAGE):
                found.append([])
                room = PASSAGE
            found[-1] += words[:room]
            words = words[room:]
    return [" ".join(words) for words in found if len(words) >= 3][:MOST_PASSAGES]


def understood(parsed: Any, ranking: int) -> dict[str, Any]:
    """Intent, ranking and entities as they go over the wire."""
    intent = parsed.get("intent") or {}
    return {
        "intent": {
            "name": intent.get("name"),
            "confidence": float(intent.get("confidence") or 0.0),
        },
        "ranking": [
            {"name": name, "confidence": round(confidence, 4)}
            for name, confidence in ranked(parsed.get("intent_ranking") or [])[:ranking]
        ],
        "entities": [
            {
                "entity": item["entity"],
                "value": item["value"],
                "start": item.get("start"),
                "end": item.get("end"),
            }
            for item in parsed.get("entities") or []
        ],
    }
