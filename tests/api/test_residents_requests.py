"""A diary by text, news of a case, evidence, closing, complaints, and who is writing."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from api import clock
from api.cases.model import Case, CaseEntry, Incident
from api.cases.requests import ResidentRequest
from api.conversation.model import Conversation
from api.conversation.receive import start_conversation
from api.db import Database
from api.evidence.model import UploadLink
from api.intake.rulebook import Rulebook
from api.messages.wording import render
from api.reports.model import Report
from api.teams.keys import make_key
from tests.api.chats import AtPortal, Chat, conversation_of, report_of
from tests.fakes import ScriptedBot, say
from tests.people import ALICE

ENOUGH = {
    "description": "loud music at 2am most nights",
    "kind": "noise",
    "happened_when": "most nights",
    "name": ALICE.name,
    "address": ALICE.address,
    "contact": ALICE.number,
    "safe_contact": "yes",
}


def with_case(client: httpx.Client, landlord: str = "vivid", **told: Any) -> Chat:
    chat = Chat(client, landlord)
    chat.asks_for("submit", facts={**ENOUGH, **told})
    return chat


def the_case(database: Database) -> Case:
    with database.reading() as session:
        case = session.scalars(select(Case)).one()
        _ = case.incidents, case.deadlines, case.entries
        return case


def spoken(said: list[dict[str, Any]], landlord: str, channel: str, rulebook: Rulebook) -> str:
    return render(
        said,
        pack=rulebook.pack(landlord),
        policies=rulebook.policies,
        channel=channel,
        always={},
    ).text


def tasks(database: Database) -> list[CaseEntry]:
    with database.reading() as session:
        return list(session.scalars(select(CaseEntry).where(CaseEntry.kind == "task")))


def kept(database: Database) -> list[tuple[str, str]]:
    with database.reading() as session:
        rows = session.scalars(select(ResidentRequest).order_by(ResidentRequest.id))
        return [(one.kind, one.words) for one in rows]


# ---- A diary ----------------------------------------------------------------------------------


def test_another_incident_is_added_to_the_open_case_with_its_time(
    client: httpx.Client, database: Database
) -> None:
    chat = with_case(client)
    told = chat.asks_for("diary", what="music again, until 3am", when="last night")
    [said] = told["messages"]
    case = the_case(database)
    assert said == {"say": "diary_kept", "values": {"reference": case.reference}}
    assert [(one.description, one.happened_when) for one in case.incidents][1:] == [
        ("music again, until 3am", "last night")
    ]
    assert "music again, until 3am" in tasks(database)[-1].words
    assert tasks(database)[-1].by == "complainant"


def test_an_entry_without_a_time_is_kept_all_the_same(
    client: httpx.Client, database: Database
) -> None:
    chat = with_case(client)
    assert chat.asks("diary", what="it happened again", when="dont_know") == ["diary_kept"]
    assert the_case(database).incidents[-1].happened_when is None


def test_new_danger_in_the_diary_raises_the_case(
    client: httpx.Client, bot: ScriptedBot, database: Database
) -> None:
    chat = with_case(client)
    bot.script = lambda asked: (200, say("ask_diary_what"))
    replies = chat.says("it's happening again, he has a knife at my door right now")
    assert "999" in replies[0]["text"]
    case = the_case(database)
    assert {"emergency", "weapon"} <= set(case.flags)
    assert any(entry.kind == "danger" for entry in case.entries)


@pytest.mark.parametrize("what", ["diary", "status"])
def test_without_a_case_it_says_so(what: str, client: httpx.Client, database: Database) -> None:
    chat = Chat(client)
    body = {"what": "again"} if what == "diary" else {}
    assert chat.asks(what, **body) == ["status_none"]
    with database.reading() as session:
        assert session.scalars(select(Incident)).all() == []


# ---- News of the case -------------------------------------------------------------------------


def test_news_are_the_deadlines_in_plain_words(client: httpx.Client, database: Database) -> None:
    chat = with_case(client)
    [said] = chat.asks_for("status")["messages"]
    assert said["say"] == "case_progress"
    assert said["values"]["progress"].startswith("Next: we will contact you by 5pm on ")
    assert tasks(database) == []


def test_what_is_late_is_said_first_and_told_to_the_team(
    client: httpx.Client, database: Database
) -> None:
    chat = with_case(client, "places-for-people")
    with database.writing() as session:
        case = session.scalars(select(Case)).one()
        first = next(one for one in case.deadlines if one.kind == "first_contact")
        first.due_at = clock.now() - timedelta(days=2)
        done = next(one for one in case.deadlines if one.kind == "acknowledgement")
        done.met_at = clock.now() - timedelta(days=3)
    [said] = chat.asks_for("status")["messages"]
    progress = said["values"]["progress"]
    assert progress.startswith("Late: we said we would contact you by ")
    assert "We are sorry." in progress
    assert "Next: we will agree a plan with you by " in progress
    assert "Done: we replied to you on " in progress
    assert "late: first contact" in tasks(database)[-1].words


def test_where_texts_are_not_safe_nothing_of_the_case_is_told(
    client: httpx.Client, database: Database
) -> None:
    chat = with_case(client)
    with database.writing() as session:
        session.scalars(select(Case)).one().flags = ["domestic_abuse"]
    assert chat.asks("status") == ["status_private"]


def test_a_closed_case_says_when(client: httpx.Client, database: Database) -> None:
    chat = with_case(client)
    with database.writing() as session:
        case = session.scalars(select(Case)).one()
        case.status, case.closed_at = "closed", clock.now()
    assert chat.asks("status") == ["case_closed"]
    assert chat.asks("diary", what="again") == ["status_none"]


# ---- Evidence ---------------------------------------------------------------------------------


def test_a_photo_gets_a_one_time_link(client: httpx.Client, database: Database) -> None:
    chat = with_case(client)
    [said] = chat.asks_for("evidence", words="i want to add a photo")["messages"]
    assert said["say"] == "evidence_link"
    assert said["values"]["url"].startswith("http://doorstep.example/upload/")
    with database.reading() as session:
        link = session.scalars(select(UploadLink)).one()
    assert link.report_id == the_case(database).report_id


@pytest.mark.parametrize("why", ["abuse", "said_no", "officer"])
def test_no_link_is_sent_where_texts_are_not_safe(
    why: str, client: httpx.Client, database: Database
) -> None:
    chat = with_case(client, safe_contact="no" if why == "said_no" else "yes")
    with database.writing() as session:
        case = session.scalars(select(Case)).one()
        if why == "abuse":
            case.flags = ["domestic_abuse"]
        if why == "officer":
            case.safe_to_text = False
    assert chat.asks("evidence", words="i have photos") == ["evidence_unsafe"]
    with database.reading() as session:
        assert session.scalars(select(UploadLink)).all() == []
    assert kept(database) == [("evidence", "i have photos")]
    assert "no link may be sent" in tasks(database)[-1].words


# ---- Closing and complaining ------------------------------------------------------------------


def test_a_wish_to_close_is_kept_and_closes_nothing(
    client: httpx.Client, database: Database
) -> None:
    chat = with_case(client)
    assert chat.asks("close", words="please close my case") == ["close_kept"]
    case = the_case(database)
    assert case.status == "open"
    assert case.closed_at is None
    assert kept(database) == [("close", "please close my case")]
    assert "please close my case" in tasks(database)[-1].words


@pytest.mark.parametrize(
    ("landlord", "words"),
    [
        ("nacro", "Nacro has a complaints procedure"),
        ("vivid", "VIVID has a Complaints Policy"),
        ("seven-locks", "Complaints, Comments and Compliments Policy"),
        ("lyme-trust", None),
        ("places-for-people", None),
    ],
)
def test_a_complaint_names_the_way_that_the_policy_names(
    landlord: str, words: str | None, client: httpx.Client, database: Database, rulebook: Rulebook
) -> None:
    chat = Chat(client, landlord)
    told = chat.asks_for("complain", words="i want to complain about you")["messages"]
    assert told[0] == {"say": "complain_kept"}
    assert ({"say": "complaint_way"} in told) is bool(words)
    assert told[-1] == {"say": "ombudsman", "values": {"phone": "0300 111 3000"}}
    for channel in ("sms", "web_chat"):
        assert (words or "complaint") in spoken(told, landlord, channel, rulebook)
    assert kept(database) == [("complaint", "i want to complain about you")]


# ---- Who is writing ---------------------------------------------------------------------------


def test_an_anonymous_report_is_a_case_that_nobody_is_nagged_about(
    client: httpx.Client, database: Database
) -> None:
    chat = Chat(client)
    assert chat.asks("role", role="anonymous", words="no names") == ["stay_anonymous"]
    facts = {**ENOUGH, "name": "declined", "contact": "declined", "safe_contact": "no"}
    opened = chat.asks_for("submit", facts=facts)["messages"][0]
    # "We will not contact you" and "We will contact you by 5pm" do not go together.
    assert opened["values"]["promise"] == "They will look at what you told us"
    case = the_case(database)
    assert case.told_as == ["anonymous"]
    assert any(one.kind == "first_contact" for one in case.deadlines)
    assert case.next_contact_due_at is None
    assert case.contact_number is None
    assert not case.safe_to_text


def test_nacros_staff_go_to_the_service_lead_with_the_tasks_of_8_2(
    client: httpx.Client, database: Database, rulebook: Rulebook
) -> None:
    chat = Chat(client, "nacro")
    told = chat.asks_for("role", role="staff", words="i work here")["messages"]
    assert [one["say"] for one in told] == ["am_staff", "staff_way"]
    for channel in ("sms", "web_chat"):
        text = spoken(told, "nacro", channel, rulebook)
        assert "Service Lead or an Area Manager straight away" in text
    chat.asks_for("submit", facts={**ENOUGH, "description": "a resident shouted abuse at me"})
    case = the_case(database)
    assert case.team == "service-lead"
    words = [entry.words for entry in tasks(database)]
    assert any("incident report" in one and "Area Manager" in one for one in words)
    assert any("action plan to safeguard" in one for one in words)
    assert [entry.data.get("section") for entry in tasks(database)][:2] == ["8.2", "8.2"]


def test_a_later_risk_keeps_the_staff_case_where_it_is(
    client: httpx.Client, database: Database
) -> None:
    chat = Chat(client, "nacro")
    chat.asks("role", role="staff", words="i work here")
    chat.asks_for("submit", facts=ENOUGH)
    answers = {"1": ["daily"], "5": ["harassing_now"]}
    chat.asks_for("risk", answers=answers, done=True)
    assert the_case(database).team == "service-lead"


@pytest.mark.parametrize(
    ("role", "key"),
    [("someone_else", "for_someone_else"), ("witness", "am_witness"), ("staff", "am_staff")],
)
def test_who_is_writing_stands_on_the_report_and_the_case(
    role: str, key: str, client: httpx.Client, database: Database
) -> None:
    chat = Chat(client)
    assert chat.asks("role", role=role, words="x") == [key]
    chat.asks_for("submit", facts=ENOUGH)
    assert report_of(database, chat.id).told_as == [role]
    assert the_case(database).told_as == [role]


def test_our_own_contractor_goes_to_an_officer_and_the_report_goes_on(
    client: httpx.Client, database: Database
) -> None:
    chat = Chat(client)
    words = "your plumber swore at me"
    assert chat.asks("role", role="contractor", words=words)[0] == "about_contractor"
    chat.asks_for("submit", facts={**ENOUGH, "kind": "verbal_abuse", "description": words})
    assert kept(database) == [("contractor", words)]
    assert the_case(database).category == "verbal_abuse"


def test_who_is_writing_is_read_in_a_story_too(
    client: httpx.Client, bot: ScriptedBot, database: Database
) -> None:
    chat = Chat(client)
    bot.script = lambda asked: (200, say("ask_when", requested_slot="happened_when"))
    text = chat.hears(
        "I am reporting this for my mum, she is 84 and the man upstairs bangs on her door. "
        "She doesn't want to give her name and I don't want to give my name."
    )
    assert report_of(database, chat.id).told_as == ["anonymous", "someone_else"]
    assert text.startswith("You need not say who you are")
    assert "When did it happen?" in text
    assert "You need not say" not in chat.hears("like i said i dont want to give my name")


def test_who_is_accused_becomes_no_complainant_and_is_given_to_a_person(
    client: httpx.Client, bot: ScriptedBot, database: Database
) -> None:
    chat = Chat(client)
    words = "i got a letter saying i play loud music and it is a lie"
    told = chat.asks_for("accused", words=words)
    bot.script = lambda asked: (
        200,
        {**say("accused_kept"), "messages": told["messages"], "active_loop": None},
    )
    [reply] = chat.says("yes, about me")
    assert "It is not a report about anyone else." in reply["text"]
    report = report_of(database, chat.id)
    assert report.status == "for_person"
    assert report.description == words
    assert report.told_as == ["accused"]
    assert report.person_asked_at is not None
    assert conversation_of(database, chat.id).handover_reason == "accused"
    assert kept(database) == [("accused", words)]
    with database.reading() as session:
        assert session.scalars(select(Case)).all() == []
    assert resident_may_report_something(chat, bot, database)


def resident_may_report_something(chat: Chat, bot: ScriptedBot, database: Database) -> bool:
    """After going on by choice, new words are a report of their own."""
    assert "Please tell us what is happening" in chat.hears("1")
    chat.asks_for("judge", facts={"description": "he hit me", "kind": "violence_or_threats"})
    return report_of(database, chat.id).status == "draft"


# ---- Officers ---------------------------------------------------------------------------------


def test_requests_wait_at_the_portal_until_an_officer_has_dealt_with_them(
    app: FastAPI, client: httpx.Client, database: Database
) -> None:
    chat = with_case(client)
    chat.asks("close", words="please close my case")
    olive = AtPortal(app, client)
    nell = AtPortal(app, client, "nacro", "housing-support", "nell")
    assert "please close my case" in olive.reads("/officers/requests")
    assert "please close my case" not in nell.reads("/officers/requests")
    with database.reading() as session:
        number = session.scalars(select(ResidentRequest.id)).one()
    path = f"/officers/requests/{number}/done"
    assert nell.presses("/officers/requests", path).status_code == 404
    assert "please close my case" in olive.reads("/officers/requests")
    olive.presses("/officers/requests", path)
    assert "Nothing is asked for." in olive.reads("/officers/requests")
    with database.reading() as session:
        done = session.scalars(select(ResidentRequest)).one()
    assert done.done_by == olive.officer.email
    assert done.done_at is not None
    assert the_case(database).status == "open"


def test_requests_are_there_for_the_landlords_own_system_only(
    client: httpx.Client, database: Database
) -> None:
    chat = with_case(client)
    chat.asks("complain", words="nobody rang me back")
    with database.writing() as session:
        own = make_key(session, "vivid", "test", at=clock.now())
        other = make_key(session, "nacro", "test", at=clock.now())

    def seen(key: str, query: str = "") -> list[dict[str, Any]]:
        answer = client.get(f"/api/requests{query}", headers={"Authorization": f"Bearer {key}"})
        found: list[dict[str, Any]] = answer.json()["requests"]
        return found

    [one] = seen(own)
    assert (one["kind"], one["words"]) == ("complaint", "nobody rang me back")
    assert one["case"] == the_case(database).reference
    assert seen(other) == []
    assert seen(own, "?done=true") == []
    assert len(seen(own, "?done=false")) == 1


def test_by_text_the_case_is_found_by_the_number_its_complainant_gave(
    client: httpx.Client, database: Database
) -> None:
    with_case(client)
    with database.writing() as session:
        talk, _ = start_conversation(
            session, landlord="vivid", channel="sms", number=ALICE.number, at=clock.now()
        )
        stranger, _ = start_conversation(
            session, landlord="vivid", channel="sms", number="+447700900999", at=clock.now()
        )
        talk_id, stranger_id = talk.id, stranger.id
    chat = Chat(client)
    chat.id = talk_id
    assert chat.asks("diary", what="again", when="now") == ["diary_kept"]
    chat.id = stranger_id
    assert chat.asks("diary", what="again", when="now") == ["status_none"]
    assert len(the_case(database).incidents) == 2
    with database.reading() as session:
        assert session.get_one(Conversation, talk_id).report_id is not None
        assert session.scalars(select(Report)).all()
