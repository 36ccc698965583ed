"""What somebody wants beside answering a question: a diary entry, a photo, to close, to complain …

Comes after the reading in context and puts its intent in the place of that one's where the words
are such a request. Words that tell what happened stay a report: of the two mistakes, a report
taken for a request is the worse one.
"""

import re
from dataclasses import dataclass, field
from typing import Any

from rasa.shared.core.trackers import DialogueStateTracker

from bot.components.choices import Choice, plain, resolve, skipped, words
from bot.components.context_answer import entity, ranked, sure

ROLES = words("for_someone_else am_witness stay_anonymous am_staff about_contractor")
WISHES = words("add_evidence ask_close complain go_on_by_phone")
REQUESTS = ROLES | WISHES | {"am_accused", "happening_again"}
DIARY = words("diary_what diary_when")
# What the reading in context says where it has found nothing better.
OPEN = words("describe tell_more unclear resume out_of_scope add_words other_repair nlu_fallback")
# What an answer in free words may be instead, by what was asked.
INSTEAD = {
    "happened_where": words("stay_anonymous"),
    "name": words("stay_anonymous go_on_by_phone"),
    "address": words("stay_anonymous go_on_by_phone"),
    "who": words("stay_anonymous go_on_by_phone"),
    "evidence": words("add_evidence go_on_by_phone"),
    "safe_how": words("stay_anonymous"),
}
AGAIN = re.compile(
    r"\b(?:agai?n|agen|another (?:one|incident|time)|same thing|still (?:at it|going on)|back at it"
    r"|started up|kicked off|(?:two|three|few) more times)\b"
)
ACCUSED = re.compile(
    r"\b(?:(?:complain(?:t|ed|ts)|report(?:ed)?|case|allegations?) (?:made )?(?:about|against) me\b"
    r"|letter (?:from you )?(?:saying|accusing|about my behaviou?r|that says) "
    r"(?:i|im|that i|me|my)\b"
    r"|i(?:ve| have)? (?:been|am being|was) (?:accused|blamed|reported)"
    r"|(?:my side of (?:the|it)|the allegations))"
)
# Kinds that are no report of trouble beside another one.
NO_MATTER = words("other repairs other_service")
MATTER_WORDS = 4
SURE = 0.5
SURE_OF_KIND = 0.7
SURE_AMID_QUESTIONS = 0.6
ACCUSED_SURE = 0.4
MAX_WISH = 16  # words; longer ones tell a story
MAX_AGAIN = 60


@dataclass(frozen=True)
class Said:
    """A message, and where in the conversation it stands. `meant`: the intent by context."""

    text: str
    ranking: list[tuple[str, float]]
    meant: str
    loop: str | None = None
    asked: str | None = None
    phase: str = "report"
    case_open: bool = False
    # What that case is about, and whether the words tell when something happened.
    case_kind: str | None = None
    tells_when: bool = False
    described: bool = False
    resumed: bool = False
    # Whether a question of the risk card itself has an answer.
    card_begun: bool = False
    # The danger screen has read something: then nothing is asked before the report.
    in_danger: bool = False
    # The same of this very message.
    alarms: bool = False
    choices: list[Choice] = field(default_factory=list)

    @property
    def words(self) -> int:
        return len(plain(self.text).split())

    def top(self) -> tuple[str, float]:
        return self.ranking[0] if self.ranking else ("", 0.0)


def request(said: Said) -> tuple[str, str | None] | None:
    """The intent (with the value that it fills) to go on with; None: as by context."""
    if said.resumed and said.loop is None:
        return _took_up(said), None
    if said.loop == "diary_form" and said.asked in DIARY:
        return _for_the_diary(said)
    if any(str(choice["value"]).startswith("accused_") for choice in said.choices):
        picked = resolve(said.text, said.choices)
        if picked:
            return f"choose_{picked}", None
    if said.loop and said.asked and said.asked != "description":
        return _amid_questions(said)
    if said.meant not in OPEN and not (said.asked == "description" and said.meant == "answer"):
        return None
    opening = said.phase == "report" and not said.described
    return _opening(said) if opening else _afterwards(said)


