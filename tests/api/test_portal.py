"""The officers' pages: who gets in, who sees what, and what a case shows."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import time_machine
from fastapi import FastAPI
from sqlalchemy import delete, select

from api import clock
from api.cases.model import Case
from api.messages.model import Message
from api.portal import pages as portal
from api.portal import sessions
from api.reports.model import Report
from api.risk_assessment.model import RiskAssessment
from api.teams.model import Officer, OfficerSession
from tests.browser.estate import (
    FRIDAY,
    PASSWORD,
    Reader,
    add_case,
    add_officer,
    add_report,
    make_app,
)

NOT_ASB = {
    "outcome": "not_asb",
    "rule": "not_asb.living-noise",
    "why": "Everyday noise from a home.",
    "clause": {"document": "ASB Policy", "section": "3.2", "words": "noise from washing machines"},
    "answers": {},
    "advice": {"sms": "short", "web": "Talk to your neighbour first."},
}


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FastAPI]:
    monkeypatch.setattr(portal, "_wrong_tries", sessions.WrongTries())
    made = make_app(tmp_path)
    with time_machine.travel(FRIDAY, tick=False):
        yield made
    made.state.db.engine.dispose()


def sign_in(app: FastAPI, officer: Officer, password: str = PASSWORD, **more: str) -> Reader:
    """Alice of VIVID, or whoever is given, in a browser of their own."""
    reader = Reader(app)
    reader.post("/officers/sign-in", data={"email": officer.email, "password": password, **more})
    return reader


@pytest.fixture
def alice(app: FastAPI) -> Reader:
    return sign_in(app, add_officer(app))


def words_of(page: httpx.Response) -> str:
    """What a reader sees: no tags, single spaces."""
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text))
    return text.replace("&#39;", "'").replace(" .", ".").replace(" ,", ",")


def form_token(page: httpx.Response) -> str:
    found = re.search(r'name="form_token" value="([0-9a-f]{64})"', page.text)
    assert found
    return found[1]


# ---- Signing in -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["/officers/cases", "/officers/cases/VIV-1", "/officers/reviews", "/officers/reports/R"]
)
def test_no_page_opens_without_signing_in(app: FastAPI, path: str) -> None:
    answer = Reader(app).get(path, follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/officers/sign-in?next={path}"
    assert answer.headers["cache-control"] == "no-store"


def test_signing_in_leads_to_the_page_that_was_asked_for(app: FastAPI) -> None:
    add_case(app, "VIV-2B3C4D")
    officer = add_officer(app)
    reader = Reader(app)
    form = reader.get("/officers/cases/VIV-2B3C4D")
    assert 'name="next" value="/officers/cases/VIV-2B3C4D"' in form.text
    page = reader.post(
        "/officers/sign-in",
        data={
            "email": officer.email.upper(), "password": PASSWORD,
            "next": "/officers/cases/VIV-2B3C4D",
        },
    )  # fmt: skip
    assert page.url.path == "/officers/cases/VIV-2B3C4D"
    assert officer.email in page.text


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/officers/", "//evil.example/officers/", "/\\evil.example",
        "/officers/../chat/exit", "javascript:alert(1)", "/chat/vivid", "/officers/sign-in",
        "/officers/\\evil.example",
    ],
)  # fmt: skip
def test_signing_in_leads_to_no_other_site(app: FastAPI, elsewhere: str) -> None:
    officer = add_officer(app)
    answer = Reader(app).post(
        "/officers/sign-in",
        data={"email": officer.email, "password": PASSWORD, "next": elsewhere},
        follow_redirects=False,
    )
    assert answer.headers["location"] == "/officers/cases"


def test_the_cookie_holds_256_random_bits_and_the_table_only_their_hash(app: FastAPI) -> None:
    reader = sign_in(app, add_officer(app))
    token = reader.cookies["doorstep_officer"]
    assert len(token) == 43
    with app.state.db.reading() as session:
        row = session.scalars(select(OfficerSession)).one()
    assert row.token_hash == sessions.token_hash(token)
    assert token not in (row.token_hash, row.officer_id)


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(app: FastAPI) -> None:
    officer = add_officer(app)
    answer = Reader(app).post(
        "/officers/sign-in", data={"email": officer.email, "password": PASSWORD},
        follow_redirects=False,
    )  # fmt: skip
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/officers" in cookie


def test_a_token_brought_along_is_never_the_one_of_the_new_session(app: FastAPI) -> None:
    officer = add_officer(app)
    reader = Reader(app)
    reader.cookies.set("doorstep_officer", "fixed-by-somebody-else")
    reader.post("/officers/sign-in", data={"email": officer.email, "password": PASSWORD})
    with app.state.db.reading() as session:
        row = session.scalars(select(OfficerSession)).one()
    assert row.token_hash != sessions.token_hash("fixed-by-somebody-else")


def test_signing_in_again_ends_the_session_before(app: FastAPI) -> None:
    officer = add_officer(app)
    reader = sign_in(app, officer)
    old = reader.cookies["doorstep_officer"]
    reader.post("/officers/sign-in", data={"email": officer.email, "password": PASSWORD})
    thief = Reader(app)
    thief.cookies.set("doorstep_officer", old)
    assert thief.get("/officers/cases").url.path == "/officers/sign-in"


@pytest.mark.parametrize(
    ("email", "password"),
    [("alice@vivid.example", "wrong"), ("nobody@vivid.example", PASSWORD), ("", ""), ("'", "\x00")],
)
def test_a_wrong_sign_in_is_said_without_saying_which_part(
    app: FastAPI, email: str, password: str
) -> None:
    add_officer(app)
    page = Reader(app).post("/officers/sign-in", data={"email": email, "password": password})
    assert page.status_code == 401
    assert "That e-mail address and password do not belong together." in page.text
    assert password not in page.text or not password
    with app.state.db.reading() as session:
        assert session.scalars(select(OfficerSession)).all() == []


def test_an_officer_who_has_left_does_not_get_in(app: FastAPI) -> None:
    officer = add_officer(app)
    reader = sign_in(app, officer)
    with app.state.db.writing() as session:
        session.get_one(Officer, officer.id).ended_at = FRIDAY
    assert reader.get("/officers/cases").url.path == "/officers/sign-in"
    assert sign_in(app, officer).get("/officers/cases").url.path == "/officers/sign-in"


def test_after_five_wrong_tries_a_minute_passes_before_the_next(app: FastAPI) -> None:
    officer = add_officer(app)
    other = add_officer(app, name="bob")
    reader = Reader(app)
    wrong = {"email": officer.email, "password": "wrong"}
    right = {"email": officer.email, "password": PASSWORD}
    for _ in range(5):
        assert reader.post("/officers/sign-in", data=wrong).status_code == 401
    refused = reader.post("/officers/sign-in", data=right)
    assert refused.status_code == 429
    assert "Too many wrong tries. Wait a minute, then try again." in refused.text
    assert "Cases" in sign_in(app, other).get("/officers/cases").text
    with time_machine.travel(FRIDAY + timedelta(seconds=61), tick=False):
        assert reader.post("/officers/sign-in", data=right).url.path == "/officers/cases"


def test_a_session_ends_after_thirty_idle_minutes(app: FastAPI, alice: Reader) -> None:
    for minutes in (29, 58, 87):
        with time_machine.travel(FRIDAY + timedelta(minutes=minutes), tick=False):
            assert alice.get("/officers/cases").url.path == "/officers/cases"
    with time_machine.travel(FRIDAY + timedelta(minutes=118), tick=False):
        assert alice.get("/officers/cases").url.path == "/officers/sign-in"


def test_a_session_ends_after_ten_hours_however_busy(app: FastAPI, alice: Reader) -> None:
    for minutes in range(20, 601, 20):
        with time_machine.travel(FRIDAY + timedelta(minutes=minutes), tick=False):
            assert alice.get("/officers/cases").url.path == "/officers/cases"
    with time_machine.travel(FRIDAY + timedelta(minutes=601), tick=False):
        assert alice.get("/officers/cases").url.path == "/officers/sign-in"


def test_signing_out_ends_the_session_on_the_server(app: FastAPI, alice: Reader) -> None:
    token = alice.cookies["doorstep_officer"]
    page = alice.get("/officers/cases")
    alice.post("/officers/sign-out", data={"form_token": form_token(page)})
    with app.state.db.reading() as session:
        assert session.scalars(select(OfficerSession)).one().ended_at == FRIDAY
    alice.cookies.set("doorstep_officer", token)
    assert alice.get("/officers/cases").url.path == "/officers/sign-in"


@pytest.mark.parametrize(
    ("told", "headers"),
    [
        ({}, {}),
        ({"form_token": "0" * 64}, {}),
        ({"form_token": "é"}, {}),
        (None, {"Sec-Fetch-Site": "cross-site"}),
        (None, {"Origin": "https://evil.example"}),
    ],
)
def test_a_form_that_is_not_ours_changes_nothing(
    app: FastAPI, alice: Reader, told: dict[str, str] | None, headers: dict[str, str]
) -> None:
    add_report(app, "VIV-R")
    data = {"form_token": form_token(alice.get("/officers/cases"))} if told is None else told
    for path in ("/officers/sign-out", "/officers/reports/VIV-R/looked-at"):
        assert alice.post(path, data=data, headers=headers).status_code == 403
    with app.state.db.reading() as session:
        assert session.scalars(select(OfficerSession)).one().ended_at is None
        assert session.scalars(select(Report)).one().looked_at is None


def test_the_form_token_of_one_officer_is_nothing_to_another(app: FastAPI, alice: Reader) -> None:
    bob = sign_in(app, add_officer(app, name="bob"))
    token = form_token(bob.get("/officers/cases"))
    assert alice.post("/officers/sign-out", data={"form_token": token}).status_code == 403


def test_another_site_cannot_sign_somebody_in(app: FastAPI) -> None:
    officer = add_officer(app)
    answer = Reader(app).post(
        "/officers/sign-in", data={"email": officer.email, "password": PASSWORD},
        headers={"Sec-Fetch-Site": "cross-site"},
    )  # fmt: skip
    assert answer.status_code == 403


# ---- Who sees what ----------------------------------------------------------------------------


def test_a_list_shows_the_landlords_own_cases_only(app: FastAPI, alice: Reader) -> None:
    add_case(app, "VIV-MINE")
    add_case(app, "NAC-THEIRS", landlord="nacro", team="housing-support")
    page = alice.get("/officers/cases")
    assert "VIV-MINE" in page.text
    assert "NAC-THEIRS" not in page.text
    assert "1 case" in words_of(page)


@pytest.mark.parametrize("path", ["/officers/cases/NAC-X", "/officers/reports/RNAC-X"])
def test_another_landlords_case_and_report_are_not_there(
    app: FastAPI, alice: Reader, path: str
) -> None:
    add_case(app, "NAC-X", landlord="nacro", team="neighbourhood")
    page = alice.get(path)
    assert page.status_code == 404
    assert page.headers["content-type"].startswith("text/html")
    assert "NAC-X" not in words_of(page)


def test_a_restricted_case_is_there_for_its_own_team_only(app: FastAPI, alice: Reader) -> None:
    def restrict(case: Case) -> None:
        case.restricted = True
        case.status = "review"

    case = add_case(app, "VIV-SECRET", team="tenancy-enforcement", adjust=restrict)
    carol = sign_in(app, add_officer(app, team="tenancy-enforcement", name="carol"))
    for path in ("/officers/cases", "/officers/cases?status=all", "/officers/reviews"):
        assert "VIV-SECRET" not in alice.get(path).text
        assert "VIV-SECRET" in carol.get(path).text
    assert "0 cases" in words_of(alice.get("/officers/cases"))
    for path in ("/officers/cases/VIV-SECRET", "/officers/reports/RVIV-SECRET"):
        assert alice.get(path).status_code == 404
        assert carol.get(path).status_code == 200
    assert "Restricted" in carol.get("/officers/cases/VIV-SECRET").text

    # The same person's other case: its conversation holds the restricted words as well.
    add_case(app, "VIV-OTHER", conversation_id=case.conversation_id)
    other = alice.get("/officers/cases/VIV-OTHER")
    assert "This conversation is restricted to another team." in other.text
    assert "Is this about loud noise?" not in other.text
    assert "Is this about loud noise?" in carol.get("/officers/cases/VIV-OTHER").text


def test_an_officer_of_another_landlord_cannot_mark_a_report(app: FastAPI) -> None:
    add_report(app, "VIV-R")
    dave = sign_in(app, add_officer(app, landlord="nacro", team="service-lead", name="dave"))
    token = form_token(dave.get("/officers/reviews"))
    answer = dave.post("/officers/reports/VIV-R/looked-at", data={"form_token": token})
    assert answer.status_code == 404
    with app.state.db.reading() as session:
        assert session.scalars(select(Report)).one().looked_at is None


# ---- The list ---------------------------------------------------------------------------------


def test_the_list_is_ordered_by_deadline_and_says_what_is_overdue(
    app: FastAPI, alice: Reader
) -> None:
    add_case(app, "VIV-LATER", due_at=FRIDAY + timedelta(days=5))
    add_case(app, "VIV-LATE", due_at=FRIDAY - timedelta(hours=2))
    add_case(app, "VIV-SOON", due_at=FRIDAY + timedelta(hours=1))
    page = alice.get("/officers/cases")
    assert re.findall(r">(VIV-\w+)</a>", page.text) == ["VIV-LATE", "VIV-SOON", "VIV-LATER"]
    assert "3 cases, 1 overdue." in words_of(page)
    assert "Overdue: First contact, 5 Jun 2026, 13:00" in words_of(page)


def test_a_promise_met_or_replaced_is_not_overdue(app: FastAPI, alice: Reader) -> None:
    add_case(app, "VIV-MET", due_at=FRIDAY - timedelta(hours=2))
    with app.state.db.writing() as session:
        for deadline in session.scalars(select(Case)).one().deadlines:
            deadline.met_at = deadline.met_at or clock.now()
    page = words_of(alice.get("/officers/cases"))
    assert "overdue" not in page.lower()
    assert "No deadline" in page


def test_the_list_is_filtered_by_status_and_team(app: FastAPI, alice: Reader) -> None:
    def close(case: Case) -> None:
        case.status, case.closed_at = "closed", FRIDAY

    add_case(app, "VIV-OPEN")
    add_case(app, "VIV-CLOSED", adjust=close)
    add_case(app, "VIV-TEAM", team="tenancy-enforcement")

    def listed(query: str) -> set[str]:
        page = alice.get(f"/officers/cases{query}")
        assert page.status_code == 200
        return set(re.findall(r">(VIV-\w+)</a>", page.text))

    assert listed("") == {"VIV-OPEN", "VIV-TEAM"}
    assert listed("?status=closed") == {"VIV-CLOSED"}
    assert listed("?status=all") == {"VIV-OPEN", "VIV-TEAM", "VIV-CLOSED"}
    assert listed("?team=tenancy-enforcement") == {"VIV-TEAM"}
    assert listed("?status=closed&team=tenancy-enforcement") == set()
    assert listed("?status=%27--&page=nonsense") == set()
    assert listed("?page=99999999999999999999") == set()
    assert "No case matches." in alice.get("/officers/cases?status=review").text


def test_a_long_list_has_pages(
    app: FastAPI, alice: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.portal.queries.PER_PAGE", 2)
    for number in range(3):
        add_case(app, f"VIV-{number}", due_at=FRIDAY + timedelta(days=number + 1))
    first = alice.get("/officers/cases")
    assert re.findall(r">(VIV-\w+)</a>", first.text) == ["VIV-0", "VIV-1"]
    assert "3 cases" in words_of(first)
    assert "Page 1 of 2" in first.text
    second = alice.get("/officers/cases?page=2")
    assert re.findall(r">(VIV-\w+)</a>", second.text) == ["VIV-2"]


# ---- A case -----------------------------------------------------------------------------------


def test_a_case_shows_what_was_told_and_decided_and_why(app: FastAPI, alice: Reader) -> None:
    def adjust(case: Case) -> None:
        case.flags = ["hate", "child"]

    add_case(app, "VIV-2B3C4D", due_at=FRIDAY - timedelta(hours=2), adjust=adjust)
    page = words_of(alice.get("/officers/cases/VIV-2B3C4D"))
    for shown in (
        "VIV-2B3C4D", "Loud noise", "Category B", "Neighbourhood team", "Child at risk",
        "Loud music most nights at 2am.", "Sam Okafor", "+447700900321", "Most days",
        "Anti-social behaviour. VIVID lists noise as ASB.", "“Noise nuisance”",
        "categories.noise", "Policy version 2023",
        "Overdue. It was due Friday 5 June 2026, 1:00pm.",
        "Met on Friday 5 June 2026, 3:00pm.",
        "“We will make contact by the end of the next working day.” VIVID ASB Policy, 4.3",
        "Case VIV-2B3C4D opened.",
        "Safe to text", "Every 7 days", "Friday 12 June 2026, 3:00pm",
    ):  # fmt: skip
        assert shown in page, shown


def test_a_case_shows_the_risk_with_its_bounds_as_provisional(app: FastAPI, alice: Reader) -> None:
    add_case(app, "VIV-2B3C4D")
    page = words_of(alice.get("/officers/cases/VIV-2B3C4D"))
    assert "11 so far, 12 unanswered, could reach 40" in page
    assert "Band: Low Provisional" in page
    assert "Hate" in page
    assert "1. Other than this occasion - how often do you have problems? Daily (5 points)" in page
    assert "In their words: “every single night”" in page
    assert "Physical health; Mental health (6 points)" in page
    assert page.count("Not answered") == 12


def test_consent_on_a_condition_is_shown_with_its_words(app: FastAPI, alice: Reader) -> None:
    add_case(app, "VIV-2B3C4D")
    with app.state.db.writing() as session:
        card = session.scalars(select(RiskAssessment)).one()
        card.consent, card.raw = "no", {**card.raw, "consent": "yes but not the police"}
    page = words_of(alice.get("/officers/cases/VIV-2B3C4D"))
    shown = "Consent to share information: No. In their words: “yes but not the police”"
    assert shown in page


def test_a_case_without_a_risk_card_says_so(app: FastAPI, alice: Reader) -> None:
    add_case(app, "VIV-2B3C4D")
    with app.state.db.writing() as session:
        session.execute(delete(RiskAssessment))
    page = words_of(alice.get("/officers/cases/VIV-2B3C4D"))
    assert "The risk questions have not been answered." in page


def test_the_transcript_shows_a_picked_answer_by_its_label(app: FastAPI, alice: Reader) -> None:
    add_case(app, "VIV-2B3C4D")
    page = words_of(alice.get("/officers/cases/VIV-2B3C4D"))
    transcript = page[page.index("Transcript") :]
    assert "Assistant (automated) 5 Jun 2026, 15:00 Is this about loud noise?" in transcript
    assert "Resident 5 Jun 2026, 15:00 Yes, that is it" in transcript


def test_a_number_that_nobody_called_safe_is_marked(app: FastAPI, alice: Reader) -> None:
    def adjust(case: Case) -> None:
        case.safe_to_text = False

    add_case(app, "VIV-2B3C4D", adjust=adjust)
    assert "Do not text" in alice.get("/officers/cases/VIV-2B3C4D").text


def test_what_a_resident_wrote_is_never_taken_for_markup(app: FastAPI, alice: Reader) -> None:
    add_report(app, "VIV-R", description="<img src=x onerror=alert(1)>")
    page = alice.get("/officers/reports/VIV-R")
    assert "<img" not in page.text
    assert "&lt;img src=x onerror=alert(1)&gt;" in page.text


def test_a_case_that_does_not_exist_is_said_in_plain_words(alice: Reader) -> None:
    page = alice.get("/officers/cases/VIV-NONE")
    assert page.status_code == 404
    assert "There is no such case among those you may see." in page.text


# ---- Looking again ----------------------------------------------------------------------------


def test_a_challenged_report_waits_for_a_person_until_one_has_looked(
    app: FastAPI, alice: Reader
) -> None:
    add_report(app, "VIV-WASH", decision=NOT_ASB, outcome="not_asb", challenged_at=FRIDAY)
    page = alice.get("/officers/reviews")
    assert "Waiting for a person (1)" in words_of(page)
    assert "The resident says we got it wrong: Friday 5 June 2026, 3:00pm." in words_of(page)

    one = alice.get("/officers/reports/VIV-WASH")
    shown = words_of(one)
    assert "Not anti-social behaviour under this policy" in shown
    assert "“noise from washing machines”" in shown
    assert "Talk to your neighbour first." in shown
    looked = alice.post(
        "/officers/reports/VIV-WASH/looked-at", data={"form_token": form_token(one)}
    )
    assert "Looked at Friday 5 June 2026, 3:00pm" in words_of(looked)

    again = words_of(alice.get("/officers/reviews"))
    assert "Waiting for a person (0)" in again
    assert "VIV-WASH" in again  # still among all that were screened out


def test_a_challenge_after_the_look_waits_again(app: FastAPI, alice: Reader) -> None:
    add_report(
        app, "VIV-WASH", decision=NOT_ASB,
        challenged_at=FRIDAY, looked_at=FRIDAY - timedelta(hours=1),
    )  # fmt: skip
    assert "Waiting for a person (1)" in words_of(alice.get("/officers/reviews"))


def test_whoever_asked_for_a_person_before_there_is_a_case_waits_for_one(
    app: FastAPI, alice: Reader
) -> None:
    add_report(app, "VIV-ASKED", status="draft", category=None, person_asked_at=FRIDAY)
    page = words_of(alice.get("/officers/reviews"))
    assert "The resident asked for a person" in page
    assert "VIV-ASKED" in page


def test_every_screened_out_report_stands_there_with_its_clause(
    app: FastAPI, alice: Reader
) -> None:
    add_report(app, "VIV-OUT", decision=NOT_ASB)
    add_report(app, "VIV-AWAY", status="elsewhere", decision={"outcome": "elsewhere"})
    add_report(app, "VIV-DRAFT", status="draft")
    add_case(app, "VIV-CASE")
    add_report(app, "NAC-OUT", landlord="nacro", decision=NOT_ASB)
    page = alice.get("/officers/reviews")
    assert set(re.findall(r">((?:VIV|NAC)-\w+)</a>", page.text)) == {"VIV-OUT", "VIV-AWAY"}
    assert "3.2: “noise from washing machines”" in words_of(page)


def test_cases_in_review_stand_in_the_list(app: FastAPI, alice: Reader) -> None:
    def review(case: Case) -> None:
        case.status = "review"

    add_case(app, "VIV-REVIEW", adjust=review)
    add_case(app, "VIV-OPEN")
    page = alice.get("/officers/reviews")
    assert "Cases in review (1)" in words_of(page)
    assert "VIV-REVIEW" in page.text
    assert "VIV-OPEN" not in page.text


def test_pages_of_officers_are_kept_by_nobody(app: FastAPI, alice: Reader) -> None:
    add_case(app, "VIV-1")
    for path in ("/officers/cases", "/officers/cases/VIV-1", "/officers/reviews"):
        answer = alice.get(path)
        assert answer.headers["cache-control"] == "no-store"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


# ---- Other languages --------------------------------------------------------------------------


def test_a_case_names_the_language_that_its_resident_writes_in(app: FastAPI, alice: Reader) -> None:
    case = add_case(app, "VIV-2B3C4D")
    with app.state.db.writing() as session:
        session.get_one(Report, case.report_id).language = "pl"
        first = session.scalars(select(Message).order_by(Message.id)).first()
        assert first
        first.text, first.language = "Sąsiad z góry hałasuje całą noc.", "pl"
    page = alice.get("/officers/cases/VIV-2B3C4D")
    assert "Wrote in Polish" in words_of(page)
    assert "Written in Polish" in words_of(page)
    assert '<p class="ds-words" dir="auto">Sąsiad z góry hałasuje całą noc.</p>' in page.text
    assert page.text.count("Written in Polish") == 1
