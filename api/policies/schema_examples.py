"""The shape of a pack's examples and of its checklist, which are run as tests."""

from datetime import datetime

from pydantic import Field

from api.policies.schema import Band, Category, Code, DeadlineKind, Entry, Flag, Outcome


class ExampleKnown(Entry):
    """What the landlord already knows from earlier reports, in an example."""

    same_category_within_a_year: bool = False
    screened_out_before: int = 0


class Expect(Entry):
    """What an example must come to; what is not given is not checked.

    section, severity, team, question: exact. `question` and `severity` may be "none". `rule` is
    the judge's rule ("not_asb:doors") or only the code of the entry ("doors").
    due: kind of deadline → local time (Europe/London) without offset.
    """

    outcome: Outcome | None = None
    category: Category | None = None
    section: str | None = None
    severity: str | None = None
    team: Code | None = None
    question: Code | None = None
    rule: str | None = None
    due: dict[DeadlineKind, datetime] = Field(default_factory=dict)


class Example(Entry):
    """A report as given and what the policy makes of it: a test that an officer can read.

    `category` is what the resident confirmed; `answers`: question code → answer code; `opened_at`
    is local time (Europe/London) without offset, and is needed where `due` is expected.
    """

    name: str
    text: str = ""
    category: Category
    answers: dict[Code, Code] = Field(default_factory=dict)
    flags: tuple[Flag, ...] = ()
    known: ExampleKnown = ExampleKnown()
    other_categories: tuple[Category, ...] = ()
    band: Band | None = None
    scheme: Code | None = None
    opened_at: datetime | None = None
    expect: Expect


class ExamplesFile(Entry):
    """`examples.toml` of a landlord."""

    examples: tuple[Example, ...] = ()


class ChecklistSection(Entry):
    """One numbered section or heading of a document, and the entries that stand on its words.

    An entry is named by its list and its code ("categories.noise"); a deadline by its kind, a
    route by its team, a raise by its class; "risk_matrix.5" is a question of the shared card.
    Without entries, `none` says why it needs none.
    """

    section: str
    entries: tuple[str, ...] = ()
    none: str | None = None


class Checklist(Entry):
    """`checklist.toml` of a landlord: its document, section by section, in order."""

    sections: tuple[ChecklistSection, ...]
