"""What the model makes of a text outside any conversation: kinds, entities, the danger opinion."""

import re
from typing import Any

from rasa.core.agent import Agent

from bot.components.turns import as_words, understood

RANKING = 10
# Longer than this (words) a text is also read in passages: one short cry for help among many
# words on rubbish would drown in the whole.
LONG = 40
PASSAGE = 25
MOST_PASSAGES = 12
OUT_OF_CONTEXT = 0.7


async def read_text(agent: Agent, text: str) -> dict[str, Any]:
    """`understood` with `danger`: label -> probability, the most of the whole and its passages.

    A passage out of its context counts for a little less.
    """
    words = as_words(text)
    parsed = await agent.parse_message(words)
    danger: dict[str, float] = dict(parsed.get("danger") or {})
    for passage in passages(words):
        part = (await agent.parse_message(passage)).get("danger") or {}
        danger = {
            label: max(danger.get(label, 0.0), round(p * OUT_OF_CONTEXT, 4))
            for label, p in part.items()
        }
    return {**understood(parsed, RANKING), "danger": danger}


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
