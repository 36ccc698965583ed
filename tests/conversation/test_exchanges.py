"""What assistant and api say to each other, against the examples that both suites check."""

import json
from typing import Any

import pytest
from resident import ROOT, SECRET, WORDING, Resident

EXAMPLES: dict[str, dict[str, Any]] = {
    path.stem: json.loads(path.read_text(encoding="utf-8"))
    for path in sorted((ROOT / "tests" / "exchanges").glob("*.json"))
    if "/webhooks/doorstep/" in path.read_text(encoding="utf-8")
    or "/internal/conversations/" in path.read_text(encoding="utf-8")
}
TURNS = sorted(name for name in EXAMPLES if name.startswith("turn"))


def shape(value: Any) -> Any:
    """Keys and types; of a list, its first item's shape."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return float if isinstance(value, int | float) and not isinstance(value, bool) else type(value)


def same_message(told: dict[str, Any], example: dict[str, Any]) -> bool:
    return set(told) == set(example) and told["say"] == example["say"]


def test_a_turn_has_the_shape_of_the_example(bot, api):
    conversation = Resident(bot).conversation
    for name in ("turn", "turn_choice"):
        example = EXAMPLES[name]
        asked = {**example["request"], "conversation": conversation}
        told = Resident(bot).post(asked).json()
        expected = example["response"]
        assert set(told) == set(expected)
        assert same_message(told["messages"][0], expected["messages"][0])
        assert told["messages"][0]["values"] == expected["messages"][0]["values"]
        assert set(told["slots"]) == set(expected["slots"])
        assert (told["active_loop"], told["requested_slot"]) == (
            expected["active_loop"],
            expected["requested_slot"],
        )
        assert told["intent"] == expected["intent"]
        assert shape(told["ranking"]) == shape(expected["ranking"])
        assert len(told["ranking"]) == len(expected["ranking"])
        assert shape(told["entities"]) == shape(expected["entities"])


def test_the_list_of_kinds_has_the_shape_of_the_example(bot, api):
    conversation = Resident(bot).conversation
    for name in ("turn", "turn_kind_list"):
        asked = {**EXAMPLES[name]["request"], "conversation": conversation}
        told = Resident(bot).post(asked).json()
    expected = EXAMPLES["turn_kind_list"]["response"]
    assert same_message(told["messages"][0], expected["messages"][0])
    assert told["messages"][0]["choices"][-1] == "other"


def test_parse_has_the_shape_of_the_example(bot, api):
    example = EXAMPLES["parse"]
    told = Resident(bot).post(example["request"], "parse").json()
    assert shape(told) == shape(example["response"])
    assert told["entities"] == example["response"]["entities"]


@pytest.mark.parametrize("name", ["judge", "submit", "challenge", "risk", "checkin"])
def test_what_the_fake_api_says_is_the_example(api, name):
    """The stand-in for the api in these tests says what the examples say."""
    example = EXAMPLES[name]
    said = api.answer(name, example["request"])
    assert shape(said) == shape(example["response"])


def test_actions_ask_as_the_examples_do(resident, api):
    grace = resident(facts={"contact": "+447700900123"})
    for words in ("someone plays really loud music with the bass thumping", "1",
                  "last night", "my flat", "2", "no", "1", "1", "1", "Grace", "1 Elm Road", "1",
                  "any update", "person"):  # fmt: skip
        grace.says(words)
    for name in ("judge", "submit", "status", "handover"):
        asked, example = api.bodies(name, grace.conversation)[0], EXAMPLES[name]["request"]
        assert set(asked) == set(example), name
        known = set(example.get("facts", {}))
        assert set(asked.get("facts", {})) <= known, name


def test_every_example_names_known_messages():
    for name, example in EXAMPLES.items():
        for message in example["response"].get("messages", []):
            assert message["say"] in WORDING, f"{name}: {message['say']}"


def test_examples_hold_no_secret():
    assert SECRET not in json.dumps(EXAMPLES)
