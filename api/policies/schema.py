"""The shape of a landlord's policy as data: what a pack may say, and nothing else.

Every model refuses unknown keys and wrong types (`extra="forbid"`, `strict=True`) and is frozen.
Codes are those of the service's published contract; every entry that decides something carries
its `source`: the section of the landlord's document and the short words it stands on.
"""

from datetime import date, time
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Category = Literal[
    "domestic_abuse", "hate", "violence_or_threats", "weapons", "harassment", "verbal_abuse",
    "drug_dealing", "drug_use", "alcohol", "cuckooing", "arson", "burglary_or_theft", "vandalism",
    "noise", "party", "animals", "dangerous_dog", "vehicles", "abandoned_vehicle", "parking",
    "fly_tipping", "garden", "communal_areas", "prostitution", "cyber_crime", "neighbour_dispute",
    "living_noise", "diy", "cooking_smell", "children_playing", "lifestyle", "repairs",
    "other_service", "other",
]  # fmt: skip
Flag = Literal[
    "emergency", "weapon", "domestic_abuse", "hate", "child", "self_harm", "exploitation"
]
Outcome = Literal["asb", "not_asb", "question", "review", "elsewhere"]
DeadlineKind = Literal[
    "acknowledgement", "first_contact", "risk_assessment", "action_plan", "face_to_face",
    "next_contact", "review",
]  # fmt: skip
Nation = Literal["england", "wales", "scotland", "northern_ireland"]
Band = Literal["low", "medium", "high"]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$")]


class Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Source(Entry):
    """Where an entry stands in the landlord's document. `words` are quoted exactly."""

    section: str
    words: str


class Words(Entry):
    """One thing to say, for each channel. SMS: at most two GSM-7 segments.

    `brief` is said instead of `sms` where the whole turn would not fit two segments.
    """

    sms: str
    web: str
    brief: str | None = None


class Note(Entry):
    """A slip, a contradiction or a silence of the document, and what was chosen."""

    section: str
    found: str
    chosen: str


class Office(Entry):
    """When the landlord works. `assumed` says why, where the document gives no hours."""

    days: tuple[Weekday, ...]
    opens: time
    closes: time
    closure_days: tuple[date, ...] = ()
    source: Source | None = None
    assumed: str | None = None


class Contact(Entry):
    """How often a complainant hears from the landlord while the case is open."""

    interval_days: int
    source: Source | None = None
    assumed: str | None = None


class Team(Entry):
    code: Code
    label: str
    source: Source | None = None
    assumed: str | None = None


class Severity(Entry):
    """A class of cases. `rank` 1 is the most serious."""

    code: Code
    label: str
    rank: int
    source: Source | None = None
    assumed: str | None = None


class CategoryRule(Entry):
    """What the policy makes of one kind of behaviour when no `not_asb` entry applies.

    `label` completes "Is this about …?". `silent` says that the document has no word on it:
    then there is no source, and the outcome is `review` (a person looks).
    `elsewhere` names in `advice` who deals with it; with `hand_to` a case is still opened, with
    that team, so that nobody is dropped between two procedures.
    """

    code: Category
    label: str
    outcome: Literal["asb", "review", "elsewhere", "not_asb"]
    severity: Code | None = None
    hand_to: Code | None = None
    source: Source | None = None
    silent: str | None = None
    advice: Words | None = None


class Hours(Entry):
    """From (included) to (excluded), local time; may pass midnight."""

    start: time
    end: time


class QuestionAnswer(Entry):
    """One answer to a settling question, and what already told settles it without asking.

    hours: every time of day that was told lies in here.
    cue: a code of `behaviours.toml`'s [[cues]] that was read in the words.
    known: what the landlord already knows from earlier reports.
    """

    code: Code
    label: str
    words: tuple[str, ...] = ()
    hours: tuple[Hours, ...] = ()
    cue: Code | None = None
    known: Literal["same_category_within_a_year"] | None = None


class Question(Entry):
    """A question that settles a conditional clause. Asked with numbered answers."""

    code: Code
    ask: Words
    why: str
    answers: tuple[QuestionAnswer, ...]


class NotAsb(Entry):
    """What the policy says is not ASB.

    It applies to a report whose category is in `categories` and, where `behaviours` is given,
    to the matters named there (codes of `behaviours.toml`). With `asks`, it holds only for the
    answers in `holds_for`; the answers in `unsure` send the report to a person; any other answer
    lifts the exclusion. `advice` tells the resident, in plain words, and may promise only what
    the document does.
    """

    code: Code
    categories: tuple[Category, ...]
    behaviours: tuple[Code, ...] = ()
    source: Source
    asks: Code | None = None
    holds_for: tuple[Code, ...] = ()
    unsure: tuple[Code, ...] = ()
    lifted_source: Source | None = None
    advice: Words


class When(Entry):
    """A condition: every list that is given must match (any of its members)."""

    category: tuple[Category, ...] = ()
    severity: tuple[Code, ...] = ()
    team: tuple[Code, ...] = ()
    outcome: tuple[Outcome, ...] = ()
    flags_any: tuple[Flag, ...] = ()
    band: tuple[Band, ...] = ()
    scheme: tuple[Code, ...] = ()


