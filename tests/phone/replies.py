"""The inbound webhook's parameters, and what Twilio makes of the answer to it."""

from xml.etree import ElementTree

from tests.phone import segments
from tests.phone.control import Control
from tests.phone.opt_out import Keyword
from tests.phone.settings import Landlord, Settings
from tests.phone.state import Message, WebhookCall

_BLANK = ("City", "State", "Zip")


def inbound_parameters(
    settings: Settings, control: Control, message: Message, keyword: Keyword | None
) -> list[tuple[str, str]]:
    """What Twilio posts for a text from a handset, in pairs; a name may stand twice.

    Source: https://www.twilio.com/docs/messaging/guides/webhook-request
    """
    parameters = [
        ("ToCountry", _country(message.recipient)),
        ("FromCountry", _country(message.sender or "")),
        *((f"{side}{place}", "") for side in ("To", "From") for place in _BLANK),
        ("SmsMessageSid", message.sid),
        ("SmsSid", message.sid),
        ("MessageSid", message.sid),
        ("SmsStatus", "received"),
        ("Body", message.words),
        ("From", message.sender or ""),
        ("To", message.recipient),
        ("NumMedia", str(len(message.media))),
        ("NumSegments", str(message.segments)),
        ("AccountSid", settings.account_sid),
        ("MessagingServiceSid", message.messaging_service_sid or ""),
        ("ApiVersion", "2010-04-01"),
    ]
    for index, medium in enumerate(message.media):
        path = f"/2010-04-01/Accounts/{settings.account_sid}/Messages/{message.sid}/Media"
        parameters.append((f"MediaUrl{index}", f"{settings.base_url}{path}/{medium.sid}"))
        parameters.append((f"MediaContentType{index}", medium.content_type))
    if keyword is not None:
        parameters.append(("OptOutType", keyword))
    return [*parameters, *control.extra_parameters]


def _country(number: str) -> str:
    return "GB" if number.startswith("+44") else ""


def texts_of(answer: WebhookCall) -> list[str]:
    """The texts that Twilio would send because of an answer: its plain text or its TwiML."""
    if answer.status is None or answer.status >= 400 or not answer.answer.strip():
        return []
    media_type = answer.content_type.partition(";")[0].strip().lower()
    if media_type == "text/plain":
        return [answer.answer]
    if media_type not in ("text/xml", "application/xml"):
        return []
    try:
        response = ElementTree.fromstring(answer.answer)
    except ElementTree.ParseError:
        return []
    texts = []
    for message in response.iter("Message"):
        body = message.find("Body")
        texts.append((message.text if body is None else body.text) or "")
    return [text for text in texts if text.strip()]


def as_message(answered: Message, landlord: Landlord, words: str) -> Message:
    """A text from the landlord's number to the handset that has just written."""
    return Message(
        direction="outbound-reply",
        sender=landlord.number,
        recipient=answered.handset,
        body=words,
        status="queued",
        handset=answered.handset,
        landlord=landlord.number,
        segments=segments.count(words),
        messaging_service_sid=landlord.messaging_service_sid,
    )
