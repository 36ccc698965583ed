"""How somebody may be reached: whether we know it, and what they say of it in their own words."""

import re

import phonenumbers

from api.cases.open_case import DECLINED
from api.conversation.model import Conversation
from api.reports.model import Report

MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")


def is_reachable(conversation: Conversation, report: Report) -> bool:
    """Whether a number or an e-mail is known, or the phone that they text from."""
    return bool(conversation.number) or report.contact not in {None, "", *DECLINED}


def contact_in(words: str) -> str | None:
    """The first phone number in somebody's words, as `+44…`, or else the first e-mail."""
    lenient = phonenumbers.Leniency.POSSIBLE
    for found in phonenumbers.PhoneNumberMatcher(words, "GB", leniency=lenient):
        # Whole numbers only: a year or the number of a crime may be part of one.
        if re.match(r"\(?0|\+|44", found.raw_string) and len(str(found.number.national_number)) > 8:
            return phonenumbers.format_number(found.number, phonenumbers.PhoneNumberFormat.E164)
    mail = MAIL.search(words)
    return mail[0].lower() if mail else None
