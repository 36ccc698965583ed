"""A made-up landlord, as small as a pack may be, for tests that break it in one place."""

from pathlib import Path

from api.policies.check_pack import CATEGORIES

HEAD = """\
code = "harbour"
name = "Harbour Homes"
document = "Anti-Social Behaviour Policy"
version = "1"
in_force_from = 2026-01-01
nation = "england"

[office]
days = ["mon", "tue", "wed", "thu", "fri"]
opens = 09:00:00
closes = 17:00:00
assumed = "The document gives no hours."

[contact]
interval_days = 7
source = { section = "6", words = "We contact you weekly" }

[[teams]]
code = "estate"
label = "Estate team"
source = { section = "1", words = "The estate team" }

[[teams]]
code = "legal"
label = "Legal team"
source = { section = "1", words = "The legal team" }

[[severities]]
code = "urgent"
label = "Urgent"
rank = 1
source = { section = "2", words = "Urgent cases" }

[[severities]]
code = "usual"
label = "Usual"
rank = 2
source = { section = "2", words = "All other cases" }

[[questions]]
code = "diy_hours"
ask.sms = "At what time of day is the DIY?"
ask.web = "At what time of day is the DIY?"
why = "Our policy turns on the time."
answers = [
  { code = "day", label = "In the day", hours = [{ start = 08:00:00, end = 20:00:00 }] },
  { code = "night", label = "At night", hours = [{ start = 20:00:00, end = 08:00:00 }] },
  { code = "unsure", label = "Not sure" },
]

[[not_asb]]
code = "diy"
categories = ["diy"]
behaviours = ["diy_work"]
source = { section = "3", words = "DIY by day" }
asks = "diy_hours"
holds_for = ["day"]
unsure = ["unsure"]
advice.sms = "We do not treat DIY by day as anti-social."
advice.web = "We do not treat DIY by day as anti-social."

[[routes]]
when.severity = ["urgent"]
team = "legal"
source = { section = "1", words = "The legal team" }

[[routes]]
team = "estate"
source = { section = "1", words = "The estate team" }

[[deadlines]]
kind = "first_contact"
within_working_days = 1
source = { section = "5", words = "by the end of the next working day" }
"""
CATEGORY = """
[[categories]]
code = "{code}"
label = "{code}"
outcome = "asb"
severity = "{severity}"
source = {{ section = "2", words = "All other cases" }}
"""
WORDING = """\
[case_opened]
sms = "Thank you. Your reference is {reference}. {promise}"
web = "Thank you. Your reference is {reference}. {promise}"
uses = ["promise"]

[checkin]
sms = "How are things now?"
web = "How are things now?"
choices = [{ value = "better", label = "Better" }, { value = "same", label = "The same" }]
"""
BEHAVIOURS = """\
version = "1"
[[behaviours]]
code = "diy_work"
category = "diy"
label = "DIY"
words = ["drill"]
source = "Ours."
[[cues]]
code = "night"
label = "at night"
words = ["at night"]
source = "Ours."
"""
HELPLINES = """\
[[helplines]]
code = "samaritans"
name = "Samaritans"
number = "116 123"
nations = ["england"]
source = "Its own page."
verified_on = 2026-10-01
review_by = 2027-04-01
"""
EXAMPLES = """\
[[examples]]
name = "DIY at 3pm"
text = "drilling at 3pm"
category = "diy"
expect = { outcome = "not_asb", section = "3" }
"""


def small_pack(folder: Path) -> Path:
    """Writes a folder of policies that loads (one landlord, `harbour`) and gives its path."""
    policies = folder / "data" / "policies"
    (policies / "shared").mkdir(parents=True)
    (policies / "harbour").mkdir()
    urgent = ("domestic_abuse", "hate", "violence_or_threats", "weapons")
    categories = "".join(
        CATEGORY.format(code=code, severity="urgent" if code in urgent else "usual")
        for code in CATEGORIES
    )
    matrix = Path(__file__).parents[2] / "data" / "policies" / "shared" / "risk_matrix.toml"
    for name, text in {
        "harbour/policy.toml": HEAD + categories,
        "harbour/wording.toml": '[checkin]\nsms = "How is it now?"\n',
        "harbour/examples.toml": EXAMPLES,
        "shared/wording.toml": WORDING,
        "shared/behaviours.toml": BEHAVIOURS,
        "shared/helplines.toml": HELPLINES,
        "shared/risk_matrix.toml": matrix.read_text(encoding="utf-8"),
    }.items():
        (policies / name).write_text(text, encoding="utf-8")
    return policies
