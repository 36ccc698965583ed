"""What is remembered to save time is what Rasa itself would find."""

import asyncio
import json

import pytest
from jsonschema import ValidationError
from rasa.core.actions.action import RemoteAction
from rasa.core.policies.rule_policy import RulePolicy
from rasa.shared.core.events import ActionExecuted, Event, SlotSet, UserUttered
from rasa.utils.endpoints import EndpointConfig

from bot.components.quick import make_quick, names_words


def test_kinds_of_event_and_rules_are_what_rasa_finds() -> None:
    make_quick()
    once = Event.resolve_by_type
    make_quick()
    assert Event.resolve_by_type is once
    for kind in (UserUttered, SlotSet, ActionExecuted):
        assert Event.resolve_by_type(kind.type_name) is kind
    assert Event.resolve_by_type("no such", SlotSet) is SlotSet
    assert Event.resolve_by_type("topic") is None
    with pytest.raises(ValueError, match="no such"):
        Event.resolve_by_type("no such")
    state = [{"prev_action": {"action_name": "action_listen"}}, {"active_loop": {"name": "form"}}]
    key = json.dumps(state)
    assert RulePolicy._rule_key_to_state(key) == state
    assert RulePolicy._rule_key_to_state(key) is RulePolicy._rule_key_to_state(key)


def test_an_actions_answer_is_held_to_the_same_form() -> None:
    make_quick()
    action = RemoteAction("action_one", action_endpoint=None)
    assert action._validate_action_result({"events": [], "responses": [{"text": "a"}]})
    with pytest.raises(ValidationError, match="Failed to validate"):
        action._validate_action_result({"events": "none"})


@pytest.mark.parametrize(
    ("key", "named"),
    [
        ('[{"user": {"text": "good evening"}}]', True),
        ('[{"user": {"intent": "greet"}}]', False),
    ],
)
def test_rules_are_searched_for_words_where_one_names_them(key: str, named: bool) -> None:
    make_quick()
    policy = RulePolicy.__new__(RulePolicy)
    policy.lookup = {"rules": {key: "action_one"}, "rule_only_slots": ["name"]}
    assert names_words(policy) is named
    if not named:
        found = policy._find_action_from_rules(None, None, use_text_for_last_user_input=True)
        assert found == (None, None, False)


def test_the_rules_that_fit_are_those_that_rasa_finds() -> None:
    def move(action: str | None, intent: str | None = None, loop: str | None = None) -> dict:
        found: dict = {"prev_action": {"action_name": action}} if action else {}
        found |= {"user": {"intent": intent}} if intent else {}
        return found | ({"active_loop": {"name": loop}} if loop else {})

    listen, greet = move("action_listen", "greet"), move("action_listen", "ask_why")
    amid = move("action_listen", "ask_why", "report_form")
    rules = [
        [listen],
        [greet],
        [amid],
        [move(None), listen],
        [move("utter_greet"), listen],
        [amid, move("utter_why", None, "report_form")],
        [move("report_form", None, "report_form"), amid],
        [],
    ]
    lookup = {json.dumps(rule, sort_keys=True): "action_one" for rule in rules}
    policy = RulePolicy.__new__(RulePolicy)
    policy.lookup = {"rules": lookup, "rule_only_slots": []}
    make_quick()
    talks = [
        [],
        [{}],
        [{}, listen],
        [{}, listen, move("utter_greet"), listen],
        [{}, greet, move("report_form", None, "report_form"), amid],
        [{}, amid, move("utter_why", None, "report_form")],
    ]
    for states in [*talks, *talks]:
        expected = {
            key
            for key in lookup
            if all(
                policy._is_rule_applicable(key, index, state)
                for index, state in enumerate(reversed(states))
            )
        }
        assert policy._get_possible_keys(lookup, states) == expected
    fits = [len(policy._get_possible_keys(lookup, states)) for states in talks]
    assert len(set(fits)) > 3


def test_a_connection_to_the_action_server_serves_many_calls_and_outlives_a_restart() -> None:
    make_quick()
    came: list[int] = []
    held: list[asyncio.StreamWriter] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        held.append(writer)
        while await reader.readline():
            while (line := await reader.readline()) not in (b"\r\n", b""):
                if line.lower().startswith(b"content-length"):
                    length = int(line.split(b":")[1])
            await reader.readexactly(length)
            came.append(writer.get_extra_info("peername")[1])
            body = b'{"events": []}'
            head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
            writer.write(f"{head}{len(body)}\r\n\r\n".encode() + body)
        writer.close()

    async def calls() -> None:
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        actions = EndpointConfig(f"http://127.0.0.1:{port}/webhook")
        for _ in range(3):
            assert await actions.request(json={"next_action": "a"}) == {"events": []}
        assert len(set(came)) == 1
        server.close()
        for writer in held:
            writer.transport.abort()
        await asyncio.sleep(0.01)
        again = await asyncio.start_server(answer, "127.0.0.1", port)
        assert await actions.request(json={"next_action": "a"}) == {"events": []}
        assert len(set(came)) == 2
        again.close()
        await actions._kept[0].close()

    asyncio.run(calls())
