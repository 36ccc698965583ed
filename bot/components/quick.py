"""Work of Rasa's that took half of a turn's time, done once or done on memory as it lies.

RulePolicy reads each rule from JSON at every prediction; its own cache holds 1,000 rules and is
gone through in order, so that with more rules than that it never hits. Each event of a
conversation is met by a search through all kinds of event whenever a conversation is loaded. The
classifier's weights are copied for each message, since they lie the other way round. The form of
an action's answer is itself checked at each answer. Rules are searched for the words of a message
before they are searched for its intent, though none of ours names words. Each rule is held against
each of the last moves of a conversation, though conversations come through the same ones. Each call
of the action server is made on a connection of its own.
"""

import asyncio
import functools
import json
from typing import Any

import aiohttp
import numpy as np
from jsonschema.validators import validator_for
from rasa.core.actions.action import RemoteAction
from rasa.core.constants import DEFAULT_REQUEST_TIMEOUT
from rasa.core.policies.rule_policy import RulePolicy
from rasa.nlu.classifiers.logistic_regression_classifier import LogisticRegressionClassifier
from rasa.shared.core.events import Event
from rasa.utils.endpoints import EndpointConfig

# How a rule's key, JSON of its states, names a message's words.
USER_TEXT = '"text":'
STATES_REMEMBERED = 4096
# Less than the five seconds after which the action server closes an idle connection.
IDLE_SECONDS = 2.0


def make_quick() -> None:
    """Changes how Rasa does all seven for as long as the process lives. Safe to call again."""
    if getattr(Event.resolve_by_type, "remembered", False):
        return
    kind = functools.lru_cache(maxsize=None)(Event.resolve_by_type)
    kind.remembered = True  # type: ignore[attr-defined]
    Event.resolve_by_type = staticmethod(kind)  # type: ignore[method-assign,assignment]
    rules = functools.lru_cache(maxsize=None)(json.loads)
    RulePolicy._rule_key_to_state = staticmethod(rules)  # type: ignore[method-assign,assignment]
    _lay_weights_as_they_are_read()
    _check_answers_only()
    _look_for_words_in_rules_only_where_there_are_any()
    _remember_which_rules_fit()
    _keep_connections()


def _lay_weights_as_they_are_read() -> None:
    load = LogisticRegressionClassifier.load.__func__

    def loaded(cls: type, *args: Any, **more: Any) -> LogisticRegressionClassifier:
        component = load(cls, *args, **more)
        component.clf.coef_ = np.asfortranarray(component.clf.coef_)
        return component

    LogisticRegressionClassifier.load = classmethod(loaded)


def _check_answers_only() -> None:
    spec = RemoteAction.action_response_format_spec()
    check = validator_for(spec)(spec)
    validate = RemoteAction._validate_action_result

    def validated(self: RemoteAction, result: dict[str, Any]) -> bool:
        # What is wrong is Rasa's own to say.
        return check.is_valid(result) or validate(self, result)

    RemoteAction._validate_action_result = validated


def _look_for_words_in_rules_only_where_there_are_any() -> None:
    find = RulePolicy._find_action_from_rules

    def found(
        self: RulePolicy, tracker: Any, domain: Any, use_text_for_last_user_input: bool
    ) -> tuple[str | None, str | None, bool]:
        if use_text_for_last_user_input and not names_words(self):
            return None, None, False
        return find(self, tracker, domain, use_text_for_last_user_input)

    RulePolicy._find_action_from_rules = found


def names_words(policy: RulePolicy) -> bool:
    """Whether a rule of the policy is for a message's very words, rather than for its intent."""
    if not hasattr(policy, "_names_words"):
        rules = [key for part in policy.lookup.values() if isinstance(part, dict) for key in part]
        policy._names_words = any(USER_TEXT in key for key in rules)
    return bool(policy._names_words)


def _remember_which_rules_fit() -> None:
    def possible(self: RulePolicy, lookup: dict[str, Any], states: list[Any]) -> set[str]:
        keys = set(lookup)
        for index, state in enumerate(reversed(states)):
            if not keys or index >= _longest(self):
                # Further back than any rule goes, all of them fit.
                break
            keys &= _fitting(self, lookup, index, state)
        return keys

    RulePolicy._get_possible_keys = possible


def _longest(policy: RulePolicy) -> int:
    if not hasattr(policy, "_longest_rule"):
        rules = [key for part in policy.lookup.values() if isinstance(part, dict) for key in part]
        policy._longest_rule = max(
            (len(policy._rule_key_to_state(key)) for key in rules), default=0
        )
    return int(policy._longest_rule)


def _fitting(policy: RulePolicy, lookup: dict[str, Any], index: int, state: Any) -> frozenset[str]:
    """The rules of a part of the policy (`lookup`) that a state fits, so many moves back."""
    known = vars(policy).setdefault("_fitting_rules", {})
    at = (id(lookup), index, json.dumps(state, sort_keys=True))
    if at not in known:
        if len(known) >= STATES_REMEMBERED:
            known.clear()
        fits = policy._is_rule_applicable
        known[at] = frozenset(key for key in lookup if fits(key, index, state))
    return known[at]


class _Lent:
    """A session that stays open after the block that it was asked for."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def __aenter__(self) -> aiohttp.ClientSession:
        return self._session

    async def __aexit__(self, *_: object) -> None:
        return


def _keep_connections() -> None:
    def session(self: EndpointConfig) -> _Lent:
        kept, loop = vars(self).get("_kept", (None, None))
        if kept is None or kept.closed or loop is not asyncio.get_running_loop():
            kept = aiohttp.ClientSession(
                headers=self.headers,
                auth=aiohttp.BasicAuth(**self.basic_auth) if self.basic_auth else None,
                timeout=aiohttp.ClientTimeout(total=DEFAULT_REQUEST_TIMEOUT),
                connector=aiohttp.TCPConnector(keepalive_timeout=IDLE_SECONDS),
            )
            self._kept = (kept, asyncio.get_running_loop())
        return _Lent(kept)

    EndpointConfig.session = session
