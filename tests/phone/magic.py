"""Numbers that fail on purpose, as recipients. All are in Ofcom's drama range.

They may write in like any other number: only what is sent to them fails.

Refused when the message is created (nothing is kept):

    +447700900990   400, 21211   not a valid number
    +447700900991   400, 21614   not a mobile number
    +447700900992   400, 21610   opted out
    +447700900993   400, 21408   region not enabled on the account
    +447700900994   400, 21612   cannot be reached from this sender
    +447700900995   400, 21606   sender cannot send texts
    +447700900996   400, 21635   a landline
    +447700900997   429, 20429   too many requests, every time
    +447700900998   500, 20500   server error, every time
    +447700900999   503, 20503   service unavailable, every time

Taken, then not delivered (the status callback says so, with ErrorCode):

    +447700900980   undelivered, 30003   handset unreachable
    +447700900981   undelivered, 30005   unknown handset
    +447700900982   undelivered, 30006   landline or unreachable carrier
    +447700900983   undelivered, 30007   filtered
    +447700900984   undelivered, 30008   unknown error
    +447700900985   failed, 30001        queue overflow, never leaves Twilio
    +447700900986   stays "sent": no receipt ever comes
    +447700900987   stays "queued"
    +447700900988   undelivered, 30003 for the first message, delivered from the second on

No answer, or a wrong one (the connection hangs for `hang_seconds` of /_control, then 504):

    +447700900970   429, 20429 twice, then taken
    +447700900971   500, 20500 twice, then taken
    +447700900972   time-out before the message is taken, every time
    +447700900973   time-out after the message was taken, every time (each attempt is a message)
    +447700900974   time-out before the message is taken, once; then taken
    +447700900975   time-out after the message was taken, once; then answered as usual
    +447700900976   500, 20500 after the message was taken, every time
"""

from dataclasses import dataclass
from typing import Literal

# What happens to one request to create a message.
Fault = Literal["ok", "429", "500", "503", "hang_before", "hang_after", "500_after"]

FAULT_CODES: dict[Fault, int] = {"429": 20429, "500": 20500, "503": 20503}


@dataclass(frozen=True)
class Magic:
    """How a recipient fails. `times`: only for the first so many messages; None: always."""

    note: str
    refusal: int | None = None
    fault: Fault = "ok"
    times: int | None = None
    ladder: tuple[str, ...] = ("sent", "delivered")
    error_code: int | None = None


_UNDELIVERED = ("sent", "undelivered")
_BY_ENDING: dict[int, Magic] = {
    990: Magic("refused: not a valid number", refusal=21211),
    991: Magic("refused: not a mobile number", refusal=21614),
    992: Magic("refused: opted out", refusal=21610),
    993: Magic("refused: region not enabled", refusal=21408),
    994: Magic("refused: cannot be reached from this sender", refusal=21612),
    995: Magic("refused: sender cannot send texts", refusal=21606),
    996: Magic("refused: a landline", refusal=21635),
    997: Magic("too many requests, every time", fault="429"),
    998: Magic("server error, every time", fault="500"),
    999: Magic("service unavailable, every time", fault="503"),
    980: Magic("not delivered: handset unreachable", ladder=_UNDELIVERED, error_code=30003),
    981: Magic("not delivered: unknown handset", ladder=_UNDELIVERED, error_code=30005),
    982: Magic("not delivered: landline", ladder=_UNDELIVERED, error_code=30006),
    983: Magic("not delivered: filtered", ladder=_UNDELIVERED, error_code=30007),
    984: Magic("not delivered: unknown error", ladder=_UNDELIVERED, error_code=30008),
    985: Magic("fails: queue overflow", ladder=("failed",), error_code=30001),
    986: Magic("stays sent: no receipt comes", ladder=("sent",)),
    987: Magic("stays queued", ladder=()),
    988: Magic("first one not delivered", ladder=_UNDELIVERED, error_code=30003, times=1),
    970: Magic("too many requests twice, then taken", fault="429", times=2),
    971: Magic("server error twice, then taken", fault="500", times=2),
    972: Magic("no answer, not taken, every time", fault="hang_before"),
    973: Magic("taken, but no answer, every time", fault="hang_after"),
    974: Magic("no answer once, then taken", fault="hang_before", times=1),
    975: Magic("taken, but no answer once", fault="hang_after", times=1),
    976: Magic("taken, but answered 500, every time", fault="500_after"),
}

MAGIC: dict[str, Magic] = {f"+447700900{ending}": magic for ending, magic in _BY_ENDING.items()}

ORDINARY = Magic("an ordinary mobile")