class Route(Entry):
    """First match wins; the last has no condition."""

    when: When = When()
    team: Code
    source: Source | None = None
    assumed: str | None = None


class DeadlineRule(Entry):
    """A promise with a clock. Per kind, the first match wins. 0 working days: the same day."""

    kind: DeadlineKind
    when: When = When()
    within_working_days: int
    source: Source


class SeverityRule(Entry):
    """Raises a class whatever the category says (never lowers it)."""

    when: When
    severity: Code
    source: Source


class CaseReview(Entry):
    """How residents are told of the ASB Case Review (Community Trigger).

    `everyone`: the document has whoever reports told of it, not only those who ask.
    """

    words: Words
    everyone: bool = False
    source: Source


class ComplaintsWay(Entry):
    """What the document says of complaints about the landlord's own service; told to residents."""

    words: Words
    source: Source


class StaffReports(Entry):
    """What the document asks where a member of staff is the one it happens to.

    `team`: who takes the case; `tasks`: what has to be done, each a task on it; `words`: what the
    member of staff is told.
    """

    team: Code | None = None
    tasks: tuple[str, ...] = ()
    words: Words
    source: Source


class Duty(Entry):
    """Something the document has people do about a case, in plain words for officers (`label`).

    `role` is who the document names, as printed; `team` the team of this pack that stands for it.
    `when` says for which cases; without it, for all.
    """

    code: Code
    label: str
    role: str | None = None
    team: Code | None = None
    when: When = When()
    source: Source


class Closing(Duty):
    """may_close: a ground to close on. before: done first. keep_open: what stands against it.
    tell: what the complainant hears."""

    step: Literal["may_close", "before", "keep_open", "tell"]


class Escalation(Duty):
    """advice: whose advice is sought. conference: who meets. decision: who decides or approves.
    measure: what is tried, or may be taken. outside: another body that is brought in."""

    step: Literal["advice", "conference", "decision", "measure", "outside"]


class Safeguarding(Duty):
    """Where danger to a person leads. `procedure`: the landlord's other document that leads."""

    procedure: str | None = None
    at_once: bool = False


class RepairFirst(Entry):
    """A repair that jumps the queue. The report stays a case; `behaviours` say when it is one."""

    code: Code
    label: str
    behaviours: tuple[Code, ...]
    source: Source


class NoAction(Entry):
    """When the landlord may take no action, and what it says then.

    An officer decides it, never the service. `offer` is where the document says what is offered
    instead; `advice` tells the complainant and promises no more than that.
    """

    code: Code
    label: str
    source: Source
    offer: Source
    advice: Words


class Published(Entry):
    """What the landlord publishes, or reports to someone: to whom, what, how often.

    Without `every`, `silent` says that the document gives no interval.
    """

    code: Code
    label: str
    to: str
    every: Literal["quarter", "year"] | None = None
    silent: str | None = None
    contains: tuple[str, ...] = ()
    source: Source


class Blank(Entry):
    """A gap in a letter: the name it is filled by, and the braces' words in the document."""

    code: Code
    printed: str


class TemplateLine(Entry):
    """One line of a letter, plain text. `{code}` stands for a blank.

    complainant, landlord: an action of theirs, of which the officer picks. must_say: what the
    letter has to hold, where the document prints no letter.
    """

    code: Code
    part: Literal["heading", "opening", "complainant", "landlord", "closing", "must_say"]
    text: str
    source: Source


class Template(Entry):
    """A letter of the landlord's."""

    code: Code
    label: str
    blanks: tuple[Blank, ...] = ()
    lines: tuple[TemplateLine, ...]


class Support(Entry):
    """Help that the document offers, and to whom."""

    code: Code
    label: str
    to: Literal["complainant", "witness", "alleged_perpetrator"]
    source: Source


class Definition(Entry):
    """A term as the document defines it: the quotation is the definition."""

    code: Code
    label: str
    source: Source


class Policy(Entry):
    """One landlord's policy, one version."""

    code: Code
    name: str
    document: str
    version: str
    in_force_from: date
    nation: Nation
    office: Office
    contact: Contact
    teams: tuple[Team, ...]
    severities: tuple[Severity, ...]
    categories: tuple[CategoryRule, ...]
    questions: tuple[Question, ...] = ()
    not_asb: tuple[NotAsb, ...] = ()
    raises: tuple[SeverityRule, ...] = ()
    routes: tuple[Route, ...]
    deadlines: tuple[DeadlineRule, ...]
    case_review: CaseReview | None = None
    complaints: ComplaintsWay | None = None
    staff: StaffReports | None = None
    notes: tuple[Note, ...] = ()
    definitions: tuple[Definition, ...] = ()
    safeguarding: tuple[Safeguarding, ...] = ()
    repairs_first: tuple[RepairFirst, ...] = ()
    no_action: tuple[NoAction, ...] = ()
    support: tuple[Support, ...] = ()
    escalation: tuple[Escalation, ...] = ()
    closing: tuple[Closing, ...] = ()
    publishes: tuple[Published, ...] = ()
    templates: tuple[Template, ...] = ()
