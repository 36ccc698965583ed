"""A resident's words for a time, spelled plainly: "lst tuesdy nite" as "last tuesday night"."""

import re
from difflib import get_close_matches
from functools import lru_cache

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
NUMBERS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14,
    "fifteen": 15, "twenty": 20, "thirty": 30,
}  # fmt: skip
ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7,
    "eighth": 8, "ninth": 9, "tenth": 10, "eleventh": 11, "twelfth": 12, "thirteenth": 13,
    "fourteenth": 14, "fifteenth": 15, "sixteenth": 16, "seventeenth": 17, "eighteenth": 18,
    "nineteenth": 19, "twentieth": 20, "thirtieth": 30,
}  # fmt: skip
ENDINGS = {1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd", 23: "rd", 31: "st"}

_SHORT = {
    "mon": "monday", "tue": "tuesday", "tues": "tuesday", "weds": "wednesday", "thu": "thursday",
    "thur": "thursday", "thurs": "thursday", "fri": "friday", "wensday": "wednesday",
    "wendsday": "wednesday", "jan": "january", "feb": "february", "mar": "march", "apr": "april",
    "jun": "june", "jul": "july", "aug": "august", "sep": "september", "sept": "september",
    "oct": "october", "nov": "november", "dec": "december", "nite": "night", "nites": "nights",
    "nyt": "night", "nght": "night", "nigt": "night", "nihgt": "night", "2nite": "tonight",
    "tonite": "tonight", "tonit": "tonight", "tonigt": "tonight", "2night": "tonight",
    "tonyt": "tonight", "2day": "today", "tday": "today", "todat": "today", "toady": "today",
    "yday": "yesterday", "yest": "yesterday", "yestaday": "yesterday", "yesturday": "yesterday",
    "ystrday": "yesterday", "ystday": "yesterday", "yeterday": "yesterday", "lst": "last",
    "las": "last", "lats": "last", "lastt": "last", "mornin": "morning", "morn": "morning",
    "mrning": "morning", "morining": "morning", "evenin": "evening", "arvo": "afternoon",
    "afternon": "afternoon", "wk": "week", "wks": "weeks", "wkend": "weekend",
    "weekand": "weekend", "hr": "hour", "hrs": "hours", "min": "minutes", "mins": "minutes",
    "xmas": "christmas", "crimbo": "christmas", "chrimbo": "christmas", "nye": "new years eve",
    "tmrw": "tomorrow", "tmr": "tomorrow", "tomoz": "tomorrow", "2moro": "tomorrow",
    "2mrw": "tomorrow", "2morrow": "tomorrow", "tomoro": "tomorrow", "tmoro": "tomorrow",
    "abt": "about", "bout": "about", "abou": "about", "rn": "right now", "atm": "at the moment",
    "jst": "just", "evry": "every", "sumtime": "sometime", "arnd": "around", "arond": "around",
    "roun": "around", "btwn": "between", "betwen": "between", "til": "till", "untill": "until",
    "untl": "until", "sinse": "since", "sence": "since", "cince": "since", "qtr": "quarter",
    "haf": "half", "oclock": "o'clock", "o,clock": "o'clock", "midnite": "midnight",
    "onwards": "", "agao": "ago", "agi": "ago", "dayz": "days", "weakend": "weekend",
}  # fmt: skip
# "he sat outside", "the sun was up", "they wed": a day only where something says so.
_DAY_LEADS = r"(?:on|last|this|every|most|each|since|and|till|until|from|next|late|early)"
_DAY_TAILS = r"(?:night|nights|morning|afternoon|evening|at|about|around|\d)"
_SHY = {"sat": "saturday", "sun": "sunday", "wed": "wednesday"}
_LONG = (
    *WEEKDAYS, *(day + "s" for day in WEEKDAYS), "yesterday", "tomorrow", "morning", "mornings",
    "afternoon", "afternoons", "evening", "evenings", "tonight", "midnight", "weekend", "weekends",
    "quarter", "between", "january", "february", "august", "september", "october", "november",
    "december", "christmas", "halloween", "bonfire", "boxing", "nights", "minutes", "fortnight",
)  # fmt: skip
_UNIT = r"(?:minutes|hours|days|nights|weeks|months|years)\b"
# "twenty four" has become "20 4", "twenty fourth" "20 4th".
_TWENTY_ONE = re.compile(r"\b(20|30)[ -]([1-9](?:st|nd|rd|th)?)\b(?![:.]?\d)")
_NOT_SLIPS = frozenset(
    "mourning mournings warning warnings farming moaning boring meaning sundry monkey today within "
    "mining lights fights rights tights weekday weekdays everyday quieter sixteen birthday holiday "
    "someday playing evening evicting evening's eventing lightning heights knights minute "
    "boxing bowing morons".split()
)
_SHORTEST = 6
_CLOSE = 0.83


def spelled(text: str) -> str:
    """`text` in lower case with slips, short forms and number words put plainly."""
    words = re.sub("[\u2018\u2019\u02bc`\u00b4]", "'", text.lower())
    words = re.sub("[\u2013\u2014\u2212]", "-", words)
    words = re.sub(r"(?<=[a-z])\.(?=\s|$)|[!?;\"()\[\]*]", " ", words)
    words = re.sub(r"\b([ap])\.\s?m\b\.?", r"\1m", words)
    words = re.sub(r"[a-z0-9][a-z0-9']*", lambda found: _word(found[0]), words)
    words = re.sub(r"\s+", " ", words).strip()
    for short, day in _SHY.items():
        words = re.sub(rf"(^|\b{_DAY_LEADS} |[,/-] ?){short}\b", rf"\g<1>{day}", words)
        words = re.sub(rf"\b{short}(?= {_DAY_TAILS})", day, words)
    words = _TWENTY_ONE.sub(lambda found: found[1][0] + found[2], words)
    words = re.sub(rf"\b(?:(?:a|the) )?couple (?:of )?(?={_UNIT})", "2 ", words)
    words = re.sub(r"\b(?:an |1 )?hour and a half\b", "1.5 hours", words)
    return re.sub(r"\b(?:a )?fortnight\b", "2 weeks", words)


@lru_cache(maxsize=20_000)
def _word(word: str) -> str:
    if word in _SHORT:
        return _SHORT[word]
    if word in NUMBERS:
        return str(NUMBERS[word])
    if word in ORDINALS and word != "second":
        return f"{ORDINALS[word]}{ENDINGS.get(ORDINALS[word], 'th')}"
    if len(word) < _SHORTEST or word in _LONG or word in _NOT_SLIPS or not word.isalpha():
        return word
    near = get_close_matches(word, _LONG, n=1, cutoff=_CLOSE)
    return near[0] if near and near[0][0] == word[0] else word
