"""What a reply may never be, whatever was said."""

import re

from api.policies.gsm7 import segments

# A key of ours, a placeholder, or a word of a program.
INNARDS = re.compile(
    r"[{}<>]|\b[a-z]+_[a-z_]+\b|\bNone\b(?! of\b)|\bnull\b|\bTraceback\b|\bError\b"
)
TROUBLE = re.compile(r"went wrong|internal error|unexpected error|try again later", re.IGNORECASE)
MOST_PARTS = 2


def faults_of(text: str, *, by_text: bool, own_words: list[str]) -> list[str]:
    """What is wrong with a reply, one line each. `own_words`: the resident's, which may come back
    in it as they were."""
    wrong = []
    if not text.strip():
        return ["an empty reply"]
    bare = text
    for words in sorted(own_words, key=len, reverse=True):
        bare = bare.replace(words, "")
    if found := INNARDS.search(bare):
        wrong.append(f"shows {found[0]!r}: {text!r}")
    if found := TROUBLE.search(bare):
        wrong.append(f"says {found[0]!r}: {text!r}")
    if by_text and segments(text) > MOST_PARTS:
        wrong.append(f"a text of {segments(text)} parts: {text!r}")
    return wrong
