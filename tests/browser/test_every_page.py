"""Every page in a real browser: on a narrow screen, by its landmarks, and without an error."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from api import clock
from api.cases.model import Case
from api.channels import web_chat
from api.conversation.model import Conversation
from api.evidence.keep import keep_evidence, write_down
from api.evidence.links import create_upload_link
from api.messages.model import Message
from tests.browser.axe import violations
from tests.browser.estate import (
    NEEDS_CHROMIUM,
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

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytestmark = NEEDS_CHROMIUM

PAGES = (
    "/", "/accessibility", "/chat/vivid", "/chat/vivid/copy", "/chat/nobody", "/upload/{token}",
    "/upload/none", "/officers/sign-in", "/officers/cases", "/officers/cases/VIV-1",
    "/officers/evidence/{photo}", "/officers/evidence/{sound}", "/officers/reviews",
    "/officers/reports/VIV-R", "/officers/cases/NO", "/officers/texts",
    "/officers/cases/VIV-1/texting", "/officers/conversations", "/officers/conversations/{talk}",
    "/officers/incomplete", "/officers/requests",
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


# The control that has the focus: is it on the screen, on top, and does it look different?
FOCUS = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const box = one.getBoundingClientRect();
  const [x, y] = [box.left + box.width / 2, box.top + Math.min(box.height / 2, 20)];
  const top = document.elementFromPoint(x, y);
  const seen = box.width > 1 && (one.contains(top) || top?.contains(one)
    || [...(one.labels || [])].some((label) => label.contains(top)));
  const look = getComputedStyle(one);
  const marked = look.outlineStyle !== "none" || look.boxShadow !== "none"
    || [...(one.labels || [])].some(
      (label) => getComputedStyle(label, "::before").boxShadow !== "none");
  return {what: one.outerHTML.slice(0, 90), seen, marked};
}"""
CONTROLS = """() => [...document.querySelectorAll(
    "a[href], button, input:not([type=hidden]), select, textarea, summary, audio, video")]
  .filter((one) => one.checkVisibility() && !one.closest("details:not([open]) > :not(summary)"))
  .length"""


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
def addresses(app: FastAPI) -> dict[str, str]:
    """What stands in the braces of PAGES: a link for files, a photo and a recording."""
    store = app.state.evidence
    with app.state.db.writing() as session:
        report_id = session.scalars(select(Case.report_id)).one()
        talk = session.scalars(select(Case.conversation_id)).one()
        link = create_upload_link(
            session, landlord="vivid", report_id=report_id, at=clock.now(), public_url=""
        )
        photo_id, sound_id = (
            keep_evidence(
                session, store.kinds, write_down(app.state.db, store, content, report_id=report_id),
                landlord="vivid", report_id=report_id, channel="upload", at=clock.now(),
                said_name=name,
            ).id
            for content, name in ((photo(), "IMG_1.jpg"), (recording(), "noise at 2am.wav"))
        )  # fmt: skip
    return {
        "token": link.rpartition("/")[2],
        "photo": photo_id,
        "sound": sound_id,
        "talk": talk,
    }


@pytest.fixture(scope="module")
def page(app: FastAPI, chromium: "playwright.Browser") -> Iterator["playwright.Page"]:
    """Signed in as an officer, 320 px wide: what 400% zoom leaves of a desktop's screen."""
    with serve(app) as address:
        opened = chromium.new_page(viewport={"width": 320, "height": 640}, base_url=address)
        opened.goto("/officers/sign-in")
        opened.get_by_label("E-mail address").fill("alice@vivid.example")
        opened.get_by_label("Password").fill(PASSWORD)
        opened.get_by_role("button", name="Sign in").click()
        playwright.expect(opened).to_have_url(f"{address}/officers/cases")
        # A chat with a question on offer that takes several answers.
        opened.goto("/chat/vivid")
        with app.state.db.writing() as session:
            chat = session.scalars(
                select(Conversation).where(Conversation.token_hash.is_not(None))
            ).one()
            session.add(
                Message(
                    landlord="vivid", conversation_id=chat.id, sender="assistant", at=clock.now(),
                    text="How has this affected you?", choices=YES_NO, several=True,
                )
            )  # fmt: skip
        yield opened
        opened.context.close()


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_sound_on_a_narrow_screen(
    page: "playwright.Page", addresses: dict[str, str], path: str
) -> None:
    troubles: list[str] = []

    def hear(message: "playwright.ConsoleMessage") -> None:
        if message.type in {"error", "warning"} and "status of 40" not in message.text:
            troubles.append(message.text)

    page.on("console", hear)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.goto(path.format_map(addresses))
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


@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing_wrong(
    page: "playwright.Page", addresses: dict[str, str], path: str
) -> None:
    """At 320 px, at 400% zoom of a small laptop, in forced colours, and on a wide screen."""
    page.goto(path.format_map(addresses))
    found = violations(page)
    page.emulate_media(forced_colors="active")
    found += violations(page)
    page.emulate_media(forced_colors="none")
    for size in ({"width": 320, "height": 256}, {"width": 1280, "height": 900}):
        page.set_viewport_size(size)
        found += violations(page)
    page.set_viewport_size({"width": 320, "height": 640})
    assert found == []


@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing_wrong_without_our_scripts(
    page: "playwright.Page", addresses: dict[str, str], path: str
) -> None:
    """Where scripts do not run at all, axe would not either: so only ours are kept away."""
    page.route("**/*.js*", lambda route: route.abort())
    page.goto(path.format_map(addresses))
    page.unroute("**/*.js*")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert violations(page) == []


@pytest.mark.parametrize("path", PAGES)
def test_a_keyboard_reaches_every_control_and_shows_where_it_is(
    page: "playwright.Page", addresses: dict[str, str], path: str
) -> None:
    page.goto(path.format_map(addresses))
    controls = page.evaluate(CONTROLS)
    reached: list[str] = []
    for _ in range(controls + 3):
        page.keyboard.press("Tab")
        focus = page.evaluate(FOCUS)
        if focus is None:
            break
        assert focus["seen"], f"hidden below something: {focus['what']}"
        assert focus["marked"], f"looks as if it had no focus: {focus['what']}"
        reached.append(focus["what"])
    assert len(reached) >= controls


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
