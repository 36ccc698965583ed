"""A pack with a mistake is refused, with one line that names the file and the place."""

from datetime import date
from pathlib import Path

import pytest

from api.policies.load import PolicyMistakes, check_helplines, load_policies, policy_check
from tests.policies.small_pack import small_pack

ON = date(2026, 11, 21)
POLICY = "harbour/policy.toml"
WORDING = "harbour/wording.toml"
SHARED_WORDING = "shared/wording.toml"
MATRIX = "shared/risk_matrix.toml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return small_pack(tmp_path)


def change(folder: Path, file: str, old: str, new: str) -> list[str]:
    """One change in a file; the lines that the loader then raises."""
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(PolicyMistakes) as raised:
        load_policies(folder)
    return str(raised.value).splitlines()


def test_a_small_pack_loads_with_its_own_words_over_the_shared_ones(folder: Path) -> None:
    pack = load_policies(folder).landlords["harbour"]
    assert pack.policy.name == "Harbour Homes"
    assert pack.wording["checkin"].sms == "How is it now?"
    assert pack.wording["checkin"].web == "How are things now?"
    assert [choice.value for choice in pack.wording["checkin"].choices] == ["better", "same"]
    assert pack.examples[0].expect.outcome == "not_asb"
    assert policy_check(folder, ON) == []


MISTAKES = [
    (
        "a severity that this landlord does not have",
        POLICY,
        'severity = "usual"',
        'severity = "category_c"',
        "harbour/policy.toml: categories[4].severity: 'category_c' is not a severity of this",
    ),
    (
        "an unknown key",
        POLICY,
        'nation = "england"',
        'nation = "england"\ncolour = 1',
        "colour: unknown key",
    ),
    (
        "a wrong type",
        POLICY,
        "interval_days = 7",
        'interval_days = "7"',
        "contact.interval_days: '7':",
    ),
    (
        "a number where true or false belongs",
        MATRIX,
        "confirmed = false",
        "confirmed = 0",
        "bands.confirmed: 0:",
    ),
    (
        "a missing key",
        POLICY,
        'document = "Anti-Social Behaviour Policy"\n',
        "",
        "document: is missing",
    ),
    (
        "a code of no contract",
        POLICY,
        'code = "noise"',
        'code = "loudness"',
        "'loudness' is not one of",
    ),
    ("a file that is not TOML", POLICY, "code = ", "code == ", "policy.toml: is not TOML:"),
    (
        "a category twice and another missing",
        POLICY,
        'code = "noise"',
        'code = "party"',
        "categories: 'noise' is missing",
    ),
    (
        "a case without a severity",
        POLICY,
        'severity = "usual"\n',
        "",
        "'harassment' needs one, as it opens a case",
    ),
    (
        "an entry without a ground",
        POLICY,
        'source = { section = "6", words = "We contact you weekly" }\n',
        "",
        "contact: needs a source",
    ),
    (
        "a silent document that decides",
        POLICY,
        'source = { section = "2", words = "All other cases" }\n\n[[categories]]\ncode = "hate"',
        'silent = "Nothing."\n\n[[categories]]\ncode = "hate"',
        "a silent document can only mean review or elsewhere",
    ),
    (
        "advice missing where people are turned away",
        POLICY,
        'label = "repairs"\noutcome = "asb"',
        'label = "repairs"\noutcome = "elsewhere"',
        "'repairs' turns people away and needs advice",
    ),
    (
        "a team that does not exist",
        POLICY,
        'team = "legal"',
        'team = "night"',
        "routes[0].team: 'night' is not a team of this landlord",
    ),
    (
        "a condition in the last route",
        POLICY,
        '[[routes]]\nteam = "estate"',
        '[[routes]]\nwhen.category = ["noise"]\nteam = "estate"',
        "routes[1].when: the last route takes what is left",
    ),
    (
        "a route without a condition before the last",
        POLICY,
        'when.severity = ["urgent"]\n',
        "",
        "routes[0].when: only the last route has no condition",
    ),
    (
        "a question that is asked and not there",
        POLICY,
        'asks = "diy_hours"',
        'asks = "diy_days"',
        "not_asb[0].asks: 'diy_days' is not a question",
    ),
    (
        "an answer that the question does not have",
        POLICY,
        'holds_for = ["day"]',
        'holds_for = ["noon"]',
        "not_asb[0].holds_for: 'noon' is not an answer of 'diy_hours'",
    ),
    (
        "a condition that nothing can lift",
        POLICY,
        'holds_for = ["day"]',
        'holds_for = ["day", "night"]',
        "no answer of 'diy_hours' lifts this entry",
    ),
    (
        "a behaviour that is not read",
        POLICY,
        'behaviours = ["diy_work"]',
        'behaviours = ["welding"]',
        "'welding' is not a behaviour of shared/behaviours.toml",
    ),
    (
        "a cue that is not read",
        POLICY,
        'label = "Not sure" }',
        'label = "Not sure", cue = "fog" }',
        "questions[0].answers[2].cue: 'fog' is not a cue",
    ),
    (
        "a band that lowers",
        POLICY,
        'when.severity = ["urgent"]',
        'when.band = ["low"]',
        "routes[0].when.band: a low band decides nothing",
    ),
    (
        "a deadline without a clause",
        POLICY,
        'source = { section = "5", words = "by the end of the next working day" }\n',
        "",
        "deadlines[0].source: is missing",
    ),
    (
        "a deadline with an empty clause",
        POLICY,
        "by the end of the next working day",
        "",
        "deadlines[0].source.words: is empty",
    ),
    (
        "an office that closes before it opens",
        POLICY,
        "closes = 17:00:00",
        "closes = 08:00:00",
        "office: must open before it closes",
    ),
    (
        "a folder of another name",
        POLICY,
        'code = "harbour"',
        'code = "haven"',
        "code: 'haven' is not the name of its folder",
    ),
    (
        "bands with a gap",
        MATRIX,
        "medium = { from = 16",
        "medium = { from = 17",
        "bands: a score of 16 is in no band",
    ),
    (
        "bands that overlap",
        MATRIX,
        "low = { from = 0, to = 15 }",
        "low = { from = 0, to = 16 }",
        "a score of 16 is in more than one band",
    ),
    ("bands that stop short", MATRIX, "to = 99", "to = 50", "bands: a score of 51 is in no band"),
    (
        "words for a message that does not exist",
        WORDING,
        "[checkin]",
        "[chekin]",
        "harbour/wording.toml: chekin: there is no such message",
    ),
    (
        "a message without words for the web",
        SHARED_WORDING,
        'web = "How are things now?"\n',
        "",
        "shared/wording.toml: checkin.web: is missing",
    ),
    ("an empty text", WORDING, "How is it now?", " ", "checkin.sms: there are no words"),
    (
        "a placeholder that is not declared",
        WORDING,
        "How is it now?",
        "Hello {name}?",
        "checkin.sms: {name} is not among what this message uses",
    ),
    (
        "a placeholder that does not exist",
        SHARED_WORDING,
        'uses = ["promise"]',
        'uses = ["promise", "moon"]',
        "case_opened.uses: there is no value called 'moon'",
    ),
    (
        "a text over two segments",
        WORDING,
        "How is it now?",
        "How " * 80,
        "characters, more than 306 (two segments)",
    ),
    (
        "a curly apostrophe in a text",
        WORDING,
        "How is it now?",
        "How\u2019s it now?",
        "checkin.sms: \u2019 would make this text cost double",
    ),
    (
        "a question over two segments",
        POLICY,
        "At what time of day is the DIY?",
        "At what " * 40,
        "questions[0].ask.sms:",
    ),
    (
        "an example of no answer",
        "harbour/examples.toml",
        "expect = {",
        'answers = { diy_hours = "noon" }\nexpect = {',
        "examples[0].answers.diy_hours: 'noon' is not one of its answers",
    ),
    (
        "an example with an unknown expectation",
        "harbour/examples.toml",
        "expect = {",
        "expect = { mood = 1, ",
        "examples[0].expect.mood: unknown key",
    ),
    (
        "a due date without an opening",
        "harbour/examples.toml",
        "expect = {",
        "expect = { due = { first_contact = 2026-11-03T17:00:00 }, ",
        "a due date is expected, but opened_at is not given",
    ),
]


