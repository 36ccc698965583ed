"""What is different between two versions of a policy: plain lines, each with its place."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time

from api.policies.load import Draft
from api.policies.schema import DeadlineRule, Entry, Hours, Note, Source, When, Words

HEADINGS = {
    "office": "Working hours",
    "contact": "Keeping in touch",
    "teams": "Teams",
    "severities": "Classes",
    "categories": "Kinds of behaviour",
    "questions": "Questions that settle a condition",
    "not_asb": "What is not ASB",
    "raises": "What raises a class",
    "routes": "Who looks after a case",
    "deadlines": "What is promised by when",
    "case_review": "The ASB case review",
    "complaints": "Complaints about the service",
    "staff": "When it happens to staff",
    "notes": "Notes on the document",
    "definitions": "Definitions",
    "safeguarding": "Safeguarding",
    "repairs_first": "Repairs that jump the queue",
    "no_action": "When no action is taken",
    "support": "Support",
    "escalation": "Escalation",
    "closing": "Closing a case",
    "publishes": "What is published",
    "templates": "Letters",
    "wording": "Wording",
}
WHOLE = "The policy itself"
# Lists whose order counts: the first match wins, or it is what a resident or an officer reads.
ORDERED = frozenset({"not_asb", "raises", "routes", "deadlines", "answers", "lines"})


@dataclass(frozen=True)
class Change:
    """One difference: `place` as in `categories.noise.severity`, and what happened there."""

    place: str
    what: str

    @property
    def heading(self) -> str:
        """The part of the policy that it belongs to."""
        top, dot, _ = self.place.partition(".")
        if top in HEADINGS:
            return HEADINGS[top]
        return top.replace("_", " ").capitalize() if dot else WHOLE


def changes(old: Draft, new: Draft) -> list[Change]:
    """Every rule and every word that is added, removed or different, in the policy's order.

    Messages are compared where both sides are whole folders.
    """
    found = list(_compare(old.policy, new.policy, ""))
    if old.wording is not None and new.wording is not None:
        for key in dict.fromkeys((*old.wording, *new.wording)):
            found += _compare(old.wording.get(key), new.wording.get(key), f"wording.{key}")
    return found


def as_text(old: Draft, new: Draft) -> str:
    """The changes as they are printed: a first line, then one group for each part."""
    found = changes(old, new)
    if not found:
        return "No rule and no wording is different."
    groups: dict[str, list[Change]] = {}
    for change in found:
        groups.setdefault(change.heading, []).append(change)
    lines = [f"{_called(old)} -> {_called(new)}: {_counted(len(found))}"]
    for heading, members in groups.items():
        lines += ["", heading, *(f"  {one.place}: {one.what}" for one in members)]
    return "\n".join(lines)


def _called(draft: Draft) -> str:
    policy = draft.policy
    return f"{policy.name}, version {policy.version} (in force from {policy.in_force_from})"


def _counted(number: int) -> str:
    return "1 change" if number == 1 else f"{number} changes"


def _compare(old: object, new: object, place: str) -> Iterator[Change]:
    if old == new:
        return
    if _absent(old) or _absent(new):
        what, value = ("added", new) if _absent(old) else ("removed", old)
        yield Change(place, f"{what}, {_said(value)}")
    elif isinstance(old, Entry) and isinstance(new, Entry):
        for name in type(old).model_fields:
            within = f"{place}.{name}" if place else name
            yield from _compare(getattr(old, name), getattr(new, name), within)
    elif isinstance(old, tuple) and isinstance(new, tuple) and _entries(old) and _entries(new):
        yield from _compare_lists(_by_key(old), _by_key(new), place)
    else:
        yield Change(place, f"{_said(old)} -> {_said(new)}")


def _compare_lists(
    old: Mapping[str, Entry], new: Mapping[str, Entry], place: str
) -> Iterator[Change]:
    for key in dict.fromkeys((*old, *new)):
        yield from _compare(old.get(key), new.get(key), f"{place}.{key}")
    before, after = [key for key in old if key in new], [key for key in new if key in old]
    if before != after and place.rpartition(".")[2] in ORDERED:
        yield Change(place, f"in another order: {', '.join(before)} -> {', '.join(after)}")


def _absent(value: object) -> bool:
    return value is None or value == ()


def _entries(values: Sequence[object]) -> bool:
    return all(isinstance(value, Entry) for value in values)


def _by_key(entries: Sequence[Entry]) -> dict[str, Entry]:
    """Entries by what they are known by; a second of the same name gets a number."""
    named: dict[str, Entry] = {}
    for index, entry in enumerate(entries):
        key = name = _key(entry) or f"[{index}]"
        copy = 1
        while key in named:
            copy += 1
            key = f"{name}#{copy}"
        named[key] = entry
    return named


def _key(entry: Entry) -> str | None:
    """What people know an entry by: its code, or the condition under which it applies."""
    if isinstance(entry, DeadlineRule):
        return f"{entry.kind}({_condition(entry.when)})"
    if isinstance(entry, Hours):
        return f"{entry.start:%H:%M}-{entry.end:%H:%M}"
    if isinstance(entry, Note):
        return f"{entry.section}: {entry.found[:40]}"
    code = getattr(entry, "code", None) or getattr(entry, "value", None)
    when = getattr(entry, "when", None)
    if code is None and isinstance(when, When):
        return f"({_condition(when)})"
    return str(code) if code is not None else None


def _condition(when: When) -> str:
    given = {name: getattr(when, name) for name in type(when).model_fields}
    parts = [f"{name}={'/'.join(codes)}" for name, codes in given.items() if codes]
    return ", ".join(parts) or "otherwise"


def _said(value: object) -> str:
    """A value as people would write it; of an entry, the words that it stands on."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return "[" + ", ".join(_said(one) for one in value) + "]"
    if isinstance(value, Source):
        return f"{value.section}: {value.words!r}"
    if isinstance(value, Words):
        return repr(value.web)
    if isinstance(value, Entry):
        return _summed_up(value)
    return repr(value)


def _summed_up(entry: Entry) -> str:
    fields = {name: getattr(entry, name) for name in type(entry).model_fields}
    shown = [
        f"{name} {_said(value)}"
        for name, value in fields.items()
        if not _absent(value)
        and name not in {"code", "value", "kind", "when", "source", "advice", "words"}
        and not isinstance(value, Entry)
    ]
    source = fields.get("source")
    shown += [f"on {_said(source)}"] if isinstance(source, Source) else []
    return "; ".join(shown) or repr(fields.get("code", type(entry).__name__))
