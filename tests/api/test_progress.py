"""How a case stands, in plain words, from its deadline rows."""

from datetime import UTC, datetime, timedelta
from typing import Any

from api.cases.model import CaseDeadline
from api.cases.progress import NOTHING_SET, late, progress, shortened
from tests.reading import grade

NOW = datetime(2026, 11, 4, 12, tzinfo=UTC)


def promise(kind: str, **more: Any) -> CaseDeadline:
    return CaseDeadline(
        landlord="vivid", case_id="c", kind=kind, clause={}, due_at=NOW, **more
    )  # fmt: skip


def at(deadline: CaseDeadline, days: float) -> CaseDeadline:
    deadline.due_at = NOW + timedelta(days=days)
    return deadline


def test_late_comes_before_next_and_next_before_done() -> None:
    met = at(promise("acknowledgement", met_at=NOW - timedelta(days=3)), -2)
    lines = progress(
        [met, at(promise("action_plan"), 2), at(promise("first_contact"), -1)], now=NOW
    )
    assert lines == [
        "Late: we said we would contact you by 12pm on Tuesday 3 November. We are sorry.",
        "Next: we will agree a plan with you by 12pm on Friday 6 November.",
        "Done: we replied to you on 1 November.",
    ]
    assert all(grade(line) <= 7 for line in lines)


def test_what_was_done_late_says_so() -> None:
    done = at(promise("first_contact", met_at=NOW), -1)
    assert progress([done], now=NOW)[-1] == (
        "Done: we contacted you on 4 November, later than we said."
    )


def test_a_promise_that_was_replaced_is_not_told() -> None:
    old = at(promise("first_contact", superseded_at=NOW), -1)
    assert late([old], now=NOW) == []
    assert progress([old], now=NOW) == [NOTHING_SET]


def test_where_the_policy_sets_no_date_none_is_given() -> None:
    assert progress([], now=NOW) == ["No date is set for the next step."]


def test_a_text_holds_whole_sentences_the_first_first() -> None:
    assert shortened(["One two.", "Three four.", "Five."], 15) == "One two. Five."
    assert shortened(["One two.", "Three."], 8) == "One two."
