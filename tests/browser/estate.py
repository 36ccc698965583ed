"""A small service for the tests of pages: real tables, real policies, and a scripted chat."""

import asyncio
import threading
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from uuid import uuid4

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from sqlalchemy import select

from api import clock
from api.cases.model import Case, CaseDeadline, CaseEntry, Incident
from api.channels import chat_pages, public_pages, upload_pages, web_chat
from api.channels.chat_sessions import open_chat_of
from api.channels.pace import Pace
from api.conversation.model import Conversation
from api.db import Base, Database
from api.evidence.keep import open_store
from api.intake.rulebook import Landlord, Rulebook
from api.main import add_errors
from api.messages.model import Message
from api.messages.transcript import message_json
from api.pages import add_security
from api.policies.coming_back import load_coming_back
from api.policies.load import load_policies
from api.portal import evidence_pages, reaching, talk_pages
from api.portal import pages as portal
from api.reports.model import Report
from api.risk_assessment.model import RiskAssessment
from api.screening.danger import DangerScreen
from api.screening.language import load_languages
from api.settings import Settings
from api.teams.model import Officer
from api.teams.officers import passwords
from tests.ports import held_port

if TYPE_CHECKING:
    from playwright.sync_api import Page

PASSWORD = "correct horse battery staple"
HASH = passwords.hash(PASSWORD)
FRIDAY = datetime(2026, 6, 5, 14, 0, tzinfo=UTC)
CLAUSE = {
    "document": "VIVID ASB Policy",
    "section": "4.3",
    "words": "We will make contact by the end of the next working day.",
}
YES_NO = [
    {"value": "yes", "label": "Yes, that is it", "words": ["yeah"]},
    {"value": "other", "label": "Something else", "words": []},
]
Reply = tuple[str, list[dict[str, Any]]]
CHROMIUM = Path("/usr/bin/chromium")
NEEDS_CHROMIUM = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"{CHROMIUM} is not installed"),
]


class ScriptedChat:
    """Answers a resident's message from a script, in place of the trained assistant.

    `late`: the reply is written only after `send` has given up. `broken`: an error is raised.
    `several`: more than one of the choices may be picked.
    """

    def __init__(self) -> None:
        self.replies: dict[str, Reply] = {"loud music": ("Is this about loud noise?", YES_NO)}
        self.otherwise: Reply = ("Thank you. When does it happen?", [])
        self.sent: list[str] = []
        self.late = False
        self.several = False
        self.broken: Exception | None = None

    async def send(
        self, app: FastAPI, conversation_id: str, client_message_id: str, text: str
    ) -> web_chat.Answered:
        if self.broken:
            raise self.broken
        await asyncio.sleep(0)
        now = clock.now()
        with app.state.db.writing() as session:
            known = session.scalar(
                select(Message).where(
                    Message.conversation_id == conversation_id,
                    Message.client_message_id == client_message_id,
                )
            )
            landlord = session.get_one(Conversation, conversation_id).landlord
            if known is None:
                self.sent.append(text)
                session.get_one(Conversation, conversation_id).last_message_at = now
                known = Message(
                    landlord=landlord, conversation_id=conversation_id, sender="resident",
                    text=text, client_message_id=client_message_id, at=now,
                )  # fmt: skip
                session.add(known)
                session.flush()
                if not self.late:
                    session.add(self.reply(known, at=now))
                    session.flush()
            replies = session.scalars(select(Message).where(Message.in_reply_to == known.id))
            told = [message_json(one) for one in replies]
            chat = open_chat_of(session.get_one(Conversation, conversation_id))
        return web_chat.Answered(told, settled=bool(told), held=False, chat=chat)

    def reply(self, message: Message, *, at: datetime) -> Message:
        words, choices = self.replies.get(message.text.lower(), self.otherwise)
        return Message(
            landlord=message.landlord, conversation_id=message.conversation_id,
            sender="assistant", text=words, choices=choices, several=self.several,
            in_reply_to=message.id, at=at,
        )  # fmt: skip


