"""Finds the numbered sections and headings of the five documents, each with the text below it.

Each document is laid out in its own way, so each has its own finder. A section's name is the
document's own: its number, or its heading. Text above the first heading is "Title".
"""

import re
from collections.abc import Callable, Iterable

Sections = dict[str, str]

_SAME = str.maketrans(
    "\u2018\u2019\u201c\u201d\u2013\u2014\u2011\u00a0\u2022\u00b7", "''\"\"--- --"
)


def plain(text: str) -> str:
    """Without markup, with plain quotes and dashes and single spaces, in lower case."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>|\*\*", "", text.translate(_SAME))).strip().lower()


def sections(landlord: str, document: str) -> Sections:
    """Every section of a landlord's document: its name and its text, in order."""
    return FINDERS[landlord](document.splitlines())


def lyme_trust(lines: Iterable[str]) -> Sections:
    """Headings are short lines without a full stop; one list has its opening line for heading."""
    found = _Found()
    after_gap = True
    for line in lines:
        words = line.strip()
        bullet = words.startswith("·")
        opens_list = after_gap and words.endswith(":")
        short = len(words.split()) <= 10 and not words.endswith((".", ":", ";"))
        if words and not bullet and (short or opens_list):
            found.start(words.rstrip(":"))
        found.add(line)
        after_gap = not words
    return found.sections


def seven_locks(lines: Iterable[str]) -> Sections:
    """Headings stand behind a tab, and nothing else does."""
    found = _Found()
    for line in lines:
        if "\t" in line:
            found.start(line.strip())
        found.add(line)
    return found.sections


def vivid(lines: Iterable[str]) -> Sections:
    """Numbered headings, then an appendix whose own headings stand behind a tab."""
    found = _Found()
    appendix = ""
    for line in lines:
        words = line.strip()
        if words.startswith("Appendix "):
            appendix = words
            found.start(words)
        elif re.match(r"(\d+\.|\d\.\d) [A-Z]", words):
            found.start(words)
        elif appendix and line.startswith("\t") and len(words.split()) <= 2:
            found.start(f"{appendix.partition(':')[0]}: {words}")
        found.add(line)
    return found.sections


def nacro(lines: Iterable[str]) -> Sections:
    """Capital headings, numbered chapters and paragraphs, the table at 3.9 and the flow chart."""
    found = _Found()
    for line in lines:
        words = line.strip().removeprefix("- ").replace("**", "")
        paragraph = re.match(r"(\d+\.\d+)\s", words)
        if paragraph:
            found.start(paragraph[1])
        elif words.startswith("Table of ASB"):
            found.start("3.9 Table")
        elif words in ("ASB Response Flow Chart", "Revision History"):
            found.start(words)
        elif re.match(r"\d+\. [A-Z]{4}", words) or re.fullmatch(r"[A-Z/ ]{4,}", words):
            found.start(words.rstrip("."))
        found.add(line)
    return found.sections


def places_for_people(lines: Iterable[str]) -> Sections:
    """A policy of numbered paragraphs, a procedure of tables, the risk card and a letter."""
    found = _Found()
    read: Callable[[str, _Found], str | None] = _front
    for line in lines:
        words = line.strip()
        if words == "The Places for People policy":
            read = _policy
        elif words == "Procedure":
            read = _procedure()
        elif words == "Name:":
            read = _card
        name = read(line, found)
        if name:
            found.start(name)
        found.add(line)
    return found.sections


class _Found:
    def __init__(self) -> None:
        self.sections: Sections = {}
        self.last = "Title"

    def start(self, name: str) -> None:
        self.last = name
        self.sections.setdefault(name, "")

    def add(self, line: str) -> None:
        if line.strip():
            self.sections[self.last] = f"{self.sections.get(self.last, '')}{line}\n"


def _front(line: str, found: _Found) -> str | None:
    """Before the policy: lines that are neither rows of a table nor sentences nor page marks."""
    words = line.strip()
    heads = ("Policy/Strategy Control Statement", "Policy Applicable To", "Table of Contents")
    if words in heads or words == "Amendment Sheet Record" or words.startswith("Please "):
        again = words.rstrip(".") in found.sections or "\t" in line
        return None if again else words.rstrip(".")
    return None


def _policy(line: str, found: _Found) -> str | None:
    """Headings are short lines without a full stop; paragraphs count up from 1."""
    words = line.strip()
    number = re.match(r"(\d+)\. ", words)
    if number:
        done = sum(name.startswith("paragraph ") for name in found.sections)
        return f"paragraph {number[1]}" if int(number[1]) == done + 1 else None
    short = len(words.split()) <= 6 and not words.startswith("- ")
    return words if words and short and not words.endswith((".", ":")) else None


def _procedure() -> Callable[[str, _Found], str | None]:
    chapter = ""

    def read(line: str, found: _Found) -> str | None:
        nonlocal chapter
        heading = re.match(r"(\d)\. ([A-Z].+)$", line)
        table = re.match(r"(\d)\t(.+)\tResponsibility$", line)
        step = re.match(r"(\d\.\d+)\t", line)
        if line.strip() == "Procedure":
            return "Procedure"
        if heading:
            chapter = heading[1]
            return f"Procedure {heading[1]}. {heading[2].strip()}"
        if table:
            chapter = table[1]
            return f"Procedure {table[1]} {table[2]}"
        if step:
            return f"Procedure {step[1]}"
        term, tab, _ = line.partition("\t")
        if chapter in ("2", "3") and tab and term.strip() and term not in ("Term", "Role"):
            if term.startswith("Manager or"):
                # The name of this row runs over two lines of the document.
                text = found.sections.pop(found.last)
                found.start(f"{found.last} {term}")
                found.add(text)
                return None
            role = re.sub(r" \([A-Za-z]{3,4}\)$", "", term)
            return f"Procedure {chapter} {role if chapter == '3' else term}"
        return None

    return read


def _card(line: str, found: _Found) -> str | None:
    """The risk card: its three groups, its questions, its ladder and consent; then the letter."""
    words = line.strip()
    question = re.match(r"(\d+)\. [A-Z]", words)
    if words == "Name:":
        return "Risk Assessment Matrix"
    if words.startswith("APPENDIX 2"):
        return "Appendix 2 - Action Plan Template"
    if question:
        return f"Risk Assessment Matrix question {question[1]}"
    if words in ("History", "Vulnerability", "Support"):
        return f"Risk Assessment Matrix {words}"
    if words.startswith("TOTAL SCORE"):
        return "Risk Assessment Matrix total score"
    if words.startswith("CONSENT"):
        return "Risk Assessment Matrix consent to information sharing"
    return None


FINDERS: dict[str, Callable[[Iterable[str]], Sections]] = {
    "lyme-trust": lyme_trust,
    "nacro": nacro,
    "places-for-people": places_for_people,
    "seven-locks": seven_locks,
    "vivid": vivid,
}
