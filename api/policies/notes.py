"""Where the documents contradict themselves or are silent, and what was chosen, as a page."""

from collections.abc import Iterator, Sequence

from api.policies.load import Policies
from api.policies.schema import Policy
from api.policies.schema_shared import RiskMatrix

HEAD = """\
# Where the policies contradict themselves or are silent

This page is made from the packs in `data/policies/` by `api/policies/notes.py`; a test fails when
it is stale. It lists, landlord by landlord, every slip, contradiction and silence that was found in
the documents, and what was chosen. A landlord can settle each by a word: the pack is then changed
and the entry here goes.

- **Found and chosen**: the pack's `notes`.
- **Assumed**: an entry that has no words of the document to stand on, with the reason (`assumed`).
- **Silent**: a kind of behaviour, or a report to be made, on which the document has no word
  (`silent`). A silent document never means "not anti-social": a person looks, or the resident hears
  who deals with it.
"""


def as_page(policies: Policies) -> str:
    """The whole page, as Markdown. Pure: the same packs always give the same page."""
    parts = [HEAD]
    for code in sorted(policies.landlords):
        parts.append("\n".join(_landlord(policies.landlords[code].policy)) + "\n")
    parts.append("\n".join(_card(policies.risk_matrix)) + "\n")
    return "\n".join(parts)


def assumptions(policy: Policy) -> Iterator[tuple[str, str]]:
    """What was assumed, and why: ("Office hours", reason)."""
    if policy.office.assumed:
        yield "Office hours", policy.office.assumed
    if policy.contact.assumed:
        yield "Contact while a case is open", policy.contact.assumed
    for team in policy.teams:
        if team.assumed:
            yield f"Team: {team.label}", team.assumed
    for severity in policy.severities:
        if severity.assumed:
            yield f"Class: {severity.label}", severity.assumed
    labels = {team.code: team.label for team in policy.teams}
    for route in policy.routes:
        if route.assumed:
            yield f"Who takes it: {labels.get(route.team, route.team)}", route.assumed


def silences(policy: Policy) -> Iterator[tuple[str, str, str]]:
    """What the document has no word on, what was looked for, and what follows."""
    follows = {"review": "a person looks", "elsewhere": "the resident hears who deals with it"}
    for rule in policy.categories:
        if rule.silent:
            yield rule.label, rule.silent, follows.get(rule.outcome, rule.outcome)
    for report in policy.publishes:
        if report.silent:
            yield f"how often: {report.label}", report.silent, "no interval was made up"


def _landlord(policy: Policy) -> Iterator[str]:
    yield f"## {policy.name}"
    yield ""
    yield f"{policy.document}. Pack version {policy.version}, in force from {policy.in_force_from}."
    yield from _table(
        "Found and chosen",
        ("where", "what was found", "what was chosen"),
        [(note.section, note.found, note.chosen) for note in policy.notes],
    )
    yield from _table("Assumed", ("what", "why"), list(assumptions(policy)))
    yield from _table("Silent", ("on", "what was looked for", "what follows"), [*silences(policy)])


def _card(matrix: RiskMatrix) -> Iterator[str]:
    state = "confirmed" if matrix.bands.confirmed else "provisional"
    yield "## The risk assessment card, for all landlords"
    yield ""
    yield f"{matrix.document}. Card version {matrix.version}."
    bands = (
        ("low", matrix.bands.low),
        ("medium", matrix.bands.medium),
        ("high", matrix.bands.high),
    )
    edges = ", ".join(f"{name} {band.start} to {band.end}" for name, band in bands)
    rows = [("bands", matrix.bands.reason, f"{edges} ({state})")]
    rows += [
        (f"question {one.number}", one.words, one.note) for one in matrix.questions if one.note
    ]
    yield from _table("Found and chosen", ("where", "what was found", "what was chosen"), rows)


def _table(title: str, heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    if not rows:
        return
    yield from ("", f"### {title}", "", _row(heads), _row(("---",) * len(heads)))
    yield from (_row(row) for row in rows)


def _row(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(" ".join(cell.replace("|", "\\|").split()) for cell in cells) + " |"
