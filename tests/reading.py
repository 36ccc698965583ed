"""How hard a text is to read: Flesch-Kincaid grade, and its longest sentence."""

import importlib
import re

import pytest
import textstat


def grade(text: str) -> float:
    """The US school grade. textstat would download a dictionary of syllables; without it, it
    counts them by hyphenation."""
    module = importlib.import_module("textstat.backend.counts._count_syllables")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "get_cmudict", lambda lang: None)
        return float(textstat.flesch_kincaid_grade(text))


def longest_sentence(text: str) -> int:
    """Words of the longest sentence."""
    return max(len(sentence.split()) for sentence in re.split(r"(?<=[.?!])\s+|\n", text))
