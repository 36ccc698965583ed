"""Closing, escalation, safeguarding, letters: what the packs hold, and how mistakes are told."""

import re
from pathlib import Path

import pytest

from api.policies.load import PolicyMistakes, load_policies
from api.policies.schema import Policy, Template
from tests.policies.headings import plain
from tests.policies.small_pack import small_pack
from tests.reading import grade, longest_sentence

ROOT = Path(__file__).parents[2]
POLICIES = load_policies(ROOT / "data" / "policies")
LANDLORDS = ("lyme-trust", "nacro", "places-for-people", "seven-locks", "vivid")


def policy(landlord: str) -> Policy:
    return POLICIES.landlords[landlord].policy


def template(code: str) -> Template:
    return next(one for one in policy("places-for-people").templates if one.code == code)


DUTY = """
[[closing]]
code = "risk_again"
label = "Assess the risk again"
step = "before"
source = { section = "6", words = "assess again" }
"""
LETTER = """
[[templates]]
code = "plan"
label = "Plan"
blanks = [{ code = "name", printed = "customer name" }]
[[templates.lines]]
code = "greeting"
part = "heading"
text = "Dear {name}"
source = { section = "6", words = "Dear {customer name}" }
"""


@pytest.mark.parametrize(
    ("added", "line"),
    [
        (DUTY + DUTY, "closing: 'risk_again' is given twice"),
        (
            DUTY.replace("step =", 'team = "nobody"\nstep ='),
            "closing[0].team: 'nobody' is not a team of this landlord",
        ),
        (DUTY.replace("Assess the risk again", " "), "closing[0].label: is empty"),
        (
            DUTY.replace("step =", 'when.severity = ["grave"]\nstep ='),
            "closing[0].when.severity: 'grave' is not a severity of this landlord",
        ),
        (
            DUTY.replace("step =", 'when.band = ["low"]\nstep ='),
            "closing[0].when.band: a low band decides nothing; bands may only raise",
        ),
        (DUTY.replace('"assess again"', '""'), "closing[0].source.words: is empty"),
        (
            DUTY.replace('source = { section = "6", words = "assess again" }', ""),
            "closing[0].source: is missing",
        ),
        (
            DUTY.replace("step =", 'clause = "6"\nstep ='),
            "closing[0].clause: unknown key",
        ),
        (
            """
[[repairs_first]]
code = "lift"
label = "Lift"
behaviours = ["broken_lift"]
source = { section = "6", words = "lifts" }
""",
            "repairs_first[0].behaviours: 'broken_lift' is not a behaviour of "
            "shared/behaviours.toml",
        ),
        (
            """
[[publishes]]
code = "figures"
label = "Figures"
to = "Board"
source = { section = "6", words = "figures" }
""",
            "publishes[0]: needs every, or silent with what was looked for",
        ),
        (
            LETTER.replace("Dear {name}", "Dear {person}", 1),
            "templates[0].lines[0].text: {person} is not among its blanks",
        ),
        (
            LETTER.replace("Dear {name}", "Hello", 1),
            "templates[0].blanks: 'name' is in no line",
        ),
        (
            """
[[no_action]]
code = "malicious"
label = "Malicious"
source = { section = "6", words = "malicious" }
offer = { section = "6", words = "advice" }
advice.sms = "Please call 0800 123 4567 for advice."
advice.web = "We can give you advice."
""",
            "no_action[0].advice.sms: '0800 123 4567' is not a number of shared/helplines.toml",
        ),
    ],
)
def test_a_mistake_is_one_line_with_its_place(tmp_path: Path, added: str, line: str) -> None:
    folder = small_pack(tmp_path)
    path = folder / "harbour" / "policy.toml"
    path.write_text(path.read_text(encoding="utf-8") + added, encoding="utf-8")
    with pytest.raises(PolicyMistakes) as told:
        load_policies(folder)
    found = [one for one in told.value.lines if one.endswith(line)]
    assert len(found) == 1, told.value.lines


@pytest.mark.parametrize("added", [DUTY, LETTER])
def test_what_the_mistakes_were_made_from_loads(tmp_path: Path, added: str) -> None:
    folder = small_pack(tmp_path)
    path = folder / "harbour" / "policy.toml"
    path.write_text(path.read_text(encoding="utf-8") + added, encoding="utf-8")
    assert load_policies(folder).landlords["harbour"]


