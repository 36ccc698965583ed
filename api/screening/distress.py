"""Words of somebody who can bear no more questions now. Pure; deliberately narrow.

Danger to life is not read here but by the danger screen, and comes before it. "I can't cope with
the noise" is said in most reports and is no reason to stop listening: what is read is a person
who is not able to go on with this conversation.
"""

import re

_DISTRESS = re.compile(
    r"\b(?:"
    r"i (?:just )?(?:cant|can not|cannot) (?:do this|go on with this|answer any ?more"
    r"|think straight|type (?:any ?more|properly|for crying)|talk about (?:it|this) any ?more)"
    r"|(?:im|i am) having a (?:panic|anxiety) attack"
    r"|(?:im|i am) (?:in floods of tears|crying so much|in bits|breaking down|having a breakdown"
    r"|shaking so much|too upset)"
    r"|i (?:cant|cannot) stop (?:crying|shaking)"
    r"|too upset to (?:go on|carry on|talk|type|answer|do this)"
    r"|(?:im|i am) (?:so|too) (?:scared|frightened|upset) to (?:answer|type|talk|go on|think)"
    r"|please (?:please )?just (?:get|send|let) (?:me )?(?:somebody|someone|a person|anyone)"
    r"|please somebody help me"
    r")\b"
)


def is_distressed(text: str) -> bool:
    """Whether these words say that the person cannot go on answering."""
    flat = re.sub(r"['’‘`]", "", text.lower())
    return _DISTRESS.search(" ".join(re.sub(r"[^a-z]+", " ", flat).split())) is not None
