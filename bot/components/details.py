"""What a resident's words say of who does it, where, and what it does to them.

Only what a team could use is read: "a man" is nobody, "the man at number 9" is somebody. What
cannot be told apart is left unread, so that it is asked.
"""

import re
from dataclasses import dataclass

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.components.reader import Reader


@dataclass(frozen=True)
class Detail:
    """`name`: who, where, home or effect; `value` in the resident's words."""

    name: str
    value: str
    start: int
    end: int


NUMBERED = r"(?:flat|apartment|apt|house|room|number|no\.?|num)\s?\d{1,4}[a-z]?\b"
BESIDE = (
    r"(?:next door(?: but one)?|upstairs?|downstairs|across the (?:road|hall|landing|street)"
    r"|over the road|(?:directly |right )?(?:above|below|beneath|underneath|opposite)"
    r"(?: (?:me|mine|us|ours|my flat))?)"
)
HOME = (
    rf"(?:{NUMBERED}|(?:the |a )?(?:flat|house|floor|people|neighbours?) {BESIDE}|next door"
    r"(?: but one)?|upstairs|downstairs)"
)
OF_A_HOME = rf"{NUMBERED}|the (?:flat|house) {BESIDE}|{BESIDE}"
ADJECTIVES = (
    r"(?:old|older|young|younger|new|same|other|drunk|tall|loud|noisy|nasty|horrible|awful"
    r"|upstairs|downstairs|next door|next doors|opposite|teenage|local|mad|elderly|big|rude"
    r"|whole|two|three|four|bunch of|group of|gang of|load of|lot of|first floor|ground floor)"
)
# Somebody by themselves; a "man" or a "woman" only with the place they live in.
GROUPS = r"(?:kids|children|teenagers|teens|youths|yobs|lads|boys|girls|students|gang)"
SOMEBODY = (
    r"(?:neighbours?|neighbors?|man|men|woman|women|lady|ladies|bloke|blokes|guy|guys|lad|fella"
    r"|couple|family|tenants?|resident|residents|people|person|girl|boy|lodgers?|owner"
    rf"|{GROUPS})"
)
DOING = r"(?:the|my|our|a|an|some|those|these|this|that|two|three|his|her|their)"
LINK = r"(?:(?:who|that) lives? )?(?:at|in|from|on|of|by)?\s?"
WHO = (
    # the man at number 9, my neighbour above, the people from the flat upstairs
    rf"\b(?:{DOING}\s+(?:{ADJECTIVES}\s+){{0,2}})?{SOMEBODY}\s+{LINK}(?:{HOME}|{BESIDE})\b",
    # the upstairs neighbour
    rf"\b(?:the|my|our)\s+(?:upstairs|downstairs|next door)\s+{SOMEBODY}\b",
    # a group of teenagers, the kids
    rf"\b(?:the|a|some|those|these|local|a group of|groups of|gangs? of)\s+(?:{ADJECTIVES}\s+)"
    rf"{{0,2}}{GROUPS}\b",
    r"\b(?:group|gang|bunch|load)s? of (?:[a-z]+ )?(?:kids|teenagers|youths|lads|boys|girls)\b",
    # my ex, my brother: family only where it is told as the one who does it
    r"\bmy\s+ex(?:[- ]?(?:partner|husband|wife|boyfriend|girlfriend|bf|gf))?\b(?!\s+neighbour)",
    r"\bmy\s+(?:brother|sister|cousin|uncle|dad|father|mum|mother|son|daughter|husband|wife"
    r"|partner|boyfriend|girlfriend|stepdad|lodger|flatmate|housemate)(?=\s+(?:keeps?"
    r"|hits?|shouts?|threatens?|steals?|takes?|comes|plays|smashed|won)\b)",
    r"\b(?:his|her|their) name(?: is|'s|s)\s+(?!are\b|unknown|not\b|i\b)"
    r"[A-Za-z]+(?:\s[A-Z][a-z]+)?",
)  # fmt: skip
# A home that the trouble comes from is who does it as well as where.
FROM_HOME = (
    rf"\b(?:from|at|in|by)\s+((?:the\s+)?{HOME})\b",
    r"\b(next door)(?:'s|s)?\b",
    r"\b((?:the )?(?:flat|house|floor|people) (?:directly |right )?"
    r"(?:above|below|beneath|underneath|opposite)(?: (?:me|mine|us|ours))?)\b",
    rf"\b({NUMBERED})(?='s|s\b|\s+(?:is|are|has|have|keeps?|plays?|plays|always|never|smokes?|"
    r"shouts?|throws?|leaves?|dumps?))",
)
PLACES = (
    r"(?:stair(?:s|well|case)?|landing|lift|car ?park|(?:front |back |communal |shared )?gardens?"
    r"|balcony|hallway|hall|corridors?|foyer|lobby|(?:main |front |back )?entrance|doorway"
    r"|(?:front |back |main |communal )?door|bin (?:store|room|area|shed)|bins|bike shed"
    r"|garages?|courtyard|communal (?:area|areas|hall|room|kitchen|lounge)|playground|play area"
    r"|park|street|road|alley(?:way)?|path|pavement|green|field|shops?|bus stop|block|roof"
    r"|basement|laundry(?: room)?|kitchen|bathroom|bedroom|living room|flat|house|building|estate"
    r"|close|square|yard|drive(?:way)?|ground floor|(?:first|second|third|top) floor)"
)
FLOOR = r"(?:ground|first|second|third|fourth|fifth|top|1st|2nd|3rd|\d{1,2}th)"
# "I'm at flat 12": where the resident lives, and nobody who does anything.
OWN_HOME = re.compile(
    rf"\b(?:i'?m|i am|i live|i stay|we live|we're|we are|my address is)(?: at| in| on)*"
    rf"\s+{NUMBERED}"
)
WHERE = (
    r"\b(?:(?:in|on|at|into|from|throughout|all over|around|round|up|down)\s+)"
    rf"((?:my|our|the|this)\s+(?:[a-z]+ )?{PLACES})\b(?!\s+(?:above|below|opposite|upstairs"
    r"|downstairs|next|beneath|underneath|\d))",
    rf"\b((?:outside|behind|near|by|in front of|next to|beside|under)\s+(?:my|our|the|this)\s+"
    rf"(?:[a-z]+ )?{PLACES})\b",
    r"\b(in the communal areas?|outside the (?:block|building|shops?))\b",
    rf"\b((?:{FLOOR} floor|block [a-h]) (?:landing|hall ?way|stair(?:s|well|case)?|corridor"
    r"|lobby))\b",
    r"\b((?:in )?(?:front|back) of (?:the |our |my )?(?:building|block|house|flats?))\b",
    r"\b(outside (?:number|flat|house|no\.?)\s?\d{1,4}[a-z]?)\b",
)
FEELING = (
    r"(?:scared|frightened|terrified|anxious|stressed|depressed|unsafe|afraid|exhausted|shattered"
    r"|worn out|in tears|worried sick|at my wits end|at breaking point|suicidal|shaking)"
)
EFFECT = (
    r"\b(?:i |we |the kids |my kids )?(?:can'?t|cannot|cant|couldn'?t|couldnt|unable to)(?: get"
    r" any| get to| even)? (?:sleep|cope|relax|concentrate|go out|rest)\b",
    r"\b(?:keeps?|keeping|kept) (?:me|us|the kids|my kids|everyone|my son|my daughter|the baby)"
    r" (?:awake|up)\b",
    rf"\b(?:i|we)(?:'m| am|m|'re| are|re)? (?:feel(?:ing)? |getting |really |so |very |too |now )*"
    rf"{FEELING}\b(?: to [a-z]+(?: [a-z]+)?)?",
    rf"\bmy (?:kids|children|son|daughter|mum|wife|husband|partner|little one) (?:is|are|'s)"
    rf"(?: really| so| too| very)* {FEELING}\b",
    r"\b(?:making|makes|made|making us|makes us) (?:me|us) (?:ill|sick|cry|anxious|depressed)\b",
    r"\b(?:affecting|ruining|wrecking|damaging) (?:my|our) (?:mental health|health|sleep|life|work"
    r"|lives)\b",
    r"\b(?:panic attacks?|off work|on tablets|no sleep|lost sleep)\b",
)  # fmt: skip


