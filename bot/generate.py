"""Writes the parts of the assistant that follow from the risk matrix and from the list of forms.

Run `python -m bot.generate` after a change of data/policies/shared/risk_matrix.toml;
`python -m bot.generate --check` (a test does) names the files that are stale and ends with 1.
"""

import sys
from pathlib import Path
from typing import Any

import tomli

ROOT = Path(__file__).resolve().parent.parent
RISK_MATRIX = ROOT / "data" / "policies" / "shared" / "risk_matrix.toml"
HEADER = '# Written by bot/generate.py. Change that, or its source, not this.\nversion: "3.1"\n'

FORMS = ("report_form", "risk_form", "summary_form", "diary_form")
OUTSIDE = ("report", "accused", "sent", "risk", "checkin", "after")
# What each kind of talk is answered with.
TALK = {
    "greet": "utter_greet",
    "thanks": "utter_thanks",
    "goodbye": "utter_goodbye",
    "ask_why": "utter_ask_why",
    "ask_who_sees": "utter_who_sees",
    "ask_confidential": "utter_confidential",
    "ask_if_told": "utter_if_told",
    "ask_what_next": "utter_what_next",
    "ask_what_done": "utter_what_done",
    "ask_how_long": "utter_how_long",
    "ask_robot": "utter_robot",
    "ask_person": "action_handover",
    "ask_status": "action_status",
    "ask_case_review": "utter_case_review",
    "insult": "utter_insult",
    "other_repair": "utter_other_repair",
    "say_safe": "utter_safe",
    "say_unsafe": "action_unsafe",
    "correct": "action_correct",
    "out_of_scope": "utter_out_of_scope",
    "unclear": "action_unclear",
    "nlu_fallback": "action_unclear",
}
# What somebody may want beside answering, and who they may say they are.
REQUESTS = {
    "add_evidence": "action_evidence_link",
    "ask_close": "action_ask_close",
    "complain": "action_complain",
    "go_on_by_phone": "action_take_up",
    **dict.fromkeys(
        ("for_someone_else", "am_witness", "stay_anonymous", "am_staff", "about_contractor"),
        "action_role",
    ),
}
# Only where a question is open: elsewhere such words are kept as they are.
INSIDE = {
    "go_back": "action_go_back",
    "danger": "action_danger",
    "add_words": "action_add_words",
}
# slot: the message that gives the reason for asking it
WHY = {
    "description": "why_description",
    "kind_ok": "why_kind",
    "kind": "why_kind_list",
    "policy_answer": "why_policy",
    "happened_when": "why_when",
    "happened_where": "why_where",
    "how_often": "why_how_often",
    "happening_now": "why_happening_now",
    "who": "why_who",
    "police_reference": "why_police_reference",
    "evidence": "why_evidence",
    "name": "why_name",
    "address": "why_address",
    "contact": "why_contact",
    "safe_contact": "why_safe_contact",
    "safe_how": "why_safe_how",
    "consent": "why_consent",
    "summary_ok": "why_summary",
    "change_what": "why_change_what",
    "change_to": "why_change_to",
    "diary_what": "why_diary",
    "diary_when": "why_when",
}


def numbers(matrix: Path = RISK_MATRIX) -> list[int]:
    """The numbers of the card's questions, in their order."""
    card: dict[str, Any] = tomli.loads(matrix.read_text(encoding="utf-8"))
    return [question["number"] for question in card["questions"]]


def risk_domain(questions: list[int]) -> str:
    """Slots, form and questions of the risk assessment."""
    slots = [*(f"r{number}" for number in questions), "consent"]
    lines = [
        HEADER,
        "intents:",
        "  - choose_start_risk",
        "  - choose_later",
        "  - choose_summary",
        "",
        "forms:",
    ]
    lines += ["  risk_form:", "    required_slots:", *(f"      - {slot}" for slot in slots), ""]
    lines.append("slots:")
    for slot in slots:
        lines += [
            f"  {slot}:",
            "    type: text",
            "    influence_conversation: false",
            "    mappings:",
            "      - type: from_entity",
            "        entity: value",
            "        intent: answer",
            "        conditions:",
            "          - active_loop: risk_form",
            f"            requested_slot: {slot}",
        ]
    lines += ["", "actions:", "  - action_submit_risk", "  - action_risk_later", "", "responses:"]
    for slot in slots:
        lines += [f"  utter_ask_{slot}:", f"    - custom: {{say: ask_{slot}}}"]
    return "\n".join([*lines, ""])


def why_domain(questions: list[int]) -> str:
    """The reason for asking, one for each question."""
    reasons = {**WHY, **{f"r{number}": f"why_r{number}" for number in questions}}
    lines = [HEADER, "responses:", "  utter_ask_why:", "    - custom: {say: why_general}"]
    for slot, message in reasons.items():
        lines += [
            "    - condition:",
            "        - type: slot",
            "          name: requested_slot",
            f"          value: {slot}",
            f"      custom: {{say: {message}}}",
        ]
    return "\n".join([*lines, ""])


def digression_rules() -> str:
    """Talk at any point: answered, then the same question again (the form's action last)."""
    lines = [HEADER, "rules:"]
    for form in FORMS:
        start_again = "action_start_again" if form == "report_form" else "utter_start_again_other"
        inside = {**TALK, **REQUESTS, **INSIDE, "ask_start_again": start_again}
        if form != "risk_form":
            inside["choose_later"] = "utter_pause"
        for intent, answer in inside.items():
            lines += _rule(f"{intent} in {form}", f"active_loop: {form}", intent, answer, form)
    lines += _rule(
        "choose_later in risk_form", "active_loop: risk_form", "choose_later", "action_risk_later"
    )
    lines.append("      - active_loop: null")
    for phase in OUTSIDE:
        for intent, answer in {**TALK, **REQUESTS, "go_back": "action_unclear"}.items():
            form = "report_form" if phase == "report" else None
            lines += _rule(f"{intent} in phase {phase}", phase, intent, answer, form)
        form = "report_form" if phase == "report" else None
        answer = "action_start_again" if phase == "report" else "utter_start_again_other"
        lines += _rule(f"ask_start_again in phase {phase}", phase, "ask_start_again", answer, form)
    return "\n".join([*lines, ""])


def _rule(name: str, where: str, intent: str, answer: str, form: str | None = None) -> list[str]:
    lines = [f"  - rule: {name}", "    condition:"]
    if where.startswith("active_loop"):
        lines.append(f"      - {where}")
    else:
        lines += [
            "      - active_loop: null",
            "      - slot_was_set:",
            f"          - phase: {where}",
        ]
    lines += ["    steps:", f"      - intent: {intent}", f"      - action: {answer}"]
    if form:
        lines += [f"      - action: {form}", f"      - active_loop: {form}"]
    return lines


def generated() -> dict[Path, str]:
    """Every generated file with what it should hold."""
    questions = numbers()
    return {
        ROOT / "bot" / "domain" / "risk.yml": risk_domain(questions),
        ROOT / "bot" / "domain" / "why.yml": why_domain(questions),
        ROOT / "data" / "training" / "rules" / "digressions.yml": digression_rules(),
    }


def stale() -> list[Path]:
    """The generated files that do not hold what they should."""
    return [
        path
        for path, text in generated().items()
        if not path.is_file() or path.read_text(encoding="utf-8") != text
    ]


def main() -> int:
    if "--check" in sys.argv:
        for path in stale():
            print(f"{path.relative_to(ROOT)} is stale: run python -m bot.generate")
        return 1 if stale() else 0
    for path, text in generated().items():
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
