"""The word patterns of corrections.py: how people take something back."""

import re
from collections.abc import Iterable

# Names of facts as residents say them, and the slot each means.
NAMED = {
    "when": "happened_when", "time": "happened_when", "date": "happened_when",
    "day": "happened_when", "where": "happened_where", "place": "happened_where",
    "location": "happened_where", "how often": "how_often", "who": "who", "person": "who",
    "name": "name", "address": "address", "postcode": "address", "contact": "contact",
    "number": "contact", "phone number": "contact", "phone": "contact", "mobile": "contact",
    "mobile number": "contact", "email": "contact", "e-mail": "contact",
}  # fmt: skip
# A flat may be where it happens, who does it, or the resident's own home.
HOME = "home"
NAMED_WRONG = {
    **NAMED, "street": "happened_where", "road": "happened_where", "number": HOME, "flat": HOME,
    "house": HOME, "room": HOME, "door": HOME, "flat number": HOME, "house number": HOME,
    "door number": HOME, "room number": HOME,
}  # fmt: skip


def _one_of(names: Iterable[str]) -> str:
    return "|".join(sorted(map(re.escape, names), key=len, reverse=True))


DAYS = (
    r"(?:on |last |this )?(?:mon|tues|wednes|thurs|fri|satur|sun)days?(?: (?:morning|afternoon"
    r"|evening|night))?|yesterday|today|tonight|last night|this morning"
)
CLOCK = r"\d{1,2}(?:[:.]\d{2})?\s?(?:am|pm)|\d{1,2}:\d{2}|midnight|noon"
_FACT, _WRONG_FACT = _one_of(NAMED), _one_of(NAMED_WRONG)
SURE = (
    r"(?:sorry|soz|sry|actually|correction|oops|whoops|typo|i meant(?: to say)?|i mean|make that"
    r"|(?:my |i made a )?mistake|my bad|i got (?:that|it) wrong|i was wrong|that was wrong"
    r"|(?:that'?s|that is|this is|it'?s) (?:wrong|not right|incorrect|not correct)"
    rf"|wrong(?! (?:{_WRONG_FACT})\b))"
)
IT_IS = (
    r"(?:it (?:was|is|happened|happens)|it's|its|that was|that is|that's|this is|they are|they're"
    r"|he is|he's|she is|she's|(?:it )?should (?:be|say|have been|have said))"
)
_OPENERS = r"(?:(?:oh|wait|hang on|hold on|ah|er|um|ok|but|no|nope|and)[\s,.]+)*"
_SORRY = rf"{_OPENERS}(?:{SURE}[\s,.:;-]+)*"
TAKEN_BACK = re.compile(
    rf"^{_OPENERS}(?:{SURE}\b[\s,.:;-]*)+(?:no[\s,]+)?(?:(?:{SURE}|{IT_IS}|on|at|in)\b\s*)*"
    rf"|^{_OPENERS}(?:no|nope|wait|hang on|hold on)[\s,.]+(?:{IT_IS}|on|at)\s+"
    rf"|^(?:no|nope)[\s,.]+(?=(?:{DAYS}|{CLOCK}|flat \d+[a-z]?)\W*$)"
    rf"|^{_OPENERS}{IT_IS}\s+(?:actually|really|in fact)\b\s*(?:(?:on|at|in)\b\s*)?"
    r"|^(?:it )?should (?:be|say|have been|have said)\s+",
    re.IGNORECASE,
)
SORRY_AFTERWARDS = re.compile(
    r"[\s,.;:-]+(?:sorry|soz|sry|actually|oops|whoops|correction|i mean|i meant|my mistake|my bad"
    r"|i got (?:that|it) wrong)[\s.!]*$",
    re.IGNORECASE,
)
IT_WAS = re.compile(rf"^{_OPENERS}(?:{IT_IS}\s+)?(?:(?:on|at|in)\s+)?", re.IGNORECASE)
LEADING = re.compile(
    rf"^(?:(?:{IT_IS}|{SURE}|on|at|in|my (?:flat|house|address|door)(?: number)? is|i live at)\s+)+"
    r"(?=\S)",
    re.IGNORECASE,
)
IN_A_PLACE = re.compile(
    r"\b(?:was|is|it's|its|happened|happens|that's)(?: actually| really)? in\s*$", re.IGNORECASE
)
NOT = re.compile(
    r"^(?P<new>.+?)[\s,]+(?:and )?(?:not|instead of|rather than)\s+(?P<old>.+?)[\s.!]*$",
    re.IGNORECASE,
)
NOT_BUT = re.compile(
    r"^(?:it |that |this |they )?(?:wasn'?t|was not|isn'?t|is not|not)\s+(?P<old>[^,.]+?)"
    r"(?:[\s,.;-]+(?:but|it was|it's|its|it is|that was)|,)\s+(?P<new>.+?)[\s.!]*$",
    re.IGNORECASE,
)
SAID_BUT = re.compile(
    rf"^{_SORRY}i (?:said|put|wrote|typed|told you)(?: it was| its)? (?P<old>[^,.]+?)"
    rf"[\s,.;-]+(?:but |and |when )?(?:i meant|i mean|meant|{IT_IS})\s+(?P<new>.+?)[\s.!]*$",
    re.IGNORECASE,
)
# "I gave you the wrong address", "wrong flat", "the day is wrong", and what should be there.
WRONG = re.compile(
    rf"^{_SORRY}(?:i(?:'?ve| have)? (?:may have |might have )?"
    r"(?:got|gave|given|put|said|sent|told|typed|wrote|written)(?: (?:you|u|it|down))*(?: the| my)?"
    rf" (?:wrong (?P<gave>{_WRONG_FACT})|(?P<got>{_WRONG_FACT}) wrong)"
    rf"|(?:that'?s |that was |it'?s |it was )?(?:the |my )?wrong (?P<said>{_WRONG_FACT})"
    rf"|(?:the |my )?(?P<stands>{_WRONG_FACT}) (?:is|was) (?:wrong|not right|incorrect))\b"
    rf"[\s,.:;-]*(?:(?:{IT_IS}|should be|is|was)\s+)?(?P<to>.+?)[\s.!]*$",
    re.IGNORECASE,
)
CHANGE = re.compile(
    rf"^(?:(?:please |can you |can i )?(?:change|correct|fix|edit|make)\s+)?(?:the |my )?"
    rf"(?P<fact>{_FACT})\s+(?:to|should be|should say|is wrong[\s,]+it(?:'s| is)|is actually)\s+"
    r"(?P<to>.+?)[\s.!]*$",
    re.IGNORECASE,
)
# Told of oneself, whatever was asked: also what nobody has told yet.
MINE = re.compile(
    r"^(?:and )?my (?:new |right |real |full )?(?P<fact>name|address|phone number|mobile number"
    r"|number|phone|mobile|e-?mail)(?: address)? is (?:actually |now )?(?P<to>\S.*?)[\s.!]*$",
    re.IGNORECASE,
)
NO_NAME = frozenset("not on in still already known the a safe here there wrong private".split())
LINE = re.compile(
    r"^(?:please )?(?:change|correct|edit|fix)?\s*(?:line|number|no)?\s*(?P<line>\d)\s*"
    r"(?:to|should be|should say|is|=|:)\s+(?!(?:wrong|incorrect|not right|not correct)\b)"
    r"(?P<to>.+?)[\s.!]*$",
    re.IGNORECASE,
)
OWN_HOME = re.compile(
    r"\bmy (?:own )?(?:address|flat|house|home|place|door|room|postcode)\b|\bi live\b",
    re.IGNORECASE,
)
_HOME = r"(?:flat|apartment|apt|house|room|unit|door|number|no\.?)(?: number)?\s?"
HOME_NUMBER = re.compile(
    rf"^(?:the )?(?P<word>{_HOME})?(?P<number>\d{{1,4}}[a-z]?)$", re.IGNORECASE
)
# What stands before the number of a home: "flat 21", "the man at 21", "21 Hazel Court".
OF_A_HOME = rf"(?:^|\b(?:{_HOME}|(?:at|in|from|of|outside|inside|by|near|opposite) ))"
PERSON = re.compile(
    r"\b(?:my|the|his|her|our|a)\s+(?:[a-z]+ )?(?:neighbou?rs?|brother|sister|son|daughter|dad|mum"
    r"|father|mother|uncle|cousin|ex|husband|wife|partner|boyfriend|girlfriend|man|woman|lady|guy"
    r"|bloke|lads?|kids|couple|family|tenants?|landlord|friend|flatmate|lodger)\b",
    re.IGNORECASE,
)
# Somebody, and no more than where they live: "the woman at number 4", "my mum's boyfriend".
WHO_AND_WHERE = re.compile(
    rf"^{PERSON.pattern}(?:'s \w+)?(?: (?:at|in|from|of|above|below|opposite|upstairs|downstairs"
    r"|next door|called|named|who lives)\b.*)?$",
    re.IGNORECASE,
)
# What is said of somebody beside who they are: "my boyfriend does it".
DOES_IT = re.compile(
    r",? (?:(?:who|that|thats|that's) )?(?:(?:is|was|are|were|keeps?|has been) )?"
    r"(?:(?:does|do|did|done|doing|behind) (?:it|this|that|all)\b|the one\b).*$",
    re.IGNORECASE,
)
# Says more plainly than "sorry" or "no" that something told before was wrong.
NOT_RIGHT = re.compile(
    r"\b(?:wrong|not right|incorrect|not correct|mistake|typo|correction|meant)\b", re.IGNORECASE
)
# Small words beside the thing that is put right.
BESIDE = frozenset(
    "a about again and around at by from i in is it its it's late like maybe more of on or really"
    " that the then think time to too was with yes".split()
)
