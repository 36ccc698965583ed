"""Danger, domestic abuse and corrections: what the assistant's calls leave in the database, and
what the resident is told."""

from typing import Any

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.cases.model import Case, CaseEntry
from api.cases.requests import ResidentRequest
from api.conversation.model import Conversation
from api.db import Database
from api.messages.model import Message
from api.reports.model import Report
from api.risk_assessment.model import RiskAssessment
from tests.api.conftest import SERVICE_TOKEN
from tests.fakes import ScriptedBot, say
from tests.people import ALICE

SERVICE = {"Authorization": f"Bearer {SERVICE_TOKEN}"}


class Chat:
    """Alice at VIVID's web chat, and the assistant's calls about her conversation."""

    def __init__(self, client: httpx.Client) -> None:
        self.client = client
        opened = client.post("/chat/vivid/conversations").json()
        self.id = opened["conversation"]
        self.key = {"Authorization": f"Bearer {opened['token']}"}
        self.sent = 0

    def says(self, text: str) -> list[str]:
        self.sent += 1
        answer = self.client.post(
            f"/chat/conversations/{self.id}/messages",
            json={"client_message_id": str(self.sent), "text": text},
            headers=self.key,
        )
        assert answer.status_code == 200
        return [message["text"] for message in answer.json()["messages"]]

    def asks(self, what: str, body: dict[str, Any]) -> dict[str, Any]:
        """What an action asks of the api in a turn."""
        answer = self.client.post(
            f"/internal/conversations/{self.id}.1/{what}", json=body, headers=SERVICE
        )
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told


@pytest.fixture
def alice(client: httpx.Client) -> Chat:
    return Chat(client)


def case_of(session: Session) -> Case:
    return session.scalars(select(Case)).one()


def facts(**told: Any) -> dict[str, Any]:
    return {
        "description": "loud music most nights", "kind": "noise", "happened_when": "monday at 2am",
        "happened_where": "flat 21", "how_often": "most_days", "name": ALICE.name,
        "address": ALICE.address, "contact": ALICE.number, "safe_contact": "yes", **told,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("words", "flag"),
    [
        ("he keeps shouting racist abuse at me because im polish", "hate"),
        ("my ex partner keeps hitting me", "domestic_abuse"),
        ("i want to kill myself because of them", "self_harm"),
    ],
)
def test_what_outweighs_every_score_opens_a_case_at_the_first_words(
    alice: Chat, database: Database, words: str, flag: str
) -> None:
    alice.says(words)
    with database.reading() as session:
        case = case_of(session)
        assert flag in case.flags
        assert session.scalars(select(Report)).one().description == words
        card = session.scalars(select(RiskAssessment)).one()
        # High before a single question of the card is asked.
        assert (card.band, card.answered) == ("high", 0)


def test_plain_trouble_opens_no_case_before_it_is_told(alice: Chat, database: Database) -> None:
    alice.says("loud music most nights")
    with database.reading() as session:
        assert session.scalars(select(Case)).all() == []


def test_not_safe_opens_the_case_and_says_what_to_do(alice: Chat, database: Database) -> None:
    alice.says("loud music most nights")
    told = alice.asks("unsafe", {"words": "no im not safe"})
    assert told == {"messages": [{"say": "unsafe_now"}]}
    with database.reading() as session:
        case = case_of(session)
        assert "emergency" in case.flags
        assert case.id == session.get_one(Conversation, alice.id).case_id
        entry = session.scalars(select(CaseEntry).where(CaseEntry.kind == "danger")).one()
        assert "no im not safe" in entry.words
    alice.asks("unsafe", {"words": "still not safe"})
    with database.reading() as session:
        assert case_of(session).id == case.id


def test_after_domestic_abuse_the_last_words_tell_nothing(
    alice: Chat, database: Database, bot: ScriptedBot
) -> None:
    alice.says("my husband hits me")
    told = alice.asks(
        "submit",
        {
            "facts": facts(
                kind="domestic_abuse", description="my husband hits me", safe_how="mornings"
            )
        },
    )
    assert told["messages"] == [{"say": "da_contact"}]
    assert told["phase"] == "after"
    bot.script = lambda asked: (200, say("da_contact"))
    *_, last = alice.says("mornings only")
    with database.reading() as session:
        case = case_of(session)
        assert (case.restricted, case.safe_to_text) == (True, False)
        assert case.reference in last
        assert "Enforcement" not in last


def test_the_bot_is_told_of_danger_and_of_a_safety_text(alice: Chat, bot: ScriptedBot) -> None:
    alice.says("loud music most nights")
    alice.says("he shouts racist abuse at me because im polish")
    alice.says("yes")
    alice.says("yes")
    told = [turn["metadata"] for turn in bot.turns]
    assert [bool(one["message_flags"]) for one in told] == [False, True, False, False]
    # Only the message right after the text that asked is an answer to it.
    assert [one["asked_safe"] for one in told] == [False, False, True, False]


