"""Every entry quotes words that are in the landlord's document, in the section that it names."""

from pathlib import Path

import pytest

from api.policies.load import load_policies
from api.policies.sources import sources
from tests.policies.headings import plain, sections

ROOT = Path(__file__).parents[2]
DOCUMENTS = ROOT.parent / "shared" / "policies"
POLICIES = load_policies(ROOT / "data" / "policies")


def document(landlord: str) -> str:
    path = DOCUMENTS / f"{landlord}.txt"
    if not path.exists():
        pytest.skip("the landlords' documents are not beside this checkout")
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("landlord", sorted(POLICIES.landlords))
def test_quoted_words_are_in_the_document(landlord: str) -> None:
    text = plain(document(landlord))
    found = list(sources(POLICIES.landlords[landlord].policy))
    assert found
    missing = [f"{place}: {s.words}" for place, s in found if plain(s.words) not in text]
    assert not missing, "\n".join(missing)


@pytest.mark.parametrize("landlord", sorted(POLICIES.landlords))
def test_quoted_words_are_in_the_section_that_is_named(landlord: str) -> None:
    texts = {name: plain(text) for name, text in sections(landlord, document(landlord)).items()}
    missing = [
        f"{place}: {source.section!r} has no {source.words!r}"
        for place, source in sources(POLICIES.landlords[landlord].policy)
        if plain(source.words) not in texts.get(source.section, "")
    ]
    assert not missing, "\n".join(missing)
