"""What a resident's words say beside what happened: when, how often, now, where to reach them.

Word patterns are spaCy's (a blank English pipeline, no model); what is a matter of characters
(postcodes, numbers, addresses of e-mail) is read by regular expressions.
"""

import re
from dataclasses import dataclass

import spacy
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from spacy.matcher import Matcher
from spacy.tokens import Doc
from spacy.util import filter_spans

from bot.components import patterns
from bot.components.reader import Reader


@dataclass(frozen=True)
class Entity:
    """`value` is normal (a code, a postcode in capitals); start and end are characters."""

    name: str
    value: str
    start: int
    end: int


class EntityReader:
    """Reads entities from plain text."""

    def __init__(self) -> None:
        self._nlp = spacy.blank("en")
        self._matcher = Matcher(self._nlp.vocab)
        self._matcher.add("when", patterns.WHEN)
        self._matcher.add("now", patterns.NOW)
        for code, wordings in patterns.HOW_OFTEN.items():
            self._matcher.add(f"how_often:{code}", wordings)

    def read(self, text: str) -> list[Entity]:
        """All entities of `text`, in their order of appearance."""
        doc = self._nlp.make_doc(text)
        spans = self._spans(doc)
        often = self._how_often(doc, spans)
        when = [
            entity
            for entity in self._when(doc, spans)
            if not any(a.start <= entity.start and entity.end <= a.end for a in often)
        ]
        found = [*when, *often, *self._now(doc, spans)]
        found += _by_characters(text)
        return sorted(found, key=lambda entity: (entity.start, entity.name))

    def _spans(self, doc: Doc) -> dict[str, list[tuple[int, int]]]:
        grouped: dict[str, list[tuple[int, int]]] = {}
        for match, start, end in self._matcher(doc):
            grouped.setdefault(self._nlp.vocab.strings[match], []).append((start, end))
        return {
            name: [(span.start, span.end) for span in filter_spans([doc[a:b] for a, b in spans])]
            for name, spans in grouped.items()
        }

    def _when(self, doc: Doc, spans: dict[str, list[tuple[int, int]]]) -> list[Entity]:
        joined: list[tuple[int, int]] = []
        for start, end in sorted(spans.get("when", [])):
            if start and doc[start - 1].lower_ in {"good", "every", "most", "each"}:
                continue
            between = doc[joined[-1][1] : start] if joined else None
            if (
                between is not None
                and len(between) <= 2
                and all(token.lower_ in patterns.BETWEEN for token in between)
            ):
                joined[-1] = (joined[-1][0], end)
            else:
                joined.append((start, end))
        kept = [place for place in joined if not _another_word(doc, *place)]
        return [_with_hour(doc.text, _entity(doc, "when", start, end)) for start, end in kept]

    def _how_often(self, doc: Doc, spans: dict[str, list[tuple[int, int]]]) -> list[Entity]:
        found = [
            (start, end, name.removeprefix("how_often:"))
            for name, places in spans.items()
            if name.startswith("how_often:")
            for start, end in places
            if not _denied(doc, start)
        ]
        whole = [
            (start, end, code)
            for start, end, code in found
            if not any((a <= start and end <= b) and (b - a) > (end - start) for a, b, _ in found)
        ]
        return [_entity(doc, "how_often", start, end, code) for start, end, code in whole]

    def _now(self, doc: Doc, spans: dict[str, list[tuple[int, int]]]) -> list[Entity]:
        return [
            _entity(doc, "now", start, end, "yes")
            for start, end in spans.get("now", [])
            if not _denied(doc, start)
        ]


def _another_word(doc: Doc, start: int, end: int) -> bool:
    """ "he sat outside", "I give it 9/10", "works nights": words that may be a time and are not."""
    word = doc[start].lower_
    day = re.fullmatch(r"(\d{1,2})/(\d{1,2})", word)
    if end - start == 1 and day and min(int(day[1]), int(day[2])) > 12:
        return True
    if end - start > 1 or len(doc) <= 2:
        return False
    before = doc[start - 1].lower_ if start else ""
    if word in patterns.SHY_DAYS:
        return before not in patterns.DAY_LEADS
    if day:
        return word == "24/7" or before not in patterns.DATE_LEADS
    return word in ("nights", "days", "mornings", "evenings") and before in patterns.WORK


def _with_hour(text: str, when: Entity) -> Entity:
    """The time with an hour beside it: "last night" with "about 2", "friday" with "around 7"."""
    start, end = when.start, when.end
    if before := patterns.HOUR_BEFORE.search(text[:start]):
        start = before.start()
    after = patterns.HOUR_AFTER.match(text[end:])
    if after and patterns.HOUR_ENDS.match(text[end + after.end() :]):
        end += after.end()
    return Entity(when.name, text[start:end], start, end)


def _denied(doc: Doc, start: int) -> bool:
    return start > 0 and doc[start - 1].lower_ in {"not", "n't", "nt", "never", "isnt"}


def _entity(doc: Doc, name: str, start: int, end: int, value: str | None = None) -> Entity:
    span = doc[start:end]
    return Entity(name, value or span.text, span.start_char, span.end_char)


def _by_characters(text: str) -> list[Entity]:
    found = []
    for name, pattern, normal in patterns.BY_CHARACTERS:
        for match in re.finditer(pattern, text, re.IGNORECASE):
            group = 1 if match.re.groups else 0
            found.append(Entity(name, normal(match[group]), match.start(group), match.end(group)))
    return found


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class ReportEntities(Reader):
    """Adds what EntityReader reads to Rasa's message."""

    def __init__(self) -> None:
        self._reader = EntityReader()

    @staticmethod
    def required_packages() -> list[str]:
        return ["spacy"]

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            read = [
                {
                    "entity": entity.name,
                    "value": entity.value,
                    "start": entity.start,
                    "end": entity.end,
                    "extractor": "ReportEntities",
                }
                for entity in self._reader.read(message.get(TEXT) or "")
            ]
            message.set(ENTITIES, message.get(ENTITIES, []) + read, add_to_output=True)
        return messages
