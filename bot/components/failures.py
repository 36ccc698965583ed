"""An action that fails must fail the turn.

Rasa's MessageProcessor catches every `Exception` of an action, drops the action's events and goes
on: a form then completes by itself and the next words say that all is well. The server therefore
raises a failed call of the action server as a BaseException, which passes through that handler
and leaves the conversation unsaved, so that the same message can be sent again.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.actions.action import ActionExecutionRejection, RemoteAction
from rasa.shared.core.events import Event


class ActionFailed(BaseException):
    """A call of the action server failed, or the api that it asked."""


def make_actions_strict() -> None:
    """Makes every failed call of the action server raise ActionFailed. Safe to call again."""
    if getattr(RemoteAction.run, "strict", False):
        return
    lenient: Callable[..., Awaitable[list[Event]]] = RemoteAction.run

    async def run(self: RemoteAction, *args: Any, **kwargs: Any) -> list[Event]:
        try:
            return await lenient(self, *args, **kwargs)
        except ActionExecutionRejection:
            raise
        except Exception as error:
            raise ActionFailed(f"{self.name()}: {type(error).__name__}") from error

    run.strict = True  # type: ignore[attr-defined]
    RemoteAction.run = run  # type: ignore[method-assign]
