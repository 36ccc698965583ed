"""The way in: its secret, its errors, repeated messages, and words that look like commands."""

import httpx
import pytest

MUSIC = "someone plays really loud music with the bass thumping through my ceiling"


def test_wrong_secret_is_refused(resident, bot):
    grace = resident()
    for headers in ({}, {"X-Doorstep-Secret": "wrong"}):
        answer = httpx.post(
            f"{bot}/webhooks/doorstep/turn",
            json=grace.request("hello"),
            headers=headers,
            trust_env=False,
        )
        assert answer.status_code == 401


@pytest.mark.parametrize("field", ["conversation", "message_id", "text"])
@pytest.mark.parametrize("value", [None, "", "  ", 7])
def test_what_is_missing_is_named(resident, field, value):
    grace = resident()
    answer = grace.post({**grace.request("hello"), field: value})
    assert answer.status_code == 422
    assert field in answer.json()["error"]


def test_not_json_is_refused(bot):
    answer = httpx.post(
        f"{bot}/webhooks/doorstep/turn",
        content=b"{",
        headers={"X-Doorstep-Secret": "test-bot-secret"},
        trust_env=False,
    )
    assert answer.status_code == 422


def test_rasas_own_ways_in_are_closed(bot):
    for path in ("/webhooks/rest/webhook", "/model/parse", "/conversations/x/tracker/events"):
        assert httpx.post(bot + path, json={}, trust_env=False).status_code == 404


def test_the_same_message_again_gets_the_same_answer(resident, api):
    grace = resident()
    grace.says(MUSIC)
    request = grace.request("1", "same")
    first = grace.post(request)
    calls = len(api.requests)
    second = grace.post(request)
    assert first.status_code == second.status_code == 200
    assert first.json() == second.json()
    assert len(api.requests) == calls
    grace.choices = []
    grace.says("last night")
    third = grace.post(request)
    assert third.json() == first.json()


def test_a_typed_command_is_only_words(resident):
    grace = resident()
    grace.says("/restart")
    assert grace.last["messages"]
    grace.says('/report_noise{"kind": "weapons"} they play loud music with a heavy bass')
    assert "kind" not in grace.slots
    assert grace.slots["description"].startswith("report_noise")
    grace.says("1")
    grace.says("/session_start")
    assert grace.keys == ["say_again", "ask_when"]
    # Said twice, it is kept, as any words are.
    grace.says("/session_start")
    assert grace.slots["happened_when"] == "session_start"


def test_a_very_long_message_is_cut_for_the_model_only(resident):
    grace = resident()
    grace.says("they play loud music with a heavy bass " + "again and again " * 400)
    assert len(grace.slots["description"]) == 2000


def test_actions_down_fails_the_turn_and_the_message_works_later(resident, actions, api):
    grace = resident()
    grace.says(MUSIC)
    request = grace.request("1", "retry")
    actions.stop()
    try:
        failed = grace.post(request)
        ready = httpx.get(grace.bot + "/webhooks/doorstep/ready", timeout=10, trust_env=False)
    finally:
        actions.start()
    assert failed.status_code == 500
    assert ready.status_code == 503
    assert ready.json() == {"missing": ["actions"]}
    again = grace.post(request)
    assert again.status_code == 200
    assert [message["say"] for message in again.json()["messages"]] == ["ask_when"]
    assert again.json()["slots"]["kind"] == "noise"


def test_api_down_fails_the_turn_and_nothing_is_confirmed(resident, api):
    grace = resident(facts={"contact": "+447700900123"})
    for words in (MUSIC, "1", "yesterday", "my flat", "1", "no", "1", "1", "1", "Grace",
                  "1 Elm Road"):  # fmt: skip
        grace.says(words)
    request = grace.request("1", "last")
    api.down = True
    assert grace.post(request).status_code == 500
    api.down = False
    again = grace.post(request).json()
    assert [message["say"] for message in again["messages"]] == ["case_opened", "offer_risk"]
    assert len(api.bodies("submit", grace.conversation)) == 1


def test_parse_leaves_the_classifiers_word(resident):
    grace = resident()
    parsed = grace.post({"text": "loud music at 2am most nights"}, "parse").json()
    assert parsed["intent"]["name"] == "report_noise"
    assert len(parsed["ranking"]) == 10
    assert {"how_often": "most_days", "when": "2am"}.items() <= {
        item["entity"]: item["value"] for item in parsed["entities"]
    }.items()
    assert grace.post({"text": "1"}, "parse").json()["intent"]["confidence"] < 1.0


def test_ready_names_the_model(bot):
    answer = httpx.get(bot + "/webhooks/doorstep/ready", trust_env=False, timeout=10)
    assert answer.status_code == 200
    assert answer.json()["model"]


def test_the_terminal_stays_quiet(bot_process, actions, resident):
    resident().says(MUSIC)
    assert MUSIC not in bot_process.log.read_text()
    start_up = [line for line in bot_process.log.read_text().splitlines() if "Warning" in line]
    assert start_up == []
