"""A landlord's policy over time. Older and future versions stand beside the one of today, in
`versions/<version>.toml`, so that a decision can always be read against the rules it was taken on.
"""

from collections.abc import Sequence
from datetime import date

from api.policies.check_shared import twice
from api.policies.place import Notebook
from api.policies.schema import Policy

FOLDER = "versions"


def in_force(versions: Sequence[Policy], on: date) -> Policy:
    """The latest that is in force on that day (local), else the earliest: nobody is ever without
    a policy. `versions`: one or more, in any order."""
    ordered = by_date(versions)
    begun = [policy for policy in ordered if policy.in_force_from <= on]
    return begun[-1] if begun else ordered[0]


def by_date(versions: Sequence[Policy]) -> tuple[Policy, ...]:
    return tuple(sorted(versions, key=lambda policy: policy.in_force_from))


def check_versions(versions: Sequence[Policy], book: Notebook) -> None:
    """Each version has a name and a first day of its own. The book is the landlord's folder."""
    for name in twice(policy.version for policy in versions):
        book.wrong("version", f"{name!r} is the name of two versions")
    for day in twice(policy.in_force_from.isoformat() for policy in versions):
        book.wrong("in_force_from", f"two versions are in force from {day}")
