"""Every page in a real browser: on a narrow screen, by its landmarks, and without an error."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI

from api.channels import web_chat
from tests.browser.estate import (
    PASSWORD,
    ScriptedChat,
    add_case,
    add_officer,
    add_report,
    make_app,
    serve,
)

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = Path("/usr/bin/chromium")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"{CHROMIUM} is not installed"),
]

PAGES = (
    "/", "/chat/vivid", "/chat/nobody", "/officers/sign-in", "/officers/cases",
    "/officers/cases/VIV-1", "/officers/reviews", "/officers/reports/VIV-R", "/officers/cases/NO",
    "/officers/texts", "/officers/cases/VIV-1/texting",
)  # fmt: skip
# Controls that are not links in running text need 24 by 24 CSS pixels (WCAG 2.5.8).
TOO_SMALL = """() => [...document.querySelectorAll(
    "button, input:not([type=hidden]), select, textarea, summary, a[role=button]")]
  .filter((one) => one.checkVisibility())
  .map((one) => [one.outerHTML.slice(0, 80), one.getBoundingClientRect()])
  .filter(([, box]) => box.width < 24 || box.height < 24)
  .map(([what]) => what)"""
WITHOUT_LABEL = """() => [...document.querySelectorAll(
    "input:not([type=hidden]), select, textarea")]
  .filter((one) => !one.labels.length).map((one) => one.outerHTML)"""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    made = make_app(tmp_path_factory.mktemp("pages"))
    add_officer(made)
    add_case(made, "VIV-1")
    add_report(made, "VIV-R", decision={"outcome": "not_asb", "clause": None})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(web_chat, "send", ScriptedChat().send)
        yield made
    made.state.db.engine.dispose()


@pytest.fixture(scope="module")
def page(app: FastAPI) -> Iterator["playwright.Page"]:
    """Signed in as an officer, 320 px wide: what 400% zoom leaves of a desktop's screen."""
    with serve(app) as address, playwright.sync_playwright() as started:
        browser = started.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"]
        )
        opened = browser.new_page(viewport={"width": 320, "height": 640}, base_url=address)
        opened.goto("/officers/sign-in")
        opened.get_by_label("E-mail address").fill("alice@vivid.example")
        opened.get_by_label("Password").fill(PASSWORD)
        opened.get_by_role("button", name="Sign in").click()
        playwright.expect(opened).to_have_url(f"{address}/officers/cases")
        yield opened
        browser.close()


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_sound_on_a_narrow_screen(page: "playwright.Page", path: str) -> None:
    troubles: list[str] = []

    def hear(message: "playwright.ConsoleMessage") -> None:
        if message.type in {"error", "warning"} and "status of 404" not in message.text:
            troubles.append(message.text)

    page.on("console", hear)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.goto(path)
    assert page.locator("h1").count() == 1
    assert page.locator("main").count() == 1
    assert page.locator("html[lang=en-GB]").count() == 1
    assert page.title()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert page.evaluate(TOO_SMALL) == []
    assert page.evaluate(WITHOUT_LABEL) == []
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map((one) => one.id)")
    assert len(ids) == len(set(ids))
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "govuk-skip-link"
    page.remove_listener("console", hear)
    assert troubles == []


def test_signing_out_by_keyboard_ends_at_the_sign_in(page: "playwright.Page") -> None:
    context = page.context.browser.new_context(base_url=page.url.split("/officers")[0])
    other = context.new_page()
    other.goto("/officers/sign-in")
    other.get_by_label("E-mail address").fill("alice@vivid.example")
    other.get_by_label("Password").fill(PASSWORD)
    other.keyboard.press("Enter")
    other.get_by_role("button", name="Sign out").focus()
    other.keyboard.press("Enter")
    playwright.expect(other.get_by_role("heading", name="Sign in")).to_be_visible()
    other.goto("/officers/cases")
    playwright.expect(other.get_by_role("heading", name="Sign in")).to_be_visible()
    context.close()
