"""The stock bot's actions: a validated form as Rasa's documentation shows it."""

import re
from typing import Any

from rasa_sdk import FormValidationAction, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

OFTEN = {"1": "once", "2": "a few times", "3": "most days", "4": "every day"}
YES_NO = {"1": "yes", "2": "no", "yes": "yes", "no": "no"}
CONTACT = re.compile(r"[^@\s]+@[^@\s]+\.[a-z]+|\+?[\d ]{10,14}")


def _words(slot: str, value: Any, least: int = 2) -> dict[str, Any]:
    text = str(value).strip()
    return {slot: text if len(text) >= least else None}


class ValidateReportForm(FormValidationAction):
    def name(self) -> str:
        return "validate_report_form"

    async def validate_kind_ok(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> dict[str, Any]:
        return {"kind_ok": YES_NO.get(str(value).strip().lower())}

    async def validate_happened_when(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> dict[str, Any]:
        return _words("happened_when", value)

    async def validate_happened_where(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> dict[str, Any]:
        return _words("happened_where", value)

    async def validate_how_often(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> dict[str, Any]:
        return {"how_often": OFTEN.get(str(value).strip())}

    async def validate_happening_now(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> dict[str, Any]:
        return {"happening_now": YES_NO.get(str(value).strip().lower())}

    async def validate_who(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> dict[str, Any]:
        return _words("who", value)

    async def validate_name(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> dict[str, Any]:
        return _words("name", value)

    async def validate_address(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> dict[str, Any]:
        return _words("address", value, least=6)

    async def validate_contact(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> dict[str, Any]:
        found = CONTACT.search(str(value))
        return {"contact": found[0] if found else None}


class ValidateRiskForm(FormValidationAction):
    """Each of the risk questions is answered by a number."""

    def name(self) -> str:
        return "validate_risk_form"

    async def validate(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[Any]:
        for slot, value in tracker.slots_to_validate().items():
            if not re.fullmatch(r"\s*\d+(\s*,\s*\d+)*\s*", str(value)):
                tracker.slots[slot] = None
        return await super().validate(dispatcher, tracker, domain)