@pytest.mark.parametrize(
    ("file", "old", "new", "line"), [m[1:] for m in MISTAKES], ids=[m[0] for m in MISTAKES]
)
def test_a_mistake_is_one_line_with_its_file_and_place(
    folder: Path, file: str, old: str, new: str, line: str
) -> None:
    lines = change(folder, file, old, new)
    assert any(line in found for found in lines), lines
    assert all(found.startswith("data/policies/") for found in lines)


def test_all_mistakes_are_told_at_once(folder: Path) -> None:
    wording = folder / WORDING
    wording.write_text(wording.read_text() + '\n[unheard_of]\nsms = "Hello"\n')
    lines = change(folder, POLICY, 'team = "legal"', 'team = "night"')
    assert len(lines) == 2
    assert {line.split(":")[0] for line in lines} == {
        "data/policies/harbour/policy.toml",
        "data/policies/harbour/wording.toml",
    }
    assert policy_check(folder, ON) == lines


def test_a_folder_without_landlords_is_a_mistake(folder: Path) -> None:
    for path in (folder / "harbour").iterdir():
        path.unlink()
    (folder / "harbour").rmdir()
    assert policy_check(folder, ON) == ["data/policies: no landlord has a folder here"]


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "shared" / "helplines.toml").unlink()
    lines = ["data/policies/shared/helplines.toml: the file is missing"]
    assert policy_check(folder, ON) == lines


def test_a_helpline_past_its_review_is_told_on_the_day_after(folder: Path) -> None:
    helplines = load_policies(folder).helplines
    assert check_helplines(helplines, date(2027, 4, 1)) == []
    assert check_helplines(helplines, date(2027, 4, 2)) == [
        "helplines[0].review_by: Samaritans was to be checked again by 2027-04-01"
    ]
    assert policy_check(folder, date(2027, 4, 2)) == [
        "data/policies/shared/helplines.toml: helplines[0].review_by: "
        "Samaritans was to be checked again by 2027-04-01"
    ]


def test_a_number_that_is_not_in_the_table_is_a_mistake(folder: Path) -> None:
    wording = folder / WORDING
    wording.write_text('[checkin]\nsms = "How is it? Samaritans: 116 123"\n')
    assert policy_check(folder, ON) == []
    wording.write_text('[checkin]\nsms = "How is it? Call 0808 999 1234"\n')
    assert policy_check(folder, ON) == [
        "data/policies/harbour: checkin.sms: "
        "'0808 999 1234' is not a number of shared/helplines.toml"
    ]