class Reader:
    """A browser without JavaScript: keeps cookies, follows redirects unless told not to."""

    def __init__(self, app: FastAPI, address: str = "http://127.0.0.1:8000") -> None:
        self.app = app
        self.address = address
        self.cookies = httpx.Cookies()

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.request("GET", path, **more)

    def post(self, path: str, **more: Any) -> httpx.Response:
        return self.request("POST", path, **more)

    def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        async def ask() -> httpx.Response:
            async with httpx.AsyncClient(
                transport=httpx.ASGITransport(self.app),
                base_url=self.address,
                cookies=self.cookies,
                follow_redirects=more.pop("follow_redirects", True),
            ) as client:
                answer = await client.request(method, path, **more)
                self.cookies = client.cookies
                return answer

        return asyncio.run(ask())


@cache
def _rulebook() -> Rulebook:
    """The real policies. No page asks the danger screen; the chat here is scripted."""
    settings = Settings()
    policies = load_policies(settings.policies_dir)
    given = tomllib.loads(settings.landlords_file.read_text())["landlords"]
    landlords = {
        one["code"]: Landlord(name=policies.landlords[one["code"]].policy.name, **one)
        for one in given
    }
    languages = load_languages(settings.policies_dir / "shared")
    coming_back = load_coming_back(settings.policies_dir / "shared", landlords)
    return Rulebook(policies, cast(DangerScreen, None), languages, landlords, coming_back)


def make_app(folder: Path, *, public_base_url: str = "", **more: Any) -> FastAPI:
    """The pages and the chat's calls on a fresh database in `folder`."""
    settings = Settings(
        DATABASE_URL=f"sqlite:///{folder / 'pages.sqlite3'}",
        DATA_DIR=folder,
        PUBLIC_BASE_URL=public_base_url,
        **more,
    )
    app = FastAPI()
    app.state.settings = settings
    app.state.db = Database(settings.database)
    app.state.pace = Pace(settings)
    app.state.evidence = open_store(settings.data_dir, settings.evidence_file)
    app.state.rulebook = _rulebook()
    app.state.policies = app.state.rulebook.policies
    app.state.landlords = app.state.rulebook.landlords
    Base.metadata.create_all(app.state.db.engine)
    add_security(app)

    add_errors(app)
    for router in (
        web_chat.router,
        public_pages.router,
        upload_pages.router,
        chat_pages.router,
        portal.router,
        reaching.router,
        talk_pages.router,
        evidence_pages.router,
    ):
        app.include_router(router)
    return app


def add_officer(
    app: FastAPI, landlord: str = "vivid", team: str = "neighbourhood", name: str = "alice"
) -> Officer:
    officer = Officer(
        id=uuid4().hex, landlord=landlord, team=team, role="officer",
        email=f"{name}@{landlord}.example", password_hash=HASH, demo=True, created_at=FRIDAY,
    )  # fmt: skip
    with app.state.db.writing() as session:
        session.add(officer)
    return officer


def add_report(app: FastAPI, reference: str, *, landlord: str = "vivid", **more: Any) -> Report:
    """A report with its conversation of two messages."""
    conversation_id = more.pop("conversation_id", None)
    told: dict[str, Any] = {
        "description": "Loud music most nights at 2am.",
        "category": "noise",
        "happened_when": "2am, most nights",
        "how_often": "most_days",
        "name": "Sam Okafor",
        "contact": "+447700900321",
        "status": "screened_out",
        "policy_version": "2023",
    }
    report = Report(
        id=uuid4().hex, reference=reference, landlord=landlord, channel="web_chat",
        conversation_id=conversation_id or uuid4().hex, started_at=FRIDAY, updated_at=FRIDAY,
        **(told | more),
    )  # fmt: skip
    with app.state.db.writing() as session:
        if conversation_id is None:
            conversation = Conversation(
                id=report.conversation_id, landlord=landlord, channel="web_chat",
                started_at=FRIDAY, last_message_at=FRIDAY,
            )  # fmt: skip
            session.add(conversation)
            session.flush()
            for sender, text, choices in (
                ("resident", report.description, []),
                ("assistant", "Is this about loud noise?", YES_NO),
                ("resident", "yes", []),
            ):
                session.add(
                    Message(
                        landlord=landlord,
                        conversation_id=conversation.id,
                        sender=sender,
                        text=text,
                        choices=choices,
                        at=FRIDAY,
                    )
                )  # fmt: skip
                session.flush()
        session.add(report)
        session.flush()
        session.get_one(Conversation, report.conversation_id).report_id = report.id
    return report


