"""What closing, escalation, safeguarding, letters and the like must keep to."""

import re
from collections.abc import Iterable

from api.policies.check_shared import twice
from api.policies.place import Notebook
from api.policies.schema import Duty, Policy, Template, When
from api.policies.schema_shared import BehavioursFile

BLANK = re.compile(r"\{([^{}]*)\}")


def duty_codes(policy: Policy) -> tuple[tuple[str, Iterable[str]], ...]:
    """The lists whose codes must be given once, with their codes."""
    return (
        ("definitions", (entry.code for entry in policy.definitions)),
        ("safeguarding", (entry.code for entry in policy.safeguarding)),
        ("repairs_first", (entry.code for entry in policy.repairs_first)),
        ("no_action", (entry.code for entry in policy.no_action)),
        ("support", (entry.code for entry in policy.support)),
        ("escalation", (entry.code for entry in policy.escalation)),
        ("closing", (entry.code for entry in policy.closing)),
        ("publishes", (entry.code for entry in policy.publishes)),
        ("templates", (entry.code for entry in policy.templates)),
    )


def duty_conditions(policy: Policy) -> list[tuple[str, When]]:
    """Every condition of a duty, with its place."""
    return [(place, duty.when) for place, duty in _duties(policy)]


def check_duties(policy: Policy, words: BehavioursFile | None, book: Notebook) -> None:
    """Teams and behaviours exist, labels are given, intervals are given or known to be missing."""
    teams = {team.code for team in policy.teams}
    for place, duty in _duties(policy):
        if duty.team is not None and duty.team not in teams:
            book.wrong(f"{place}.team", f"{duty.team!r} is not a team of this landlord")
        if not duty.label.strip():
            book.wrong(f"{place}.label", "is empty")
    if policy.staff and policy.staff.team is not None and policy.staff.team not in teams:
        book.wrong("staff.team", f"{policy.staff.team!r} is not a team of this landlord")
    behaviours = {entry.code for entry in words.behaviours} if words else None
    for index, repair in enumerate(policy.repairs_first):
        for code in repair.behaviours:
            if behaviours is not None and code not in behaviours:
                place = f"repairs_first[{index}].behaviours"
                book.wrong(place, f"{code!r} is not a behaviour of shared/behaviours.toml")
        if not repair.behaviours:
            book.wrong(f"repairs_first[{index}].behaviours", "names none")
    for index, report in enumerate(policy.publishes):
        if (report.every is None) == (not report.silent):
            book.wrong(f"publishes[{index}]", "needs every, or silent with what was looked for")
    for index, template in enumerate(policy.templates):
        _template(template, f"templates[{index}]", book)


def _duties(policy: Policy) -> list[tuple[str, Duty]]:
    lists: tuple[tuple[str, tuple[Duty, ...]], ...] = (
        ("safeguarding", policy.safeguarding),
        ("escalation", policy.escalation),
        ("closing", policy.closing),
    )
    return [(f"{name}[{n}]", duty) for name, duties in lists for n, duty in enumerate(duties)]


def _template(template: Template, place: str, book: Notebook) -> None:
    blanks = {blank.code for blank in template.blanks}
    used: set[str] = set()
    for code in twice(blank.code for blank in template.blanks):
        book.wrong(f"{place}.blanks", f"{code!r} is given twice")
    for code in twice(line.code for line in template.lines):
        book.wrong(f"{place}.lines", f"{code!r} is given twice")
    if not template.lines:
        book.wrong(f"{place}.lines", "there is none")
    for index, line in enumerate(template.lines):
        if not line.text.strip():
            book.wrong(f"{place}.lines[{index}].text", "there are no words")
        for name in BLANK.findall(line.text):
            used.add(name)
            if name not in blanks:
                book.wrong(f"{place}.lines[{index}].text", f"{{{name}}} is not among its blanks")
    for code in sorted(blanks - used):
        book.wrong(f"{place}.blanks", f"{code!r} is in no line")
