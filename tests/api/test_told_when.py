"""When it happened, as a definite time beside the words: written, said back, confirmed, shown."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.cases.queries import case_out
from api.conversation.definite import say_definite
from api.db import Database
from api.intake.rulebook import Rulebook
from api.intake.take_report import correct
from api.messages.wording import render
from api.portal import case_page
from api.reports.drafts import tell
from api.reports.model import Report
from tests.api.test_chat_calls import open_chat
from tests.api.test_take_report import begin, handed_in
from tests.fakes import ScriptedBot, say
from tests.people import ALICE

THURSDAY = datetime(2026, 11, 26, 10, 5, tzinfo=UTC)
LAST_TUESDAY = "last Tuesday about half 2 in the morning"


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.writing() as session:
        yield session


def kept(report: Report) -> tuple[str | None, str | None]:
    return report.happened_when, report.happened_said


def test_the_words_stay_and_the_time_stands_beside_them(session: Session) -> None:
    _, report = begin(session, "vivid")
    tell(report, {"happened_when": LAST_TUESDAY}, at=THURSDAY)
    assert kept(report) == (LAST_TUESDAY, "Tuesday 24 November, about 2:30am")
    assert report.happened_from == datetime(2026, 11, 24, 2, tzinfo=UTC)
    assert report.happened_to == datetime(2026, 11, 24, 3, tzinfo=UTC)
    assert not report.happened_confirmed


def test_the_same_words_told_again_days_later_mean_what_they_meant(session: Session) -> None:
    _, report = begin(session, "vivid")
    tell(report, {"happened_when": "last night"}, at=THURSDAY)
    tell(report, {"happened_when": "last night", "who": "him"}, at=THURSDAY + timedelta(days=3))
    assert kept(report) == ("last night", "the night of Wednesday 25 November")


@pytest.mark.parametrize(
    ("first", "then", "said"),
    [
        (LAST_TUESDAY, "no, wednesday", "Wednesday 25 November, about 2:30am"),
        ("tuesday evening", "sorry, wednesday", "Wednesday 25 November, in the evening"),
        ("last night", "no it was tuesday", "the night of Tuesday 24 November"),
        ("tuesday at 8pm", "no, wednesday at 9pm", "Wednesday 25 November, 9pm"),
        ("tuesday at 8pm", "wednesday morning", "Wednesday 25 November, in the morning"),
        ("tuesday", "no, wednesday", "Wednesday 25 November"),
    ],
)
def test_another_day_leaves_the_hour_that_was_told(
    session: Session, first: str, then: str, said: str
) -> None:
    _, report = begin(session, "vivid")
    tell(report, {"happened_when": first}, at=THURSDAY)
    tell(report, {"happened_when": then}, at=THURSDAY)
    assert kept(report) == (then, said)


def test_vague_words_are_kept_and_stand_alone(session: Session) -> None:
    _, report = begin(session, "vivid")
    tell(report, {"happened_when": "last night"}, at=THURSDAY)
    tell(report, {"happened_when": "the other night"}, at=THURSDAY)
    assert kept(report) == ("the other night", None)
    assert report.happened_from is report.happened_to is None


def test_an_hour_is_no_night_once_it_is_told_to_keep_happening(session: Session) -> None:
    _, report = begin(session, "vivid")
    tell(report, {"happened_when": "2am"}, at=THURSDAY)
    assert kept(report) == ("2am", "Thursday 26 November, 2am")
    tell(report, {"happened_when": "2am", "how_often": "most_days"}, at=THURSDAY)
    assert kept(report) == ("2am", None)


def test_a_correction_changes_the_time_and_not_what_was_first_told(
    session: Session, rulebook: Rulebook
) -> None:
    report, case = handed_in(session, rulebook, "vivid", happened_when="sunday at 2am")
    assert case is not None
    assert report.happened_said == "Sunday 1 November, 2am"
    report.happened_confirmed_at = THURSDAY
    at = datetime(2026, 11, 5, 9, tzinfo=UTC)
    correct(session, case, report, what="when", to="no, wednesday", at=at, number=ALICE.number)
    assert kept(report) == ("no, wednesday", "Wednesday 4 November, 2am")
    assert not report.happened_confirmed
    assert case.incidents[0].happened_when == "sunday at 2am"
    assert case.incidents[0].happened_said == "Sunday 1 November, 2am"


def test_other_systems_and_officers_see_the_words_and_the_time(
    session: Session, rulebook: Rulebook
) -> None:
    report, case = handed_in(session, rulebook, "vivid", happened_when="sunday at 2am")
    assert case is not None
    out = case_out(session, case, rulebook.pack("vivid").policy).model_dump(mode="json")
    for told in (out["report"], out["incidents"][0]):
        assert told["happened_when"] == "sunday at 2am"
        assert told["happened_from"] == "2026-11-01T02:00:00Z"
        assert told["happened_said"] == "Sunday 1 November, 2am"
    assert out["report"]["happened_confirmed"] is False
    lines = dict(case_page.told(report))
    assert lines["When"] == "sunday at 2am"
    assert lines["Definite time"] == "Sunday 1 November, 2am (as we read it)"
    report.happened_confirmed_at = THURSDAY
    assert dict(case_page.told(report))["Definite time"].endswith("2am (confirmed)")


def asks(key: str, slots: dict[str, Any], slot: str | None = None) -> dict[str, Any]:
    return say(key, slots=slots, requested_slot=slot)


def answer(client: httpx.Client, bot: ScriptedBot, chat: Any, n: int, words: str, turn: Any) -> str:
    bot.script = lambda asked: (200, turn)
    conversation, key = chat
    sent = client.post(
        f"/chat/conversations/{conversation}/messages",
        json={"client_message_id": f"m-{n}", "text": words},
        headers=key,
    )
    assert sent.status_code == 200
    [reply] = sent.json()["messages"]
    text: str = reply["text"]
    return text


def test_the_definite_time_is_said_with_the_next_question_and_confirmed_at_the_summary(
    client: httpx.Client, bot: ScriptedBot, database: Database
) -> None:
    told = {"description": "loud music", "kind": "noise"}
    with time_machine.travel(THURSDAY, tick=False):
        chat = open_chat(client)
        answer(client, bot, chat, 1, "loud music", asks("ask_when", told, "happened_when"))
        told = {**told, "happened_when": LAST_TUESDAY}
        text = answer(client, bot, chat, 2, LAST_TUESDAY, asks("ask_where", told, "happened_where"))
        assert "That is Tuesday 24 November, about 2:30am." in text
        assert "Where did it happen?" in text
        # Said once.
        told = {**told, "happened_where": "my flat"}
        text = answer(client, bot, chat, 3, "my flat", asks("ask_how_often", told, "how_often"))
        assert "November" not in text
        text = answer(client, bot, chat, 4, "1", asks("summary", told, "summary_ok"))
        assert "Tuesday 24 November, about 2:30am" in text
        with database.reading() as session:
            assert not session.scalars(select(Report)).one().happened_confirmed
        answer(client, bot, chat, 5, "1", asks("all_done", {**told, "summary_ok": "yes"}))
    with database.reading() as session:
        report = session.scalars(select(Report)).one()
        assert report.happened_when == LAST_TUESDAY
        assert report.happened_confirmed


def test_nothing_is_said_of_a_time_that_was_left_open_or_after_domestic_abuse(
    client: httpx.Client, bot: ScriptedBot, database: Database
) -> None:
    with time_machine.travel(THURSDAY, tick=False):
        chat = open_chat(client)
        told = {"description": "loud music", "kind": "noise", "happened_when": "the other night"}
        text = answer(client, bot, chat, 1, "the other night", asks("ask_where", told))
        assert "That is" not in text
        chat = open_chat(client)
        told = {"description": "x", "kind": "domestic_abuse", "happened_when": "last night"}
        text = answer(client, bot, chat, 1, "last night", asks("ask_safe_how_only", told))
        assert "November" not in text


def test_words_that_waited_mean_the_day_on_which_they_were_written(
    client: httpx.Client, bot: ScriptedBot, database: Database
) -> None:
    bot.up = False
    late = THURSDAY.replace(hour=23, minute=40)
    with time_machine.travel(late, tick=False):
        conversation, key = open_chat(client)
        path = f"/chat/conversations/{conversation}/messages"
        client.post(path, json={"client_message_id": "a", "text": "last night"}, headers=key)
    bot.up = True
    told = {"description": "loud music", "happened_when": "last night"}
    bot.script = lambda asked: (200, asks("ask_where", told))
    with time_machine.travel(late + timedelta(minutes=50), tick=False):
        client.post(path, json={"client_message_id": "b", "text": "hello?"}, headers=key)
        said = client.get(path, headers=key).json()["messages"]
    with database.reading() as session:
        report = session.scalars(select(Report)).one()
        assert kept(report) == ("last night", "the night of Wednesday 25 November")
    assert any("Wednesday 25 November" in one["text"] for one in said)


def test_a_time_read_in_the_first_words_or_put_right_is_said_in_its_place() -> None:
    moment = "Tuesday 24 November, 2am"
    noted: dict[str, Any] = {"say": "noted", "values": {"when": "tues 2am", "where": "here"}}
    ask: dict[str, Any] = {"say": "ask_kind", "values": {}}
    assert say_definite([noted, ask], moment=moment, fresh=True, opening=True) == [
        {"say": "noted", "values": {"when": moment, "where": "here"}},
        ask,
    ]
    changed = {"say": "changed", "values": {"changes": {"when": "tues"}}}
    [put_right, _] = say_definite([changed, ask], moment=moment, fresh=True, opening=False)
    assert put_right["values"] == {"changes": {"when": moment}}
    [first, _] = say_definite([ask], moment=moment, fresh=True, opening=True)
    assert first == {"say": "noted", "values": {"when": moment}}
    [since, _] = say_definite([ask], moment="since August", fresh=True, opening=False)
    assert since == {"say": "heard_answer", "values": {"answer": "since August"}}
    assert say_definite([{"say": "unsafe_now"}, ask], moment=moment, fresh=True, opening=False) == [
        {"say": "unsafe_now"},
        ask,
    ]


def test_a_text_puts_the_time_shorter_and_never_cuts_it(rulebook: Rulebook) -> None:
    always = dict.fromkeys(("where", "who", "name", "address", "contact", "how_often"), "y" * 40)
    moment = "Tuesday 24 November, about 12:30am"
    text = render(
        [{"say": "summary"}],
        pack=rulebook.pack("vivid"),
        policies=rulebook.policies,
        channel="sms",
        always={**always, "category_label": "noise", "when": moment, "moment": moment},
    ).text
    assert "When: Tue 24 Nov 12:30am" in text
