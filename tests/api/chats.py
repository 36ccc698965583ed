"""A resident in a web chat, and an officer at the portal, for tests of what lies between them."""

import re
from typing import Any
from uuid import uuid4

import httpx
from fastapi import FastAPI
from sqlalchemy import select

from api.conversation.model import Conversation
from api.db import Database
from api.messages.model import Message
from api.reports.model import Report
from tests.browser.estate import PASSWORD, add_officer

SERVICE_TOKEN = "service-token-of-tests"


class Chat:
    """One web chat. `says` gives what came back, in full."""

    def __init__(self, client: httpx.Client, landlord: str = "vivid") -> None:
        opened = client.post(f"/chat/{landlord}/conversations").json()
        self.client = client
        self.id: str = opened["conversation"]
        self.key = {"Authorization": f"Bearer {opened['token']}"}

    def says(self, text: str) -> list[dict[str, Any]]:
        answer = self.client.post(
            f"/chat/conversations/{self.id}/messages",
            json={"client_message_id": uuid4().hex, "text": text},
            headers=self.key,
        )
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["messages"]
        return found

    def hears(self, text: str) -> str:
        """Says something and gives all that came back as one text."""
        return "\n".join(message["text"] for message in self.says(text))

    def sees(self) -> list[dict[str, Any]]:
        answer = self.client.get(f"/chat/conversations/{self.id}/messages", headers=self.key)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["messages"]
        return found

    def asks(self, call: str, /, **body: Any) -> list[str]:
        """What the assistant's actions get for this chat, as keys."""
        return [message["say"] for message in self.asks_for(call, **body)["messages"]]

    def asks_for(self, call: str, /, **body: Any) -> dict[str, Any]:
        answer = self.client.post(
            f"/internal/conversations/{self.id}.1/{call}",
            json=body,
            headers={"Authorization": f"Bearer {SERVICE_TOKEN}"},
        )
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


class AtPortal:
    """An officer who is signed in."""

    def __init__(
        self,
        app: FastAPI,
        client: httpx.Client,
        landlord: str = "vivid",
        team: str = "neighbourhood",
        name: str = "olive",
    ) -> None:
        self.officer = add_officer(app, landlord, team, name)
        self.address = str(client.base_url)
        self.cookies = httpx.Cookies()
        self.post("/officers/sign-in", email=self.officer.email, password=PASSWORD)

    def get(self, path: str) -> httpx.Response:
        return self._ask("GET", path)

    def post(self, path: str, **fields: str) -> httpx.Response:
        return self._ask("POST", path, data=fields)

    def reads(self, path: str) -> str:
        answer = self.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        return words_of(answer.text)

    def presses(self, page: str, path: str, **fields: str) -> httpx.Response:
        """Sends a form of a page, with that page's own token."""
        token = re.search(r'name="form_token" value="([0-9a-f]{64})"', self.get(page).text)
        assert token
        return self.post(path, form_token=token[1], **fields)

    def _ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        with httpx.Client(
            base_url=self.address, timeout=20, follow_redirects=True, cookies=self.cookies
        ) as client:
            answer = client.request(method, path, **more)
            self.cookies = client.cookies
            return answer


def words_of(html: str) -> str:
    """What a reader sees: no tags, single spaces."""
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))
    return text.replace("&#39;", "'").replace("&#34;", '"').replace(" .", ".")


def conversation_of(database: Database, conversation_id: str) -> Conversation:
    with database.reading() as session:
        return session.get_one(Conversation, conversation_id)


def report_of(database: Database, conversation_id: str) -> Report:
    with database.reading() as session:
        talk = session.get_one(Conversation, conversation_id)
        return session.get_one(Report, talk.report_id)


def resident_words(database: Database, conversation_id: str) -> list[str]:
    with database.reading() as session:
        return list(
            session.scalars(
                select(Message.text)
                .where(Message.conversation_id == conversation_id, Message.sender == "resident")
                .order_by(Message.id)
            )
        )
