"""How often we are right: labelled messages are read strictly and counted right."""

import json
from pathlib import Path

import pytest

from api.evaluation.cases import CasesUnreadable, LabelledMessage, read_cases
from api.evaluation.figures import Said, figures, misses, share
from api.evaluation.report import in_words, write_report

LANDLORDS = ("vivid", "nacro")


def told(number: int, **labels: object) -> LabelledMessage:
    given = {"is_asb": dict.fromkeys(LANDLORDS, "asb"), "category": "noise", **labels}
    return LabelledMessage.model_validate({"id": f"M{number}", "text": f"words {number}", **given})


def said(
    *kinds: tuple[str, float],
    flags: tuple[str, ...] = (),
    outcome: str = "asb",
    asked: bool = False,
) -> Said:
    found = kinds or (("noise", 0.9),)
    return Said(
        kinds=found,
        flags=frozenset(flags),
        asked=asked,
        outcomes=dict.fromkeys(LANDLORDS, outcome),
        whys=dict.fromkeys(LANDLORDS, "because"),
        decided=dict.fromkeys(LANDLORDS, found[0][0]),
    )


def test_a_share_has_its_count_and_interval() -> None:
    found = share(95, 100)
    assert (found["hits"], found["of"], found["share"]) == (95, 100, 0.95)
    # Wilson's interval for 95 of 100.
    assert (round(found["low"], 3), round(found["high"], 3)) == (0.888, 0.979)
    assert share(0, 0)["share"] is None


def test_kinds_count_first_within_two_and_also_right() -> None:
    rows = [
        (told(1), said(("noise", 0.8))),
        (told(2), said(("party", 0.6), ("noise", 0.3))),
        (told(3, also=["party"]), said(("party", 0.6))),
        (told(4), said(("diy", 0.5), ("party", 0.3), ("noise", 0.1))),
    ]
    found = figures(rows)
    assert found["category"]["first"]["hits"] == 2
    assert found["category"]["within_two"]["hits"] == 3
    assert found["confusion"] == [
        {"truth": "noise", "said": "party", "times": 1},
        {"truth": "noise", "said": "diy", "times": 1},
    ]


def test_screened_out_is_told_apart_from_let_in() -> None:
    rows = [
        (told(1), said(outcome="not_asb")),
        (told(2), said(outcome="elsewhere")),
        (told(3), said(outcome="review")),
        (told(4, is_asb=dict.fromkeys(LANDLORDS, "not_asb")), said(outcome="asb")),
        (told(5, is_asb=dict.fromkeys(LANDLORDS, "question")), said(outcome="not_asb")),
    ]
    found = figures(rows)["landlords"]["vivid"]
    assert found["wrongly_screened_out"]["hits"] == 2
    assert found["wrongly_screened_out"]["of"] == 3
    assert (found["wrongly_let_in"]["hits"], found["wrongly_let_in"]["of"]) == (1, 1)
    assert {"truth": "question", "said": "not_asb", "times": 1} in found["table"]


def test_danger_counts_missed_asked_and_false() -> None:
    rows = [
        (told(1, emergency=True), said(flags=("emergency",))),
        (told(2, emergency=True), said(asked=True)),
        (told(3, emergency=True), said()),
        (told(4), said(flags=("emergency",))),
        (told(5, flags=["hate"]), said(flags=("hate", "child"))),
    ]
    found = figures(rows)
    assert found["danger"]["recall"]["hits"] == 1
    assert found["danger"]["recall_or_asked"]["hits"] == 2
    assert (found["danger"]["false_alarms"]["hits"], found["danger"]["false_alarms"]["of"]) == (
        1,
        2,
    )
    assert found["flags"]["hate"]["recall"]["share"] == 1
    assert found["flags"]["child"]["precision"]["share"] == 0


def test_confidence_is_held_against_the_truth() -> None:
    rows = [(told(n), said(("noise" if n < 6 else "party", 0.85))) for n in range(10)]
    found = figures(rows)["calibration"]
    [only] = found["bins"]
    assert (only["from"], only["to"], only["right"]["share"]) == (0.8, 0.9, 0.6)
    assert found["expected_gap"] == pytest.approx(0.25)


def test_voices_of_one_report_are_held_against_each_other() -> None:
    rows = [
        (told(1, group="A", voice="plain"), said()),
        (told(2, group="A", voice="angry"), said()),
        (told(3, group="B", voice="plain"), said()),
        (told(4, group="B", voice="angry"), said(("diy", 0.4))),
    ]
    found = figures(rows)["voices"]
    assert found["alike"]["first"]["hits"] == 1
    assert found["alike"]["emergency"]["hits"] == 2
    assert found["voices"]["angry"]["first"]["share"] == 0.5


def test_every_miss_says_what_and_why_the_gravest_first() -> None:
    rows = [
        (told(1), said(("diy", 0.6), ("noise", 0.3))),
        (told(2), said(outcome="not_asb")),
        (told(3, emergency=True), said()),
        (told(4), said()),
    ]
    found = misses(rows)
    assert [one["id"] for one in found] == ["M3", "M2", "M1"]
    assert found[0]["wrong"] == ["danger missed"]
    assert found[1]["wrong"] == [f"screened out by {one}: because" for one in LANDLORDS]
    assert found[2]["wrong"] == ["kind diy, not noise (second guess)"]


def test_the_report_is_text_figures_a_page_and_the_misses(tmp_path: Path) -> None:
    rows = [(told(1), said()), (told(2, text="a <b> & c"), said(outcome="not_asb"))]
    found = figures(rows)
    written = write_report(tmp_path, "ours", found, misses(rows), found)
    assert "right first" in written["text"].read_text()
    assert "before: 100.0%" in in_words("ours", found, found)
    assert json.loads(written["figures"].read_text()) == found
    page = written["page"].read_text()
    assert "a &lt;b&gt; &amp; c" in page
    assert "<svg" in page
    [miss] = [json.loads(line) for line in written["misses"].read_text().splitlines()]
    assert miss["id"] == "M2"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('{"id": 1', "not JSON"),
        ('{"id": "1", "text": "a", "category": "nonsense"}', "category"),
        ('{"id": "1", "text": "a", "category": "noise", "is_asb": {"vivid": "maybe"}}', "vivid"),
        ("", "holds no messages"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(line: str, says: str, tmp_path: Path) -> None:
    file = tmp_path / "cases.jsonl"
    good = '{"id": "0", "text": "music", "category": "noise"}\n' if line else ""
    file.write_text(good + line + "\n")
    with pytest.raises(CasesUnreadable) as wrong:
        read_cases(file)
    assert "cases.jsonl" in str(wrong.value)
    assert says in str(wrong.value)


def test_our_own_labelled_messages_can_be_read() -> None:
    folder = Path(__file__).resolve().parents[2] / "data" / "evaluation"
    files = sorted(folder.glob("*.jsonl"))
    assert files
    for file in files:
        cases = read_cases(file)
        assert len({case.id for case in cases}) == len(cases)
