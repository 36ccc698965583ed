"""What a resident is told in a turn beside what the assistant says: that we know them again, what
their words change for them, and that it goes quiet where a person takes over."""

from collections.abc import Iterable, Mapping, Set
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from api.conversation.before import Before
from api.conversation.definite import QUIET
from api.conversation.handover import hand_over, handover_words
from api.conversation.how_long import how_long
from api.conversation.model import Conversation
from api.conversation.rasa import Turn
from api.conversation.receive import wordings
from api.conversation.take_up import TAKES_UP
from api.intake.rulebook import Rulebook
from api.messages.model import Message
from api.messages.transcript import messages_of
from api.messages.wording import Rendered, render
from api.policies.load import Pack
from api.policies.schema import Policy
from api.reports.model import Report
from api.screening.distress import is_distressed

Said = list[dict[str, Any]]

# A role that words name in passing is answered by this, once.
SAID_FOR = {
    "anonymous": "may_stay_anonymous",
    "staff": "am_staff",
    "contractor": "about_contractor",
}
ALSO_SAID = {"anonymous": "stay_anonymous"}
LEFT_ALONE = frozenset({"thanks", "goodbye", "tell_more"})
# Beside the next question these only say that something is heard.
HEARD = QUIET | {"noted", "heard_answer", "heard_when"}
PHASES_THAT_REST = frozenset({"report", "risk"})
# Not understood twice: the assistant says it so, and a person takes over in its place.
STUCK = "offer_person"
# Where the policy has everybody told of the case review: beside the first of these.
TELLS_OF_REVIEW = frozenset({"case_opened", "case_opened_review", "report_recorded", "all_done"})


def told_in_turn(
    session: Session,
    conversation: Conversation,
    report: Report,
    message: Message,
    turn: Turn,
    rulebook: Rulebook,
    *,
    earlier: Before,
    now: datetime,
) -> Said:
    """The turn's messages as they go out."""
    said = [dict(one) for one in turn.said]
    keys = {one["say"] for one in said}
    for reason, applies in (
        ("asked", "handover" in keys),
        ("accused", "accused_kept" in keys),
        ("not_understood", STUCK in keys),
        ("distress", _in_distress(message, rulebook)),
    ):
        if applies:
            return _quiet(session, conversation, reason, said, now)
    welcome = _welcome(conversation, message, turn, rulebook, earlier)
    if welcome and len(said) > 1:
        said = [one for one in said if one["say"] != "greet"]
    if "how_long" in keys:
        questions = [question.number for question in rulebook.policies.risk_matrix.questions]
        left = how_long(turn.active_loop, conversation.phase, turn.slots, questions)
        said = [left if one["say"] == "how_long" else one for one in said]
    return [*welcome, *_said_once(session, conversation, report, said, rulebook)]


def stands(conversation: Conversation, turn: Turn) -> bool:
    """Whether what was offered outside a form is still open after a turn that offers nothing else:
    it was neither picked nor answered by starting on something. Before the turn is written."""
    intent = str(turn.intent.get("name") or "")
    if conversation.requested_slot or turn.active_loop or not conversation.pending:
        return False
    moved_on = conversation.next_phase is not None or intent.startswith("choose_")
    # Words of their own after advice are a challenge; on a case they are kept, and it still asks.
    return not moved_on and (intent != "tell_more" or conversation.case_id is not None)


def said_again(conversation: Conversation, turn: Turn) -> Said:
    """An offer that stands, as it is said beside talk; a goodbye is left alone."""
    if turn.intent.get("name") in LEFT_ALONE:
        return []
    return [{**one, "again": True} for one in conversation.pending]


def pending_after(said: Said, turn: Turn, pack: Pack) -> Said:
    """The question that now stands, as it was said; empty where none does."""
    if not said or said[-1]["say"] == STUCK:
        return []
    message = pack.wording.get(str(said[-1]["say"]))
    asks = turn.requested_slot is not None or (message is not None and bool(message.choices))
    return said[-1:] if asks else []


def question_of(conversation: Conversation, report: Report, rulebook: Rulebook) -> Rendered:
    """The question that stands, in the landlord's words."""
    if not conversation.pending:
        return Rendered("")
    return render(
        conversation.pending,
        pack=rulebook.pack(conversation.landlord),
        policies=rulebook.policies,
        channel=conversation.channel,
        always=wordings(conversation, report),
    )