def read_details(text: str) -> list[Detail]:
    """Who, where, home and effect in a text, in their order."""
    lower = text.lower().replace("\u2019", "'")
    lower = OWN_HOME.sub(lambda found: " " * len(found[0]), lower)
    who = _first(lower, WHO, group=0)
    if who and who.value.startswith(("her ", "his ", "their ")) and "name" not in who.value:
        who = None
    found = [] if who is None else [Detail("who", _words(text, who), who.start, who.end)]
    home = _first(lower, FROM_HOME, group=1)
    if who and (inside := re.search(OF_A_HOME, who.value)):
        home = Detail("home", inside[0], who.start + inside.start(), who.start + inside.end())
    elif home:
        found.append(Detail("who", _words(text, home), home.start, home.end))
    if home:
        found.append(Detail("home", _words(text, home), home.start, home.end))
    where = _first(lower, WHERE, group=1)
    if where:
        found.append(Detail("where", _words(text, where), where.start, where.end))
    for pattern in EFFECT:
        for match in re.finditer(pattern, lower):
            span = Detail("effect", match[0], match.start(), match.end())
            found.append(Detail("effect", _words(text, span), span.start, span.end))
    return sorted(found, key=lambda detail: (detail.start, detail.name))


def _first(lower: str, patterns: tuple[str, ...], group: int) -> Detail | None:
    """The earliest match; of those that begin together, the longest."""
    matches = [match for pattern in patterns for match in re.finditer(pattern, lower)]
    if not matches:
        return None
    best = min(matches, key=lambda match: (match.start(group), -match.end(group)))
    return Detail("", best[group], best.start(group), best.end(group))


def _words(text: str, span: Detail) -> str:
    return " ".join(text[span.start : span.end].split())


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class ReportDetails(Reader):
    """Adds what read_details reads to Rasa's message."""

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            read = [
                {
                    "entity": detail.name,
                    "value": detail.value,
                    "start": detail.start,
                    "end": detail.end,
                    "extractor": "ReportDetails",
                }
                for detail in read_details(message.get(TEXT) or "")
            ]
            message.set(ENTITIES, message.get(ENTITIES, []) + read, add_to_output=True)
        return messages
