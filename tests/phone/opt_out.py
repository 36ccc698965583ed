"""STOP, START and HELP, as Twilio acts on them before the product sees the text.

Source: Twilio's Advanced Opt-Out and its default word lists; only a text that is exactly one of
the words counts ("stop please" does not).
"""

from typing import Literal

Keyword = Literal["STOP", "START", "HELP"]
Mode = Literal["advanced", "default", "off"]

ADVANCED_WORDS: dict[Keyword, list[str]] = {"STOP": ["STOP"], "START": ["START"], "HELP": ["HELP"]}
DEFAULT_WORDS: dict[Keyword, list[str]] = {
    "STOP": ["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"],
    "START": ["START", "YES", "UNSTOP"],
    "HELP": ["HELP", "INFO"],
}
ADVANCED_REPLIES: dict[Keyword, str] = {
    "STOP": "{landlord}: you will get no more texts from this number. "
    "Reply START to get them again.",
    "START": "{landlord}: you will get texts from this number again.",
    "HELP": "{landlord}: you can report anti-social behaviour to this number. "
    "In danger? Call 999. Reply STOP to end texts.",
}
DEFAULT_REPLIES: dict[Keyword, str] = {
    "STOP": "You have successfully been unsubscribed. You will not receive any more messages "
    "from this number. Reply START to resubscribe.",
    "START": "You have successfully been re-subscribed to messages from this number. "
    "Reply HELP for help. Reply STOP to unsubscribe. Msg&Data Rates May Apply.",
    "HELP": "Reply STOP to unsubscribe. Msg&Data Rates May Apply.",
}


def keyword_of(text: str, words: dict[Keyword, list[str]]) -> Keyword | None:
    """The keyword that a whole text stands for, whatever its case; None for any other text."""
    said = text.strip().upper()
    for keyword, spellings in words.items():
        if said in (spelling.upper() for spelling in spellings):
            return keyword
    return None
