"""What other systems see of a case: CASE, DEADLINE and CLAUSE of the published contract."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel


class ClauseOut(BaseModel):
    document: str
    section: str
    words: str


class DeadlineOut(BaseModel):
    kind: str
    due_at: datetime
    met_at: datetime | None
    clause: ClauseOut


class ScreeningOut(BaseModel):
    """`rule` and `why` say which entry of the pack decided, and on what."""

    outcome: str
    question: str | None = None
    advice: str | None = None
    clause: ClauseOut | None = None
    rule: str | None = None
    why: str | None = None
    answers: dict[str, str] = {}


class RiskOut(BaseModel):
    """`band` is provisional until `confirmed`; `could_reach`: the unanswered at their most."""

    score: int
    answered: int
    could_reach: int
    band: str
    confirmed: bool
    overridden_by: list[str] = []
    answers: dict[str, list[str]]
    consent: str | None = None


class ContactOut(BaseModel):
    channel: str | None
    safe_to_text: bool
    interval_days: int
    next_due_at: datetime | None


class ReportOut(BaseModel):
    """`happened_when` in the resident's words; `happened_from`, `happened_to` and `happened_said`:
    the same made definite, as read, or as the resident confirmed it; null where it is left open.
    `language`: BCP 47 in small letters; null where all was in English."""

    description: str
    language: str | None
    happened_when: str | None
    happened_from: datetime | None
    happened_to: datetime | None
    happened_said: str | None
    happened_confirmed: bool
    happened_where: str | None
    how_often: str | None
    happening_now: str | None
    who: str | None
    police_reference: str | None
    evidence: str | None
    effect: str | None
    name: str | None
    address: str | None
    contact: str | None
    safe_contact: str | None
    safe_how: str | None


class IncidentOut(BaseModel):
    description: str
    happened_when: str | None
    happened_from: datetime | None
    happened_to: datetime | None
    happened_said: str | None
    happened_where: str | None
    told_at: datetime


class CaseOut(BaseModel):
    reference: str
    landlord: str
    category: str
    category_label: str
    severity: str | None
    status: str
    team: str
    officer: str | None
    flags: list[str]
    restricted: bool
    screening: ScreeningOut
    risk: RiskOut | None
    deadlines: list[DeadlineOut]
    contact: ContactOut
    report: ReportOut
    incidents: list[IncidentOut]
    policy_version: str
    opened_at: datetime
    updated_at: datetime


class CaseList(BaseModel):
    """`cursor`: give it back to get the next page; null on the last."""

    cases: list[CaseOut]
    cursor: str | None


class ScreenedOut(BaseModel):
    """A report that became no case, with the clause it stands on."""

    reference: str
    landlord: str
    category: str | None
    category_label: str | None
    description: str
    screening: ScreeningOut
    policy_version: str | None
    challenged_at: datetime | None
    looked_at: datetime | None
    person_asked_at: datetime | None
    submitted_at: datetime | None


class ScreenedOutList(BaseModel):
    reports: list[ScreenedOut]


class KindOut(BaseModel):
    category: str
    confidence: float


class TriageOut(BaseModel):
    """`kinds`: what it may be about, best first; `category` is what the case would stand under."""

    category: str
    category_label: str
    confidence: float
    kinds: list[KindOut]
    flags: list[str]
    screening: ScreeningOut
    severity: str | None
    team: str | None
    deadlines: list[dict[str, Any]]
