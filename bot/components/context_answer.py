"""Reads a message as an answer to what was just asked.

The last component of the pipeline. It sees the conversation (Rasa passes the live tracker to a
component whose `process` has a parameter of that name) and, in the message's metadata, what the
last message offered. Without such metadata (`rasa test nlu`, /parse) it changes nothing.
"""

from dataclasses import dataclass, field
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.components.choices import Choice, exactly, plain, resolve, skipped, words

FREE_TEXT = words(
    "description happened_when happened_where who police_reference evidence name address "
    "safe_how change_to"
)
CHOSEN = words("ok challenge start_risk later better same worse call_me")
COMMANDS: dict[str, tuple[str, ...]] = {
    "go_back": ("back", "go back", "back please", "go back please", "previous", "last question"),
    "ask_start_again": (
        "start again", "start over", "restart", "begin again", "start from the beginning",
    ),
    "ask_person": (
        "person", "a person", "human", "agent", "real person", "operator", "speak to a person",
        "talk to a person", "speak to someone", "talk to someone", "speak to a human",
    ),
    "ask_why": (
        "why", "why do you ask", "what for", "why do you need that", "why do you need to know",
    ),
    "ask_who_sees": ("who sees this", "is this private", "is this confidential"),
    "ask_what_next": ("what next", "what happens next"),
    "ask_status": ("status", "any update", "any news"),
    "greet": ("hi", "hello", "hey", "hiya", "good morning", "good afternoon", "good evening"),
    "thanks": ("thanks", "thank you", "ta", "cheers", "thx", "many thanks"),
    "goodbye": ("bye", "goodbye", "bye bye", "see you"),
}  # fmt: skip
EXACT = {words: intent for intent, wordings in COMMANDS.items() for words in wordings}
EXACT_ONLY = frozenset({"go_back", "ask_start_again"})
PAUSES = frozenset({"later", "not now", "stop asking", "no more questions", "do it later"})
NODS = words("ok okay k yes yeah yep no nope fine great good alright sure lol y n")
TALK = words(
    "greet thanks goodbye ask_why ask_who_sees ask_what_next ask_person ask_status "
    "ask_case_review out_of_scope"
)
ASKING = words("why who what when where how is are can could do does will would should which may")
MIN_TALK = 0.6
MIN_TALK_IN_FREE_TEXT = 0.75
MIN_KIND = 0.3
MAX_TALK = 8  # words
MAX_QUESTION = 12


@dataclass
class Turn:
    """What a message is read with. `ranking` is the classifier's, best first."""

    text: str
    ranking: list[tuple[str, float]]
    entities: list[dict[str, Any]]
    choices: list[Choice]
    several: bool
    loop: str | None
    asked: str | None
    slots: dict[str, Any] = field(default_factory=dict)

    @property
    def said(self) -> str:
        return plain(self.text)

    @property
    def words(self) -> int:
        return len(self.said.split())

    def entity(self, name: str) -> str | None:
        return next((item["value"] for item in self.entities if item["entity"] == name), None)

    def kind(self) -> tuple[str | None, float]:
        """The likeliest category with its confidence."""
        for name, confidence in self.ranking:
            if name.startswith("report_"):
                return name.removeprefix("report_"), confidence
        return None, 0.0


@dataclass(frozen=True)
class Reading:
    """The intent to go on with; `value` fills the question that was asked."""

    intent: str
    value: str | None = None


def read(turn: Turn) -> Reading:
    """Decides what a message is, in its context. Pure."""
    if turn.loop and turn.asked:
        return _free_text(turn) if turn.asked in FREE_TEXT else _choice(turn)
    return _outside(turn)


def _free_text(turn: Turn) -> Reading:
    value = exactly(turn.text, turn.choices) if turn.choices else None
    if value:
        return Reading("answer", value)
    digression = EXACT.get(turn.said) or _talk(turn, MIN_TALK_IN_FREE_TEXT)
    if digression and (turn.said in EXACT or _asks(turn)):
        return Reading(digression)
    if turn.asked == "description":
        return Reading("answer") if _tells_something(turn) else Reading("unclear")
    return Reading("answer", skipped(turn.text))


