"""kill -9 of every process at every step of a turn: nothing is lost, nothing comes twice."""

import os
import random
import time
from collections.abc import Callable
from datetime import timedelta

import pytest

from api import clock
from api.intake.rulebook import Rulebook
from tests.endurance.audit import violations
from tests.endurance.books import Books
from tests.endurance.killing import Killer, kind_of
from tests.endurance.residents import Chatter, Quota, Resident, Texter
from tests.journeys.service import NUMBERS, Service, wait_for
from tests.people import Person

pytestmark = [pytest.mark.journey, pytest.mark.timeout(3600)]

KILLS = int(os.environ.get("DOORSTEP_KILLS") or 8)
# A run of so many goes on, to twice as many, until one has fallen at each step.
AT_EACH_STEP = 100
MESSAGES_A_KILL = 5
AHEAD = 10
WEATHER_SECONDS = 3.0
QUIET_SECONDS = 600
# Later than the longest wait between two tries of a text.
LATER = timedelta(minutes=6)


def _residents(service: Service, rng: random.Random, quota: Quota) -> list[Resident]:
    many = min(12 + KILLS // 5, 30)
    landlords = sorted(NUMBERS)
    found: list[Resident] = []
    for n in range(many):
        number = f"+447700900{300 + n}"
        person = Person(
            f"Robin {n} Rowan", number, f"{n} Hazel Court, ZZ1 2AB", f"r{n}@example.org"
        )
        kind = Chatter if n % 3 == 2 else Texter
        landlord = landlords[n % len(landlords)]
        # Every second browser comes by the second api.
        by = service.second if n % 6 == 5 else service
        found.append(kind(by, person, landlord, rng.randrange(2**32), quota))
    return found


def test_whatever_dies_nothing_is_lost_and_nothing_comes_twice(
    own_service: Service,
    books: Books,
    rng: random.Random,
    tell: Callable[[str], None],
    rulebook: Rulebook,
) -> None:
    service, quota, began = own_service, Quota(), time.monotonic()
    residents = _residents(service, rng, quota)
    killer = Killer(service, books, rng, residents)
    killer.as_twilio_is_set_up()
    for one in residents:
        one.start()
    weather_at = 0.0
    while (
        killer.kills.total() < KILLS
        or quota.sent < KILLS * MESSAGES_A_KILL
        or (KILLS >= AT_EACH_STEP and killer.missed() and killer.kills.total() < 2 * KILLS)
    ):
        assert any(one.is_alive() for one in residents), [one.trouble for one in residents]
        if time.monotonic() >= weather_at:
            killer.weather()
            weather_at = time.monotonic() + WEATHER_SECONDS
        # All at the pace of the service itself, however slow the machine: between deaths it works.
        quota.most = killer.kills.total() * MESSAGES_A_KILL + 3 * AHEAD
        if killer.kills.total() * MESSAGES_A_KILL <= books.taken_up() + AHEAD:
            killer.round()
        else:
            killer.start_due()
            time.sleep(0.1)
    quota.stop.set()
    killer.start_all()
    for one in residents:
        one.join(QUIET_SECONDS)
    assert not any(one.is_alive() for one in residents)
    _come_to_rest(service, books)
    broken = violations(service, books, residents, set(rulebook.danger.data.texts))
    for one in residents:
        one.client.close()
    told = [one for resident in residents for one in resident.told]
    tell(_figures(killer, books, len(told), time.monotonic() - began))
    tell(f"violations: {len(broken)}")
    assert broken == [], "\n".join(broken)
    if KILLS >= 50:
        assert all(killer.kills[name] for name in killer.names), killer.kills
    if KILLS >= AT_EACH_STEP:
        assert not killer.missed()


def _come_to_rest(service: Service, books: Books) -> None:
    wait_for(service._ready, QUIET_SECONDS, "all processes are back")
    try:
        wait_for(lambda: books.waiting() == (0, 0), 100, "everything is answered and delivered")
    except AssertionError:
        wait_for(lambda: books.waiting()[0] == 0, QUIET_SECONDS, "every message is taken up")
        # What waits for its next try: time is moved. The workers rest, for their clock is not.
        workers = [one for one in service.processes if kind_of(one) == "worker"]
        for one in workers:
            service.stop_one(one)
        service.jobs((clock.now() + LATER).isoformat())
        for one in workers:
            service.start_one(one)
        wait_for(lambda: books.waiting() == (0, 0), QUIET_SECONDS, "every text is out")


def _figures(killer: Killer, books: Books, told: int, seconds: float) -> str:
    lines = [
        f"{killer.kills.total()} kills {dict(killer.kills)}, {told} messages, "
        f"{books.one('SELECT count(*) FROM outbox')} texts out, "
        f"{books.one('SELECT count(*) FROM cases')} cases, {seconds:.0f} s; where kills fell:"
    ]
    lines += [f"  {name:8} {step:45} {n}" for (name, step), n in sorted(killer.fell.items())]
    lines += [f"  {name:8} {step:45} none" for name, step in sorted(killer.missed())]
    return "\n".join(lines)
