"""Jobs of the worker: what breaks at one case, or in one job, stops none of the others."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select

from api import clock
from api.cases.model import Case
from api.worker.run import _jobs
from tests.api.town import Town
from tests.people import ALICE, BOB


@pytest.fixture(autouse=True)
def a_weekday_morning() -> Iterator[None]:
    with time_machine.travel(datetime(2026, 6, 2, 8, 30, tzinfo=UTC), tick=True):
        yield


def test_a_case_that_breaks_its_weekly_message_keeps_nobody_elses(town: Town) -> None:
    for number in (ALICE.number, BOB.number):
        town.text("he's outside my door right now with a knife", number)
    town.work()
    with town.db.writing() as session:
        for case in session.scalars(select(Case)):
            case.safe_to_text = True
            case.next_contact_due_at = clock.now() - timedelta(minutes=1)
            if case.contact_number == ALICE.number:
                case.landlord, case.next_contact_due_at = "gone", clock.now() - timedelta(days=1)
    # Longest due, hers is first.
    _jobs(town.post)
    town.work()
    town.settle()
    assert [text for text in town.on_phone(BOB.number) if "How are things now?" in text]
    assert not [text for text in town.on_phone(ALICE.number) if "How are things now?" in text]
    with town.db.reading() as session:
        due = {
            case.contact_number: case.next_contact_due_at for case in session.scalars(select(Case))
        }
    # Nothing of hers is taken for done.
    assert due[ALICE.number] < clock.now() < due[BOB.number]
