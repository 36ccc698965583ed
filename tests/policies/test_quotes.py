"""Every entry quotes words that are in the landlord's document."""

import re
from pathlib import Path

import pytest

from api.policies.load import load_policies
from api.policies.sources import sources

ROOT = Path(__file__).parents[2]
DOCUMENTS = ROOT.parent / "shared" / "policies"
POLICIES = load_policies(ROOT / "data" / "policies")
_SAME = str.maketrans(
    "\u2018\u2019\u201c\u201d\u2013\u2014\u2011\u00a0\u2022\u00b7", "''\"\"--- --"
)


def plain(text: str) -> str:
    """Without markup, with plain quotes and dashes and single spaces."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>|\*\*", "", text.translate(_SAME))).strip().lower()


@pytest.mark.parametrize("landlord", sorted(POLICIES.landlords))
def test_quoted_words_are_in_the_document(landlord: str) -> None:
    path = DOCUMENTS / f"{landlord}.txt"
    if not path.exists():
        pytest.skip("the landlords' documents are not beside this checkout")
    document = plain(path.read_text(encoding="utf-8"))
    found = list(sources(POLICIES.landlords[landlord].policy))
    assert found
    missing = [f"{place}: {s.words}" for place, s in found if plain(s.words) not in document]
    assert not missing, "\n".join(missing)
