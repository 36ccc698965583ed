"""Random conversations: each ends in a report that is kept, and none ever shows an error."""

import os
import random
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import httpx
import pytest

from api import clock
from api.intake.rulebook import Rulebook
from tests.endurance.books import Books
from tests.endurance.talking import Talk
from tests.journeys.service import NUMBERS, Service

pytestmark = [pytest.mark.journey, pytest.mark.timeout(7200)]

TURNS = int(os.environ.get("DOORSTEP_FUZZ_TURNS") or 120)
LONGEST = 34
AT_ONCE = 3
BY_TEXT = 0.15
# Silence, in steps: the nudge, what is left unfinished, what was left after a nudge, the check-in.
SILENCES = (timedelta(hours=5), timedelta(hours=30), timedelta(hours=56), timedelta(days=9))
ENDS = """
SELECT r.id, r.reference, r.status, r.incomplete_at, c.handed_over_at, c.phase
FROM reports r JOIN conversations c ON c.id = r.conversation_id WHERE c.id = :talk
"""


def test_every_conversation_ends_in_a_report_that_is_kept(
    own_service: Service,
    books: Books,
    rng: random.Random,
    tell: Callable[[str], None],
    rulebook: Rulebook,
) -> None:
    service, began = own_service, time.monotonic()
    talks: list[Talk] = []
    landlords = sorted(NUMBERS)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        while sum(talk.turns for talk in talks) < TURNS:
            fresh = [
                Talk(
                    service,
                    books,
                    landlords[(len(talks) + n) % len(landlords)],
                    random.Random(rng.randrange(2**32)),
                    number=300 + (len(talks) + n) % 600,
                    by_text=rng.random() < BY_TEXT,
                )
                for n in range(AT_ONCE)
            ]
            talks += fresh
            list(pool.map(_hold, fresh))
    _fall_silent(service)
    ended = Counter(_end_of(service, talk, rulebook) for talk in talks)
    sound = [talk for talk in talks if not talk.faults]
    # The check-in goes out by text.
    back = [one for at, one in enumerate(sound) if one.by_text or at % max(1, len(talks) // 5) == 0]
    for talk in back:
        _tried(talk, talk.goes_on)
    faulty = [talk for talk in talks if talk.faults]
    tell(
        f"{sum(talk.turns for talk in talks)} turns in {len(talks)} conversations, "
        f"{sum(talk.by_text for talk in talks)} of them by text, {len(back)} came back after "
        f"days; {time.monotonic() - began:.0f} s; ended: {dict(ended)}; faulty: {len(faulty)}"
    )
    assert not faulty, "\n\n".join(talk.transcript() for talk in faulty)
    assert {talk.landlord for talk in talks} == {*NUMBERS} or len(talks) < len(NUMBERS)


def _hold(talk: Talk) -> None:
    _tried(talk, lambda: talk.hold(LONGEST))


def _tried(talk: Talk, piece: Callable[[], None]) -> None:
    try:
        piece()
    except (AssertionError, httpx.HTTPError) as trouble:
        talk.faults.append(f"{type(trouble).__name__}: {trouble}")


def _fall_silent(service: Service) -> None:
    now = clock.now()
    for silence in SILENCES:
        service.jobs((now + silence).isoformat())


def _end_of(service: Service, talk: Talk, rulebook: Rulebook) -> str:
    """How a conversation ended, as the landlord's own system sees it."""
    ends = talk.books.all(ENDS, talk=talk.conversation)
    if not ends:
        talk.faults.append("there is no report of it")
        return "nothing"
    how = ""
    for end in ends:
        try:
            how = _kept_as(service, talk, end, rulebook)
        except httpx.HTTPStatusError as missing:
            talk.faults.append(f"{end}: {missing}")
    return how or "nothing"


def _kept_as(service: Service, talk: Talk, end: dict[str, Any], rulebook: Rulebook) -> str:
    reference, status = end["reference"], end["status"]
    if status == "case":
        case = service.case(talk.landlord, reference)
        _compare(talk, end["id"], case["report"], rulebook)
        return "case"
    if status in ("screened_out", "elsewhere"):
        found = service.api(talk.landlord, f"non-asb/{reference}")
        if not found["screening"]["advice"]:
            talk.faults.append(f"screened out without advice: {found}")
        return status
    if end["incomplete_at"]:
        found = service.api(talk.landlord, f"incomplete/{reference}")
        if not found["typed"]:
            talk.faults.append(f"incomplete, and nothing of it is shown: {found}")
        _compare(talk, end["id"], found["report"], rulebook)
        return "incomplete, with a person" if end["handed_over_at"] else "incomplete"
    if end["handed_over_at"] or status == "for_person":
        return "with a person"
    talk.faults.append(f"no officer will ever see it: {end}")
    return "nothing"


def _compare(talk: Talk, report_id: str, report: dict[str, Any], rulebook: Rulebook) -> None:
    wording = rulebook.pack(talk.landlord).wording["ask_how_often"]
    labels = {choice.value: choice.label for choice in wording.choices}
    if memory := talk.memories.get(report_id):
        talk.faults += memory.differs(report, labels)
