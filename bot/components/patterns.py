"""The word patterns of entities.py."""

import re

Pattern = list[dict[str, object]]


def _list(text: str) -> list[str]:
    return text.split()


_NUMBER = _list("one two three four five six seven eight nine ten eleven twelve")
_PART = _list(
    "morning mornings afternoon afternoons evening evenings night nights midnight midday noon "
    "lunchtime teatime dawn bedtime nite nites nyt mornin mornins evenin eve arvo"
)
_DAY = _list("monday tuesday wednesday thursday friday saturday sunday")
_WEEKDAY = [
    *_DAY,
    *(day + "s" for day in _DAY),
    *_list("mon tue tues wed weds thu thur thurs fri sat"),
    *("weekend", "weekends"),
    # As they are often spelled.
    *_list("munday tuesdy teusday tusday wensday wednsday wendsday thurday thirsday thusday fridy"),
    *_list("saterday satuday saturdy sundy"),
]
_MONTH = _list(
    "january february march april may june july august september october november december "
    "jan feb mar apr jun jul aug sept sep oct nov dec"
)
_EVENT = _list("christmas xmas halloween easter nye")
_YESTERDAY = _list("yesterday yesterdy yesturday yestaday ystrday yday")
_UNIT = _list("minute minutes hour hours day days week weeks month months year years")
_ORDINAL = r"^(0?[1-9]|[12]\d|3[01])(st|nd|rd|th)?$"

_lower = "LOWER"


def _in(*words: str) -> dict[str, object]:
    return {_lower: {"IN": list(words)}}


def _say(words: str) -> Pattern:
    """A fixed wording, as the tokeniser splits it at spaces."""
    return [{_lower: word} for word in words.split()]


def _like(pattern: str) -> dict[str, object]:
    return {_lower: {"REGEX": pattern}}


_CLOCK_WORD = _in("am", "pm", "a.m.", "p.m.", "oclock", "o'clock")
_LEAD = {
    **_in("this", "last", "lst", "next", *_YESTERDAY, "tomorrow", "late", "early", "on", "all"),
    "OP": "?",
}

WHEN: list[Pattern] = [
    [_like(r"^\d{1,2}([:.]\d{2})?$"), _CLOCK_WORD],
    [_in(*_NUMBER), _CLOCK_WORD],
    [_like(r"^\d{1,2}([:.]\d{2})?(am|pm)$")],
    [_like(r"^([01]?\d|2[0-3]):[0-5]\d$")],
    [_like(r"^\d{1,2}([:.]\d{2})?(am|pm)?-\d{1,2}([:.]\d{2})?(am|pm)$")],
    [_LEAD, _in(*_PART)],
    [_LEAD, _in(*_WEEKDAY), {**_in(*_PART), "OP": "?"}],
    [_in("early", "small"), _in("hours")],
    [_in("today", "tonight", *_YESTERDAY, "overnight", "tonite", "2nite", "2day")],
    [_in("night", "day", "evening"), {_lower: "before"}, _in("last", *_YESTERDAY)],
    [{_lower: "bonfire"}, {_lower: "night"}], [{_lower: "boxing"}, {_lower: "day"}],
    [{_lower: "new"}, _in("year", "years", "year's"), {**_in("eve", "day"), "OP": "?"}],
    [{_lower: "new"}, {_lower: "year"}, {_lower: "'s"}, {**_in("eve", "day"), "OP": "?"}],
    [{_lower: "bank"}, {_lower: "holiday"}, {_lower: "monday", "OP": "?"}],
    [_in(*_EVENT), {**_in("eve", "day", "night", "sunday", "monday"), "OP": "?"}],
    [
        _in("half", "quarter"),
        {**_in("past", "to"), "OP": "?"},
        _like(rf"^(\d{{1,2}}|{'|'.join(_NUMBER)})(ish)?$"),
    ],
    [_like(r"^\d{1,2}ish$")], [_like(r"^\d{1,2}$"), {_lower: "ish"}],
    [_in("last", "this", "past"), _in("week", "month", "year", "few"), {**_in(*_UNIT), "OP": "?"}],
    [_in("last", "past"), _like(rf"^(\d+|{'|'.join(_NUMBER)}|couple|few)$"), _in(*_UNIT)],
    [
        _like(rf"^(\d+|an?|{'|'.join(_NUMBER)}|few|couple)$"),
        {_lower: "of", "OP": "?"},
        _in(*_UNIT),
        _in("ago", "back"),
    ],
    [_like(_ORDINAL), {_lower: "of", "OP": "?"}, _in(*_MONTH), {**_like(r"^20\d\d$"), "OP": "?"}],
    [_in(*_MONTH), _like(_ORDINAL)],
    [_like(r"^\d{1,2}[/.-]\d{1,2}[/.-](20)?\d\d$")],
    [_like(r"^\d{1,2}/\d{1,2}$")],
    [_in("since"), {_lower: "last", "OP": "?"}, _in(*_MONTH, *_WEEKDAY, *_YESTERDAY, *_EVENT)],
    [_in("since"), _like(rf"^(\d+|an?|{'|'.join(_NUMBER)}|few|couple)$"), _in(*_UNIT)],
]  # fmt: skip