def submitted(alice: Chat, bot: ScriptedBot) -> None:
    alice.says("loud music most nights")
    alice.asks("submit", {"facts": facts()})
    bot.script = lambda asked: (200, say("case_opened", "offer_risk", values={}))


def test_a_correction_once_it_is_in_is_a_new_entry_and_keeps_the_first_words(
    alice: Chat, database: Database, bot: ScriptedBot
) -> None:
    submitted(alice, bot)
    told = alice.asks("correct", {"what": "where", "to": "flat 12"})
    assert told["messages"] == [{"say": "changed", "values": {"changes": {"where": "flat 12"}}}]
    alice.asks("correct", {"what": "where", "to": "flat 13"})
    with database.reading() as session:
        entries = session.scalars(select(CaseEntry).where(CaseEntry.kind == "correction")).all()
        assert [(one.data["from"], one.data["to"]) for one in entries] == [
            ("flat 21", "flat 12"),
            ("flat 12", "flat 13"),
        ]
        case = case_of(session)
        # What was told first stays as it was: the incident, the description, the transcript.
        assert case.incidents[0].happened_where == "flat 21"
        report = session.scalars(select(Report)).one()
        assert report.description == "loud music most nights"
        # What the report says is what was said last.
        assert report.happened_where == "flat 13"
        texts = session.scalars(select(Message.text).where(Message.sender == "resident")).all()
        assert texts == ["loud music most nights"]


def test_what_it_is_about_is_changed_by_a_person(
    alice: Chat, database: Database, bot: ScriptedBot
) -> None:
    submitted(alice, bot)
    alice.asks("correct", {"what": "kind", "to": "it is more about drugs"})
    with database.reading() as session:
        case = case_of(session)
        task = session.scalars(
            select(CaseEntry).where(CaseEntry.kind == "task", CaseEntry.by == "complainant")
        ).one()
        assert "more about drugs" in task.words
        assert case.category == "noise"


def test_a_correction_of_what_was_screened_out_waits_for_an_officer(
    alice: Chat, database: Database
) -> None:
    alice.asks("submit", {"facts": facts(description="washing machine", kind="living_noise")})
    told = alice.asks("correct", {"what": "where", "to": "flat 12"})
    assert told["messages"] == [{"say": "changed", "values": {"changes": {"where": "flat 12"}}}]
    with database.reading() as session:
        assert session.scalars(select(Case)).all() == []
        request = session.scalars(select(ResidentRequest)).one()
        assert (request.kind, request.conversation_id) == ("correction", alice.id)
        assert request.words == "where: flat 12 (told before: flat 21)"


def test_contact_that_is_safe_on_a_condition_is_no_contact_by_text(
    alice: Chat, database: Database, bot: ScriptedBot
) -> None:
    told = {"safe_contact": "no", "safe_how": "yes but only in mornings"}
    alice.asks("submit", {"facts": facts(**told)})
    with database.reading() as session:
        case, report = case_of(session), session.scalars(select(Report)).one()
        assert (case.contact_number, case.safe_to_text) == (ALICE.number, False)
        assert report.safe_how == "yes but only in mornings"


def test_consent_on_a_condition_is_a_no_with_its_words(
    alice: Chat, database: Database, bot: ScriptedBot
) -> None:
    submitted(alice, bot)
    words = "yes but not the police"
    told = {"answers": {}, "consent": "no", "consent_words": words, "done": True}
    for _ in range(2):
        alice.asks("risk", told)
    with database.reading() as session:
        card = session.scalars(select(RiskAssessment)).one()
        assert (card.consent, card.raw) == ("no", {"consent": words})


def test_a_correction_before_anything_is_in_says_so(alice: Chat, database: Database) -> None:
    told = alice.asks("correct", {"what": "where", "to": "flat 12"})
    assert told == {"messages": [{"say": "status_none"}]}
    with database.reading() as session:
        assert session.scalars(select(Report)).one().happened_where is None


def test_a_second_kind_is_judged_as_a_matter_of_its_own(
    alice: Chat, database: Database, bot: ScriptedBot
) -> None:
    alice.says("loud music most nights and bags left everywhere")
    alice.asks("submit", {"facts": facts(also=["fly_tipping"])})
    with database.reading() as session:
        report = session.scalars(select(Report)).one()
        assert report.other_categories == ["fly_tipping"]
        matters = {matter["category"]: matter["outcome"] for matter in report.decision["matters"]}
        assert matters == {"noise": "asb", "fly_tipping": "review"}
        assert case_of(session).category == "noise"
