"""Who is writing, as their own words say it: for somebody else, as a witness, without a name …

Pure. It adds to what officers see and to how the resident may be contacted; it decides nothing
about the report itself.
"""

import re

_KIN = (
    r"(?:mum|mam|mom|mother|dad|father|nan|gran|granny|grandma|grandad|grandmother|grandfather|aunt"
    r"|auntie|uncle|brother|sister|son|daughter|husband|wife|partner|girlfriend|boyfriend|friend"
    r"|mate|neighbour|neighbor|client|tenant|resident|parents?|cousin|patient|service user)"
)
_PATTERNS = {
    "someone_else": (
        r"\bon behalf of (?:my|a|an|one of|our|the|someone|somebody|another)\b",
        r"\b(?:reporting|writing|texting|doing this|filling (?:this|it) in)(?: this| it)? for "
        r"(?:my|a|an|one of our|our|someone|somebody|another)\b",
        r"\b(?:report|write|ask|do) (?:this|it|something) for (?:my|a|someone|somebody)\b",
        rf"\b(?:its|it is|this is) for my (?:\w+ )?{_KIN}\b",
        r"\b(?:not me|isnt me|not happening to me)\b.{0,30}\b(?:her|him|my|his)\b",
        r"\bi am (?:her|his|their) (?:son|daughter|carer|support worker|social worker|advocate)\b",
        r"\bim (?:her|his|their) (?:son|daughter|carer|support worker|social worker|advocate)\b",
    ),
    "witness": (
        r"\bi(?:m| am| was) (?:just )?(?:a |only a )?(?:witness|bystander)\b",
        r"\bi witnessed\b",
        r"\b(?:didnt|did not) happen to me\b.{0,20}\bsaw\b",
    ),
    "anonymous": (
        r"\b(?:stay|remain|be|keep me|report|reporting|do this|send this) anonymous(?:ly)?\b",
        r"\banonymous (?:report|tip|tip off|please)\b",
        r"\b(?:dont|do not|wont|will not|not going to|rather not|prefer not to) "
        r"(?:want to |be )?(?:giv(?:e|ing)|say(?:ing)?|leav(?:e|ing)|us(?:e|ing)|tell(?:ing)?)"
        r" (?:you |u )?my name\b",
        r"\b(?:keep|leave) my name out\b",
        r"\bdont (?:use|put) my name\b",
        r"\bdont want (?:my name|to be named|anyone to know who i am|them to know it was me"
        r"|him to know it was me|her to know it was me)\b",
    ),
    "staff": (
        r"\bi(?:m| am) (?:a |one of your |your )?(?:member of staff|staff member|staff|employee)\b",
        r"\bi work (?:for (?:you|nacro|vivid|lyme|seven locks|places for people)|here as)\b",
        r"\bi(?:m| am) (?:a|the) (?:housing officer|housing support worker|scheme manager|caretaker"
        r"|neighbourhood officer|concierge|night worker)(?: here| at| for)\b",
        r"\b(?:a|one of the|the) (?:tenant|resident|service user|customer)s? .{0,40}"
        r"\b(?:at work|on shift|on my shift|while i was working|on a home visit)\b",
    ),
    "contractor": (
        r"\byour (?:\w+ )?(?:contractors?|workm[ae]n|builders?|plumber|electrician|engineer"
        r"|scaffolders?|roofers?|operatives?|repairs? (?:man|men|team|guys?)|decorators?)\b"
        r"(?! (?:did not|didnt|never|has not|hasnt|have not|havent|was supposed|is coming|came"
        r"|coming))",
    ),
}  # fmt: skip
_READ = {
    role: re.compile("|".join(f"(?:{one})" for one in patterns))
    for role, patterns in _PATTERNS.items()
}


def read_roles(text: str) -> frozenset[str]:
    """The roles that a resident's words name: someone_else, witness, anonymous, staff, contractor.

    Any length and spelling; nothing where the words say nothing of it.
    """
    flat = re.sub(r"['’‘`]", "", text.lower())
    flat = re.sub(r"[^a-z0-9]+", " ", flat)
    return frozenset(role for role, pattern in _READ.items() if pattern.search(flat))
