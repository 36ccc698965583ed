"""Finds every quotation in a pack, with its place."""

from collections.abc import Iterator

from pydantic import BaseModel

from api.policies.schema import Source


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
