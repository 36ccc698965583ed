"""What officers see of texts: who was not reached, why and until when; files; safe texting."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import time_machine
from fastapi import FastAPI
from sqlalchemy import select

from api.cases.model import Case, CaseEntry
from api.evidence.keep import keep_evidence, write_down
from api.evidence.model import Evidence
from api.messages.model import OutboxText
from tests.api.test_evidence import PHOTO
from tests.api.test_portal import form_token, sign_in, words_of
from tests.browser.estate import FRIDAY, Reader, add_case, add_officer, add_report, make_app

HELD = {"status": "held", "held_because": "no safe way to text is on record"}
WAITS = {
    "status": "queued", "held_because": "outside texting hours",
    "send_after": FRIDAY + timedelta(hours=18),
}  # fmt: skip
FAILED = {"status": "undelivered", "error_code": "30003", "provider": "twilio"}


@pytest.fixture
def app(tmp_path: Path) -> Iterator[FastAPI]:
    made = make_app(tmp_path)
    with time_machine.travel(FRIDAY, tick=False):
        yield made
    made.state.db.engine.dispose()


@pytest.fixture
def alice(app: FastAPI) -> Reader:
    return sign_in(app, add_officer(app))


def add_text(app: FastAPI, case: Case | None, **more: Any) -> OutboxText:
    facts: dict[str, Any] = {
        "landlord": "vivid", "kind": "contact", "to": "+447700900321", "body": "secret words",
        "status": "delivered", "send_after": FRIDAY, "created_at": FRIDAY, "updated_at": FRIDAY,
        "case_id": case.id if case else None,
        "conversation_id": case.conversation_id if case else None,
    }  # fmt: skip
    text = OutboxText(**(facts | more))
    with app.state.db.writing() as session:
        session.add(text)
    return text


def add_photo(app: FastAPI, case: Case) -> Evidence:
    store = app.state.evidence
    file = write_down(app.state.db, store, PHOTO, report_id=case.report_id)
    with app.state.db.writing() as session:
        return keep_evidence(
            session, store.kinds, file,
            landlord=case.landlord, report_id=case.report_id, channel="sms", at=FRIDAY,
        )  # fmt: skip


# The case page


def test_a_case_says_which_texts_did_not_reach_them_why_and_until_when(
    app: FastAPI, alice: Reader
) -> None:
    case = add_case(app, "VIV-1")
    for state in (HELD, WAITS, FAILED, {}):
        add_text(app, case, **state)
    page = alice.get("/officers/cases/VIV-1")
    shown = words_of(page)
    assert "1 of 4 delivered" in shown
    assert "Not sent no safe way to text is on record" in shown
    assert "Waits outside texting hours 6 Jun 2026, 09:00" in shown
    assert "out of reach or unknown to its network (code 30003)" in shown
    assert "secret words" not in page.text


def test_a_text_that_the_provider_does_not_take_is_said_to_be_tried_again(
    app: FastAPI, alice: Reader
) -> None:
    case = add_case(app, "VIV-1")
    waits = {"status": "queued", "tries": 7, "error_code": "20429", "provider": "twilio"}
    add_text(app, case, **waits)
    shown = words_of(alice.get("/officers/cases/VIV-1"))
    assert "does not take it at the moment; we keep trying" in shown


def test_files_are_listed_opened_and_the_opening_is_written_down(
    app: FastAPI, alice: Reader
) -> None:
    case = add_case(app, "VIV-1")
    photo = add_photo(app, case)
    assert "Nobody has opened it" in words_of(alice.get("/officers/cases/VIV-1"))
    answer = alice.get(f"/officers/evidence/{photo.id}/original")
    assert answer.content == PHOTO
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["content-disposition"].startswith('attachment; filename="RVIV-1-')
    assert answer.headers["cache-control"] == "no-store"
    assert "by alice@vivid.example" in words_of(alice.get("/officers/cases/VIV-1"))


@pytest.mark.parametrize("whose", ["another landlord's", "another team's restricted"])
def test_files_of_others_are_not_there(app: FastAPI, alice: Reader, whose: str) -> None:
    if whose == "another landlord's":
        case = add_case(app, "NAC-1", landlord="nacro", team="housing-support")
    else:

        def restrict(case: Case) -> None:
            case.restricted = True

        case = add_case(app, "VIV-2", team="tenancy-enforcement", adjust=restrict)
    photo = add_photo(app, case)
    for more in ("", "/shown", "/original"):
        assert alice.get(f"/officers/evidence/{photo.id}{more}").status_code == 404
    with app.state.db.reading() as session:
        assert session.get_one(Evidence, photo.id).opened_at is None


# Who was not reached


def test_the_list_names_who_was_not_reached_safety_first(app: FastAPI, alice: Reader) -> None:
    first, second = add_case(app, "VIV-1"), add_case(app, "VIV-2")
    add_text(app, first, **HELD, kind="safety")
    add_text(app, second, **FAILED, to="+447700900322")
    add_text(app, second, to="+447700900323")
    shown = words_of(alice.get("/officers/texts"))
    assert shown.index("VIV-1") < shown.index("VIV-2")
    assert "Safety text Not sent" in shown
    assert shown.count("VIV-2") == 1


def test_somebody_without_a_case_is_on_the_list_too(app: FastAPI, alice: Reader) -> None:
    report = add_report(app, "VIV-R", status="draft")
    add_text(app, None, **HELD, conversation_id=report.conversation_id)
    assert 'href="/officers/reports/VIV-R"' in alice.get("/officers/texts").text


def test_who_was_reached_later_is_off_the_list(app: FastAPI, alice: Reader) -> None:
    case = add_case(app, "VIV-1")
    failed = add_text(app, case, **FAILED)
    assert "VIV-1" in words_of(alice.get("/officers/texts"))
    add_text(app, case, status="queued", again_of=failed.id, times_again=1)
    assert "made up for by a later one" in words_of(alice.get("/officers/texts"))
    with app.state.db.writing() as session:
        session.scalars(
            select(OutboxText).where(OutboxText.times_again == 1)
        ).one().status = "delivered"
    assert "VIV-1" not in words_of(alice.get("/officers/texts"))


def test_a_warning_that_failed_stays_on_the_list_until_a_later_text_has_left_the_provider(
    app: FastAPI, alice: Reader
) -> None:
    case = add_case(app, "VIV-1")
    add_text(app, case, **FAILED, kind="safety")
    later = add_text(app, case, status="sending", kind="reply")
    assert "VIV-1" in words_of(alice.get("/officers/texts"))
    with app.state.db.writing() as session:
        session.get_one(OutboxText, later.id).status = "sent"
    assert "VIV-1" not in words_of(alice.get("/officers/texts"))


def test_every_kind_of_text_is_named_in_words(app: FastAPI, alice: Reader) -> None:
    case = add_case(app, "VIV-1")
    for kind in ("reply", "holding", "safety", "contact", "officer", "nudge", "stopped"):
        add_text(app, case, **HELD, kind=kind)
    shown = words_of(alice.get("/officers/texts"))
    assert "Message from an officer Not sent" in shown
    assert "Reminder Not sent" in shown


def test_texts_of_others_are_not_on_the_list(app: FastAPI, alice: Reader) -> None:
    def restrict(case: Case) -> None:
        case.restricted = True

    add_text(app, add_case(app, "NAC-1", landlord="nacro"), **HELD, landlord="nacro")
    hidden = add_case(app, "VIV-2", team="tenancy-enforcement", adjust=restrict)
    add_text(app, hidden, **HELD)
    # Written before the case was opened: it is of the same conversation.
    add_text(app, None, **HELD, conversation_id=hidden.conversation_id)
    shown = words_of(alice.get("/officers/texts"))
    assert "made up for by a later one" in shown


def test_what_only_an_administrator_can_mend_is_said(app: FastAPI, alice: Reader) -> None:
    code = {"status": "failed", "error_code": "21606", "provider": "twilio"}
    add_text(app, add_case(app, "VIV-1"), **code)
    shown = words_of(alice.get("/officers/texts"))
    assert "An administrator has to look:" in shown
    assert "code 21606" in shown


# Safe texting


def record(alice: Reader, **given: str) -> httpx.Response:
    token = form_token(alice.get("/officers/cases/VIV-1/texting"))
    return alice.post("/officers/cases/VIV-1/texting", data={"form_token": token, **given})


def unsafe(case: Case) -> None:
    case.safe_to_text = False
    case.contact_number = "+447700900321"


def test_an_officer_records_a_safe_way_and_the_reason_stays(app: FastAPI, alice: Reader) -> None:
    add_case(app, "VIV-1", adjust=unsafe)
    page = record(
        alice, safe="yes", texts_from="10:00", texts_until="16.30", because="She said so by phone."
    )
    assert "10:00 to 16:30" in words_of(page)
    with app.state.db.reading() as session:
        case = session.scalars(select(Case)).one()
        entry = session.scalars(select(CaseEntry).order_by(CaseEntry.id.desc())).first()
    assert (case.safe_to_text, case.texts_from, case.texts_until) == (True, "10:00", "16:30")
    assert entry is not None
    assert entry.words == "Safe to text, from 10:00 to 16:30. She said so by phone."
    assert entry.by == "alice@vivid.example"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "Say whether it is safe"),
        ({"safe": "yes", "because": ""}, "Say how you know"),
        ({"safe": "yes", "because": "x", "texts_from": "noon"}, "Write a time such as 10:00"),
        (
            {"safe": "yes", "because": "x", "texts_from": "16:00", "texts_until": "10:00"},
            "must be after the first",
        ),
    ],
)
def test_what_cannot_be_recorded_is_said_and_nothing_is_lost(
    app: FastAPI, alice: Reader, given: dict[str, str], words: str
) -> None:
    add_case(app, "VIV-1", adjust=unsafe)
    page = record(alice, **given)
    assert page.status_code == 422
    assert words in words_of(page)
    for value in given.values():
        assert value in page.text
    with app.state.db.reading() as session:
        assert session.scalars(select(Case.safe_to_text)).one() is False


def test_nobody_can_be_texted_without_a_mobile_number(app: FastAPI, alice: Reader) -> None:
    def no_number(case: Case) -> None:
        case.safe_to_text, case.contact_number = False, None

    add_case(app, "VIV-1", adjust=no_number)
    page = record(alice, safe="yes", because="She said so.")
    assert "There is no UK mobile number on this case" in words_of(page)


def test_a_form_from_elsewhere_records_nothing(app: FastAPI, alice: Reader) -> None:
    add_case(app, "VIV-1", adjust=unsafe)
    given = {"safe": "yes", "because": "x", "form_token": "0" * 64}
    assert alice.post("/officers/cases/VIV-1/texting", data=given).status_code == 403
    with app.state.db.reading() as session:
        assert session.scalars(select(Case.safe_to_text)).one() is False
