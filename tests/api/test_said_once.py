"""What is told once in a conversation, beside what the assistant says: the case review where the
policy has everybody told of it, the lines for who they are; and how many questions are left."""

from typing import Any

import httpx
import pytest

from api.conversation.how_long import REPORT, how_long
from api.conversation.telling import with_news
from api.db import Database
from api.intake.rulebook import Rulebook
from api.messages.transcript import messages_of
from tests.api.chats import Chat
from tests.fakes import ScriptedBot, say

OPENED = say("case_opened", "offer_risk")
ALL_DONE = say("all_done", active_loop=None)
WHEN = say("ask_when", requested_slot="happened_when")
CARD = range(1, 15)


def answers(bot: ScriptedBot, answer: dict[str, Any]) -> None:
    bot.script = lambda _: (200, answer)


def heard_keys(database: Database, chat: Chat) -> list[str]:
    with database.reading() as session:
        said = [one.said for one in messages_of(session, chat.id) if one.sender == "assistant"]
    return [str(one["say"]) for keys in said for one in keys]


@pytest.mark.parametrize(
    ("landlord", "told"),
    [("nacro", 1), ("vivid", 0), ("places-for-people", 0), ("lyme-trust", 0), ("seven-locks", 0)],
)
def test_everybody_is_told_of_the_case_review_once_where_the_policy_says_so(
    landlord: str, told: int, client: httpx.Client, bot: ScriptedBot, database: Database,
    rulebook: Rulebook,
) -> None:  # fmt: skip
    """Nacro 3.11: "inform anyone reporting ASB about their right"."""
    chat = Chat(client, landlord)
    answers(bot, OPENED)
    [reply] = chat.says("yes it is safe")
    review = rulebook.pack(landlord).policy.case_review
    assert (review is not None and review.words.web in reply["text"]) is bool(told)
    # The question that follows stands last, with its choices.
    assert [choice["value"] for choice in reply["choices"]] == ["start_risk", "later"]
    answers(bot, ALL_DONE)
    chat.says("it is right")
    assert heard_keys(database, chat).count("case_review") == told


def test_who_was_not_told_of_it_when_the_report_went_in_is_told_at_the_end(
    client: httpx.Client, bot: ScriptedBot, database: Database
) -> None:
    chat = Chat(client, "nacro")
    answers(bot, OPENED)
    # In distress nobody is told of procedures: a person takes over.
    assert "Case Review" not in chat.hears("i cant stop crying i dont know what to do")
    answers(bot, ALL_DONE)
    chat.says("go on with the questions")
    assert "ASB Case Review" in chat.hears("it is right")
    assert heard_keys(database, chat).count("case_review") == 1


def test_after_domestic_abuse_no_text_names_what_it_is_about(
    client: httpx.Client, bot: ScriptedBot, database: Database
) -> None:
    chat = Chat(client, "nacro")
    answers(bot, WHEN)
    chat.says("my husband hits me")
    answers(bot, OPENED)
    chat.says("i am safe now")
    assert "case_review" not in heard_keys(database, chat)


def test_who_they_are_is_answered_beside_the_next_question_not_amid_other_talk(
    client: httpx.Client, bot: ScriptedBot, database: Database
) -> None:
    chat = Chat(client, "nacro")
    answers(bot, say("complain_kept", "complaint_way", "ask_when", requested_slot="happened_when"))
    first = chat.hears("i am a member of staff and i want to complain about you")
    assert "member of staff" not in first
    assert "Nacro has a complaints procedure" in first
    answers(bot, say("ask_where", requested_slot="happened_where"))
    second = chat.hears("last night")
    assert "you are a member of staff" in second
    assert "Service Lead or an Area Manager" in second
    assert second.endswith("the car park.")
    chat.says("the stairs")
    assert heard_keys(database, chat).count("staff_way") == 1


def test_two_roles_are_answered_one_after_the_other(
    client: httpx.Client, bot: ScriptedBot, database: Database
) -> None:
    chat = Chat(client, "nacro")
    answers(bot, WHEN)
    chat.says("your contractor swore at me, i am a member of staff")
    chat.says("last night")
    said = heard_keys(database, chat)
    assert [one for one in said if one in ("about_contractor", "am_staff", "staff_way")] == [
        "about_contractor", "am_staff", "staff_way",
    ]  # fmt: skip


def test_a_promise_is_not_made_twice_in_one_text() -> None:
    opened = {"say": "case_opened", "values": {"promise": "We will reply by 5pm on Monday"}}
    again = {"say": "seen_by", "values": {"promise": "We will reply by 5pm on Monday"}}
    other = {"say": "seen_by", "values": {"promise": "We will reply by 9am on Friday"}}
    quiet = {"say": "handover"}
    assert with_news([opened], [quiet, again]) == [opened, quiet]
    assert with_news([opened], [quiet, other]) == [opened, quiet, other]
    assert with_news([], [quiet, {"say": "seen_unknown"}]) == [quiet, {"say": "seen_unknown"}]


def test_a_person_takes_over_in_place_of_words_that_are_not_understood_twice(
    client: httpx.Client, bot: ScriptedBot
) -> None:
    """The assistant's own key for it has no words: nothing but the hand-over is said."""
    chat = Chat(client)
    answers(bot, say("offer_person", active_loop=None, requested_slot="happened_when"))
    assert "a person in our team" in chat.hears("purple monkey dishwasher")
    answers(bot, WHEN)
    assert "Please tell us what is happening" in chat.hears("go on with the questions")


# ---- How long it takes ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "phase", "slots", "key", "count"),
    [
        ("report_form", "report", {}, "how_long", 11),
        ("report_form", "report", {"happened_when": "now", "contact": "x"}, "how_long", 9),
        ("report_form", "report", dict.fromkeys(REPORT[2:], "x"), "how_long_few", None),
        ("report_form", "report", {"kind": "domestic_abuse"}, "how_long_few", None),
        # Fourteen, who we may talk to, and whether all is right.
        (None, "risk", {}, "how_long_risk", 16),
        ("risk_form", "risk", {"r1": "daily", "r2": "declined"}, "how_long_risk", 14),
        ("risk_form", "risk", {f"r{n}": "x" for n in CARD}, "how_long_few", None),
        ("summary_form", "risk", {}, "how_long_few", None),
        ("diary_form", "after", {}, "how_long_few", None),
        (None, "after", {}, "how_long_none", None),
    ],
)
def test_the_questions_that_are_left_are_counted(
    form: str | None, phase: str, slots: dict[str, Any], key: str, count: int | None
) -> None:
    values = {"values": {"count": count}} if count else {}
    assert how_long(form, phase, slots, CARD) == {"say": key, **values}


def test_what_every_report_is_asked_is_what_the_assistant_asks() -> None:
    from actions.report import CONTACT, DETAILS

    assert (*DETAILS, *CONTACT) == REPORT


def test_who_asks_how_long_it_takes_hears_how_many_are_left(
    client: httpx.Client, bot: ScriptedBot
) -> None:
    chat = Chat(client)
    slots = {"description": "loud music", "kind": "noise", "happened_when": "last night"}
    asked = say("how_long", "ask_where", slots=slots, requested_slot="happened_where")
    answers(bot, asked)
    reply = chat.hears("how many more questions")
    assert "About 10 short questions more for your report. Then 14" in reply
    assert "Where did it happen?" in reply