def test_places_for_people_closes_after_the_risk_is_assessed_again() -> None:
    closing = {entry.code: entry for entry in policy("places-for-people").closing}
    assert closing["risk_again"].step == "before"
    assert closing["discussed"].step == "before"
    still_high = closing["still_high"]
    assert (still_high.step, still_high.role, still_high.when.band) == (
        "keep_open",
        "AM or CSAM",
        ("high",),
    )
    assert still_high.source.section == "Procedure 8.2"
    assert [one.code for one in closing.values() if one.step == "may_close"] == [
        "reduced",
        "exhausted",
        "requested",
        "risk_or_asb_reduced",
    ]


def test_the_action_plan_is_the_letter_as_printed() -> None:
    plan = template("action_plan")
    printed = {blank.code: "{" + blank.printed + "}" for blank in plan.blanks}
    for line in plan.lines:
        filled = re.sub(r"\{([a-z_]+)\}", lambda found: printed[found[1]], line.text)
        assert plain(filled) == plain(line.source.words)
    parts = [line.part for line in plan.lines]
    assert parts.count("complainant") == 7
    assert parts.count("landlord") == 10


def test_the_closure_letter_says_what_the_procedure_asks() -> None:
    letter = template("closure_letter")
    assert [line.code for line in letter.lines] == ["decision", "action_taken", "reporting_again"]
    assert {line.part for line in letter.lines} == {"must_say"}
    assert {line.source.section for line in letter.lines} == {"Procedure 8.3"}


def test_domestic_abuse_has_a_path_where_the_document_gives_one() -> None:
    found = {
        landlord: [
            (duty.procedure, duty.team, duty.at_once)
            for duty in policy(landlord).safeguarding
            if "domestic_abuse" in duty.when.category
        ]
        for landlord in LANDLORDS
    }
    assert found == {
        "lyme-trust": [],
        "nacro": [("Domestic abuse policy and procedure", "service-lead", False)],
        "places-for-people": [
            ("Domestic Abuse Policy", None, False),
            (None, "tenancy-enforcement", True),
        ],
        "seven-locks": [("Domestic Violence Policy", None, False)],
        "vivid": [(None, "tenancy-enforcement", True)],
    }


def test_seven_locks_repairs_that_jump_the_queue() -> None:
    found = {entry.code: entry.behaviours for entry in policy("seven-locks").repairs_first}
    assert found == {"offensive_graffiti": ("offensive_graffiti",), "door_entry": ("door_entry",)}
    assert [one for one in LANDLORDS if policy(one).repairs_first] == ["seven-locks"]


def test_vivid_says_when_it_takes_no_action_and_offers_advice_each_time() -> None:
    entries = policy("vivid").no_action
    assert [entry.code for entry in entries] == [
        "not_our_customer",
        "not_enough_evidence",
        "everyday_behaviour",
        "malicious",
        "not_for_a_landlord",
    ]
    assert all("offer advice and guidance" in entry.offer.words for entry in entries)
    assert all("advice" in entry.advice.sms and "advice" in entry.advice.web for entry in entries)
    # Nobody is told that they were taken for a liar.
    assert not any("malicious" in entry.advice.sms + entry.advice.web for entry in entries)


def test_nacro_publishes_yearly_and_reports_quarterly() -> None:
    found = {entry.code: (entry.to, entry.every) for entry in policy("nacro").publishes}
    assert found["yearly_data"] == ("The public", "year")
    assert found["management_report"] == ("SMT", "quarter")
    assert found["protected_characteristics"] == ("Equality and Diversity group", "year")
    yearly = next(one for one in policy("nacro").publishes if one.code == "yearly_data")
    assert len(yearly.contains) == 7


def test_formal_action_at_nacro_needs_the_area_manager() -> None:
    approval = next(one for one in policy("nacro").escalation if one.code == "approval")
    assert (approval.step, approval.role, approval.source.section) == (
        "decision",
        "Area Manager",
        "11.2",
    )


@pytest.mark.parametrize("landlord", LANDLORDS)
def test_every_landlord_has_its_own_definition_of_asb(landlord: str) -> None:
    definitions = {entry.code: entry for entry in policy(landlord).definitions}
    assert "nuisance or annoyance" in definitions["asb"].source.words


@pytest.mark.parametrize("landlord", LANDLORDS)
def test_words_of_refusal_read_easily(landlord: str) -> None:
    texts = [t for e in policy(landlord).no_action for t in (e.advice.sms, e.advice.web)]
    hard = [text for text in texts if grade(text) > 6 or longest_sentence(text) > 20]
    assert hard == []
