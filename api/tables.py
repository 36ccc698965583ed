"""Every table, in one import: for migrations and for tests."""

from api.cases.model import Case, CaseDeadline, CaseEntry, Incident
from api.cases.requests import ResidentRequest
from api.conversation.codes import TakeUpCode
from api.conversation.model import Conversation
from api.db import Base
from api.evidence.model import Evidence, UploadLink
from api.messages.model import CatchUp, Message, OptOut, OutboxText, TextMedia
from api.reports.model import Report
from api.risk_assessment.model import RiskAssessment
from api.teams.model import ApiKey, Officer, OfficerSession

__all__ = [
    "ApiKey",
    "Base",
    "Case",
    "CaseDeadline",
    "CaseEntry",
    "CatchUp",
    "Conversation",
    "Evidence",
    "Incident",
    "Message",
    "Officer",
    "OfficerSession",
    "OptOut",
    "OutboxText",
    "Report",
    "ResidentRequest",
    "RiskAssessment",
    "TakeUpCode",
    "TextMedia",
    "UploadLink",
]
