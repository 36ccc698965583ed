"""What the tests in a real browser share: one Chromium, and a small service for each test."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fastapi import FastAPI
from fastapi.responses import HTMLResponse

from api import pages
from api.channels import web_chat
from tests.browser.estate import CHROMIUM, ScriptedChat, make_app, serve
from tests.browser.every_page import Visitor, visiting

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


# No wider than a module: while it runs, Playwright's own loop stands in the way of asyncio.run.
@pytest.fixture(scope="module")
def chromium() -> "Iterator[Browser]":
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        browser = started.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()


@pytest.fixture
def chat(monkeypatch: pytest.MonkeyPatch) -> ScriptedChat:
    scripted = ScriptedChat()
    monkeypatch.setattr(web_chat, "send", scripted.send)
    return scripted


@pytest.fixture
def app(tmp_path: Path, chat: ScriptedChat) -> Iterator[FastAPI]:
    made = make_app(tmp_path)
    yield made
    made.state.db.engine.dispose()


@pytest.fixture
def address(app: FastAPI) -> Iterator[str]:
    with serve(app) as at:
        yield at


@pytest.fixture
def page(chromium: "Browser", address: str) -> "Iterator[Page]":
    """VIVID's chat on a phone."""
    context = chromium.new_context(viewport={"width": 375, "height": 700}, base_url=address)
    opened = context.new_page()
    opened.goto("/chat/vivid")
    yield opened
    context.close()


@pytest.fixture(scope="module")
def visitor(chromium: "Browser", tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Visitor]":
    with visiting(tmp_path_factory.mktemp("pages"), chromium) as found:
        yield found


@pytest.fixture
def weather(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A neutral site on this machine, so that no request leaves it."""
    site = FastAPI()
    site.get("/")(lambda: HTMLResponse("<title>Weather</title>"))
    with serve(site) as at:
        monkeypatch.setattr(pages, "NEUTRAL_SITE", f"{at}/")
        yield f"{at}/"
