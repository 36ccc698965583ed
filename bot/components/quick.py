"""Two look-ups of Rasa's that took a third of a turn, remembered.

RulePolicy reads each rule from JSON at every prediction; its own cache holds 1,000 rules and is
gone through in order, so that with more rules than that it never hits. Each event of a
conversation is met by a search through all kinds of event whenever a conversation is loaded.
"""

import functools
import json

from rasa.core.policies.rule_policy import RulePolicy
from rasa.shared.core.events import Event


def make_quick() -> None:
    """Remembers both for as long as the process lives. Safe to call again."""
    if getattr(Event.resolve_by_type, "remembered", False):
        return
    kind = functools.lru_cache(maxsize=None)(Event.resolve_by_type)
    kind.remembered = True  # type: ignore[attr-defined]
    Event.resolve_by_type = staticmethod(kind)  # type: ignore[method-assign,assignment]
    rules = functools.lru_cache(maxsize=None)(json.loads)
    RulePolicy._rule_key_to_state = staticmethod(rules)  # type: ignore[method-assign,assignment]