def _in_distress(message: Message, rulebook: Rulebook) -> bool:
    # Where the words tell of danger, the safety text has answered it and the report goes on beside
    # it. Where the model alone hears danger in them, it may well be the despair that it hears.
    return is_distressed(message.text) and not rulebook.danger.screen(message.text).emergency


def _quiet(
    session: Session, conversation: Conversation, reason: str, said: Said, now: datetime
) -> Said:
    hand_over(session, conversation, reason=reason, at=now)
    # What stands before the question is still said: a report that has just gone in, say.
    news = [one for one in said if one["say"].startswith(("case_opened", "report_recorded"))]
    return with_news(news, handover_words(session, conversation, reason, now=now))


def with_news(news: Said, words: Said) -> Said:
    """What is told of a report before a person takes over; its promise is not made twice."""
    promised = {_promise(one) for one in news} - {None}
    return [*news, *(one for one in words if _promise(one) not in promised)]


def _promise(one: Mapping[str, Any]) -> str | None:
    promise: str | None = (one.get("values") or {}).get("promise")
    return promise


def _welcome(
    conversation: Conversation,
    message: Message,
    turn: Turn,
    rulebook: Rulebook,
    earlier: Before,
) -> Said:
    takes_up = TAKES_UP in message.raw
    if not takes_up:
        if conversation.phase not in PHASES_THAT_REST or not conversation.pending:
            return []
        rest = rulebook.coming_back.of(conversation.landlord).welcome_after
        if earlier.wrote_at is None:
            return []
        here = max(earlier.wrote_at, conversation.seen_at or earlier.wrote_at)
        if message.at - here < rest:
            return []
    asked = conversation.requested_slot
    if turn.requested_slot != asked or not conversation.pending:
        return [{"say": "welcome_back_short"}]
    topic = rulebook.coming_back.topic(asked, conversation.phase)
    return [{"say": "welcome_back", "values": {"topic": topic}}]


def _said_once(
    session: Session,
    conversation: Conversation,
    report: Report,
    said: Said,
    rulebook: Rulebook,
) -> Said:
    """The turn's messages with what is told once in a conversation."""
    policy = rulebook.pack(conversation.landlord).policy
    # Beside other talk it would be too much for a text: it waits for the next question.
    by_itself = all(one["say"] in HEARD for one in said[:-1])
    asks = by_itself and said[-1]["say"].startswith("ask_")
    roles = report.told_as if asks and conversation.phase == "report" else []
    # The name of it would tell somebody else who reads the phone what was reported.
    review = "domestic_abuse" not in report.flags and tells_of_review(said, policy)
    if not (roles or review):
        return said
    before = _said_before(session, conversation)
    if review and "case_review" not in before:
        return with_case_review(said)
    return [*line_for_role(roles, before, policy), *said]


def _said_before(session: Session, conversation: Conversation) -> frozenset[str]:
    """Every key that this conversation has heard."""
    return frozenset(
        str(one["say"])
        for kept in messages_of(session, conversation.id)
        if kept.sender == "assistant"
        for one in kept.said
    )


def line_for_role(roles: Iterable[str], before: Set[str], policy: Policy) -> Said:
    """What is said of the first of their roles of which nothing was said yet (`before`: keys)."""
    for role in sorted(SAID_FOR.keys() & set(roles)):
        if not before & {SAID_FOR[role], ALSO_SAID.get(role, "")}:
            way = role == "staff" and policy.staff
            return [{"say": SAID_FOR[role]}, *([{"say": "staff_way"}] if way else [])]
    return []


def tells_of_review(said: Said, policy: Policy) -> bool:
    """Whether everybody is told of the case review beside what is said here."""
    everyone = policy.case_review is not None and policy.case_review.everyone
    return everyone and any(one["say"] in TELLS_OF_REVIEW for one in said)


def with_case_review(said: Said) -> Said:
    at = next(n for n, one in enumerate(said, 1) if one["say"] in TELLS_OF_REVIEW)
    return [*said[:at], {"say": "case_review"}, *said[at:]]
