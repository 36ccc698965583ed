"""The words that Twilio itself acts on, by how its account is set up."""

from api.channels.sms.inbound import HELP_WORDS, START_WORDS, STOP_WORDS
from api.settings import Settings


def opt_out_of(said: str, words: str, settings: Settings) -> str:
    """STOP, START or HELP where Twilio has acted on the word and answered it; else empty.

    With Advanced Opt-Out Twilio says so itself, and acts on STOP always. Without, it acts on its
    own list of words and says nothing.
    """
    if said:
        return said.upper()
    word = words.strip().upper()
    if word == "STOP":
        return "STOP"
    if settings.twilio_opt_out == "advanced":
        return "START" if word in START_WORDS else ""
    if word in STOP_WORDS:
        return "STOP"
    return "START" if word in START_WORDS else "HELP" if word in HELP_WORDS else ""


def lifts_stop(words: str, settings: Settings) -> bool:
    """Whether a word that is an answer as well lets texts through again: YES, on Twilio's list."""
    return words.strip().upper() == "YES" and settings.twilio_opt_out == "default"
