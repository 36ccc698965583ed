"""The model's second opinion on danger, joined to what the rules found. It raises, never lowers.

Pure: the probabilities come in, and what they mean stands in `danger.toml` (`[opinion]`).
"""

from collections.abc import Mapping
from dataclasses import replace

from api.screening.danger import Danger, DangerScreen, Reason

# The label's own fixed text fits better than the general one where a message is an emergency.
LEADING = ("self_harm", "domestic_abuse", "child")


def with_opinion(
    danger: Danger, opinion: Mapping[str, float], screen: DangerScreen, *, words: int
) -> Danger:
    """`danger` raised by `opinion` (label -> probability). An empty opinion changes nothing.
    `words`: how many the message has."""
    rules = screen.data.opinion
    few = words <= rules.few.at_most
    ask_from, flags = rules.ask_from, dict(rules.flags)
    if few:
        ask_from, flags = rules.few.ask_from, flags | rules.few.flags
    emergency = opinion.get("emergency", 0.0)
    likely = [label for label, least in flags.items() if opinion.get(label, 0.0) >= least]
    fresh = [label for label in likely if label not in danger.flags]
    alarm = emergency >= rules.alarm_from and not danger.emergency
    ask = emergency >= ask_from and not (danger.emergency or danger.doubtful)
    if not (fresh or alarm or ask):
        return danger
    leading = [label for label in LEADING if label in danger.flags or label in likely]
    reasons = [Reason(f"opinion_{label}", label, "", "told") for label in fresh]
    if alarm:
        kinds = leading[:1] or ["danger"]
        reasons += [Reason("opinion_emergency", kind, "", "emergency") for kind in kinds]
    elif ask:
        reasons.append(Reason("opinion_emergency", "danger", "", "doubtful"))
    raised = screen.judge((*danger.reasons, *reasons))
    # A likelihood names no kind: that is for the words that were found, and for the resident.
    # Nor does it take the place of a text that the words themselves have called for.
    text = raised.text_key if alarm or not danger.text_key else danger.text_key
    return replace(raised, category=danger.category, text_key=text)
