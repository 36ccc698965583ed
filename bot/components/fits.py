"""Whether free words look like what was asked, and what gives away that they are something else.

A real answer that is refused does more harm than nonsense that is kept: each of these is wide.
Wordings are compared plain (lower case, no punctuation).
"""

import re
from collections.abc import Collection

from bot.components.choices import near, words

_AUX = (
    r"(?:can|could|will|would|do|does|did|is|are|am|was|were|should|shall|must|have|has|had|may"
    r"|might)"
)
_SOMEBODY = (
    r"(?:i|you|u|we|it|he|she|they|this|that|there|these|those|my|your|the|someone|somebody|anyone"
    r"|anybody|people)"
)
# "Can Yilmaz" and "Will Hope" are names, "when I got home" is a time.
ASKS_BACK = re.compile(
    r"^(?:(?:and|but|so|ok|sorry|please|also|erm|um|hi|hello) )*"
    rf"(?:{_AUX} {_SOMEBODY}\b|(?:what|how|who|when|where|which|why) {_AUX}\b|(?:what|how) if\b"
    r"|how (?:much|many|long|come)\b|(?:whats|whos|hows|wheres|whens)\b|why\b)"
)
# Whether they must answer at all.
MUST_I = re.compile(
    r"\b(?:(?:do|must|would) (?:i|we) (?:really |even )?(?:have|need|got)\b|must i\b"
    r"|(?:is|would) (?:it|that) (?:be )?(?:ok|okay|alright|all right|fine) (?:if|not)"
    r"|is (?:my|the|an?|it|that) (?:\w+ )?(?:really )?(?:needed|necessary|required)"
    r"|can i (?:not|leave)|what if i (?:dont|do not))"
)
# Words that stand in a time: whole ones, and how they begin or end.
TIME_WORDS = words(
    "ago since when whenever while whilst during after before b4 until till til by always often "
    "once twice ongoing recent recently now just currently present moment min mins hr hrs wk "
    "wks yr yrs fortnight ages forever long past last latest every each most same usual usually "
    "normally mostly generally typically daily weekly nightly hourly monthly yearly "
    "occasionally rarely early earlier late later dark dusk dawn noon midday sunset sunrise "
    "sundown twilight summer winter autumn spring christmas xmas easter eid ramadan diwali "
    "halloween covid lockdown term match shift work school way lunch dinner tea breakfast bed "
    "asleep half quarter oclock am pm one two three four five six seven eight nine ten eleven "
    "twelve first second random randomly soon occasion occasions numerous various sporadic "
    "sporadically intermittent intermittently unpredictable count track exact daylight party "
    "storm tmrw advent lent varies vary depends different lots loads many several few couple "
    "never stop stops endless relentless nonstop going then closing pattern date dates clock "
    "remember exactly unsure above said told already onwards yest 2nite 2day rn atm eve january "
    "february march april may june july august september october november december jan feb mar "
    "apr jun jul aug sep sept oct nov dec mon tue tues wed weds thu thur thurs fri sat sun "
)
TIME_PARTS = re.compile(
    r"\d|(?:day|days|night|nights|nite|nites|nyt|time|times|morning|mornings|evening|evenings"
    r"|afternoon|afternoons|hour|hours|minute|minutes|week|weeks|weekend|weekends|month|months|year"
    r"|years|hols)$|^(?:present|constant|continu|regular|frequent|persist|repeat)"
)
NEARLY = (
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "yesterday",
    "tonight", "morning", "evening", "night", "nights", "weekend", "constantly", "continuous",
)  # fmt: skip
# What somebody was doing then.
_MEANWHILE = re.compile(
    r"^(?:as (?:i|we|he|she|they)|(?:i|we) (?:was|were|had just)|on (?:my|the|his|her) way)\b"
    r"|\b(?:walk|gett?|com|go|driv)ing (?:home|in|out|back)\b|\bon (?:and )?off\b"
)
A_HOME = re.compile(
    r"\d|\b(?:flat|house|home|court|crt|road|street|lane|close|avenue|drive|way|place|crescent"
    r"|gardens?|grove|terrace|square|walk|mews|hill|green|park|row|view|rise|cottage|farm|lodge|hall"
    r"|hostel|bungalow|block|floor|room|estate|scheme|caravan|boat|heol|ffordd|stryd|address)\b"
)
# What begins like this names no place and nobody.
_TELLS = re.compile(r"^(?:theres|there (?:is|are)|i (?:have|need|want)|ive got|you still)\b")
WANTS_REPAIR = re.compile(
    r"\b(?:send|get|need|want|book|call|when (?:will|is|are))\b.*\b(?:plumber|engineer|electrician"
    r"|repairs?|someone|somebody|fixed|fix|mend|mended|coming)\b"
    r"|\b(?:fix|mend|repair) (?:my|the|our|it)\b"
)
# Where a place or a person is named, and nothing said of them yet.
_SAID_OF_IT = re.compile(
    r"\b(?:is|are|was|were|has|have|had|wont|isnt|arent|doesnt|dont|cant|hasnt|keeps?|needs?|broke"
    r"|stopped|blew|leaks|theres|i|ive|you|we|no)\b"
)
_PLACE_LEADS = re.compile(
    r"^(?:in|on|at|by|near|outside|inside|behind|under|below|above|over|next|opposite|through"
    r"|throughout|all|around|round|from|between|across|along|against|beside|where|upstairs|downstairs"
    r"|he|she|they|its|it|hes|shes|theyre)\b"
)


def asks_back(said: str) -> bool:
    """A question for certain."""
    return bool(ASKS_BACK.match(said))


def may_be_time(said: str, entities: Collection[str]) -> bool:
    """Whether a time, however loosely, stands in the words. `entities`: what was read in them."""
    parts = said.split()
    return (
        bool({"when", "how_often", "now"} & {*entities})
        or bool(TIME_WORDS & {*parts} or _MEANWHILE.search(said))
        or any(TIME_PARTS.search(part) or near(part, NEARLY) for part in parts)
    )


def may_be_home(said: str) -> bool:
    return bool(A_HOME.search(said))


def names_only(text: str) -> bool:
    """Whether somebody or some place is named, whatever is told of them: "the lift, it's always
    broken", "the man who mends cars"."""
    said = re.sub(r"['`\u2019]", "", text.lower()).strip()
    head = re.split(r"[,.;(]|\b(?:which|that|where|who|whose|with)\b", said)[0]
    return bool(_PLACE_LEADS.match(said)) or bool(head and not _SAID_OF_IT.search(head))


def tells_something(said: str) -> bool:
    """ "There is a leak in my bathroom" holds a place, and names none."""
    return bool(_TELLS.match(said))


def wants_repair(said: str) -> bool:
    return bool(WANTS_REPAIR.search(said))
