"""Every page, in each state that a person may meet it in: for whatever looks at them all."""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from api import clock
from api.cases.model import Case
from api.channels import chat_pages, web_chat
from api.channels.pace import TooFast
from api.conversation.model import Conversation
from api.evidence.keep import keep_evidence, write_down
from api.evidence.links import create_upload_link
from api.evidence.model import Evidence
from api.messages.model import Message
from tests.browser.estate import (
    PASSWORD,
    YES_NO,
    ScriptedChat,
    add_case,
    add_officer,
    add_report,
    make_app,
    serve,
)
from tests.browser.photos import photo, recording

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

# What 400% zoom leaves of a desktop's screen.
NARROW = {"width": 320, "height": 640}
# More than a request may bring.
SEND_A_BOOK = """() => {
  const form = document.createElement("form");
  const words = document.createElement("textarea");
  [form.method, words.name, words.value] = ["post", "text", "a".repeat(1_100_000)];
  form.append(words);
  document.body.append(form);
  form.submit();
}"""


class Addresses(dict[str, str]):
    """What stands in the braces of a path. `{new_link}` is another one each time."""

    app: FastAPI

    def __missing__(self, name: str) -> str:
        assert name == "new_link"
        with self.app.state.db.writing() as session:
            report_id = session.scalars(select(Case.report_id)).one()
            link = create_upload_link(
                session, landlord="vivid", report_id=report_id, at=clock.now(), public_url=""
            )
        return link.rpartition("/")[2]


@dataclass
class Visitor:
    """Goes to every page: as an officer who is signed in, and as a resident with an open chat."""

    app: FastAPI
    chromium: "Browser"
    address: str
    desk: "Page"
    phone: "Page"
    addresses: Addresses

    def page_of(self, place: "Place") -> "Page":
        return self.desk if place.officers else self.phone

    def open(self, place: "Place") -> "Page":
        """Goes there and does what leads to the state."""
        page = self.page_of(place)
        with place.meanwhile(self):
            page.goto(place.path.format_map(self.addresses))
            place.then(page)
            if place.shows:
                page.get_by_text(place.shows).first.wait_for()
        return page

    def new_page(self) -> "Page":
        """Of a stranger."""
        return self.chromium.new_page(viewport=NARROW, base_url=self.address)


def _nothing(page: "Page") -> None:
    return


@contextmanager
def _as_ever(visitor: Visitor) -> Iterator[None]:
    yield


@dataclass(frozen=True)
class Place:
    """`then`: what is done at `path`. `meanwhile`: how things are with the service until then.
    `shows`: words by which the state is known. `by_script`: it is there only where scripts run."""

    path: str
    name: str = ""
    shows: str = ""
    then: Callable[["Page"], Any] = _nothing
    meanwhile: Callable[[Visitor], AbstractContextManager[None]] = _as_ever
    by_script: bool = False

    @property
    def officers(self) -> bool:
        return self.path.startswith("/officers") and self.path != "/officers/sign-in"

    @property
    def is_as_it_opens(self) -> bool:
        return self.then is _nothing

    def __str__(self) -> str:
        return re.sub(r"[^a-z0-9]+", "-", (self.name or self.path).lower()).strip("-") or "first"


# How things may be with the service


@contextmanager
def _soon_over(visitor: Visitor) -> Iterator[None]:
    """The resident's chat closes in three minutes."""

    def began(ago: timedelta) -> None:
        with visitor.app.state.db.writing() as session:
            chats = select(Conversation).where(Conversation.token_hash.is_not(None))
            for chat in session.scalars(chats):
                chat.started_at = clock.now() - ago

    began(timedelta(hours=23, minutes=57))
    yield
    began(timedelta(0))


@contextmanager
def _handed_over(visitor: Visitor) -> Iterator[None]:
    """An officer has stepped in, and the chat is open still."""

    def mark(at: Any) -> None:
        with visitor.app.state.db.writing() as session:
            talk = session.get_one(Conversation, visitor.addresses["talk"])
            talk.handed_over_at, talk.reopened_at = at, at

    mark(clock.now())
    yield
    mark(None)


@contextmanager
def _too_fast(visitor: Visitor) -> Iterator[None]:
    def refuse(*_: Any) -> None:
        raise TooFast("A lot of chats were opened.", 60)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(visitor.app.state.pace, "opening", refuse)
        yield


@contextmanager
def _broken(visitor: Visitor) -> Iterator[None]:
    def fail(*_: Any) -> None:
        raise RuntimeError("on purpose")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chat_pages, "_lines", fail)
        yield


