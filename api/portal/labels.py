"""Words for people in place of codes, on the officers' pages."""

from collections.abc import Mapping, Sequence
from typing import Any

from api.evidence.kinds import Kinds
from api.policies.schema import Policy

FLAGS = {
    "emergency": "Emergency",
    "weapon": "Weapon",
    "domestic_abuse": "Domestic abuse",
    "hate": "Hate",
    "child": "Child at risk",
    "self_harm": "Self-harm",
    "exploitation": "Exploitation",
}
STATUSES = {"open": "Open", "review": "In review", "closed": "Closed"}
REPORT_STATUSES = {
    "draft": "Not finished",
    "case": "Became a case",
    "screened_out": "Screened out",
    "elsewhere": "For another service",
    "for_person": "For a person to read",
    "taken_up": "Went on with an earlier report",
}
OUTCOMES = {
    "asb": "Anti-social behaviour",
    "not_asb": "Not anti-social behaviour under this policy",
    "question": "Waiting for an answer that settles it",
    "review": "A person decides",
    "elsewhere": "Another service or procedure",
}
DEADLINES = {
    "acknowledgement": "Acknowledge the report",
    "first_contact": "First contact",
    "risk_assessment": "Risk assessment",
    "action_plan": "Action plan",
    "face_to_face": "Face-to-face meeting",
    "next_contact": "Next contact",
    "review": "Review",
}
ROLES = {
    "someone_else": "For somebody else",
    "witness": "By a witness",
    "anonymous": "Without a name",
    "staff": "By a member of staff",
    "contractor": "About the landlord's own contractor",
    "accused": "By somebody who was complained about",
}
REQUESTS = {
    "close": "Wants to close",
    "complaint": "Complaint about the service",
    "accused": "Answers a complaint",
    "staff": "Member of staff",
    "contractor": "Our own contractor",
    "evidence": "Has evidence, no safe link",
    "correction": "Put something right",
}
CHANNELS = {"sms": "Text message", "web_chat": "Web chat", "upload": "Upload page"}
BANDS = {"low": "Low", "medium": "Medium", "high": "High"}
# What was told, in the order it is asked.
TOLD = {
    "description": "What happened",
    "happened_when": "When",
    "happened_where": "Where",
    "how_often": "How often",
    "happening_now": "Happening now",
    "who": "Who is doing it",
    "police_reference": "Police reference",
    "evidence": "Evidence",
    "effect": "What it does to them",
    "name": "Name",
    "address": "Address",
    "contact": "Contact",
    "safe_contact": "Safe to contact there",
    "safe_how": "How to contact safely",
}
VALUES = {
    "yes": "Yes",
    "no": "No",
    "none": "None",
    "declined": "Did not want to say",
    "dont_know": "Did not know",
    "daily": "Daily",
    "most_days": "Most days",
    "most_weeks": "Most weeks",
    "most_months": "Most months",
    "occasionally": "Occasionally",
    "once": "Once",
}


def spelled(code: str | None) -> str:
    """A code that has no words of its own: `first_contact` becomes `First contact`."""
    return (code or "").replace("_", " ").replace("-", " ").capitalize()


def label(labels: Mapping[str, str], code: str | None) -> str:
    return labels.get(code or "", "") or spelled(code)


def value(told: str | None) -> str:
    """What was told: a known code in words, and the resident's own words as they are."""
    return VALUES.get(told or "", told or "")


def roles(codes: Sequence[str]) -> str:
    """Who told a report, in words; empty where it was the resident for themselves."""
    return ", ".join(label(ROLES, code) for code in codes)


def category(policy: Policy, code: str | None) -> str:
    """The landlord's name for a kind of behaviour, with a capital letter."""
    found = next((c.label for c in policy.categories if c.code == code), "") or spelled(code)
    return found[:1].upper() + found[1:]


def severity(policy: Policy, code: str | None) -> str:
    return next((s.label for s in policy.severities if s.code == code), "") or spelled(code)


def team(policy: Policy, code: str | None) -> str:
    return next((t.label for t in policy.teams if t.code == code), "") or spelled(code)


def file(kinds: Kinds, media_type: str) -> str:
    """What kind of file it is: photo, sound recording …"""
    kind = kinds.of(media_type)
    return kind.label if kind else "file"


def policy_answers(policy: Policy, answers: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Settling questions as asked, and the answers given, in the policy's words."""
    questions = {question.code: question for question in policy.questions}
    lines = []
    for code, given in answers.items():
        question = questions.get(code)
        asked = question.ask.web if question else spelled(code)
        labels = {answer.code: answer.label for answer in question.answers} if question else {}
        lines.append((asked, labels.get(str(given), value(str(given)))))
    return lines
