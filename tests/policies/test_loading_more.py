"""Strict loading, once more: what a pack may not leave out, each with its file and place."""

from datetime import date
from pathlib import Path

import pytest

from api.policies.load import PolicyMistakes, load_policies, policy_check
from tests.policies.small_pack import small_pack

LAST_ROUTE = """
[[routes]]
team = "estate"
source = { section = "1", words = "The estate team" }
"""
PROMISE = 'source = { section = "5", words = "by the end of the next working day" }\n'
HELPLINES = "shared/helplines.toml"
SHARED = "shared/wording.toml"
POLICY = "harbour/policy.toml"

MISTAKES = [
    (
        "a category with no route",
        POLICY,
        LAST_ROUTE,
        LAST_ROUTE.replace("team", 'when.severity = ["usual"]\nteam', 1),
        ["data/policies/harbour/policy.toml: routes[1].when: the last route takes what is left "
         "and has no condition"],
    ),
    (
        "no last route",
        POLICY,
        LAST_ROUTE,
        "",
        ["data/policies/harbour/policy.toml: routes[0].when: the last route takes what is left "
         "and has no condition"],
    ),
    (
        "a message without words for texts",
        SHARED,
        'sms = "Thank you. Your reference is {reference}. {promise}"\n',
        "",
        ["data/policies/shared/wording.toml: case_opened.sms: is missing"],
    ),
    (
        "advice without words for the web",
        POLICY,
        'advice.web = "We do not treat DIY by day as anti-social."\n',
        "",
        ["data/policies/harbour/policy.toml: not_asb[0].advice.web: is missing"],
    ),
    (
        "an unknown key of a message",
        SHARED,
        'uses = ["promise"]',
        'uses = ["promise"]\nletter = "Dear"',
        ["data/policies/shared/wording.toml: case_opened.letter: unknown key"],
    ),
    (
        "an unknown key of a landlord's own words",
        "harbour/wording.toml",
        "[checkin]",
        "[checkin]\nletter = 1",
        ["data/policies/harbour/wording.toml: checkin.letter: unknown key"],
    ),
    (
        "an unknown key deep in a rule",
        POLICY,
        'label = "Not sure" }',
        'label = "Not sure", mood = "grey" }',
        ["data/policies/harbour/policy.toml: questions[0].answers[2].mood: unknown key"],
    ),
    (
        "an unknown key of a helpline",
        HELPLINES,
        'name = "Samaritans"',
        'name = "Samaritans"\nfax = "1"',
        ["data/policies/shared/helplines.toml: helplines[0].fax: unknown key"],
    ),
    (
        "a helpline without a day to check it again",
        HELPLINES,
        "review_by = 2027-04-01\n",
        "",
        ["data/policies/shared/helplines.toml: helplines[0].review_by: is missing"],
    ),
    (
        "a promise whose clause has no section",
        POLICY,
        PROMISE,
        PROMISE.replace('section = "5", ', ""),
        ["data/policies/harbour/policy.toml: deadlines[0].source.section: is missing"],
    ),
]  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return small_pack(tmp_path)


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"), [m[1:] for m in MISTAKES], ids=[m[0] for m in MISTAKES]
)
def test_a_mistake_is_told_once_and_alone(
    folder: Path, file: str, old: str, new: str, expected: list[str]
) -> None:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(PolicyMistakes) as raised:
        load_policies(folder)
    assert list(raised.value.lines) == expected


def test_a_number_in_the_advice_of_a_rule_must_be_in_the_table(folder: Path) -> None:
    path = folder / POLICY
    text = path.read_text(encoding="utf-8")
    old = 'advice.web = "We do not treat DIY by day as anti-social."'
    assert old in text
    path.write_text(text.replace(old, 'advice.web = "Call 0808 999 1234."'), encoding="utf-8")
    assert policy_check(folder, date(2026, 11, 21)) == [
        "data/policies/harbour: not_asb[0].advice.web: '0808 999 1234' is not a number of "
        "shared/helplines.toml"
    ]
