"""Who is writing, and whether they can go on: as their own words say it."""

import pytest

from api.screening.distress import is_distressed
from api.screening.reporter import read_roles


@pytest.mark.parametrize(
    ("words", "roles"),
    [
        ("I am writing on behalf of my mother, who is 84", {"someone_else"}),
        ("reporting this for my nan, they bang on her door", {"someone_else"}),
        ("it's for my neighbour, not for me", {"someone_else"}),
        ("im her carer and she is scared", {"someone_else"}),
        ("I was a witness to the fight", {"witness"}),
        ("i witnessed a man kicking the door", {"witness"}),
        ("I don't want to give my name but they deal drugs", {"anonymous"}),
        ("keep my name out of it, please", {"anonymous"}),
        ("I'd like to remain anonymous", {"anonymous"}),
        ("I work for Nacro and a resident threw a cup at me", {"staff"}),
        ("I am a member of staff and was sworn at", {"staff"}),
        ("your plumber called me a cow", {"contractor"}),
        ("your contractors play music all day", {"contractor"}),
        # What only sounds like it.
        ("your contractor never came to fix the leak", set()),
        ("he does it for my daughter to hear", set()),
        ("they ask for money in the street", set()),
        ("music for hours, and I have to work", set()),
        ("my neighbour saw him", set()),
        ("he works for you know who", set()),
        ("he called me names", set()),
        ("loud music every night", set()),
        ("", set()),
    ],
)
def test_who_is_writing_is_read_in_their_own_words(words: str, roles: set[str]) -> None:
    assert read_roles(words) == roles


@pytest.mark.parametrize(
    ("words", "distressed"),
    [
        ("I can't do this", True),
        ("im having a panic attack", True),
        ("I can't stop shaking", True),
        ("please just get me a person", True),
        ("too upset to carry on", True),
        ("I can’t answer any more", True),
        ("I can't cope with the noise", False),
        ("i cant sleep", False),
        ("he can't do this to us", False),
        ("please help me with this", False),
        ("my baby can't stop crying", False),
        ("", False),
    ],
)
def test_only_who_cannot_go_on_is_taken_out_of_the_questions(words: str, distressed: bool) -> None:
    assert is_distressed(words) is distressed
