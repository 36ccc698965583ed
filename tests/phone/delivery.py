"""A message's way to the handset: queued, sent, delivered, and the callbacks that tell of it."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from tests.phone import clock, webhooks
from tests.phone.settings import Settings
from tests.phone.state import Message, State

_LONGEST_TURN_SECONDS = 5


@dataclass
class Callbacks:
    """The status callbacks of one message: sent in order, held, doubled or turned round."""

    settings: Settings
    state: State
    message: Message
    held: list[list[tuple[str, str]]] = field(default_factory=list)
    _last: threading.Thread | None = None

    def tell(self) -> None:
        """Reports the message's present status to its StatusCallback, if it has one."""
        mode = self.state.control.callbacks
        if self.message.status_callback is None or mode == "none":
            return
        parameters = self._parameters()
        if mode == "late" or (mode == "out_of_order" and not self.message.final):
            self.held.append(parameters)
            return
        self._send([parameters] * 2 if mode == "twice" else [parameters])
        if mode == "out_of_order":
            self.release()

    def release(self) -> int:
        """Sends what was held, last first where order is disturbed. Returns how many."""
        with self.state.changed:
            waiting, self.held = self.held, []
        if self.state.control.callbacks == "out_of_order":
            waiting.reverse()
        self._send(waiting)
        return len(waiting)

    def _parameters(self) -> list[tuple[str, str]]:
        message = self.message
        parameters = [
            ("SmsSid", message.sid),
            ("SmsStatus", message.status),
            ("MessageStatus", message.status),
            ("To", message.recipient),
            ("MessageSid", message.sid),
            ("AccountSid", self.settings.account_sid),
            ("From", message.sender or message.landlord),
            ("ApiVersion", "2010-04-01"),
        ]
        if message.messaging_service_sid is not None:
            parameters.append(("MessagingServiceSid", message.messaging_service_sid))
        if message.error_code is not None:
            parameters.append(("ErrorCode", str(message.error_code)))
        if message.status in ("delivered", "undelivered"):
            parameters.append(("RawDlrDoneDate", clock.receipt_date(clock.now())))
        return parameters

    def _send(self, waiting: list[list[tuple[str, str]]]) -> None:
        # A thread each, behind the one before: the order holds, and a product that does not
        # answer cannot keep a text from the handset.
        with self.state.changed:
            for parameters in waiting:
                self._last = start(self.state, partial(self._post, self._last, parameters))

    def _post(self, before: threading.Thread | None, parameters: list[tuple[str, str]]) -> None:
        if before is not None:
            before.join()
        if self.message.status_callback is not None and not self.state.closed.is_set():
            webhooks.call(
                self.settings,
                self.state,
                "status",
                self.message.sid,
                self.message.status_callback,
                parameters,
            )


def start(state: State, job: Callable[[], object]) -> threading.Thread:
    """Runs a job in a thread that `State.settle` waits for."""
    state.begin()

    def run() -> None:
        try:
            job()
        finally:
            state.end()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread


def deliver(settings: Settings, state: State, message: Message) -> Callbacks:
    """Sets a message on its way and returns the callbacks that tell of it."""
    callbacks = Callbacks(settings, state, message)
    ladder = [step for step in ("queued", *message.ladder) if step != message.status]

    def climb() -> None:
        for step in ladder:
            if state.closed.wait(state.control.step_seconds):
                return
            if step == "delivered":
                # Each message climbs in a thread of its own, and threads overtake.
                state.await_turn(message, _LONGEST_TURN_SECONDS)
            with state.changed:
                if message.status == "canceled":
                    return
                message.sender = message.landlord
                error_code = message.failure_code if step in ("undelivered", "failed") else None
                state.move(message, step, error_code)
            callbacks.tell()

    start(state, climb)
    return callbacks
