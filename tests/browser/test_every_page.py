"""Every page in a real browser: on a narrow screen, by its landmarks, and without an error."""

import re
from io import BytesIO

import pytest
from PIL import Image, ImageChops
from sqlalchemy import select

from api import clock
from api.conversation.model import Conversation
from api.messages.model import Message
from tests.browser.axe import violations
from tests.browser.estate import NEEDS_CHROMIUM, PASSWORD, write
from tests.browser.every_page import NARROW, PLACES, Place, Visitor
from tests.journeys.service import NUMBERS

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytestmark = NEEDS_CHROMIUM
Page = playwright.Page

every_place = pytest.mark.parametrize("place", PLACES, ids=str)
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
# The keyboard starts at the top, wherever it was.
FROM_THE_TOP = """() => {
  const top = document.createElement("span");
  top.tabIndex = -1;
  document.body.prepend(top);
  top.focus();
}"""
# The control that has the focus: is it on the screen, on top, and does it look different? In
# forced colours there are no shadows, and what was transparent has a colour.
FOCUS = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const box = one.getBoundingClientRect();
  const [x, y] = [box.left + box.width / 2, box.top + Math.min(box.height / 2, 20)];
  const top = document.elementFromPoint(x, y);
  const seen = box.width > 1 && (one.contains(top) || top?.contains(one)
    || [...(one.labels || [])].some((label) => label.contains(top)));
  const clear = (colour) => /^rgba\\(.*, 0\\)$/.test(colour);
  const paper = getComputedStyle(document.body).backgroundColor;
  const isMarked = (look) => look.boxShadow !== "none"
    || look.outlineStyle !== "none" && parseFloat(look.outlineWidth) >= 2
      && !clear(look.outlineColor) && look.outlineColor !== paper;
  const marked = isMarked(getComputedStyle(one))
    || [...(one.labels || [])].some((label) => isMarked(getComputedStyle(label, "::before")));
  return {what: one.outerHTML.slice(0, 90), seen, marked};
}"""
CONTROLS = """() => [...document.querySelectorAll(
    "a[href], button, input:not([type=hidden]), select, textarea, summary, audio, video")]
  .filter((one) => one.checkVisibility() && !one.closest("details:not([open]) > :not(summary)"))
  .length"""
BUBBLE = """(one) => {
  const look = getComputedStyle(one);
  return {
    left: one.getBoundingClientRect().left,
    edge: look.borderStyle === "solid" && parseFloat(look.borderWidth) >= 1
      && look.borderColor !== look.backgroundColor
      && look.borderColor !== getComputedStyle(document.body).backgroundColor,
  };
}"""


@every_place
def test_a_page_is_sound_on_a_narrow_screen(visitor: Visitor, place: Place) -> None:
    troubles: list[str] = []

    def hear(message: "playwright.ConsoleMessage") -> None:
        known = re.search(r"status of [45]\d\d", message.text)
        if message.type in {"error", "warning"} and not known:
            troubles.append(message.text)

    page = visitor.page_of(place)
    page.on("console", hear)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    visitor.open(place)
    assert page.locator("h1").count() == 1
    assert page.locator("main").count() == 1
    assert page.locator("html[lang=en-GB]").count() == 1
    assert page.title()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert page.evaluate(TOO_SMALL) == []
    assert page.evaluate(WITHOUT_LABEL) == []
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map((one) => one.id)")
    assert len(ids) == len(set(ids))
    if place.is_as_it_opens:
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "govuk-skip-link"
    page.remove_listener("console", hear)
    assert troubles == []


@every_place
def test_axe_finds_nothing_wrong(visitor: Visitor, place: Place) -> None:
    """At 320 px, at 400% zoom of a small laptop, in forced colours, and on a wide screen."""
    page = visitor.open(place)
    # From its top, where the way out is above everything and not over it.
    page.evaluate("scrollTo(0, 0)")
    found = violations(page)
    page.emulate_media(forced_colors="active")
    found += violations(page)
    page.emulate_media(forced_colors="none")
    for size in ({"width": 320, "height": 256}, {"width": 1280, "height": 900}):
        page.set_viewport_size(size)
        found += violations(page)
    page.set_viewport_size(NARROW)
    assert found == []


@pytest.mark.parametrize("place", [one for one in PLACES if not one.by_script], ids=str)
def test_axe_finds_nothing_wrong_without_our_scripts(visitor: Visitor, place: Place) -> None:
    """Where scripts do not run at all, axe would not either: so only ours are kept away."""
    page = visitor.page_of(place)
    page.route("**/*.js*", lambda route: route.abort())
    visitor.open(place)
    page.unroute("**/*.js*")
    page.evaluate("scrollTo(0, 0)")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert violations(page) == []


@pytest.mark.parametrize("colours", ["none", "active"])
@every_place
def test_a_keyboard_reaches_every_control_and_shows_where_it_is(
    visitor: Visitor, place: Place, colours: str
) -> None:
    """In a page's own colours, and in forced ones."""
    page = visitor.open(place)
    page.emulate_media(forced_colors=colours)
    controls = page.evaluate(CONTROLS)
    page.evaluate(FROM_THE_TOP)
    reached: list[str] = []
    for _ in range(controls + 3):
        page.keyboard.press("Tab")
        focus = page.evaluate(FOCUS)
        if focus is None:
            break
        assert focus["seen"], f"hidden below something: {focus['what']}"
        assert focus["marked"], f"looks as if it had no focus: {focus['what']}"
        reached.append(focus["what"])
    page.emulate_media(forced_colors="none")
    assert len(reached) >= controls


