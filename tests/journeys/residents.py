"""Who holds a journey's conversations, and what anybody answers to the common questions."""

import re
from itertools import count

from tests.people import Person

# One counter for every journey: two residents of a run never share a number or a home. Ofcom's
# range ends at 999; the numbers below are those of the cast in tests/people.py.
_numbers = count(220)


def resident(**changes: str) -> Person:
    """Somebody new, with a number and an address nobody else has."""
    number = next(_numbers)
    assert number <= 999, "the range of made-up numbers is used up"
    told = {
        "name": "Robin Rowan",
        "number": f"+447700900{number}",
        "address": f"{number} Hazel Court, Sample Town, ZZ1 2AB",
        "email": f"robin{number}@example.org",
    }
    return Person(**{**told, **changes})


def details(person: Person, **changes: str) -> dict[str, str]:
    """Answers to what is asked of everybody, by a part of each question's words."""
    told = {
        "Which is closest": "1",
        "of these is closest": "1",
        "Is this about": "1",
        "When did it": "last night at 2am",
        "Where did it": "the flat above mine",
        "How often": "2",
        "happening right now": "2",
        "Who is doing": "the man at number 9",
        "tell the police": "no",
        "notes, photos": "no",
        "What is your name": person.name,
        "What is your address": person.address,
        "phone number or e-mail": person.number,
        "Are you safe right now?\n1": "1",
        "safe for us to contact": "1",
    }
    return {**changes, **told, **changes}


def reference_in(text: str) -> str:
    """The first case reference in a text."""
    found = re.search(r"\b(?:LYM|VIV|SEV|NAC|PFP)-[A-Z0-9]{6}\b", text)
    assert found, text
    return found[0]