def _took_up(said: Said) -> str:
    if said.phase == "risk" and said.card_begun:
        return "choose_start_risk"
    return "resume" if said.phase == "report" else "ask_status"


def _for_the_diary(said: Said) -> tuple[str, str | None] | None:
    if said.meant in OPEN | {"danger", "answer"} or said.meant.startswith("choose_"):
        return "answer", skipped(said.text)
    return None


def _amid_questions(said: Said) -> tuple[str, str | None] | None:
    name, confidence = said.top()
    if confidence < SURE_AMID_QUESTIONS or said.words > MAX_WISH or name not in REQUESTS:
        return None
    if said.meant == "answer":
        fits = name in INSTEAD.get(said.asked or "", frozenset()) and not skipped(said.text)
        return (name, None) if fits else None
    if said.meant not in OPEN or name == "am_accused":
        return None
    if name == "happening_again" and (not said.case_open or said.loop == "report_form"):
        return None
    return name, None


def _opening(said: Said) -> tuple[str, str | None] | None:
    name, confidence = said.top()
    if not said.in_danger:
        likely = name == "am_accused" and confidence >= ACCUSED_SURE
        if likely or ACCUSED.search(plain(said.text)):
            return "am_accused", None
    if said.case_open and name == "happening_again" and confidence >= SURE:
        return name, None
    if name in ROLES | WISHES and confidence >= SURE and said.words <= MAX_WISH:
        return name, None
    return None


def _afterwards(said: Said) -> tuple[str, str | None] | None:
    name, confidence = said.top()
    known = said.case_open and said.phase != "report"
    if known and said.words <= MAX_AGAIN and said.meant in ("tell_more", "add_words", "unclear"):
        happened = name.startswith("report_") and bool(AGAIN.search(plain(said.text)))
        if happened or (name == "happening_again" and confidence >= ACCUSED_SURE):
            return "happening_again", None
        if beside := _beside_the_case(said):
            return beside, None
    if name == "am_accused" and confidence >= SURE and not (said.case_open or said.in_danger):
        return name, None
    if name in ROLES | WISHES and confidence >= SURE and said.words <= MAX_WISH:
        return name, None
    return None


def _beside_the_case(said: Said) -> str | None:
    """More trouble than the open case is about, or more of it at a time that they tell. Nothing is
    asked after domestic abuse, or where the words tell of danger: then they are kept as they are.
    """
    name, confidence = said.top()
    kind = name.removeprefix("report_")
    likely = name.startswith("report_") and confidence >= SURE_OF_KIND and kind not in NO_MATTER
    quiet = said.alarms or said.case_kind in (None, "domestic_abuse")
    if not likely or quiet or said.words < MATTER_WORDS or said.meant == "add_words":
        return None
    if kind != said.case_kind:
        return "other_matter"
    return "happening_again" if said.tells_when else None


def or_a_request(
    parsed: dict[str, Any], metadata: dict[str, Any], tracker: DialogueStateTracker
) -> dict[str, Any]:
    """What was read in context (`parsed`), or the request that the words are instead."""
    slots = tracker.current_slot_values()
    found = request(
        Said(
            text=parsed["text"],
            ranking=ranked(parsed.get("intent_ranking") or []),
            meant=(parsed.get("intent") or {}).get("name") or "unclear",
            loop=tracker.active_loop_name,
            asked=slots.get("requested_slot"),
            phase=slots.get("phase") or "report",
            case_open=bool(metadata.get("case_open")),
            case_kind=metadata.get("case_kind"),
            tells_when=any(one["entity"] in ("when", "now") for one in parsed["entities"]),
            described=bool(slots.get("description")),
            resumed=bool(metadata.get("resumed")),
            card_begun=any(slots.get(f"r{number}") for number in range(2, 15)),
            in_danger=bool(metadata.get("flags")),
            alarms=bool(metadata.get("message_flags")),
            choices=list(metadata.get("choices") or []),
        )
    )
    if found is None:
        return parsed
    intent, value = found
    entities = [one for one in parsed["entities"] if one["entity"] != "value"]
    if value is not None:
        entities.append(entity("value", value, parsed["text"]))
    return {**parsed, "intent": sure(intent), "entities": entities}