CHAT = Place("/chat/vivid")
CHAT_PROBLEM = next(one for one in PLACES if one.name == "chat problem")


def test_what_is_wrong_comes_onto_the_screen_and_the_focus_stays(visitor: Visitor) -> None:
    page = visitor.open(CHAT_PROBLEM)
    problem = page.get_by_role("alert")
    playwright.expect(problem).to_be_in_viewport(ratio=1)
    way_out = page.locator(".ds-exit__button").bounding_box()
    assert problem.bounding_box()["y"] >= way_out["y"] + way_out["height"]
    playwright.expect(page.get_by_role("button", name="Send", exact=True)).to_be_focused()


def test_in_forced_colours_who_said_what_can_be_told(visitor: Visitor) -> None:
    page = visitor.open(CHAT)
    page.emulate_media(forced_colors="active")
    mine, theirs = (
        page.locator(f".ds-message--{who}").first.evaluate(BUBBLE)
        for who in ("resident", "assistant")
    )
    page.emulate_media(forced_colors="none")
    assert mine["edge"] and theirs["edge"]
    assert mine["left"] > theirs["left"]


@pytest.mark.parametrize("colours", ["none", "active"])
def test_a_chosen_answer_can_be_told_from_one_that_is_not(visitor: Visitor, colours: str) -> None:
    page = visitor.open(CHAT)
    page.emulate_media(forced_colors=colours)
    box = page.get_by_label("Yes, that is it")
    box.evaluate("(one) => one.scrollIntoView({block: 'center'})")
    seen = []
    for chosen in (False, True):
        box.set_checked(chosen)
        box.blur()
        shot = page.locator(".govuk-checkboxes__item").first.screenshot()
        seen.append(Image.open(BytesIO(shot)).convert("L"))
    box.set_checked(False)
    page.emulate_media(forced_colors="none")
    # A tick of some hundred pixels, dark on light or light on dark.
    differs = ImageChops.difference(*seen).point(lambda level: 255 * (level > 96))
    assert differs.histogram()[255] > 60


@pytest.mark.parametrize("landlord", NUMBERS)
def test_in_every_landlords_colours_the_chat_can_be_read(visitor: Visitor, landlord: str) -> None:
    page = visitor.new_page()
    page.goto(f"/chat/{landlord}")
    write(page, "loud music")
    playwright.expect(page.get_by_role("log")).to_contain_text("Is this about loud noise?")
    with visitor.app.state.db.writing() as session:
        chat = session.scalars(
            select(Conversation)
            .where(Conversation.landlord == landlord)
            .order_by(Conversation.started_at.desc())
        ).first()
        session.add(
            Message(
                landlord=landlord, conversation_id=chat.id, sender="officer",
                text="I am Sam.", at=clock.now(),
            )
        )  # fmt: skip
    playwright.expect(page.locator(".ds-message--officer")).to_be_visible()
    assert violations(page) == []
    page.context.close()


def test_signing_out_by_keyboard_ends_at_the_sign_in(visitor: Visitor) -> None:
    page = visitor.new_page()
    page.goto("/officers/sign-in")
    page.get_by_label("E-mail address").fill("alice@vivid.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Sign out").focus()
    page.keyboard.press("Enter")
    playwright.expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.goto("/officers/cases")
    playwright.expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.context.close()
