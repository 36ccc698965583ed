"""What goes into the judge and what comes out: plain values, nothing else."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import time
from types import MappingProxyType

from api.policies.clause import Clause
from api.policies.schema import Outcome, Words
from api.policies.schema_shared import Behaviour, Cue
from api.screening.told import read_told

NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Told:
    """What was told. `behaviours` and `cues` are codes of behaviours.toml, `times` local.

    `home` says to which category a behaviour belongs, `plain` which behaviours count by
    themselves in a report of another kind, `lifting` which cues lift exclusions. `tell` fills
    them all in.
    """

    category: str
    text: str
    flags: frozenset[str] = frozenset()
    behaviours: frozenset[str] = frozenset()
    cues: frozenset[str] = frozenset()
    times: tuple[time, ...] = ()
    other_categories: tuple[str, ...] = ()
    home: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    plain: frozenset[str] = frozenset()
    lifting: frozenset[str] = frozenset(
        {
            "on_purpose",
            "targeted",
            "threat",
            "abuse",
            "hate",
            "damage",
            "health",
            "vulnerable",
            "safety",
            "worry",
        }
    )


@dataclass(frozen=True)
class Known:
    """What the landlord already knows: earlier reports from this address or about this party."""

    same_category_within_a_year: bool = False
    screened_out_before: int = 0


@dataclass(frozen=True)
class Matter:
    """One thing told, judged by itself. `main` is the kind that the resident confirmed."""

    category: str
    behaviour: str | None
    outcome: Outcome
    severity: str | None
    clause: Clause | None
    question: str | None
    advice: Words | None
    rule: str
    why: str
    answers_used: Mapping[str, str]
    hand_to: str | None
    main: bool


@dataclass(frozen=True)
class Decision:
    """The judge's word, the clause it stands on, and one plain line for the officer."""

    outcome: Outcome
    category: str
    severity: str | None
    clause: Clause | None
    question: str | None
    advice: Words | None
    rule: str
    why: str
    answers_used: Mapping[str, str]
    hand_to: str | None
    matters: tuple[Matter, ...]


def tell(
    *,
    category: str,
    text: str,
    behaviours: Sequence[Behaviour],
    cues: Sequence[Cue],
    flags: Iterable[str] = (),
    other_categories: Iterable[str] = (),
) -> Told:
    """What was told, with everything that is read in its words."""
    read = read_told(text, behaviours, cues)
    return Told(
        category=category,
        text=text,
        flags=frozenset(flags),
        behaviours=read.behaviours,
        cues=read.cues,
        times=read.times,
        other_categories=tuple(other_categories),
        home=MappingProxyType({entry.code: entry.category for entry in behaviours}),
        plain=frozenset(entry.code for entry in behaviours if entry.stands_alone),
        lifting=frozenset(cue.code for cue in cues if cue.lifts),
    )
