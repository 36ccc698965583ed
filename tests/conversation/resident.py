"""A resident who texts, and the part of the api that stands between: it remembers what the last
message offered and hands that to the assistant with the next words."""

import uuid
from pathlib import Path
from typing import Any

import httpx
import tomli

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT / "data" / "policies" / "shared"
WORDING: dict[str, Any] = tomli.loads((SHARED / "wording.toml").read_text(encoding="utf-8"))
CARD: dict[str, Any] = tomli.loads((SHARED / "risk_matrix.toml").read_text(encoding="utf-8"))
SECRET = "test-bot-secret"
QUESTIONS = {
    "diy_hours": [
        {"value": "in_hours", "label": "Between 7am and 11pm", "words": ["daytime"]},
        {"value": "out_of_hours", "label": "At night", "words": ["night", "after 11pm"]},
    ]
}


def choices_of(message: dict[str, Any]) -> tuple[list[dict[str, Any]], bool]:
    """What a message offers, and whether several answers may be given."""
    say = message["say"]
    if say == "ask_policy":
        return QUESTIONS[message["values"]["question"]], False
    if say.startswith("ask_r") and say[5:].isdigit():
        question = next(q for q in CARD["questions"] if q["number"] == int(say[5:]))
        offered = [
            {
                "value": a["code"],
                "label": a["label"],
                "words": a.get("say", []),
                "own": a.get("own", []),
            }
            for a in question["answers"]
        ]
        return offered, question.get("several", False)
    if "choices" in message:
        return [
            {"value": code, "label": code.replace("_", " "), "words": []}
            for code in message["choices"]
        ], False
    if say.startswith("why_r") and say[5:].isdigit():
        return [], False
    # Nothing is offered with it: a person takes over instead.
    wording = {} if say == "offer_person" else WORDING[say]
    return wording.get("choices", []), wording.get("several", False)


class Resident:
    """One conversation. `says` sends words and returns the assistant's answer."""

    def __init__(
        self,
        bot: str,
        phase: str = "report",
        facts: dict[str, Any] | None = None,
        channel: str = "sms",
    ) -> None:
        self.bot = bot
        self.conversation = f"c-{uuid.uuid4().hex}"
        self.phase = phase
        self.facts = facts or {}
        self.channel = channel
        self.flags: list[str] = []
        self.kind_from_flags: str | None = None
        self.case_open = False
        self.case_kind: str | None = None
        self.card_open = False
        self.resumed = False
        # As the api sends them with one message: what it read in it, whether it asked for safety.
        self.message_flags: list[str] = []
        self.asked_safe = False
        self.told: dict[str, Any] = {}
        self.choices: list[dict[str, Any]] = []
        self.several = False
        self.last: dict[str, Any] = {}
        self._sent = 0

    def request(self, text: str, message_id: str | None = None) -> dict[str, Any]:
        self._sent += 1
        return {
            "conversation": self.conversation,
            "message_id": message_id or f"m{self._sent}",
            "text": text,
            "metadata": {
                "landlord": "vivid",
                "channel": self.channel,
                "phase": self.phase,
                "flags": self.flags,
                "kind_from_flags": self.kind_from_flags,
                "message_flags": self.message_flags,
                "asked_safe": self.asked_safe,
                "told": self.told,
                "choices": self.choices,
                "several": self.several,
                "case_open": self.case_open,
                "case_kind": self.case_kind,
                "card_open": self.card_open,
                "resumed": self.resumed,
                "facts": self.facts,
            },
        }

    def post(self, body: dict[str, Any], path: str = "turn") -> httpx.Response:
        return httpx.post(
            f"{self.bot}/webhooks/doorstep/{path}",
            json=body,
            headers={"X-Doorstep-Secret": SECRET},
            timeout=30,
            trust_env=False,
        )

    def says(self, text: str, message_id: str | None = None) -> dict[str, Any]:
        answer = self.post(self.request(text, message_id))
        assert answer.status_code == 200, answer.text
        self.last = answer.json()
        for message in self.last["messages"]:
            offered, several = choices_of(message)
            if offered or message["say"].startswith(("ask_", "summary")):
                self.choices, self.several = offered, several
        return self.last

    def offers(self, choices: list[dict[str, Any]]) -> "Resident":
        self.choices = choices
        return self

    @property
    def keys(self) -> list[str]:
        return [message["say"] for message in self.last["messages"]]

    @property
    def slots(self) -> dict[str, Any]:
        slots: dict[str, Any] = self.last["slots"]
        return slots
