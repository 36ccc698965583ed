"""Finds every quotation in a pack, with its place, and with the name of the entry it supports."""

from collections.abc import Iterator

from pydantic import BaseModel

from api.policies.schema import Policy, Source
from api.policies.schema_shared import RiskMatrix


def sources(entry: object, place: str = "") -> Iterator[tuple[str, Source]]:
    """Every source below an entry, with its place: ("not_asb[2].source", Source(...))."""
    if isinstance(entry, Source):
        yield place, entry
    elif isinstance(entry, BaseModel):
        for name in type(entry).model_fields:
            yield from sources(getattr(entry, name), f"{place}.{name}" if place else name)
    elif isinstance(entry, tuple):
        for index, item in enumerate(entry):
            yield from sources(item, f"{place}[{index}]")


def named_sources(policy: Policy) -> Iterator[tuple[str, Source]]:
    """Every source with its entry's name, as checklists have it: ("not_asb.doors", Source(...)).

    What has no code is named by what it gives: a deadline by its kind, a route by its team, a
    raise by its class. Several may bear one name.
    """
    for field in type(policy).model_fields:
        value = getattr(policy, field)
        if not isinstance(value, tuple):
            yield from ((field, source) for _, source in sources(value))
            continue
        for entry in value:
            yield from ((f"{field}.{_key(entry)}", source) for _, source in sources(entry))


def entry_names(policy: Policy, matrix: RiskMatrix) -> frozenset[str]:
    """What a checklist may name: this landlord's entries with a source, and the shared card's."""
    card = {f"risk_matrix.{question.number}" for question in matrix.questions}
    return frozenset({name for name, _ in named_sources(policy)} | card | {"risk_matrix.bands"})


def _key(entry: object) -> str:
    names = ("code", "kind", "team", "severity")
    return str(next(getattr(entry, name) for name in names if hasattr(entry, name)))
