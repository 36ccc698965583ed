"""The place in a landlord's document that a decision stands on."""

from dataclasses import dataclass

from api.policies.schema import Policy, Source


@dataclass(frozen=True)
class Clause:
    """What an officer sees and a resident can ask for: document, section, its words as printed."""

    document: str
    section: str
    words: str


def clause_of(policy: Policy, source: Source | None) -> Clause | None:
    """The clause of a pack's entry; None where the document has no word on it."""
    if source is None:
        return None
    return Clause(document=policy.document, section=source.section, words=source.words)