# An hour only beside another word for a time: "last night about 2", "around 7 on friday".
HOUR = rf"(?:half |quarter (?:to|past) )?(?:1[0-2]|0?[1-9]|{'|'.join(_NUMBER)})"
HOUR_BEFORE = re.compile(
    rf"(?:^|(?<=\s))(?:(?:at|about|around|bout|abt|roughly|just after|just before|approx) {HOUR}"
    rf"|(?:between|from) {HOUR} (?:and|to|till|til|until) {HOUR})(?:,| on| in the| of| at)? ?$",
    re.IGNORECASE,
)
HOUR_AFTER = re.compile(
    rf"^,? (?:(?:at|about|around|bout|abt|@|roughly|just after|just before|from|till|until|til)"
    rf" ?)+{HOUR}(?:-?ish)?(?: (?:and|to|till|til|until) {HOUR})?"
    rf"|^,? between {HOUR} and {HOUR}",
    re.IGNORECASE,
)
# What may come after such an hour: "at 7 oak house" is a place.
HOUR_ENDS = re.compile(
    r"^(?:$|\s*[.,;!?]|\s+(?:and|when|he|she|they|i|we|it|someone|sum1|some|there|the|my|a|last"
    r"|on|this|in|again|yesterday|loud|music|then|but|because|with|for|till|until)\b)",
    re.IGNORECASE,
)
# Words for a day that are other words too, and what makes them one.
SHY_DAYS = frozenset({"sat", "sun", "wed", "mon"})
DAY_LEADS = frozenset(_list("on last lst this every since from till until and"))
# "9/10" is a mark as well as a day.
DATE_LEADS = frozenset(
    {"on", "since", "the", "from", "till", "until", "dated", "date", "of", "day"}
)
WORK = frozenset({"works", "work", "working", "worked", "doing", "does", "do"})

BETWEEN = frozenset(
    _list(
        "at on in the around about , - and till til until to from of by past approx roughly "
        "approximately circa bout abt @ arnd"
    )
)

NOW: list[Pattern] = [
    *(
        _say(words)
        for words in (
            "right now", "just now", "at the moment", "at this moment", "as we speak",
            "happening now", "going on now", "outside now", "here now", "still going",
            "still happening", "still at it", "still going on", "this minute", "atm", "rn",
            "currently", "it is now",
        )
    ),
    [{_lower: "as"}, {_lower: "i"}, _in("speak", "type", "write", "text")],
]  # fmt: skip

_SINGLE = {_lower: "single", "OP": "?"}
_DAYLIKE = ("day", "night", "morning", "evening", "afternoon", "nite")
_DAYSLIKE = ("days", "nights", "mornings", "evenings", "afternoons", "nites")
_PER = _in("a", "per", "each", "every")

HOW_OFTEN: dict[str, list[Pattern]] = {
    "daily": [
        [_in("every", "each", "evry"), _SINGLE, _in(*_DAYLIKE, "nyt")],
        _say("all time"),
        [_in("daily", "nightly", "constantly", "everyday", "24/7", "nonstop")],
        _say("all the time"), _say("non stop"), _say("non - stop"), _say("day and night"),
        _say("night after night"), _say("day after day"), _say("day in day out"),
        _say("all day long"), [_in("seven", "7"), _in(*_DAYSLIKE), _PER, {_lower: "week"}],
        _say("several times a day"), _say("few times a day"),
    ],
    "most_days": [
        [_in("most"), _in(*_DAYSLIKE)],
        [_in("nearly", "almost"), _in("every", "each"), _SINGLE, _in(*_DAYLIKE)],
        [_in("few", "several", "many", "couple"), {_lower: "of", "OP": "?"},
         _in("times", "days", "nights"), _PER, {_lower: "week"}],
        [_in("3", "4", "5", "6", "three", "four", "five", "six"),
         {**_in("or", "to", "-", "4", "5", "6", "four", "five", "six"), "OP": "*"},
         _in("times", *_DAYSLIKE), _PER, {_lower: "week"}],
        [_in("every", "each"), _in("other", "second"), _in("day", "night")],
        _say("most of the week"),
    ],
    "most_weeks": [
        [_in("every", "each"), _SINGLE, _in("week", "weekend", *_DAY)],
        [_in("mostly", "mainly", "usually"), {**_in("at", "on"), "OP": "?"}, _in("weekends")],
        [_in("most"), _in("weeks", "weekends", *(day + "s" for day in _DAY))],
        [_in("weekly")],
        [_in("once", "twice"), _PER, {_lower: "week"}],
        [_in("every", "each"), _in("other", "second"), _in("week", "weekend")],
        [_in("few", "several", "couple"), {_lower: "of", "OP": "?"}, _in("times"), _PER,
         {_lower: "month"}],
    ],
    "most_months": [
        [_in("every", "each"), _in("month")], _say("most months"), [_in("monthly")],
        [_in("once", "twice"), _PER, {_lower: "month"}],
    ],
    "occasionally": [
        _say("now and then"), _say("now and again"), _say("once in a while"),
        _say("from time to time"), _say("every so often"), _say("every now and then"),
        [_in("occasionally", "sometimes", "rarely")], _say("on and off"),
        [_in("few", "couple"), {_lower: "of", "OP": "?"}, _in("times"), _PER, {_lower: "year"}],
    ],
    "once": [
        _say("only once"), _say("only happened once"), _say("happened once"),
        _say("happened just once"), _say("only the once"), _say("just once"), _say("one time"),
        _say("one off"),
        _say("one - off"), _say("first time"), _say("just the once"), _say("never happened before"),
        _say("not happened before"), _say("nothing like this before"), [_in("one-off")],
    ],
}  # fmt: skip


