"""The exchange: takes messages from the product for handsets, and from handsets for the product."""

import threading
from collections.abc import Mapping
from urllib.parse import urlsplit

from tests.phone import numbers, opt_out, replies, segments, webhooks
from tests.phone.control import Control, as_configured
from tests.phone.delivery import Callbacks, deliver
from tests.phone.errors import TwilioError
from tests.phone.magic import MAGIC, ORDINARY, Fault, Magic
from tests.phone.settings import Landlord, Settings
from tests.phone.state import Medium, Message, State, WebhookCall, new_sid

LONGEST_BODY = 1600


class Exchange:
    """One account's network. Every method is safe from any thread."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._lock = threading.Lock()
        self._callbacks: list[Callbacks] = []
        self.state = State(as_configured(settings))

    def reset(self) -> None:
        """Forgets everything; what is under way ends without a further call."""
        with self._lock:
            self.state.close()
            self._callbacks = []
            self.state = State(as_configured(self.settings))

    def close(self) -> None:
        """Ends what is under way."""
        self.state.close()

    def control(self, control: Control) -> None:
        """Changes the network's behaviour from now on."""
        with self.state.changed:
            self.state.control = control

    def release_callbacks(self) -> int:
        """Sends every status callback that is held back. Returns how many."""
        with self._lock:
            waiting = list(self._callbacks)
        return sum(callbacks.release() for callbacks in waiting)

    def fault_for(self, recipient: str) -> Fault:
        """What becomes of the next request to send to this number; each call uses up one."""
        state = self.state
        with state.changed:
            if state.control.next_sends:
                fault, *rest = state.control.next_sends
                state.control = state.control.model_copy(update={"next_sends": rest})
                return fault
            magic = MAGIC.get(recipient, ORDINARY)
            state.attempts[recipient] += 1
            if magic.times is not None and state.attempts[recipient] > magic.times:
                return "ok"
            return magic.fault

    def checked(self, form: Mapping[str, str]) -> Message:
        """The message that `POST …/Messages.json` with these parameters asks for, not yet kept.

        Raises TwilioError where Twilio would refuse it.
        """
        recipient = numbers.normalise(form.get("To", ""))
        if not recipient:
            raise TwilioError(21604)
        landlord = self._sender(form, recipient)
        body = form.get("Body", "")
        if form.get("SmartEncoded", "").lower() == "true":
            body = segments.smart_encode(body)
        if form.get("MediaUrl"):
            # Picture messages do not exist on UK numbers: Twilio sends the address as text.
            body = f"{body} {form['MediaUrl']}".strip()
        if not body.strip():
            raise TwilioError(21602)
        if len(body) > LONGEST_BODY:
            raise TwilioError(21617)
        callback = _web_address(form.get("StatusCallback"))
        _check_validity(form.get("ValidityPeriod"))
        if "SendAt" in form or "ScheduleType" in form:
            raise TwilioError(20001, "this network does not schedule messages")
        magic = self._magic(recipient, landlord)
        service = form.get("MessagingServiceSid") or None
        if service is not None and callback is None:
            callback = self.state.control.status_url
        return Message(
            direction="outbound-api",
            sender=landlord.number if form.get("From") else None,
            recipient=recipient,
            body=body,
            status="accepted" if service else "queued",
            handset=recipient,
            landlord=landlord.number,
            segments=segments.count(body),
            messaging_service_sid=service,
            status_callback=callback,
            ladder=magic.ladder,
            failure_code=magic.error_code,
        )

    def _sender(self, form: Mapping[str, str], recipient: str) -> Landlord:
        sender, service = form.get("From", ""), form.get("MessagingServiceSid", "")
        if not sender and not service:
            raise TwilioError(21603)
        if not numbers.is_e_164(recipient):
            raise TwilioError(21211, form.get("To"))
        by_service = self.settings.by_service(service)
        if service and by_service is None:
            raise TwilioError(21701, service)
        if not sender and by_service is not None:
            return by_service
        by_number = self.settings.by_number(numbers.normalise(sender))
        if numbers.normalise(sender) == recipient:
            raise TwilioError(21266, recipient)
        if by_number is None:
            raise TwilioError(21606, sender)
        return by_number

    def _magic(self, recipient: str, landlord: Landlord) -> Magic:
        magic = MAGIC.get(recipient, ORDINARY)
        if magic.refusal is not None:
            raise TwilioError(magic.refusal, recipient)
        if self.state.blocked(recipient, landlord.number):
            raise TwilioError(21610)
        spent = magic.times is not None and self.state.attempts[recipient] > magic.times
        return ORDINARY if spent else magic

    def send(self, state: State, message: Message) -> None:
        """Keeps a message and sets it on its way to the handset."""
        callbacks = deliver(self.settings, state, state.add(message))
        with self._lock:
            self._callbacks.append(callbacks)

    def receive(
        self, handset: str, to: str, body: str, media: list[Medium] | None = None
    ) -> Message:
        """Takes a text from a handset and calls the product with it.

        Returns the message once the product has answered or every attempt has failed;
        `webhook_status` is None where nothing answered. Raises LookupError for a number that no
        landlord has, ValueError for a text longer than 1600 characters.
        """
        landlord = self.settings.landlord(to)
        if landlord is None:
            raise LookupError(f"no landlord has the number {to}")
        if len(body) > LONGEST_BODY:
            raise ValueError(f"a text has at most {LONGEST_BODY} characters, this one {len(body)}")
        state = self.state
        message = state.add(
            Message(
                direction="inbound",
                sender=handset,
                recipient=landlord.number,
                body=body,
                status="received",
                handset=handset,
                landlord=landlord.number,
                sid=new_sid("MM" if media else "SM"),
                segments=segments.count(body),
                media=media or [],
                messaging_service_sid=landlord.messaging_service_sid,
            )
        )
        keyword = opt_out.keyword_of(body, state.control.keywords)
        if keyword is not None:
            self._obey(state, keyword, message, landlord)
        for _ in range(2 if state.control.inbound == "twice" else 1):
            self.post_inbound(message)
        return message

    def _obey(
        self, state: State, keyword: opt_out.Keyword, message: Message, landlord: Landlord
    ) -> None:
        if keyword == "STOP":
            heard = state.block(message.handset, landlord.number)
        elif keyword == "START":
            heard = state.unblock(message.handset, landlord.number)
        else:
            heard = not state.blocked(message.handset, landlord.number)
        if heard:
            words = state.control.reply_to(keyword, landlord.name)
            own = replies.as_message(message, landlord, words)
            own.sent_at = own.created_at
            state.move(state.add(own), "delivered")

    def post_inbound(self, message: Message) -> WebhookCall:
        """Calls the product with a handset's message, and sends on what it answers.

        Called again, it repeats the call with the same MessageSid.
        """
        state, landlord = self.state, self.settings.by_number(message.landlord)
        assert landlord is not None
        keyword = opt_out.keyword_of(message.words, state.control.keywords)
        advanced = keyword if state.control.opt_out == "advanced" else None
        parameters = replies.inbound_parameters(self.settings, state.control, message, advanced)
        made = webhooks.call(
            self.settings, state, "inbound", message.sid, state.control.inbound_url, parameters
        )
        if (made.status is None or made.status >= 400) and state.control.fallback_url:
            trouble = [
                ("ErrorCode", "11205" if made.status is None else "11200"),
                ("ErrorUrl", made.url),
            ]
            made = webhooks.call(
                self.settings,
                state,
                "fallback",
                message.sid,
                state.control.fallback_url,
                [*parameters, *trouble],
            )
        with state.changed:
            message.webhook_status = made.status
        for words in replies.texts_of(made):
            if not state.blocked(message.handset, landlord.number):
                reply = replies.as_message(message, landlord, words)
                magic = MAGIC.get(message.handset, ORDINARY)
                reply.ladder, reply.failure_code = magic.ladder, magic.error_code
                self.send(state, reply)
        return made


def _web_address(url: str | None) -> str | None:
    if not url:
        return None
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise TwilioError(21609, url)
    return url


def _check_validity(seconds: str | None) -> None:
    if seconds and not (seconds.isdigit() and 1 <= int(seconds) <= 36000):
        raise TwilioError(21624)
