"""A landlord's document, section by section, held against its pack: nothing is left out unseen."""

import tomllib
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from api.policies.check_shared import twice
from api.policies.place import Notebook, PolicyMistakes
from api.policies.schema import Policy
from api.policies.schema_examples import Checklist
from api.policies.schema_shared import RiskMatrix
from api.policies.sources import entry_names, named_sources


def read_checklist(path: Path) -> Checklist:
    """`checklist.toml` of a landlord. Raises PolicyMistakes, one line per mistake."""
    book = Notebook(f"{path.parent.name}/{path.name}")
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        # Strict models hold tuples, and TOML gives lists.
        table["sections"] = tuple(
            {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
            for row in table.get("sections", [])
        )
        return Checklist.model_validate(table)
    except tomllib.TOMLDecodeError as error:
        book.wrong("", f"is not TOML: {error}")
    except ValidationError as error:
        book.validation(error)
    raise PolicyMistakes(book.lines)


def checklist_mistakes(checklist: Checklist, policy: Policy, matrix: RiskMatrix) -> list[str]:
    """One line per mistake: each section once, with entries that exist or a reason for none; and
    each source of the policy named under the section it quotes."""
    book = Notebook(f"{policy.code}/checklist.toml")
    for section in twice(entry.section for entry in checklist.sections):
        book.wrong("sections", f"{section!r} is given twice")
    known = entry_names(policy, matrix)
    for index, entry in enumerate(checklist.sections):
        place = f"sections[{index}]"
        if bool(entry.entries) == bool(entry.none):
            book.wrong(place, f"{entry.section!r} needs entries, or none with the reason")
        for name in twice(entry.entries):
            book.wrong(f"{place}.entries", f"{name!r} is given twice")
        for name in entry.entries:
            if name not in known:
                book.wrong(f"{place}.entries", f"there is no {name!r} in this landlord's policy")
    named = {entry.section: entry.entries for entry in checklist.sections}
    quoted: Sequence[tuple[str, str]] = [(name, s.section) for name, s in named_sources(policy)]
    for name, section in dict.fromkeys(quoted):
        if section not in named:
            book.wrong("sections", f"{name!r} stands on {section!r}, which is missing")
        elif name not in named[section]:
            book.wrong("sections", f"{name!r} is not named under {section!r}")
    return book.lines
