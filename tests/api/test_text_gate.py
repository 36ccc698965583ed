"""The gate at the moment of sending: what is held says why and until when."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from api import clock
from api.cases.model import Case, Incident
from api.contacts.gate import JUST_WRITTEN, Ceilings, Hold, Leaving, check
from api.contacts.schedule import may_text
from api.intake.rulebook import Rulebook
from api.messages.model import OutboxText
from api.messages.outbox import put_out
from api.messages.wording import render
from api.policies.gsm7 import folded, outside, segments
from api.policies.schema import Policy
from api.reports.drafts import start_report
from api.reports.model import Report
from api.worker.sending import send_waiting
from tests.api.town import Town
from tests.people import ALICE, BOB
from tests.phone import segments as phone_segments

TUESDAY_NOON = datetime(2026, 6, 2, 11, 0, tzinfo=UTC)
TUESDAY_NIGHT = datetime(2026, 6, 2, 22, 0, tzinfo=UTC)
SATURDAY_NIGHT = datetime(2026, 6, 6, 18, 30, tzinfo=UTC)
WEDNESDAY_NINE = datetime(2026, 6, 3, 8, 0, tzinfo=UTC)
MONDAY_NINE = datetime(2026, 6, 8, 8, 0, tzinfo=UTC)
CEILINGS = Ceilings(contacts_a_day=2, texts_a_day=20, segments=3)
LONG_AGO = datetime(2026, 6, 1, 9, 0, tzinfo=UTC)
HOW_ARE_THINGS = "VIVID: update on the report you made (VIV-1234). How are things now?"


@pytest.fixture(scope="module")
def policy(rulebook: Rulebook) -> Policy:
    return rulebook.pack("vivid").policy


def contact(**more: Any) -> Leaving:
    facts: dict[str, Any] = {"safe": True, "wrote_at": LONG_AGO, "body": HOW_ARE_THINGS}
    return Leaving(kind="contact", **(facts | more))


def reply(wrote_at: datetime, **more: Any) -> Leaving:
    return Leaving(kind="reply", wrote_at=wrote_at, **({"body": "Thank you."} | more))


def held(text: Leaving, policy: Policy, at: datetime) -> Hold:
    found = check(text, policy, CEILINGS, at=at)
    assert found is not None
    return found


# Hours


@pytest.mark.parametrize(
    ("at", "until"),
    [
        (TUESDAY_NIGHT, WEDNESDAY_NINE),
        (SATURDAY_NIGHT, MONDAY_NINE),
        (datetime(2026, 12, 25, 12, 0, tzinfo=UTC), datetime(2026, 12, 29, 9, 0, tzinfo=UTC)),
    ],
)
def test_a_weekly_message_waits_for_the_next_texting_hour(
    policy: Policy, at: datetime, until: datetime
) -> None:
    assert held(contact(), policy, at) == Hold("outside texting hours", until)
    assert check(contact(), policy, CEILINGS, at=until) is None


def test_a_persons_own_hours_count_too(policy: Policy) -> None:
    mornings = contact(safe_from="09:30", safe_until="11:00")
    hold = held(mornings, policy, TUESDAY_NOON)
    assert hold.until == datetime(2026, 6, 3, 8, 30, tzinfo=UTC)
    assert check(mornings, policy, CEILINGS, at=hold.until) is None


def test_hours_that_never_meet_hold_a_text_for_good(policy: Policy) -> None:
    nights = contact(safe_from="20:00", safe_until="22:00")
    hold = held(nights, policy, TUESDAY_NOON)
    assert hold.until is None
    assert "outside our texting hours" in hold.because


@given(minutes=st.integers(0, 60 * 24 * 400), start=st.integers(0, 23), length=st.integers(1, 12))
def test_what_waits_waits_until_a_time_when_it_may_leave(
    policy: Policy, minutes: int, start: int, length: int
) -> None:
    at = TUESDAY_NOON + timedelta(minutes=minutes)
    end = min(start + length, 23)
    text = contact(safe_from=f"{start:02}:00", safe_until=f"{end:02}:30")
    hold = check(text, policy, CEILINGS, at=at)
    if hold and hold.until:
        assert hold.until > at
        assert check(text, policy, CEILINGS, at=hold.until) is None
    if hold is None:
        assert may_text(at, policy)


def test_an_answer_to_someone_who_has_just_written_goes_at_any_hour(policy: Policy) -> None:
    just_now = reply(TUESDAY_NIGHT - timedelta(minutes=5))
    assert check(just_now, policy, CEILINGS, at=TUESDAY_NIGHT) is None
    late = reply(TUESDAY_NIGHT - JUST_WRITTEN - timedelta(minutes=1))
    assert held(late, policy, TUESDAY_NIGHT).until == WEDNESDAY_NINE


def test_a_safety_text_goes_at_any_hour_and_past_every_ceiling(policy: Policy) -> None:
    warning = Leaving(
        kind="safety", body="Call 999. " * 60, wrote_at=LONG_AGO, safe=False,
        texts_today=500, parties=["Call"],
    )  # fmt: skip
    assert check(warning, policy, CEILINGS, at=TUESDAY_NIGHT) is None


# Safe, wanted, decent


@pytest.mark.parametrize("safe", [None, False])
def test_a_weekly_message_needs_a_safe_way_on_record(policy: Policy, safe: bool | None) -> None:
    assert held(contact(safe=safe), policy, TUESDAY_NOON) == Hold(
        "no safe way to text is on record"
    )


def test_a_late_answer_is_held_where_texting_is_known_to_be_unsafe(policy: Policy) -> None:
    assert held(reply(LONG_AGO, safe=False), policy, TUESDAY_NOON).until is None
    assert check(reply(LONG_AGO, safe=None), policy, CEILINGS, at=TUESDAY_NOON) is None


@pytest.mark.parametrize("kind", ["reply", "contact", "safety", "holding"])
def test_nothing_goes_to_a_number_that_opted_out_but_the_word_that_it_has(
    policy: Policy, kind: str
) -> None:
    facts: dict[str, Any] = {"body": "x", "wrote_at": TUESDAY_NOON, "stopped_by": "provider"}
    assert (
        "asked for texts to stop" in held(Leaving(kind=kind, **facts), policy, TUESDAY_NOON).because
    )
    assert check(Leaving(kind="stopped", **facts), policy, CEILINGS, at=TUESDAY_NOON) is None


def test_what_to_do_in_danger_goes_to_somebody_who_stopped_texts_in_their_own_words(
    policy: Policy,
) -> None:
    facts: dict[str, Any] = {"kind": "safety", "body": "x", "stopped_by": "us"}
    just_now = Leaving(wrote_at=TUESDAY_NIGHT - timedelta(minutes=5), **facts)
    assert check(just_now, policy, CEILINGS, at=TUESDAY_NIGHT) is None
    # Later somebody else may hold the phone.
    late = Leaving(wrote_at=TUESDAY_NIGHT - JUST_WRITTEN - timedelta(minutes=1), **facts)
    assert "asked for texts to stop" in held(late, policy, TUESDAY_NIGHT).because


def test_a_closed_case_gets_no_weekly_message(policy: Policy) -> None:
    assert held(contact(closed=True), policy, TUESDAY_NOON).because == "the case is closed"


@pytest.mark.parametrize(
    ("party", "body"),
    [
        ("Dave Dunn", "An update about Dave Dunn for you."),
        ("Dave Dunn", "An update about DAVE  DUNN for you."),
        ("Dave Dunn", "We spoke to Mr Dunn."),
        ("the man at 14, Dave", "Dave was visited."),
        ("7 Oak House, Sample Town, ZZ1 1AB", "We came to Oak House."),
        ("7 Oak House, Sample Town, ZZ1 1AB", "We came to ZZ1 1AB."),
        ("Zoë O'Hara", "O'Hara was told."),
    ],
)
def test_names_and_addresses_of_the_case_do_not_leave(
    policy: Policy, party: str, body: str
) -> None:
    hold = held(contact(body=body, parties=[party]), policy, TUESDAY_NOON)
    assert hold == Hold("it names a person or an address of the case")


@pytest.mark.parametrize(
    "party",
    [
        "Will May",
        "my neighbour upstairs",
        "The man next door",
        "Update Report",
        "12 The Street",
        "Outside my front door, here at home",
        "the car park of VIVID",
        "",
    ],
)
def test_common_words_in_a_name_do_not_silence_the_weekly_message(
    policy: Policy, party: str
) -> None:
    body = " We will call in may. The street is quiet, and so is it outside."
    text = contact(body=HOW_ARE_THINGS + body, parties=[party])
    assert check(text, policy, CEILINGS, at=TUESDAY_NOON) is None


def test_every_landlords_weekly_message_passes_the_gate(rulebook: Rulebook) -> None:
    for code in rulebook.landlords:
        pack = rulebook.pack(code)
        said = render(
            [{"say": "checkin"}], pack=pack, policies=rulebook.policies, channel="sms",
            always={"reference": "VIV-ABCD-12"},
        )  # fmt: skip
        parties = [ALICE.name, ALICE.address, f"{BOB.name}, the man upstairs", BOB.address]
        text = contact(body=said.text, parties=parties)
        assert check(text, pack.policy, CEILINGS, at=TUESDAY_NOON) is None, code


# Length and number


@given(st.text(max_size=700))
def test_segments_are_counted_as_the_network_counts_them(text: str) -> None:
    assert segments(text) == phone_segments.count(text)


@given(st.text(max_size=100))
def test_folded_words_never_cost_double(text: str) -> None:
    assert outside(folded(text)) == []


def test_names_in_other_scripts_stay_readable() -> None:
    assert folded("Łukasz Żółć, André, Şermin “here”") == 'Lukasz Zolc, André, Sermin "here"'
    assert folded("Олег 👍") == "???? ?"


def test_a_text_of_more_than_three_parts_is_held(policy: Policy) -> None:
    long = reply(TUESDAY_NOON, body="x" * 460)
    assert held(long, policy, TUESDAY_NOON) == Hold("it is too long: 4 parts, at most 3")
    assert check(reply(TUESDAY_NOON, body="x" * 459), policy, CEILINGS, at=TUESDAY_NOON) is None


def test_a_third_weekly_message_in_a_day_waits_for_tomorrow(policy: Policy) -> None:
    hold = held(contact(contacts_today=2), policy, TUESDAY_NOON)
    assert hold == Hold("2 contact messages today already", WEDNESDAY_NINE)


def test_two_machines_that_answer_each_other_come_to_an_end(policy: Policy) -> None:
    hold = held(reply(TUESDAY_NOON, texts_today=20), policy, TUESDAY_NOON)
    assert hold == Hold("20 texts today already", WEDNESDAY_NINE)


# The same with rows


@pytest.fixture
def tuesday() -> Iterator[None]:
    with time_machine.travel(TUESDAY_NOON, tick=True):
        yield


@pytest.fixture
def town(tuesday: None, town: Town) -> Town:
    return town


def weekly(town: Town, at: datetime, **more: Any) -> int:
    """A weekly message put out at that time, on Alice's case; `more` are columns of the case."""
    with town.db.writing() as session:
        case = session.scalars(select(Case)).one()
        for name, value in ({"safe_to_text": True} | more).items():
            setattr(case, name, value)
        text = put_out(
            session, landlord="vivid", to=ALICE.number, body=HOW_ARE_THINGS, kind="contact",
            at=at, case_id=case.id, conversation_id=case.conversation_id,
        )  # fmt: skip
        session.flush()
        return text.id