def _choice(turn: Turn) -> Reading:
    value = resolve(turn.text, turn.choices, turn.several)
    if turn.asked == "kind_ok" and turn.words > 2 and value != "yes":
        value = _own_kind(turn) or value
    if value:
        return Reading("answer", value)
    if turn.said in EXACT:
        return Reading(EXACT[turn.said])
    if turn.loop == "risk_form" and turn.said in PAUSES:
        return Reading("choose_later")
    value = skipped(turn.text) or _by_entity(turn)
    if value:
        return Reading("answer", value)
    return Reading(_talk(turn, MIN_TALK) or "unclear")


def _by_entity(turn: Turn) -> str | None:
    """An answer in own words, where what was read in them is exactly what was asked."""
    if turn.asked in ("how_often", "r1"):
        often = turn.entity("how_often")
        return often if turn.asked == "how_often" or often != "once" else None
    if turn.asked == "happening_now":
        return turn.entity("now") if turn.slots.get("kind") != "domestic_abuse" else None
    if turn.asked == "contact":
        return turn.entity("email") or turn.entity("phone")
    if turn.asked in ("kind", "kind_ok"):
        return _own_kind(turn)
    if turn.asked == "policy_answer" and turn.entity("when"):
        return "own_words"
    return None


def _own_kind(turn: Turn) -> str | None:
    category, confidence = turn.kind()
    top = turn.ranking[0][0] if turn.ranking else ""
    if category and confidence >= MIN_KIND and top.startswith("report_"):
        return category
    return None


def _outside(turn: Turn) -> Reading:
    value = resolve(turn.text, turn.choices) if turn.choices else None
    if value in CHOSEN:
        return Reading(f"choose_{value}")
    intent = EXACT.get(turn.said) or _talk(turn, MIN_TALK)
    phase = turn.slots.get("phase")
    if intent:
        return Reading(intent)
    if phase == "report" and turn.slots.get("description"):
        return Reading("resume")
    # A report that has a case is added to; where there is none, new words are a new report.
    if phase == "report" or (phase == "after" and not turn.slots.get("case_open")):
        return Reading("describe" if _tells_something(turn) else "unclear")
    return Reading("tell_more" if _tells_something(turn) else "unclear")


def _tells_something(turn: Turn) -> bool:
    """More than a nod, a number or a skip: a word of three letters at least."""
    if skipped(turn.text):
        return False
    return any(len(word) >= 3 and word.isalpha() and word not in NODS for word in turn.said.split())


def _talk(turn: Turn, least: float) -> str | None:
    """A short message, or a question, that the classifier is sure is talk. Commands must be exact
    words."""
    if not turn.ranking or turn.words > (MAX_QUESTION if _asks(turn) else MAX_TALK):
        return None
    name, confidence = turn.ranking[0]
    sure = name in TALK and name not in EXACT_ONLY and confidence >= least
    return name if sure else None


def _asks(turn: Turn) -> bool:
    first = turn.said.split()[:1]
    return turn.text.rstrip().endswith("?") or bool(first and first[0] in ASKING)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class ContextAnswer(GraphComponent):
    """Replaces the intent by what the message is in its context; keeps the ranking."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "ContextAnswer":
        return cls()

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
        )
        reading = read(turn)
        message.set(INTENT, {"name": reading.intent, "confidence": 1.0}, add_to_output=True)
        if reading.value is not None:
            value = {
                "entity": "value",
                "value": reading.value,
                "start": 0,
                "end": len(turn.text),
                "extractor": "ContextAnswer",
            }
            message.set(ENTITIES, [*turn.entities, value], add_to_output=True)


def ranked(ranking: list[dict[str, Any]]) -> list[tuple[str, float]]:
    """Names and confidences, best first, without the fallback's own entry."""
    return [
        (item["name"], float(item["confidence"]))
        for item in ranking
        if item["name"] != "nlu_fallback"
    ]
