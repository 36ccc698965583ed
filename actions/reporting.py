"""The report: what is asked next, what the policy makes of it, handing it in."""

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import backend, report
from actions.talk import changes, facts, last_message, pass_on, say

KEPT = ("name", "address")


class ValidateReportForm(Action):
    """Decides after each answer what is still needed, asking the api once the kind is known."""

    def name(self) -> str:
        return "validate_report_form"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        heard = report.Heard.of(last_message(tracker))
        if not heard.answers and tracker.latest_action_name == "action_listen":
            # A form that changes anything here keeps the rule for what was said from being tried.
            return [SlotSet("requested_slot", tracker.slots.get("requested_slot"))]
        if tracker.slots.get("happening_now") == "not_safe":
            # In danger now: the case is opened before anything else is asked.
            words = {"words": heard.text}
            pass_on(dispatcher, await backend.ask(tracker.sender_id, "unsafe", words))
        known = report.settle(tracker.slots, heard)
        if report.wants_judgement(known):
            known = report.answered(known, heard)
            told = await backend.ask(
                tracker.sender_id,
                "judge",
                {"facts": facts(known), "kinds": known.get("kinds") or []},
            )
            known = report.judged(known, told)
        if noted := report.noted(tracker.slots, known):
            say(dispatcher, "noted", **noted)
        return [
            *changes(tracker.slots, {k: v for k, v in known.items() if k != "requested_slot"}),
            SlotSet("requested_slot", report.next_question(known)),
        ]


class ActionAskKind(Action):
    """Offers the next best kinds, where the first guess was wrong or there was none."""

    def name(self) -> str:
        return "action_ask_kind"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        dispatcher.utter_message(
            json_message={
                "say": "ask_kind_list",
                "values": {},
                "choices": report.offered_kinds(tracker.slots),
            }
        )
        return []


class ActionSubmitReport(Action):
    """Hands the report in. Only the api says that it is in, and what happens next."""

    def name(self) -> str:
        return "action_submit_report"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        told = await backend.ask(tracker.sender_id, "submit", {"facts": facts(tracker.slots)})
        pass_on(dispatcher, told)
        phase = told["phase"]
        return [
            SlotSet("phase", "sent" if phase == "report" else phase),
            SlotSet("case_open", told.get("reference") is not None),
        ]


class ActionChallenge(Action):
    """Sends a report that was screened out to a person; asks for what that person needs."""

    def name(self) -> str:
        return "action_challenge"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        told = await backend.ask(tracker.sender_id, "challenge", {"facts": facts(tracker.slots)})
        pass_on(dispatcher, told)
        events: list[EventType] = [SlotSet("outcome", "review")]
        known = {**tracker.slots, "outcome": "review", "ask_details": True}
        if told.get("ask_details") and report.next_question(known):
            events += [
                SlotSet("ask_details", True),
                SlotSet("phase", "report"),
                FollowupAction("report_form"),
            ]
        return events


class ActionStartAgain(Action):
    """Clears what was told, so that the first question comes again; says what is kept."""

    def name(self) -> str:
        return "action_start_again"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[EventType]:
        about_them = any(tracker.slots.get(slot) not in (None, *report.UNKNOWN) for slot in KEPT)
        say(dispatcher, "start_again_kept" if about_them else "start_again")
        cleared = dict(tracker.slots)
        for slot in ("description", *report.DETAILS):
            report.forget(cleared, slot)
        return changes(tracker.slots, cleared)