@contextmanager
def _in_a_frame(visitor: Visitor) -> Iterator[None]:
    """The page is the one that goes into a landlord's own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chat_pages, "is_framed", lambda request: True)
        yield


# What is done there


def _press(name: str) -> Callable[["Page"], None]:
    return lambda page: page.get_by_role("button", name=name, exact=True).click()


def _send_a_program(page: "Page") -> None:
    program = {"name": "a.exe", "mimeType": "image/jpeg", "buffer": b"MZ\x90"}
    page.get_by_label("Choose files").set_input_files(program)  # type: ignore[arg-type]
    _press("Send")(page)


def _send_a_book(page: "Page") -> None:
    with page.expect_navigation():
        page.evaluate(SEND_A_BOOK)


def _sign_in_wrongly(page: "Page") -> None:
    page.get_by_label("E-mail address").fill(f"{uuid4().hex}@vivid.example")
    page.get_by_label("Password").fill("wrong")
    _press("Sign in")(page)


PLACES = (
    *map(
        Place,
        (
            "/", "/accessibility", "/chat/vivid", "/chat/vivid/copy", "/chat/nobody",
            "/upload/{link}", "/upload/none", "/officers/sign-in", "/officers/cases",
            "/officers/cases/VIV-1", "/officers/evidence/{photo}", "/officers/evidence/{sound}",
            "/officers/reviews", "/officers/reports/VIV-R", "/officers/cases/NO",
            "/officers/texts", "/officers/cases/VIV-1/texting", "/officers/conversations",
            "/officers/conversations/{talk}", "/officers/incomplete", "/officers/requests",
        ),
    ),
    Place("/chat/vivid", "chat problem", "Write a few words first", _press("Send")),
    Place(
        "/chat/vivid", "chat closing", "This chat closes on this device in",
        meanwhile=_soon_over, by_script=True,
    ),
    Place(
        "/chat/vivid", "chat framed", "Open a new chat in a window of its own",
        meanwhile=_in_a_frame,
    ),
    Place("/upload/{link}", "upload problem", "We cannot keep that kind", _send_a_program),
    Place("/upload/{new_link}", "upload done", "Thank you", _press("I have sent it all")),
    Place("/officers/sign-in", "sign-in problem", "do not belong together", _sign_in_wrongly),
    Place(
        "/officers/conversations/{talk}", "conversation problem", "Write a few words first",
        _press("Send"), _handed_over,
    ),
    Place("/chat/nacro/copy", "401", "This chat is closed on this device."),
    Place("/chat/vivid", "413", "more than we can take at once", _send_a_book),
    Place("/chat/nacro", "429", "That was too much in a short time.", meanwhile=_too_fast),
    Place("/chat/vivid", "500", "Something went wrong on our side.", meanwhile=_broken),
    Place("/officers/evidence/{gone}/shown", "officers 500", "That file cannot be opened."),
)  # fmt: skip


@contextmanager
def visiting(folder: Path, chromium: "Browser") -> Iterator[Visitor]:
    app = make_app(folder)
    add_officer(app)
    add_case(app, "VIV-1")
    add_report(app, "VIV-R", decision={"outcome": "not_asb", "clause": None})
    with pytest.MonkeyPatch.context() as patch, serve(app) as address:
        patch.setattr(web_chat, "send", ScriptedChat().send)
        desk, phone = (
            chromium.new_page(viewport=NARROW, base_url=address)  # type: ignore[arg-type]
            for _ in range(2)
        )
        _sign_in(desk)
        _open_chat(app, phone)
        yield Visitor(app, chromium, address, desk, phone, _addresses(app))
        for page in (desk, phone):
            page.context.close()
    app.state.db.engine.dispose()


def _sign_in(page: "Page") -> None:
    page.goto("/officers/sign-in")
    page.get_by_label("E-mail address").fill("alice@vivid.example")
    page.get_by_label("Password").fill(PASSWORD)
    _press("Sign in")(page)
    page.wait_for_url("**/officers/cases")


def _open_chat(app: FastAPI, page: "Page") -> None:
    """With a question on offer that takes several answers."""
    page.goto("/chat/vivid")
    with app.state.db.writing() as session:
        chat = session.scalars(
            select(Conversation).where(Conversation.token_hash.is_not(None))
        ).one()
        for sender, words, choices in (
            ("resident", "Loud music most nights.", []),
            ("officer", "I am Sam from VIVID.", []),
            ("assistant", "How has this affected you?", YES_NO),
        ):
            session.add(
                Message(
                    landlord="vivid", conversation_id=chat.id, sender=sender, at=clock.now(),
                    text=words, choices=choices, several=bool(choices),
                )
            )  # fmt: skip
            session.flush()


def _addresses(app: FastAPI) -> Addresses:
    """A link for files, a photo, a recording, and a photo that is gone from the disk."""
    found = Addresses()
    found.app = app
    found["link"] = found["new_link"]
    with app.state.db.reading() as session:
        found["talk"] = session.scalars(select(Case.conversation_id)).one()
    found["photo"] = _keep(app, photo(), "IMG_1.jpg").id
    found["sound"] = _keep(app, recording(), "noise at 2am.wav").id
    gone = _keep(app, photo("red"), "IMG_2.jpg")
    app.state.evidence.path_of(gone.sha256).unlink()
    found["gone"] = gone.id
    return found


def _keep(app: FastAPI, content: bytes, name: str) -> Evidence:
    store = app.state.evidence
    with app.state.db.reading() as session:
        report_id = session.scalars(select(Case.report_id)).one()
    file = write_down(app.state.db, store, content, report_id=report_id)
    with app.state.db.writing() as session:
        return keep_evidence(
            session, store.kinds, file, landlord="vivid", report_id=report_id, channel="upload",
            at=clock.now(), said_name=name,
        )  # fmt: skip
