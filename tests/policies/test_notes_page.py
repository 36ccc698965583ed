"""docs/policies.md says what the packs say."""

from pathlib import Path

from api.policies.load import load_policies
from api.policies.notes import as_page, assumptions, silences

ROOT = Path(__file__).parents[2]
POLICIES = load_policies(ROOT / "data" / "policies")
RENEW = (
    'docs/policies.md is stale; make it again: python -c "from pathlib import Path; '
    "from api.policies.load import load_policies; from api.policies.notes import as_page; "
    "Path('docs/policies.md').write_text(as_page(load_policies(Path('data/policies'))), "
    "encoding='utf-8')\""
)


def test_the_page_is_what_the_packs_say() -> None:
    page = (ROOT / "docs" / "policies.md").read_text(encoding="utf-8")
    assert page == as_page(POLICIES), RENEW


def test_every_note_assumption_and_silence_is_on_the_page() -> None:
    page = as_page(POLICIES)
    for pack in POLICIES.landlords.values():
        policy = pack.policy
        assert f"\n## {policy.name}\n" in page
        rows: list[tuple[str, ...]] = [(n.section, n.found, n.chosen) for n in policy.notes]
        rows += [*assumptions(policy), *silences(policy)]
        assert rows
        for row in rows:
            assert f"| {' | '.join(row)} |" in page


def test_what_is_silent_or_assumed_in_a_pack_is_read() -> None:
    nacro = POLICIES.landlords["nacro"].policy
    assert ("a dangerous dog", "a person looks") in [(on, then) for on, _, then in silences(nacro)]
    assert "Office hours" in dict(assumptions(nacro))
    seven_locks = POLICIES.landlords["seven-locks"].policy
    assert {"Team: Housing team", "Class: Standard", "Who takes it: Housing team"} <= set(
        dict(assumptions(seven_locks))
    )
    vivid = POLICIES.landlords["vivid"].policy
    assert any(on.startswith("how often: ") for on, _, _ in silences(vivid))


def test_the_bands_of_the_card_are_told_as_provisional() -> None:
    last = as_page(POLICIES).rpartition("\n## ")[2]
    assert last.startswith("The risk assessment card")
    assert "low 0 to 15, medium 16 to 23, high 24 to 99 (provisional)" in last
