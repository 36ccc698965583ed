"""What the long runs look for is found where it is."""

from types import SimpleNamespace
from typing import Any

import pytest

from tests.endurance.audit import _answered_once, _kept_once
from tests.endurance.listening import faults_of
from tests.endurance.moves import Memory
from tests.endurance.residents import Told

HOLDING = {"holding", "danger_now"}


def row(id: int, sender: str, *keys: str, to: int | None = None, **more: Any) -> dict[str, Any]:
    return {
        "id": id,
        "sender": sender,
        "keys": list(keys),
        "in_reply_to": to,
        "conversation_id": "c",
        "text": "words",
        "processed_at": "now",
        "language": None,
        "provider_id": f"SM{id}",
        "client_message_id": None,
        **more,
    }


def test_one_answer_to_each_is_right() -> None:
    rows = [
        row(1, "resident"),
        row(2, "assistant", "danger_now", to=1),
        row(3, "assistant", "holding", to=1),
        row(4, "assistant", "ask_when", to=1),
        row(5, "resident"),
        row(6, "assistant", "handover", "seen_unknown", to=5),
        row(7, "resident"),
    ]
    assert _answered_once(rows, HOLDING) == []


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([row(1, "resident")], "neither answered nor with a person"),
        ([row(1, "resident"), row(2, "assistant", "holding", to=1)], "neither answered"),
        ([row(1, "resident", processed_at=None)], "never taken up"),
        (
            [row(1, "resident"), row(2, "assistant", "a", to=1), row(3, "assistant", "a", to=1)],
            "answered 2 times",
        ),
    ],
)
def test_what_is_not_answered_once_is_found(rows: list[dict[str, Any]], found: str) -> None:
    [line] = _answered_once(rows, HOLDING)
    assert found in line


@pytest.mark.parametrize("kept", [0, 2])
def test_what_is_not_kept_once_is_found(kept: int) -> None:
    resident: Any = SimpleNamespace(told=[Told("SM1", "words", taken=True)])
    [line] = _kept_once([row(1, "resident")] * kept, [resident])
    assert f"kept {kept} times" in line


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (" ", "empty"),
        ("Please say ask_kind", "ask_kind"),
        ("Hello {landlord}", "{"),
        ("It is None", "None"),
        ("Something went wrong", "went wrong"),
        ("a" * 310, "a text of 3 parts"),
    ],
)
def test_a_reply_that_may_not_be_is_found(text: str, found: str) -> None:
    assert found in faults_of(text, by_text=True, own_words=[])[0]


def test_a_choice_may_be_none_of_these() -> None:
    assert faults_of("1 Yes\n2 None of these", by_text=True, own_words=[]) == []


def test_the_residents_own_words_may_come_back() -> None:
    text = "We have put: {name}. When did it happen?"
    assert faults_of(text, by_text=True, own_words=["{name}"]) == []


def test_a_fact_that_is_not_what_was_said_last_is_found() -> None:
    memory = Memory(300)
    memory.answered("ask_name", "Robin Rowan")
    memory.answered("ask_contact", "07700 900300")
    memory.answered("ask_how_often", "Every day")
    report = {"name": "robin rowan", "contact": "+447700900300", "how_often": "daily"}
    assert memory.differs(report, {"daily": "Every day"}) == []
    memory.answered("ask_name", "Sam Hazel")
    [line] = memory.differs(report, {"daily": "Every day"})
    assert "Sam Hazel" in line
