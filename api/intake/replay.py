"""Another version of a policy over the stored reports: who would be treated differently.

Each report is decided twice from what is stored, under the version it was decided on and under
the other, so that only the policies make a difference. Nothing is written.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.cases.model import Case
from api.clock import LONDON
from api.contacts.schedule import next_contact
from api.intake.deciding import Earlier, decide, for_a_person, in_danger, stays
from api.policies.load import Policies
from api.policies.schema import Policy
from api.reports.drafts import normal_address
from api.reports.model import Report
from api.risk_assessment.model import RiskAssessment
from api.routing.rules import Facts, due, route
from api.screening.rules import Decision

# The weekly contact is no deadline of a case, but residents are kept waiting by it all the same.
CHECKIN = "checkin"
NOTHING = "none"


@dataclass(frozen=True)
class Treatment:
    """What one version makes of a report. `deadlines`: kind → ISO time in London; `checkin` among
    them is the first weekly contact. `question` is what the resident would be asked first."""

    outcome: str
    question: str | None
    category: str
    severity: str | None
    team: str | None
    deadlines: Mapping[str, str]


@dataclass(frozen=True)
class Difference:
    """A report that two versions treat differently. Never holds a resident's words."""

    reference: str
    landlord: str
    before: Treatment
    after: Treatment

    def changed(self) -> list[tuple[str, str, str]]:
        """(what, from, to) for everything that differs, in the order of `Treatment`."""
        old, new = _flat(self.before), _flat(self.after)
        return [
            (what, old.get(what, NOTHING), new.get(what, NOTHING))
            for what in dict.fromkeys((*old, *new))
            if old.get(what, NOTHING) != new.get(what, NOTHING)
        ]

    def as_line(self) -> str:
        """For example `VIV-7K3M2P outcome: not_asb -> asb; team: none -> neighbourhood`."""
        parts = [f"{what}: {old} -> {new}" for what, old, new in self.changed()]
        return f"{self.reference} {'; '.join(parts)}"

    def as_json(self) -> dict[str, Any]:
        return {
            "reference": self.reference,
            "landlord": self.landlord,
            "changed": [what for what, _, _ in self.changed()],
            "from": asdict(self.before),
            "to": asdict(self.after),
        }


@dataclass(frozen=True)
class Standing:
    """What a report was routed on beside the judge's word."""

    at: datetime
    band: str | None
    scheme: str | None


@dataclass(frozen=True)
class Replay:
    """How many judged reports were run again, and those that come out differently."""

    reports: int
    differences: tuple[Difference, ...]


def replay(
    session: Session,
    policies: Policies,
    new: Mapping[str, Policy],
    numbers: Mapping[str, str | None],
    *,
    words: Policies | None = None,
) -> Replay:
    """Runs the policies of `new` (landlord → policy) over those landlords' judged reports.

    `numbers`: conversation → the number it came from, by which earlier reports are known.
    `words`: where the other version reads residents' words by lists of its own. Only reads.
    """
    read, differences = 0, []
    for landlord, policy in sorted(new.items()):
        before = _Before()
        changed: dict[str, Earlier] = {}
        for report, case, band in _judged(session, landlord):
            at = _decided_at(report, case)
            past = before.of(report, numbers.get(report.conversation_id), until=at)
            before.add(report)
            pinned = _decided_on(report, policies, at)
            standing = Standing(at, band, case.scheme if case else None)
            old = _treat(report, policies, pinned, past.values(), standing)
            # What an earlier report would have come to counts for the later ones.
            as_if = [changed.get(key, one) for key, one in past.items()]
            after = _treat(report, words or policies, policy, as_if, standing)
            read += 1
            if old != after:
                changed[report.id] = Earlier(after.category, after.outcome, report.started_at)
                differences.append(Difference(report.reference, landlord, old, after))
    return Replay(read, tuple(differences))


