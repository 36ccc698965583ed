"""A resident's whole report in a real browser, with JavaScript and without it, to the case and its
file on an officer's screen."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from tests.browser.estate import CHROMIUM, NEEDS_CHROMIUM
from tests.browser.photos import photo
from tests.journeys.devices import Talk
from tests.journeys.residents import details, reference_in, resident
from tests.journeys.service import REPLY_SECONDS, Service

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytestmark = [pytest.mark.journey, *NEEDS_CHROMIUM]
expect = playwright.expect
PATIENCE = REPLY_SECONDS * 1000


@pytest.fixture(scope="module")
def chromium() -> "Iterator[Browser]":
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(
            executable_path=str(CHROMIUM),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()


@dataclass
class Screen(Talk):
    """The chat page as a person uses it: they read what is new, then pick or write."""

    page: "Page | None" = None

    def open(self, page: "Page") -> "Screen":
        self.page = page
        page.goto(f"{self.service.url}/chat/{self.landlord}")
        self.heard += self._from_the_assistant()
        return self

    def say(self, text: str) -> str:
        assert self.page
        self.page.get_by_label("Your message").fill(text)
        return self._after(lambda: self.page.get_by_role("button", name="Send", exact=True).click())

    def _after(self, press: Callable[[], None]) -> str:
        assert self.page
        before = len(self._from_the_assistant())
        press()
        expect(self.page.locator(".ds-message--assistant").nth(before)).to_be_visible(
            timeout=PATIENCE
        )
        fresh = self._from_the_assistant()[before:]
        self.heard += fresh
        return "\n".join(fresh)

    def _from_the_assistant(self) -> list[str]:
        assert self.page
        return self.page.locator(".ds-message--assistant").all_inner_texts()


@pytest.mark.parametrize("script", [True, False], ids=["with-script", "without-script"])
def test_from_the_first_words_to_a_case_with_a_photo(
    service: Service, chromium: "Browser", script: bool
) -> None:
    context = chromium.new_context(java_script_enabled=script)
    page = context.new_page()
    chat = Screen(service, "vivid").open(page)
    assert "automated" in chat.heard[0]
    chat.say("loud music at 2am most nights from the flat above")
    told = chat.answer_until("reference is", details(resident()))
    reference = reference_in(told)

    page.get_by_role("button", name="Add photos, sound or video").click()
    page.set_input_files(
        "#files", {"name": "IMG_1.jpg", "mimeType": "image/jpeg", "buffer": photo()}
    )
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("We have kept 1 file.")).to_be_visible()
    page.get_by_role("button", name="I have sent it all").click()
    page.get_by_role("link", name="Go to the chat").click()
    expect(page.get_by_role("log")).to_contain_text(reference)

    found = service.case("vivid", reference)
    assert found["category"] == "noise"
    officer = context.browser.new_context(base_url=service.url).new_page()
    known = next(one for one in service.first_run["officers"] if one["landlord"] == "vivid")
    officer.goto(f"/officers/sign-in?next=/officers/cases/{reference}")
    officer.get_by_label("E-mail address").fill(known["email"])
    officer.get_by_label("Password").fill(known["password"])
    officer.get_by_role("button", name="Sign in").click()
    expect(officer.get_by_text("Not opened yet")).to_be_visible()
    officer.get_by_role("link", name="Photo: IMG_1.jpg").click()
    expect(officer.get_by_text("51.50000, -0.12500")).to_be_visible()
    officer.get_by_role("link", name=reference).click()
    expect(officer.get_by_text("First opened")).to_be_visible()
    officer.context.close()
    context.close()
