"""Every section of every document leads to entries of its pack, or says why it needs none."""

from pathlib import Path

import pytest

from api.policies.checklist import checklist_mistakes, read_checklist
from api.policies.load import load_policies
from api.policies.place import PolicyMistakes
from api.policies.schema_examples import Checklist, ChecklistSection
from tests.policies.headings import sections

ROOT = Path(__file__).parents[2]
PACKS = ROOT / "data" / "policies"
DOCUMENTS = ROOT.parent / "shared" / "policies"
POLICIES = load_policies(PACKS)
# The five landlords whose documents were read; a landlord that is added later brings its own.
LANDLORDS = ("lyme-trust", "nacro", "places-for-people", "seven-locks", "vivid")


def checklist(landlord: str) -> Checklist:
    return read_checklist(PACKS / landlord / "checklist.toml")


def mistakes(landlord: str, changed: Checklist) -> list[str]:
    return checklist_mistakes(changed, POLICIES.landlords[landlord].policy, POLICIES.risk_matrix)


@pytest.mark.parametrize("landlord", LANDLORDS)
def test_the_checklist_has_the_sections_of_the_document_and_no_other(landlord: str) -> None:
    path = DOCUMENTS / f"{landlord}.txt"
    if not path.exists():
        pytest.skip("the landlords' documents are not beside this checkout")
    found = list(sections(landlord, path.read_text(encoding="utf-8")))
    assert [entry.section for entry in checklist(landlord).sections] == found


@pytest.mark.parametrize(
    ("landlord", "some", "count"),
    [
        ("lyme-trust", ("Living noise", "Dealing with ASB"), 15),
        ("nacro", ("SCOPE", "2.4", "3.9 Table", "8.6", "8.10", "16.3"), 120),
        (
            "places-for-people",
            ("paragraph 1", "paragraph 33", "Procedure 5.4", "Procedure 6.10", "Procedure 8.3"),
            128,
        ),
        ("seven-locks", ("Operational Principles", "Monitoring"), 12),
        ("vivid", ("4.1 What is ASB?", "4.7 Partnership working", "Appendix A: Hate crime"), 19),
    ],
)
def test_the_headings_are_found(landlord: str, some: tuple[str, ...], count: int) -> None:
    path = DOCUMENTS / f"{landlord}.txt"
    if not path.exists():
        pytest.skip("the landlords' documents are not beside this checkout")
    text = path.read_text(encoding="utf-8")
    found = sections(landlord, text)
    assert set(some) <= set(found)
    assert len(found) == count
    # No line of the document falls between two sections.
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    kept = "\n".join(found.values())
    assert [line for line in lines if line not in kept] == []


def test_the_paragraphs_of_places_for_people_are_counted_without_a_gap() -> None:
    path = DOCUMENTS / "places-for-people.txt"
    if not path.exists():
        pytest.skip("the landlords' documents are not beside this checkout")
    found = sections("places-for-people", path.read_text(encoding="utf-8"))
    numbers = [name for name in found if name.startswith("paragraph ")]
    assert numbers == [f"paragraph {n}" for n in range(1, 34)]


@pytest.mark.parametrize("landlord", LANDLORDS)
def test_entries_exist_and_every_source_is_named_under_its_section(landlord: str) -> None:
    assert mistakes(landlord, checklist(landlord)) == []


@pytest.mark.parametrize("landlord", LANDLORDS)
def test_reasons_for_no_entry_are_words(landlord: str) -> None:
    reasons = [entry.none for entry in checklist(landlord).sections if entry.none is not None]
    assert [reason for reason in reasons if len(reason.split()) < 3] == []


def test_an_entry_that_is_left_out_is_told() -> None:
    kept = checklist("vivid")
    less = Checklist(
        sections=tuple(
            entry.model_copy(
                update={"entries": tuple(n for n in entry.entries if n != "not_asb.cooking")}
            )
            for entry in kept.sections
        )
    )
    assert mistakes("vivid", less) == [
        "vivid/checklist.toml: sections: 'not_asb.cooking' is not named under '4.1 What is ASB?'"
    ]


def test_an_entry_that_does_not_exist_and_a_section_without_a_reason_are_told() -> None:
    kept = checklist("vivid")
    more = (
        ChecklistSection(section="9. Parking", entries=("categories.boats",)),
        ChecklistSection(section="10. Boats"),
    )
    lines = mistakes("vivid", Checklist(sections=(*kept.sections, *more, more[1])))
    count = len(kept.sections)
    assert lines == [
        "vivid/checklist.toml: sections: '10. Boats' is given twice",
        f"vivid/checklist.toml: sections[{count}].entries: "
        "there is no 'categories.boats' in this landlord's policy",
        f"vivid/checklist.toml: sections[{count + 1}]: "
        "'10. Boats' needs entries, or none with the reason",
        f"vivid/checklist.toml: sections[{count + 2}]: "
        "'10. Boats' needs entries, or none with the reason",
    ]


def test_a_section_that_is_missing_is_told() -> None:
    kept = checklist("seven-locks")
    less = Checklist(sections=tuple(e for e in kept.sections if e.section != "Monitoring"))
    lines = mistakes("seven-locks", less)
    assert (
        "seven-locks/checklist.toml: sections: 'publishes.board_report' stands on 'Monitoring', "
        "which is missing" in lines
    )


def test_an_unknown_key_is_told_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "vivid" / "checklist.toml"
    path.parent.mkdir()
    path.write_text('[[sections]]\nsection = "1"\nentry = ["x"]\n', encoding="utf-8")
    with pytest.raises(PolicyMistakes) as told:
        read_checklist(path)
    assert told.value.lines == ("vivid/checklist.toml: sections[0].entry: unknown key",)
