"""The folder of a new landlord: it loads, a person looks at everything, and every decision that
is still open is marked `# DECIDE:`."""

from datetime import date
from pathlib import Path
from typing import get_args

from pydantic import TypeAdapter, ValidationError

from api.policies.schema import Category, Code

MARK = "# DECIDE:"
LONGEST_CODE = 40  # the column that holds it
RESERVED = frozenset({"shared"})

LABELS: dict[str, str] = {
    "domestic_abuse": "abuse from a partner or family",
    "hate": "hate, such as racist abuse",
    "violence_or_threats": "violence or threats",
    "weapons": "a weapon, such as a knife",
    "harassment": "harassment, such as being followed",
    "verbal_abuse": "shouting, swearing or insults",
    "drug_dealing": "drug dealing",
    "drug_use": "drug use",
    "alcohol": "drinking or drunk people",
    "cuckooing": "someone's home being taken over",
    "arson": "a fire started on purpose",
    "burglary_or_theft": "a break-in or theft",
    "vandalism": "damage or graffiti",
    "noise": "loud noise",
    "party": "a party",
    "animals": "a problem with pets or animals",
    "dangerous_dog": "a dangerous dog",
    "vehicles": "nuisance from cars or bikes",
    "abandoned_vehicle": "a dumped car",
    "parking": "parking",
    "fly_tipping": "rubbish being dumped",
    "garden": "an untidy garden",
    "communal_areas": "people misusing shared areas",
    "prostitution": "prostitution",
    "cyber_crime": "abuse or crime online",
    "neighbour_dispute": "falling out with a neighbour",
    "living_noise": "everyday noise from a home",
    "diy": "noise from DIY",
    "cooking_smell": "cooking smells",
    "children_playing": "children playing",
    "lifestyle": "a clash of lifestyles",
    "repairs": "a repair",
    "other_service": "a job for another service",
    "other": "something else",
}

POLICY = """\
# {name}'s policy, as data. Replace each line marked DECIDE with what the document says, and quote
# the words that it stands on:  source = {{ section = "4.1", words = "as printed" }}
# Until then a person looks at every report.

code = "{code}"
{mark} the landlord's name as residents know it
name = "{name}"
{mark} the document's own title
document = "{name}, Anti-Social Behaviour Policy"
version = "1"
{mark} the day from which this version is in force
in_force_from = {day}
{mark} england, wales, scotland or northern_ireland: it gives the bank holidays
nation = "england"
{mark} what is promised by when, and its clause; there is no promise without one. For example
#   [[deadlines]]
#   kind = "first_contact"
#   within_working_days = 1
#   source = {{ section = "5", words = "by the end of the next working day" }}
deadlines = []
{mark} what is not ASB, the question that settles each condition, and the advice. For example
#   [[not_asb]]
#   code = "everyday_noise"
#   categories = ["living_noise"]
#   source = {{ section = "3", words = "everyday living noise" }}
#   advice = {{ sms = "We do not treat this as anti-social.", web = "We do not treat this so." }}
not_asb = []
{mark} how residents (those who ask, or everyone) are told of the ASB Case Review: [case_review]
{mark} what it says of complaints about the service, and of staff: [complaints], [staff]
{mark} what else the document decides: raises, repairs_first, no_action, safeguarding, escalation,
# closing, support, publishes, templates. Another landlord's folder shows each of them.

[office]
{mark} the days, the hours and the days on which the landlord is closed
days = ["mon", "tue", "wed", "thu", "fri"]
opens = 09:00:00
closes = 17:00:00
assumed = "Not decided yet: Monday to Friday, 9am to 5pm."

[contact]
{mark} how often a complainant hears from the landlord while a case is open
interval_days = 7
assumed = "Not decided yet: weekly."

[[teams]]
{mark} the teams that look after cases, and which cases each has (see routes)
code = "asb-team"
label = "Anti-social behaviour team"
assumed = "Not decided yet: one team."

[[severities]]
{mark} the classes of cases; rank 1 is the most serious
code = "case"
label = "Case"
rank = 1
assumed = "Not decided yet: one class."

[[routes]]
{mark} which team a case goes to; the first match wins, and the last has no condition
team = "asb-team"
assumed = "Not decided yet: every case goes to one team."

# What the policy makes of each kind of behaviour: asb, not_asb, elsewhere, or review (a person
# looks). Where the document has words on it, a source takes the place of `silent`.
"""
CATEGORY = """
[[categories]]
code = "{code}"
{mark} what the policy makes of {label}
label = "{label}"
outcome = "review"
severity = "case"
silent = "Not decided yet."
"""
WORDING = """\
# {name}'s own words. Each message of ../shared/wording.toml can be reworded here; what is not
# given stays as it is there.
{mark} which messages are said differently. For example
#   [checkin]
#   sms = "How are things now?"
"""
EXAMPLES = """\
# Reports as given and what the policy makes of them. Each is run as a test.
{mark} forty examples or more in the document's own words; the tests ask for them

[[examples]]
name = "a person looks at what is not decided yet"
text = "loud music at 2am most nights"
category = "noise"
expect = {{ outcome = "review", severity = "case", team = "asb-team" }}
"""


class CannotMake(ValueError):
    """Why a new landlord's folder is not made, in plain words."""


def make_landlord(folder: Path, code: str, on: date) -> list[Path]:
    """Writes `folder/code` with its three files and gives their paths.

    Raises CannotMake for a code that cannot be one, and for a folder that is there already.
    """
    _check(folder, code)
    own = folder / code
    try:
        own.mkdir()
    except OSError as error:
        raise CannotMake(f"'{own}' cannot be made: {error.strerror}.") from None
    values = {
        "code": code,
        "name": code.replace("-", " ").replace("_", " ").title(),
        "day": on.isoformat(),
        "mark": MARK,
    }
    kinds = [
        CATEGORY.format(code=kind, label=LABELS[kind], mark=MARK) for kind in get_args(Category)
    ]
    written = []
    for name, text in {
        "policy.toml": POLICY.format(**values) + "".join(kinds),
        "wording.toml": WORDING.format(**values),
        "examples.toml": EXAMPLES.format(**values),
    }.items():
        path = own / name
        path.write_text(text, encoding="utf-8")
        written.append(path)
    return written


def open_decisions(paths: list[Path]) -> list[str]:
    """Every line that is marked, as `file:line: what is to be decided`."""
    return [
        f"{path}:{number}: {line.removeprefix(MARK).strip()}"
        for path in paths
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if line.startswith(MARK)
    ]


def _check(folder: Path, code: str) -> None:
    if not folder.is_dir():
        raise CannotMake(f"There is no folder '{folder}'.")
    try:
        TypeAdapter(Code).validate_python(code)
    except ValidationError:
        raise CannotMake(
            f"'{code}' cannot be a landlord's code: it starts with a small letter and has only "
            "small letters, digits, - and _, such as harbour-homes."
        ) from None
    if len(code) > LONGEST_CODE:
        raise CannotMake(f"'{code}' is too long: a code has at most {LONGEST_CODE} characters.")
    if code in RESERVED:
        raise CannotMake(f"'{code}' is the folder of what all landlords share; take another name.")
    if (folder / code).exists():
        raise CannotMake(f"There is a folder '{folder / code}' already; nothing was changed.")