def _judged(session: Session, landlord: str) -> list[tuple[Report, Case | None, str | None]]:
    """Every report that has been judged, with its case and risk band, in the order of that."""
    rows = session.execute(
        select(Report, Case, RiskAssessment.band)
        .outerjoin(Case, Case.report_id == Report.id)
        .outerjoin(RiskAssessment, RiskAssessment.case_id == Case.id)
        .where(Report.landlord == landlord, Report.outcome.is_not(None))
    )
    found = [(report, case, band) for report, case, band in rows]
    return sorted(found, key=lambda row: (_decided_at(row[0], row[1]), row[0].started_at))


def _decided_at(report: Report, case: Case | None) -> datetime:
    if case:
        return case.opened_at
    return report.submitted_at or report.updated_at


def _decided_on(report: Report, policies: Policies, at: datetime) -> Policy:
    pinned = policies.version(report.landlord, report.policy_version or "")
    day = at.astimezone(LONDON).date()
    return (pinned or policies.in_force(report.landlord, day)).policy


class _Before:
    """Submitted reports by person and address, as `earlier_reports` finds them one by one."""

    def __init__(self) -> None:
        self._by: dict[tuple[str, str], list[Report]] = {}

    def add(self, report: Report) -> None:
        if report.submitted_at is None:
            return
        address = normal_address(report.address or "")
        keys = [("conversation", report.conversation_id)]
        keys += [("contact", report.contact)] if report.contact else []
        keys += [("address", address)] if address else []
        for key in keys:
            self._by.setdefault(key, []).append(report)

    def of(self, report: Report, number: str | None, *, until: datetime) -> dict[str, Earlier]:
        """Report id → how it was decided."""
        keys = [
            ("conversation", report.conversation_id),
            ("contact", number or report.contact or ""),
            ("address", normal_address(report.address or "")),
        ]
        return {
            one.id: Earlier(one.category, one.outcome, one.started_at)
            for key in keys
            for one in self._by.get(key, ())
            if one.submitted_at and one.submitted_at <= until
        }


def _treat(
    report: Report,
    policies: Policies,
    policy: Policy,
    past: Iterable[Earlier],
    standing: Standing,
) -> Treatment:
    category = _told_as(report)
    decision = decide(report, list(past), policies, policy, category=category, at=standing.at)
    if "emergency" in report.flags:
        decision = in_danger(decision)
    routed = decision
    if decision.outcome == "question":
        routed = for_a_person(decision, "The settling question was not answered.")
    severity, team, deadlines = _routed(report, routed, policy, standing)
    return Treatment(
        outcome=decision.outcome,
        question=decision.question,
        category=decision.category,
        severity=severity,
        team=team,
        deadlines=deadlines,
    )


def _routed(
    report: Report, decision: Decision, policy: Policy, standing: Standing
) -> tuple[str | None, str | None, dict[str, str]]:
    facts = Facts(
        category=decision.category,
        severity=decision.severity,
        flags=frozenset(report.flags),
        outcome=decision.outcome,
        band=standing.band,
        scheme=standing.scheme,
        hand_to=decision.hand_to,
    )
    routing = route(facts, policy)
    at = standing.at
    times = {rule.kind: due(rule, at, policy) for rule in routing.deadlines}
    deadlines = {str(kind): _local(moment) for kind, moment in times.items()}
    if not stays(decision):
        return None, None, deadlines
    deadlines[CHECKIN] = _local(next_contact(at, policy.contact.interval_days, policy))
    return routing.severity, routing.team, deadlines


def _told_as(report: Report) -> str:
    """The kind that the report was told as: the first matter is the one that was confirmed."""
    matters = report.decision.get("matters") or []
    return str(matters[0]["category"] if matters else report.category or "other")


def _local(moment: datetime) -> str:
    return moment.astimezone(LONDON).isoformat(timespec="minutes")


def _flat(treatment: Treatment) -> dict[str, str]:
    plain = {
        "outcome": treatment.outcome,
        "question": treatment.question,
        "category": treatment.category,
        "severity": treatment.severity,
        "team": treatment.team,
    }
    flat = {name: value or NOTHING for name, value in plain.items()}
    return flat | {f"due {kind}": moment for kind, moment in treatment.deadlines.items()}
