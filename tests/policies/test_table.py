"""One report, five landlords: the outcome, the clause and its words, as the documents have it."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from api.policies.load import load_policies
from api.routing.rules import Facts, route
from api.screening.rules import Decision, Known, judge, tell

POLICIES = load_policies(Path(__file__).parents[2] / "data" / "policies")
LANDLORDS = ("lyme-trust", "vivid", "seven-locks", "nacro", "places-for-people")
ROWS: list[dict[str, Any]] = tomllib.loads(
    Path(__file__).with_name("table.toml").read_text(encoding="utf-8")
)["rows"]
CELLS = [
    pytest.param(row, landlord, id=f"{landlord}: {row['name']}")
    for row in ROWS
    for landlord in LANDLORDS
]


@dataclass(frozen=True)
class Expected:
    """`rest`: class and team of a case, the question, or the team that it is handed to."""

    outcome: str
    rest: tuple[str, ...]
    section: str | None
    words: str


def plain(text: str) -> str:
    """In lower case, with plain quotes and dashes and single spaces."""
    straight = text.translate(str.maketrans("\u2018\u2019\u2013\u2014", "''--"))
    return re.sub(r"\s+", " ", straight).casefold()


def expected(line: str) -> Expected:
    first, section, *words = (part.strip() for part in line.split("|"))
    outcome, *rest = first.split()
    if section == "silent":
        return Expected(outcome, tuple(rest), None, "")
    return Expected(outcome, tuple(rest), section, words[0])


def decided(row: dict[str, Any], landlord: str) -> tuple[Decision, tuple[str, ...]]:
    """The decision, and the parts of it that a line names beside the outcome."""
    policy = POLICIES.landlords[landlord].policy
    told = tell(
        category=row["category"],
        text=row["text"],
        behaviours=POLICIES.behaviours,
        cues=POLICIES.cues,
        flags=row.get("flags", ()),
    )
    answers = row.get("answers_of", {}).get(landlord, row.get("answers", {}))
    decision = judge(told, answers, Known(**row.get("known", {})), policy)
    routing = route(
        Facts(
            category=decision.category,
            severity=decision.severity,
            flags=told.flags,
            outcome=decision.outcome,
            hand_to=decision.hand_to,
        ),
        policy,
    )
    rest: tuple[str | None, ...] = ()
    if decision.outcome == "asb":
        rest = (routing.severity, routing.team)
    elif decision.outcome == "question":
        rest = (decision.question,)
    elif decision.hand_to:
        rest = ("to", routing.team)
    return decision, tuple(str(part) for part in rest)


@pytest.mark.parametrize(("row", "landlord"), CELLS)
def test_a_landlord_decides_as_its_document_says(row: dict[str, Any], landlord: str) -> None:
    wanted = expected(row[landlord])
    decision, rest = decided(row, landlord)
    came = (decision.outcome, *rest)
    assert came == (wanted.outcome, *wanted.rest), f"{decision.rule}: {decision.why}"
    if wanted.section is None:
        assert decision.clause is None, decision.rule
        return
    assert decision.clause is not None, decision.rule
    assert decision.clause.section.casefold().startswith(wanted.section.casefold())
    assert wanted.words
    assert wanted.words.casefold() in decision.clause.words.casefold()
    assert (decision.advice is not None) or decision.outcome != "not_asb"


@pytest.mark.parametrize("landlord", LANDLORDS)
def test_the_words_that_a_row_expects_are_in_the_document(landlord: str, shared: Path) -> None:
    text = (shared / "policies" / f"{landlord}.txt").read_text(encoding="utf-8")
    document = plain(text)
    wanted = {expected(row[landlord]).words for row in ROWS}
    assert not [words for words in wanted if plain(words) not in document]


def test_the_table_is_wide_enough_and_names_every_landlord() -> None:
    assert len(ROWS) >= 50
    assert all(set(LANDLORDS) <= set(row) for row in ROWS)
    assert set(LANDLORDS) == set(POLICIES.landlords)


def test_every_everyday_matter_that_a_document_excludes_is_in_the_table() -> None:
    """Each exclusion with named behaviours is reached by a row, so none is left untried."""
    reached = {
        (landlord, matter.rule.partition(":")[2])
        for row in ROWS
        for landlord in LANDLORDS
        for matter in decided(row, landlord)[0].matters
    }
    listed = {
        (landlord, entry.code)
        for landlord in LANDLORDS
        for entry in POLICIES.landlords[landlord].policy.not_asb
        if entry.behaviours
    }
    untried = sorted(listed - reached)
    assert not untried