def at_that_time(town: Town, at: datetime) -> None:
    with clock.moved_to(at):
        while send_waiting(town.post):
            pass


def a_case(town: Town) -> None:
    town.text("he's outside my door right now with a knife")
    town.work()


def test_what_is_put_out_by_day_is_checked_again_at_night(town: Town) -> None:
    a_case(town)
    before = len(town.at_twilio())
    later = clock.now() + timedelta(days=7)
    night = later.replace(hour=23, minute=30)
    text_id = weekly(town, later)
    at_that_time(town, night)
    waits = town.outbox_text(text_id)
    assert (waits.status, waits.held_because, waits.tries) == ("queued", "outside texting hours", 0)
    assert waits.send_after > night
    assert len(town.at_twilio()) == before
    at_that_time(town, waits.send_after)
    town.settle()
    sent = town.outbox_text(text_id)
    assert (sent.status != "queued", sent.held_because) == (True, None)
    assert town.on_phone()[-1] == HOW_ARE_THINGS


@pytest.mark.parametrize(
    ("words", "holds"),
    [
        ("the man in Rowan Close", True),  # where it happened
        ("it was at Hazel Bridge again", True),  # told to the case later
        ("we spoke to Zebedee", True),  # of another report of the same talk
        ("we spoke to the warden", False),
    ],
)
def test_every_place_and_person_that_was_told_of_stays_here(
    town: Town, words: str, holds: bool
) -> None:
    a_case(town)
    noon = (clock.now() + timedelta(days=7)).replace(hour=11)
    text_id = weekly(town, noon)
    with town.db.writing() as session:
        session.get_one(OutboxText, text_id).body = words
        report = session.scalars(select(Report)).one()
        report.happened_where = "the lift in Rowan Close"
        case = session.scalars(select(Case)).one()
        case.incidents.append(
            Incident(landlord="vivid", description="x", happened_where="Hazel Bridge", told_at=noon)
        )
        start_report(
            session, landlord="vivid", conversation_id=report.conversation_id, channel="sms",
            at=noon,
        ).who = "Zebedee from number 9"  # fmt: skip
    at_that_time(town, noon)
    because = town.outbox_text(text_id).held_because
    assert because == ("it names a person or an address of the case" if holds else None)


def test_safe_when_put_out_and_unsafe_when_sent_is_held_and_told(town: Town) -> None:
    a_case(town)
    noon = (clock.now() + timedelta(days=7)).replace(hour=11)
    text_id = weekly(town, noon, safe_to_text=False)
    at_that_time(town, noon)
    assert town.outbox_text(text_id).status == "held"
    assert town.tasks()[-1] == "A text was not sent: no safe way to text is on record."
    assert HOW_ARE_THINGS not in town.on_phone()


def test_an_answer_that_waited_out_an_outage_is_not_read_by_whoever_has_the_phone_now(
    town: Town,
) -> None:
    town.control(next_sends=["429"])
    town.text("my husband hits me")
    # The safety text waits for the network, and what the assistant says after it waits for that.
    town.work()
    assert [one.status for one in town.outbox()] == ["queued", "queued"]
    with clock.moved_to(clock.now() + timedelta(hours=3)):
        while send_waiting(town.post):
            pass
    kinds = {one.kind: one for one in town.outbox()}
    assert kinds["reply"].status == "held"
    assert kinds["reply"].held_because == "no safe way to text is on record"
    with town.db.reading() as session:
        assert "domestic_abuse" in session.scalars(select(Report.flags)).one()
