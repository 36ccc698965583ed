"""What the long runs look for is found where it is."""

import random
from types import SimpleNamespace
from typing import Any

import pytest

from tests.endurance.audit import _answered_once, _kept_once
from tests.endurance.listening import faults_of
from tests.endurance.moves import ANSWERS, SAID, UNNAMED, WEIGHTS, Memory, _correction, next_move
from tests.endurance.offers import Offers
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


RISK = [{"value": "start_risk", "label": "Answer them now"}]
ADVICE = [{"value": "challenge", "label": "I think you got this wrong"}]
CHECKIN = [{"value": "same", "label": "The same"}]


def held(*turns: tuple[str, list[str], list[dict[str, str]]]) -> list[str]:
    """What is found in a transcript: (kind of move, keys of the reply, what it offers)."""
    offers, wrong = Offers(), []
    for kind, keys, choices in turns:
        if kind == "takes":
            assert offers.beside
            offers.take(random.Random(1))
        wrong.append(offers.heard(kind, keys, choices))
    return [line for line in wrong if line]


@pytest.mark.parametrize(
    ("offered", "choices", "taken"),
    [
        (["case_opened", "offer_risk"], RISK, "ask_r1"),
        (["not_asb_advice"], ADVICE, "challenge_recorded"),
        (["checkin"], CHECKIN, "checkin_thanks_same"),
    ],
)
def test_an_offer_that_is_lost_by_talk_beside_it_is_found(
    offered: list[str], choices: list[dict[str, str]], taken: str
) -> None:
    asked = [("answer", offered, choices), ("aside", ["robot"], [])]
    assert held(*asked, ("takes", [taken], [])) == []
    # The offer may as well be made again with the answer to the talk.
    assert held(asked[0], ("aside", ["robot", offered[-1]], choices), ("takes", [taken], [])) == []
    for lost in ("say_again", "checkin_words_kept", "ask_kind"):
        [line] = held(*asked, ("takes", [lost], []))
        assert choices[0]["label"] in line
        assert lost in line


def test_talk_that_takes_an_offer_closes_it() -> None:
    offers = Offers()
    offers.heard("answer", ["not_asb_advice"], [{"value": "ok", "label": "OK, I understand"}])
    offers.heard("aside", ["advice_ok"], [])
    assert not offers.beside
    offers.heard("aside", ["robot"], [])
    assert not offers.beside


def test_of_an_offer_that_was_passed_over_nothing_is_claimed() -> None:
    offers = Offers()
    offers.heard("answer", ["offer_risk"], RISK)
    offers.heard("danger", ["checkin_words_kept"], [])
    offers.heard("aside", ["robot"], [])
    assert not offers.beside


def test_every_kind_of_move_is_made() -> None:
    rng = random.Random(5)
    told = {"happened_when": "monday at 10pm"}
    made = {next_move(rng, Memory(300, {**told}), "ask_where", []).kind for _ in range(400)}
    assert made == {*WEIGHTS}
    assert {*SAID} < {*WEIGHTS}


def test_when_it_happened_is_put_right_and_remembered() -> None:
    memory = Memory(300, {"happened_when": "monday at 10pm"})
    words = _correction(random.Random(5), memory)
    assert memory.last["happened_when"] in ANSWERS["ask_when"]
    assert words == f"sorry, it was {memory.last['happened_when']}"


def test_who_stays_unnamed_has_told_no_name() -> None:
    memory = Memory(
        300, {"name": "Sam Hazel", "contact": "07700 900300", "address": "1 Birch Lane"}
    )
    memory.told_otherwise("ask_who", *UNNAMED)
    assert memory.last == {}
