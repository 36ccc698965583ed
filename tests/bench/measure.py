"""The measurements that need both sides running, always in turn: ours, stock, ours, stock."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import httpx

from tests.bench import script
from tests.bench.figures import Load, percentile, ratio
from tests.bench.load import OurTalk, Resident, Talk, all_write, make_client
from tests.bench.our_side import Ours
from tests.bench.processes import BOT_PYTHON
from tests.bench.spans import totals

EARLY, LATE = 5, 60  # the turns of a conversation that are compared
AROUND = 2  # with so many before and after them


@dataclass(frozen=True)
class Side:
    """`processor`: seconds of processor time that its processes have used so far."""

    name: str
    talk: Callable[[], Talk]
    processor: Callable[[], float]


@dataclass(frozen=True)
class Plan:
    """residents -> (slices, turns in each); how many long conversations; how many texts."""

    levels: dict[int, tuple[int, int]]
    long_conversations: int
    traced_conversations: int
    texts: int


FULL = Plan({1: (4, 32), 8: (4, 64), 32: (4, 256)}, 6, 3, 600)
QUICK = Plan({1: (2, 16), 8: (2, 32), 32: (2, 96)}, 1, 1, 200)


async def warm_up(sides: list[Side]) -> None:
    """One whole conversation at each side: shows that the script fits before anything counts."""
    for side in sides:
        resident = Resident(900, side.talk, script.report)
        await all_write([resident], len(script.report(0)), side.processor)


async def levels(sides: list[Side], plan: Plan) -> dict[int, dict[str, Load]]:
    """residents -> side -> its load. Each slice goes on where the side's residents had stopped."""
    found: dict[int, dict[str, Load]] = {}
    for count, (slices, turns) in plan.levels.items():
        people = {
            side.name: [Resident(one, side.talk, script.report) for one in range(count)]
            for side in sides
        }
        loads: dict[str, Load] = {}
        for number in range(slices):
            for side in sides if number % 2 == 0 else sides[::-1]:
                load = await all_write(people[side.name], turns, side.processor)
                before = loads.get(side.name)
                loads[side.name] = before + load if before else load
        found[count] = loads
    return found


@dataclass(frozen=True)
class Growth:
    """Milliseconds of early and of late turns, the same words at the same open question."""

    early: tuple[float, ...]
    late: tuple[float, ...]

    @property
    def grown(self) -> float:
        return ratio(percentile(self.late, 0.5), percentile(self.early, 0.5))


async def growth(sides: list[Side], conversations: int) -> dict[str, Growth]:
    """Late turns of a conversation that was never finished beside early ones of a fresh one,
    turn about, so that noise falls on both."""
    early: dict[str, list[float]] = {side.name: [] for side in sides}
    late: dict[str, list[float]] = {side.name: [] for side in sides}
    async with make_client(1) as client:
        for number in range(conversations):
            for side in sides:
                old, new = Told(side.talk(), number), Told(side.talk(), number)
                await old.until(client, LATE - AROUND)
                await new.until(client, EARLY - AROUND)
                for _ in range(2 * AROUND + 1):
                    early[side.name].append(await new.turn(client))
                    late[side.name].append(await old.turn(client))
    return {one.name: Growth(tuple(early[one.name]), tuple(late[one.name])) for one in sides}


class Told:
    """A conversation whose report stays unfinished. Its next turn is number `next`."""

    def __init__(self, talk: Talk, number: int) -> None:
        self._talk = talk
        self._words = script.unfinished(number)
        self.next = 1

    async def until(self, client: httpx.AsyncClient, turn: int) -> None:
        """Talks until the next turn is that one."""
        while self.next < turn:
            await self.turn(client)

    async def turn(self, client: httpx.AsyncClient) -> float:
        if self.next == 1:
            await self._talk.open(client)
        began = perf_counter()
        await self._talk.say(client, next(self._words))
        self.next += 1
        return (perf_counter() - began) * 1000


def our_side(ours: Ours) -> Side:
    return Side("ours", lambda: OurTalk(ours.url), ours.cpu_seconds)


async def breakdown(ours: Ours, conversations: int) -> Load:
    """The turns of one resident while the clocks of `timed` are on."""
    side = our_side(ours)
    await warm_up([side])
    for file in spans_of(ours.data_dir):
        file.write_text("")
    resident = Resident(0, side.talk, script.report)
    return await all_write([resident], conversations * len(script.report(0)), side.processor)


def spans_of(folder: Path) -> tuple[Path, Path]:
    return folder / "api.spans", folder / "bot.spans"


def timed(folder: Path, python: str) -> Ours:
    """Our side with one bot and clocks around its steps; no worker, which would take turns too."""
    api, bot = spans_of(folder)
    return Ours(
        folder,
        bots=1,
        stand_in={
            "api": [python, "-m", "tests.bench.timed_api", str(api)],
            "bot": [str(BOT_PYTHON), "-m", "tests.bench.timed_bot", str(bot)],
        },
    )


def parts(folder: Path, load: Load) -> dict[str, float]:
    """Where a turn's time goes, in ms a turn. "rest" is what no step accounts for."""
    api_file, bot_file = spans_of(folder)
    api, bot = totals(api_file, {"token", "between", "reply"}), totals(bot_file, {"dialogue"})
    found = {
        "kept": api["kept"],
        "danger screen": api["screen"],
        "waited for parse and opinion": api["opinion"],
        "bot: parse in the turn": bot.get("parse", 0.0),
        "bot: tracker store": bot["store"],
        "bot: dialogue": api["turn"] - bot.get("parse", 0.0) - bot["store"] - bot["actions"],
        "actions": bot["actions"],
        "write": api["write"] + api["asked"] + api["lock"],
        "commits to disk": api["disk"],
        "reply": api["reply"] + api["token"],
    }
    found["rest"] = sum(load.milliseconds) - sum(found.values())
    return {name: taken / len(load.milliseconds) for name, taken in found.items()}
