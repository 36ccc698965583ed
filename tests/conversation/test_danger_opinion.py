"""The model's opinion on danger, and the featurizer it stands on, in the trained model."""

import json
import re

import numpy as np
import pytest
import yaml
from rasa.shared.nlu.training_data.message import Message
from resident import ROOT, Resident

from bot.components.danger_opinion import LABELS, labels_of
from bot.components.parsing import LONG, PASSAGE, passages
from bot.components.word_weights import Weights

RUBBISH = (
    "I have written three times about the bins and nobody ever comes to look at them. "
    "The lids are broken, the bags are all over the path and the foxes are at it every night. "
    "My daughter rang in March, and you said a man would come, but no man came. "
)


def danger(bot, text: str) -> dict[str, float]:
    return Resident(bot).post({"text": text}, "parse").json()["danger"]


def test_every_label_is_a_likelihood(bot, api):
    told = danger(bot, "someone keeps parking across my drive")
    assert set(told) == set(LABELS)
    assert all(0 <= likely <= 1 for likely in told.values())


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("he is back home and he has been drinking, i have locked me and the baby in", "emergency"),
        ("my husband decides who i see and he takes all my wages off me", "domestic_abuse"),
        ("they shout go back to your country whenever my wife puts the washing out", "hate"),
        ("some lads took over the flat of the lad with learning difficulties", "exploitation"),
    ],
)
def test_danger_is_likelier_than_in_ordinary_words(bot, api, text, label):
    ordinary = danger(bot, "the washing machine upstairs is on every afternoon")
    assert danger(bot, text)[label] > 0.25 > ordinary[label]


@pytest.mark.parametrize(
    "text",
    [
        "the man in flat 12",
        "the man in flat 47",
        "the lady at number 58",
        "the couple from flat 19",
        "the stairs by the lift",
        "the car park by block 6",
        "monday at 10pm",
        "12 Hazel Court, Sample Town, ZZ1 2AB",
    ],
)
def test_who_where_and_when_alone_are_no_danger(bot, api, text):
    likely = danger(bot, text)
    assert likely["emergency"] < 0.2
    assert max(likely.values()) < 0.3


def test_a_flat_is_as_likely_as_another(bot, api):
    assert danger(bot, "he has locked me in flat 3") == danger(bot, "he has locked me in flat 28")
    assert danger(bot, "he hit me 3 times") != danger(bot, "he hit me 28 times")


def test_a_cry_for_help_in_a_long_letter_is_heard(bot, api):
    cry = "He has just come in with a hammer and he is hitting my mum, please be quick."
    alone = danger(bot, RUBBISH)["emergency"]
    hidden = danger(bot, f"{RUBBISH} {cry} {RUBBISH}")["emergency"]
    assert hidden > 0.25 > alone


def test_passages_hold_all_the_words_of_a_long_text():
    text = " ".join(f"word{n}{'.' if n % 9 == 8 else ''}" for n in range(200))
    found = passages(text)
    assert " ".join(found).split() == text.split()
    assert all(len(one.split()) <= PASSAGE for one in found)


def test_a_short_text_is_read_whole():
    assert passages(" ".join(["word"] * LONG)) == []
    assert passages("") == []


def test_one_endless_sentence_is_read_in_passages():
    found = passages(" ".join(["help"] * 130))
    assert sum(len(one.split()) for one in found) == 130


def test_an_unknown_label_stops_the_training():
    message = Message({"text": "x", "metadata": {"intent": {"danger": ["emergncy"]}}})
    with pytest.raises(ValueError, match="emergncy"):
        labels_of(message)


def test_weights_come_back_as_they_were():
    weights = Weights(min_words=1, min_pieces=1)
    texts = ["Loud music", "loud drums at night", "he’s shouting"]
    weights.fit(texts)
    again = Weights(min_words=1, min_pieces=1)
    again.read_json(weights.as_json())
    asked = ["loud shouting at NIGHT", "he's"]
    assert np.allclose(weights.of(asked).toarray(), again.of(asked).toarray())
    rows = weights.of(["he’s shouting", "HE'S SHOUTING"]).toarray()
    assert np.allclose(rows[0], rows[1])


def test_weights_are_plain_data():
    weights = Weights(min_words=1, min_pieces=1)
    weights.fit(["a knife", "the knife"])
    assert set(json.loads(weights.as_json())) == {"words", "pieces"}


def test_nothing_trained_on_is_evaluated_on():
    """Nor anything near it: seven words of ten the same."""

    def words(text: str) -> frozenset[str]:
        return frozenset(re.findall(r"[a-z0-9']+", text.lower()))

    files = [*(ROOT / "data" / "evaluation").glob("*.jsonl")]
    shared = ROOT.parent / "shared" / "evaluation" / "sample.jsonl"
    files += [shared] if shared.is_file() else []
    tested = [
        words(json.loads(line)["text"])
        for file in files
        for line in file.read_text(encoding="utf-8").splitlines()
    ]
    by_word: dict[str, list[frozenset[str]]] = {}
    for said in tested:
        for word in said:
            by_word.setdefault(word, []).append(said)
    found = []
    for path in (ROOT / "data" / "training" / "nlu" / "kinds").glob("*.yml"):
        for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            for line in block["examples"].splitlines():
                said = words(line.removeprefix("- "))
                near = {other for word in said for other in by_word.get(word, ())}
                if len(said) < 4:
                    if said in tested:
                        found.append(line)
                elif any(len(said & other) >= 0.7 * len(said | other) for other in near):
                    found.append(line)
    assert found == []


KINDS = sorted((ROOT / "data" / "training" / "nlu" / "kinds").glob("*.yml"))


@pytest.mark.parametrize("path", KINDS, ids=lambda path: path.stem)
def test_a_kind_has_many_messages_each_once(path):
    blocks = yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]
    lines = [line for block in blocks for line in block["examples"].splitlines()]
    assert len(lines) == len(set(lines)) >= 80
    assert {block["intent"] for block in blocks} == {f"report_{path.stem}"}
    for block in blocks:
        assert set((block.get("metadata") or {}).get("danger", [])) <= set(LABELS)