def _postcode(words: str) -> str:
    packed = re.sub(r"\s", "", words).upper()
    return f"{packed[:-3]} {packed[-3:]}"


def _phone(words: str) -> str:
    digits = re.sub(r"\D", "", words)
    digits = digits.removeprefix("0044") if digits.startswith("0044") else digits
    if digits.startswith("44"):
        digits = digits[2:]
    return "+44" + digits.lstrip("0")


def _capitals(words: str) -> str:
    return words.upper().rstrip("/-.")


def _spaces(words: str) -> str:
    return " ".join(words.split())


_STREET = (
    "street|st|road|rd|avenue|ave|lane|ln|close|drive|way|court|ct|place|crescent|gardens|grove|"
    "terrace|square|house|walk|mews|hill|green|park|row|view|rise|parade|wharf"
)

# "no 10 complaints were answered", "no 1 cares", "room 2 breathe".
_NO_HOME = (
    r"\s+(?:cares?|listens?|listened|complain\w*|problem|problems|priority|reason|reasons|people"
    r"|times|days|weeks|months|years|hours|minutes|helps?|helped|came|comes|knows|wants|answers?"
    r"|answered|replied|bothers?|does anything|did anything|in the world|issue|things?|calls"
    r"|reports|emails|letters|texts|bus|fan|one|breathe"
    r"|on (?:my|the|our) list)\b"
)
# Numbers to call, and other numbers that are no reference.
_NO_REFERENCE = r"(?!(?:999|101|111|105|24/7|\+?44\d{9}|07\d{9}|20[0-3]\d)\b)"

# name, pattern (group 1 where there is one), how to write it
BY_CHARACTERS = (
    ("postcode", r"\b([a-z]{1,2}\d[a-z\d]?\s{0,3}\d[abd-hjlnp-uw-z]{2})\b", _postcode),
    (
        "house_number",
        r"\b(?<!crime )(?<!incident )(?<!bus )(?<!log )(?<!reg )(?<!phone )(?<!mobile )(?<!ref )"
        r"(?<!cad )(?<!reference )(?<!route )(?<!my )"
        rf"((?:flat|apartment|apt|room|unit|door|no\.?|(?:flat |house |door )?number)\s?\d{{1,4}}"
        rf"[a-z]?)\b(?![/*-]\d|:\d|\s?(?:am|pm)\b)(?!{_NO_HOME})",
        _spaces,
    ),
    ("street", rf"\b(\d{{1,4}}[a-z]?,?\s+(?:[a-z']+\s+){{1,3}}(?:{_STREET}))\b", _spaces),
    (
        "police_reference",
        r"\b(?:cad|urn|niche|(?:crime|police|incident|log|occurrence|event)"
        r"(?:\s+(?:log|ref(?:erence)?|number|no\.?|num|report))+|(?<!my )ref(?:erence)?"
        r"(?:\s+(?:number|no\.?|num))?|crime|log)(?:\s+(?:number|no\.?|num))?\s*"
        r"(?:(?:they gave me |i was given |i got )?(?:is|was))?\s*[:#-]?\s*"
        rf"{_NO_REFERENCE}((?=[a-z/*-]*\d)[a-z0-9][a-z0-9/*-]{{2,19}})(?<!am)(?<!pm)\b"
        r"(?!\s?(?:am|pm|hours?|days?|weeks?|months?|years?|times?)\b)",
        _capitals,
    ),
    ("phone", r"(?<![\w+])((?:(?:\+|00)44[\s-]?(?:\(0\))?|0)(?:\d[\s-]?){8,9}\d)(?!\d)", _phone),
    ("email", r"\b([\w.+-]+@[\w-]+(?:\.[\w-]+)+)\b", str.lower),
)
