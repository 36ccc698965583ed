"""Answers with a condition: "yes but only in the mornings", "not when he's home", "yes but not the
police".

What is said on a condition is never a plain yes. Wordings are compared plain (lower case, no
punctuation).
"""

import re

from bot.components.choices import NO, YES

# Yes or no on a condition: the words themselves say which.
IN_PART = "in_part"
# Words that would be a condition elsewhere and are none here.
REASSURES = re.compile(
    r"\b(?:(?:only|just) (?:me|mine|myself|i)\b(?! (?:at|in|on|am|after|before|when))"
    r"|(?:no ?one|nobody)(?: else)?"
    r"|(?:my (?:own |personal )?|this )(?:phone|mobile|number|e ?mail)"
    r"|(?:dont|do not|wont) (?:mind|worry)|(?:no|not a) problem|no worries"
    r"|if (?:needed|necessary|required|it helps|(?:you |u )?(?:need|have) to)"
    r"|any ?time|whenever(?: you like)?|always|24 7|all (?:day|the time)|(?:day|night) (?:or|and) "
    r"(?:day|night))\b"
)
LIMITS = re.compile(
    r"\b(?:only|just|but|except|unless|apart from|as long as|so long as|provided|if|when|whenever"
    r"|while|whilst|until|till?|before|after|between|during|without|rather|prefer|better|best"
    r"|instead|ask (?:me|first)|depends|sometimes|usually|mostly|normally|generally)\b"
)
# "No, but only by e-mail" tells a way; "no because he reads it" does not.
OPENS_A_WAY = re.compile(
    r"\b(?:only|but|except|unless|instead|rather|better|(?:you|u) (?:can|could)"
    r"|(?:can|could) (?:you|u)"
    r"|not (?:when|while|if|at|in the|on|after|before|during)(?! (?:this|that|my|the) ))\b"
)
TIMES = re.compile(
    r"\b(?:mornings?|afternoons?|evenings?|eves?|nights?|tonight|tomorrow|daytime|days?|weekdays?"
    r"|weekends?|(?:mon|tues|wednes|thurs|fri|satur|sun)days?|mon|tues?|wed|thurs?|fri|sat|sun"
    r"|noon|midnight|midday|lunch\w*|work|school|hours?|for now|at the moment|right now|today"
    r"|\d{1,2} ?(?:am|pm|ish)|(?:at|past|about|around|after|before|by|from|until|till?) \d{1,2}"
    r"|\d{1,2} (?:to|till?|until) \d{1,2})\b"
)
WAYS = re.compile(
    r"\b(?:texts?|texting|txts?|sms|calls?|calling|ring(?:ing)?|phone|voice ?mails?|messages?"
    r"|e ?mails?|letters?|post|whats ?app|visits?|knock\w*)\b"
)
TEXTS = re.compile(r"\b(?:texts?|texting|txts?|sms)\b")
NEGATED = re.compile(r"\b(?:not|dont|do not|never|no (?!one\b))")
BEGINS_NEGATED = re.compile(r"^(?:please |pls )?(?:not|dont|do not|never)\b")
UNSURE = re.compile(
    r"\b(?:(?:dont|do not) know|not (?:too |really )?sure|unsure|no idea)\b"
    r"|^(?:it )?(?:depends|sometimes|maybe|possibly|not always)$"
)
# Who else gets to see it: "he checks my phone".
SEEN = re.compile(
    r"\b(?:s?he|they|husband|wife|partner|boyfriend|girlfriend|ex|mum|dad|son|daughter|brother"
    r"|sister|someone|somebody|people|family|kids|flatmate|neighbour|carer|hes|shes)"
    r" (?:\w+ ){0,2}?(?:checks?|reads?|sees?|looks?|goes through|opens?|answers?|listens?|hears?"
    r"|monitors?|tracks?|(?:has|have|got|uses?|takes?|keeps?) (?:my|the|it|this|access|our))\b"
)
MOST_WORDS = 30


def safe_on_condition(said: str) -> str | None:
    """Whether contact is safe, where that is said with more than a plain yes or no: `in_part` (the
    words tell how or when), `no`, `dont_know`; None where it is a plain answer, or none."""
    first, bare = _first_and_bare(said)
    if not bare:
        return None
    limited, timed, way = (bool(one.search(bare)) for one in (LIMITS, TIMES, WAYS))
    if UNSURE.search(bare):
        return "dont_know"
    if first in NO:
        # The first word of a way that is opened, "but", is no way yet.
        told = way or timed or LIMITS.search(bare.replace(" but ", " ", 1))
        unless = OPENS_A_WAY.search(bare)
        return IN_PART if unless and told else ("no" if unless else None)
    seen, negated = SEEN.search(said), NEGATED.search(bare)
    if first in YES:
        other_way = WAYS.search(TEXTS.sub("", bare))
        if not (limited or timed or other_way or negated or seen):
            return None
        return IN_PART if len(said.split()) > 2 else "dont_know"
    if seen and not OPENS_A_WAY.search(bare):
        return "no"
    if way or timed or (limited and len(bare.split()) > 2):
        return IN_PART
    return "no" if BEGINS_NEGATED.search(bare) else None


def shared_on_condition(said: str) -> str | None:
    """Whether we may share what was told, where that is said on a condition: `in_part`, or None."""
    first, bare = _first_and_bare(said)
    bounds = (OPENS_A_WAY,) if first in NO else (LIMITS, NEGATED)
    bound = any(one.search(bare) for one in bounds)
    return IN_PART if bound and len(said.split()) > 2 else None


def _first_and_bare(said: str) -> tuple[str, str]:
    words = said.split()
    return (words[0] if words else ""), " ".join(REASSURES.sub(" ", said).split()[:MOST_WORDS])
