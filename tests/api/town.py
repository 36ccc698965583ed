"""A small town for tests of texts: the api and the simulated phone, each on a port of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from sqlalchemy import func, select
from twilio.request_validator import RequestValidator

from api import clock
from api.cases.model import CaseEntry
from api.conversation.waiting import take_waiting
from api.db import Database
from api.main import create_app
from api.messages.model import OutboxText
from api.messages.outbox import put_out
from api.settings import Settings
from api.worker.following_up import reconcile, redact
from api.worker.post import Post, make_post
from api.worker.sending import send_waiting
from tests.fakes import ScriptedBot, serving
from tests.people import ALICE
from tests.phone.app import create_app as create_phone
from tests.phone.settings import Settings as PhoneSettings
from tests.ports import held_port

VIVID = "+447700900102"
ACCOUNT = "AC" + "0" * 32
TOKEN = "b" * 32
SECOND_TOKEN = "c" * 32


@dataclass
class Town:
    """The worker's jobs are done by hand, a round at a time."""

    url: str
    phone: httpx.Client
    app: FastAPI
    bot: ScriptedBot
    settings: Settings
    post: Post = field(init=False)

    def __post_init__(self) -> None:
        self.post = make_post(self.settings, self.app.state.db, self.app.state.rulebook)

    @property
    def db(self) -> Database:
        found: Database = self.app.state.db
        return found

    # The resident's side

    def text(self, body: str, number: str = ALICE.number, to: str = VIVID, **more: Any) -> Any:
        words = {"to": to, "body": body, **more}
        answer = self.phone.post(f"/_handset/{number}/texts", json=words)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def on_phone(self, number: str = ALICE.number) -> list[str]:
        texts = self.phone.get(f"/_handset/{number}/texts", params={"with": VIVID}).json()
        return [one["body"] for one in texts if one["direction"] == "received"]

    def control(self, **switches: Any) -> None:
        self.phone.post("/_control", json=switches).raise_for_status()

    def settle(self) -> None:
        assert self.phone.post("/_settle").json() == {"settled": True}

    def at_twilio(self) -> list[dict[str, Any]]:
        """Every message as Twilio holds it."""
        found: list[dict[str, Any]] = self.phone.get("/_messages").json()
        return found

    def post_signed(
        self,
        form: dict[str, str],
        path: str = "/sms/twilio/inbound",
        *,
        token: str = TOKEN,
        signed_for: str = "",
        **headers: str,
    ) -> httpx.Response:
        """A webhook as Twilio makes it; `signed_for`: another address than ours."""
        address = (signed_for or self.url) + path
        return httpx.post(
            self.url + path,
            data=form,
            timeout=20,
            headers={
                "X-Twilio-Signature": RequestValidator(token).compute_signature(address, form),
                **{name.replace("_", "-"): value for name, value in headers.items()},
            },
        )

    # The worker's side

    def work(self) -> None:
        """One round of the worker: turns, then the outbox."""
        take_waiting(self.app.state.desk)
        while send_waiting(self.post):
            # Texts that a sender's pace holds back leave within the second.
            pass

    def work_later(self, **later: float) -> None:
        """The same so much later, late receipts asked for."""
        with clock.moved_to(clock.now() + timedelta(**later)):
            self.work()
            reconcile(self.post)
            redact(self.post)

    def send(self, to: str, body: str = "hello", kind: str = "reply", **more: Any) -> OutboxText:
        """Puts a text out and lets the worker have one round."""
        with self.db.writing() as session:
            text = put_out(
                session, landlord="vivid", to=to, body=body, kind=kind, at=clock.now(), **more
            )
            session.flush()
            text_id = text.id
        self.work()
        return self.outbox_text(text_id)

    # What the database holds

    def outbox_text(self, text_id: int) -> OutboxText:
        with self.db.reading() as session:
            return session.get_one(OutboxText, text_id)

    def outbox(self) -> list[OutboxText]:
        with self.db.reading() as session:
            return list(session.scalars(select(OutboxText).order_by(OutboxText.id)))

    def tasks(self) -> list[str]:
        with self.db.reading() as session:
            found = select(CaseEntry.words).where(CaseEntry.kind == "task").order_by(CaseEntry.id)
            return list(session.scalars(found))

    def count(self, table: type) -> int:
        with self.db.reading() as session:
            return session.scalar(select(func.count()).select_from(table)) or 0


# Where the network is silent on purpose, for tests of that; ordinary ones wait as the service does.
IMPATIENT = {"SMS_TIMEOUT_SECONDS": 3}


@contextmanager
def town_of(database_url: str, folder: Path, bot: ScriptedBot, **more: Any) -> Iterator[Town]:
    """A town for as long as the block lasts; `more` are settings."""
    (listener, port), (phone_listener, phone_port) = held_port(), held_port()
    url = f"http://127.0.0.1:{port}"
    phone_app = create_phone(
        PhoneSettings(
            account_sid=ACCOUNT,
            auth_tokens=(TOKEN,),
            public_base_url=url,
            port=phone_port,
            step_seconds=0,
        )
    )
    with serving(phone_app, phone_listener) as phone_url:
        settings = Settings(
            **{
                "DATABASE_URL": database_url,
                "DATA_DIR": folder,
                "BOT_URLS": bot.url,
                "SERVICE_TOKEN": "s",
                "BOT_SECRET": "b",
                "TWILIO_ACCOUNT_SID": ACCOUNT,
                "TWILIO_AUTH_TOKEN": f"{TOKEN},{SECOND_TOKEN}",
                "TWILIO_API_BASE": phone_url,
                "PUBLIC_BASE_URL": url,
                "BOT_TIMEOUT_SECONDS": 10,
                "SMS_SEGMENTS_PER_SECOND": 1000,
                **more,
            }
        )
        app = create_app(settings)
        with serving(app, listener), httpx.Client(base_url=phone_url, timeout=20) as phone:
            yield Town(url, phone, app, bot, settings)
            phone_app.state.exchange.close()