def add_case(
    app: FastAPI,
    reference: str,
    *,
    landlord: str = "vivid",
    team: str = "neighbourhood",
    due_at: datetime = FRIDAY + timedelta(days=3),
    conversation_id: str | None = None,
    adjust: Callable[[Case], None] = lambda case: None,
) -> Case:
    """A case as a finished report opens it: two deadlines, a timeline, a part of the risk card."""
    more = {"conversation_id": conversation_id} if conversation_id else {}
    report = add_report(
        app, f"R{reference}", landlord=landlord, status="case", outcome="asb", **more
    )
    case = Case(
        id=uuid4().hex, reference=reference, landlord=landlord, report_id=report.id,
        conversation_id=report.conversation_id, category="noise", severity="category_b",
        status="open", team=team, flags=[], policy_version="2023",
        screening={
            "outcome": "asb", "rule": "categories.noise", "why": "VIVID lists noise as ASB.",
            "clause": {**CLAUSE, "section": "4.2", "words": "Noise nuisance"}, "answers": {},
        },
        routing={"clause": CLAUSE, "assumed": None},
        opened_at=FRIDAY, updated_at=FRIDAY, safe_to_text=True, contact_channel="sms",
        next_contact_due_at=FRIDAY + timedelta(days=7),
    )  # fmt: skip
    adjust(case)
    with app.state.db.writing() as session:
        session.add(case)
        session.flush()
        session.add_all(
            [
                CaseDeadline(
                    landlord=landlord, case_id=case.id, kind="first_contact", due_at=due_at,
                    clause=CLAUSE,
                ),
                CaseDeadline(
                    landlord=landlord, case_id=case.id, kind="acknowledgement",
                    due_at=FRIDAY + timedelta(hours=1), met_at=FRIDAY, clause=CLAUSE,
                ),
                Incident(
                    landlord=landlord, case_id=case.id, description=report.description,
                    told_at=FRIDAY,
                ),
                CaseEntry(
                    landlord=landlord, case_id=case.id, at=FRIDAY, kind="opened",
                    words=f"Case {reference} opened.", by="service",
                ),
                RiskAssessment(
                    id=uuid4().hex, landlord=landlord, case_id=case.id, card_version="1",
                    answers={"1": ["daily"], "11": ["physical", "mental"]},
                    raw={"1": "every single night"}, score=11, answered=2, could_reach=40,
                    band="low", overridden_by=["hate"], started_at=FRIDAY, updated_at=FRIDAY,
                ),
            ]
        )  # fmt: skip
    return case


@contextmanager
def serve(app: FastAPI) -> Iterator[str]:
    """The app on a free port of this machine; gives its address."""
    listening, port = held_port()
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    while not server.started:
        thread.join(0.02)
        if not thread.is_alive():
            raise RuntimeError("the server did not start")
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


def write(page: "Page", words: str) -> None:
    page.get_by_label("Your message").fill(words)
    page.get_by_role("button", name="Send", exact=True).click()


def residents_words(app: FastAPI) -> list[str]:
    with app.state.db.reading() as session:
        return list(session.scalars(select(Message.text).where(Message.sender == "resident")))
