"""STOP, START and HELP as the network treats them."""

import pytest
from fastapi import Response

from tests.simulator.rig import NACRO


def test_stop_blocks_start_lifts_and_both_reach_the_product(phone, product):
    phone.text(" stop ")
    assert product.calls[0]["form"]["OptOutType"] == "STOP"
    assert product.calls[0]["signed"]
    assert phone.bodies()[-1].startswith("VIVID: you will get no more texts")
    error = phone.refused()
    assert (error.status, error.code) == (400, 21610)
    assert phone.send(from_=NACRO).status == "queued"

    phone.text("START")
    assert product.calls[-1]["form"]["OptOutType"] == "START"
    phone.send(body="back again")
    phone.settle()
    assert phone.bodies()[-1] == "back again"


def test_help_is_answered_by_the_network_and_forwarded(phone, product):
    phone.text("Help")
    assert product.calls[0]["form"]["OptOutType"] == "HELP"
    assert "999" in phone.bodies()[0]


@pytest.mark.parametrize("words", ["stop please", "CANCEL", "yes", "help me", "end"])
def test_other_words_are_words_under_advanced_opt_out(phone, product, words):
    phone.text(words)
    assert "OptOutType" not in product.calls[0]["form"]
    assert phone.bodies() == []
    assert phone.send().status == "queued"


@pytest.mark.parametrize("word", ["STOP", "cancel", "End", "QUIT", "revoke"])
def test_the_default_word_list_blocks_without_saying_so(phone, product, word):
    phone.control(opt_out="default")
    phone.text(word)
    assert "OptOutType" not in product.calls[0]["form"]
    assert phone.refused().code == 21610
    phone.text("yes")
    assert phone.send().status == "queued"


def test_an_answer_to_a_stopped_handset_is_not_delivered(phone, product):
    product.answers.append(Response("Goodbye", media_type="text/plain"))
    phone.text("STOP")
    phone.settle()
    assert "Goodbye" not in phone.bodies()
