"""The chat when things get in the way: lost connections, time, frames, and questions with more
than one answer. Each message is announced once, and nothing but the person moves the focus."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from sqlalchemy import select

from api import clock
from api.conversation.model import Conversation
from api.evidence.model import Evidence, UploadLink
from api.messages.model import Message
from api.reports.model import Report
from tests.browser.axe import violations
from tests.browser.estate import NEEDS_CHROMIUM, ScriptedChat, residents_words, serve, write
from tests.browser.photos import photo, recording

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytestmark = NEEDS_CHROMIUM
Browser, Page, expect = playwright.Browser, playwright.Page, playwright.expect

AFFECTED = [
    {"value": "physical", "label": "Physical health", "words": []},
    {"value": "mental", "label": "Mental health", "words": []},
    {"value": "none", "label": "None of these", "words": []},
]
# What a screen reader is told: lines that are added to the log, by their message; and whether
# one was taken away or the focus moved while nobody pressed anything.
LISTEN = """() => {
  window.heard = []; window.lost = 0; window.moved = 0;
  const log = document.getElementById("log");
  new MutationObserver((changes) => changes.forEach((change) => {
    for (const line of change.addedNodes) if (line.nodeName === "LI") window.heard.push(line);
    window.lost += [...change.removedNodes].filter((one) => one.nodeName === "LI").length;
  })).observe(log, {childList: true, subtree: true, characterData: true});
  document.getElementById("text").focus();
  document.addEventListener("focusout", () => { window.moved += 1; });
}"""


@pytest.fixture
def affected(chat: ScriptedChat) -> ScriptedChat:
    chat.replies["affected"] = ("How has this affected you?", AFFECTED)
    chat.several = True
    return chat


def officer_says(app: FastAPI, words: str) -> None:
    with app.state.db.writing() as session:
        one = session.scalars(select(Conversation)).one()
        session.add(
            Message(
                landlord="vivid", conversation_id=one.id, sender="officer", text=words,
                at=clock.now(),
            )
        )  # fmt: skip


def test_each_message_is_announced_once_and_the_focus_stays(page: Page, app: FastAPI) -> None:
    page.evaluate(LISTEN)
    page.keyboard.type("loud music")
    page.keyboard.press("Enter")
    log = page.get_by_role("log", name="Messages")
    expect(log).to_contain_text("Is this about loud noise?")
    officer_says(app, "I am Sam from VIVID.")
    expect(log).to_contain_text("I am Sam from VIVID.")
    officer_says(app, "I will call you.")
    expect(log).to_contain_text("I will call you.")
    page.wait_for_function("window.heard.length >= 4")
    heard = page.evaluate("window.heard.map((line) => line.querySelector('.ds-words').textContent)")
    assert heard == [
        "loud music", "Is this about loud noise?", "I am Sam from VIVID.", "I will call you.",
    ]  # fmt: skip
    assert page.evaluate("[window.lost, window.moved]") == [0, 0]
    expect(page.get_by_label("Your message")).to_be_focused()


def test_after_a_lost_connection_the_chat_goes_on_where_it_was(
    page: Page, app: FastAPI, chat: ScriptedChat
) -> None:
    write(page, "loud music")
    log = page.get_by_role("log")
    expect(log).to_contain_text("Is this about loud noise?")
    page.evaluate(LISTEN)
    page.context.set_offline(True)
    officer_says(app, "We tried to reach you.")
    page.get_by_label("Your message").fill("are you there")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Your message was not sent.")
    expect(page.get_by_label("Your message")).to_have_value("are you there")
    assert residents_words(app) == ["loud music"]
    page.context.set_offline(False)
    expect(log).to_contain_text("We tried to reach you.", timeout=15000)
    page.get_by_role("button", name="Send", exact=True).click()
    expect(log).to_contain_text("Thank you. When does it happen?")
    assert residents_words(app) == ["loud music", "are you there"]
    assert page.locator("#log > li").count() == 6
    page.reload()
    expect(page.locator("#log > li")).to_have_count(6)


@pytest.mark.parametrize("script", [True, False])
def test_several_answers_are_ticked_and_sent_together(
    chromium: Browser, address: str, affected: ScriptedChat, app: FastAPI, script: bool
) -> None:
    context = chromium.new_context(base_url=address, java_script_enabled=script)
    page = context.new_page()
    page.goto("/chat/vivid")
    write(page, "affected")
    page.get_by_label("Physical health").check()
    page.get_by_label("Mental health").check()
    page.get_by_role("button", name="Send what I ticked").click()
    log = page.get_by_role("log")
    expect(log).to_contain_text("Physical health, Mental health")
    expect(log).to_contain_text("Thank you. When does it happen?")
    expect(page.get_by_role("checkbox")).to_have_count(0)
    assert residents_words(app) == ["affected", "physical, mental"]
    context.close()


def test_when_ticks_cannot_be_sent_they_are_back(
    page: Page, affected: ScriptedChat, app: FastAPI
) -> None:
    write(page, "affected")
    page.get_by_label("Mental health").check()
    page.route("**/messages", lambda route: route.abort(), times=1)
    page.get_by_role("button", name="Send what I ticked").click()
    expect(page.get_by_role("alert")).to_contain_text("Your message was not sent.")
    expect(page.get_by_label("Mental health")).to_be_checked()
    expect(page.get_by_label("Physical health")).not_to_be_checked()
    page.get_by_role("button", name="Send what I ticked").click()
    expect(page.get_by_role("log")).to_contain_text("Thank you. When does it happen?")
    assert residents_words(app) == ["affected", "mental"]


def test_nothing_ticked_is_said(page: Page, affected: ScriptedChat, app: FastAPI) -> None:
    write(page, "affected")
    page.get_by_role("button", name="Send what I ticked").click()
    expect(page.get_by_role("alert")).to_contain_text("Tick at least one answer")
    assert residents_words(app) == ["affected"]


def test_a_warning_comes_before_the_chat_closes_and_it_can_be_kept_open(
    chromium: Browser, address: str, app: FastAPI
) -> None:
    context = chromium.new_context(base_url=address)
    page = context.new_page()
    page.clock.install()
    page.goto("/chat/vivid")
    page.clock.pause_at(clock.now() + timedelta(minutes=1))
    page.get_by_label("Your message").fill("I was writ")
    page.clock.fast_forward("01:54:10")
    warning = page.get_by_role("alert")
    expect(warning).to_contain_text("This chat closes on this device in 5 minutes")
    with app.state.db.reading() as session:
        reference = session.scalars(select(Report.reference)).one()
    expect(warning).to_contain_text(f"Your reference is {reference}.")
    expect(page.get_by_label("Your message")).to_have_value("I was writ")
    with app.state.db.writing() as session:
        session.scalars(select(Conversation)).one().last_message_at -= timedelta(minutes=115)
        session.scalars(select(Conversation)).one().seen_at = None
    page.get_by_role("button", name="Keep the chat open").click()
    expect(page.get_by_role("status")).to_have_text("The chat stays open.")
    expect(warning).to_have_count(0)
    page.clock.fast_forward("01:50:00")
    expect(page.get_by_role("alert")).to_have_count(0)
    with app.state.db.reading() as session:
        assert session.scalars(select(Conversation)).one().seen_at is not None
    context.close()


def test_when_the_time_is_over_the_messages_leave_the_screen_and_the_words_do_not(
    chromium: Browser, address: str
) -> None:
    context = chromium.new_context(base_url=address)
    page = context.new_page()
    page.clock.install()
    page.goto("/chat/vivid")
    write(page, "loud music")
    expect(page.get_by_role("log")).to_contain_text("Is this about loud noise?")
    page.get_by_label("Your message").fill("I was writ")
    page.clock.fast_forward("02:00:30")
    expect(page.get_by_role("alert")).to_contain_text("This chat is closed on this device.")
    expect(page.locator("#log > li")).to_have_count(0)
    expect(page.get_by_label("Your message")).to_have_value("I was writ")
    context.close()


def three_hours_pass(page: Page, app: FastAPI) -> None:
    """On the page, whose clock is stopped by `page.clock.install`, and in the records."""
    back = timedelta(hours=3)
    with app.state.db.writing() as session:
        talk = session.scalars(select(Conversation)).one()
        talk.started_at, talk.last_message_at, talk.seen_at = (
            talk.started_at - back, talk.last_message_at - back, None,
        )  # fmt: skip
        for message in session.scalars(select(Message)):
            message.at -= back
    page.clock.fast_forward("03:00:00")


def test_who_writes_on_a_page_that_has_closed_goes_on_and_hears_what_comes_later(
    chromium: Browser, address: str, app: FastAPI
) -> None:
    context = chromium.new_context(base_url=address)
    page = context.new_page()
    page.clock.install()
    page.goto("/chat/vivid")
    write(page, "loud music")
    log = page.get_by_role("log")
    expect(log).to_contain_text("Is this about loud noise?")
    three_hours_pass(page, app)
    expect(page.get_by_role("alert")).to_contain_text("Your messages are kept, and hidden here.")
    write(page, "still here")
    expect(log).to_contain_text("Thank you. When does it happen?")
    expect(page.get_by_role("alert")).to_have_count(0)
    officer_says(app, "I am Sam from VIVID.")
    expect(log).to_contain_text("I am Sam from VIVID.")
    expect(log).not_to_contain_text("loud music")
    assert residents_words(app) == ["loud music", "still here"]
    context.close()


def test_words_for_a_chat_that_is_over_are_taken_to_a_new_one(
    chromium: Browser, address: str, app: FastAPI
) -> None:
    context = chromium.new_context(base_url=address)
    page = context.new_page()
    page.clock.install()
    page.goto("/chat/vivid")
    write(page, "loud music")
    expect(page.get_by_role("log")).to_contain_text("Is this about loud noise?")
    with app.state.db.writing() as session:
        session.scalars(select(Report)).one().flags = ["domestic_abuse"]
    three_hours_pass(page, app)
    expect(page.get_by_role("alert")).to_contain_text("This chat is closed on this device")
    write(page, "he is back")
    expect(page.locator("#notice")).to_contain_text("This is a new chat.")
    expect(page.get_by_role("log")).to_contain_text("he is back")
    expect(page.get_by_role("log")).not_to_contain_text("loud music")
    assert residents_words(app) == ["loud music", "he is back"]
    context.close()


@pytest.mark.parametrize("script", [True, False])
def test_who_comes_back_is_asked_whose_chat_it_is(
    chromium: Browser, address: str, app: FastAPI, script: bool
) -> None:
    context = chromium.new_context(base_url=address, java_script_enabled=script)
    page = context.new_page()
    page.clock.install()
    page.goto("/chat/vivid")
    write(page, "loud music")
    expect(page.get_by_role("log")).to_contain_text("Is this about loud noise?")
    with app.state.db.writing() as session:
        talk = session.scalars(select(Conversation)).one()
        talk.requested_slot, talk.pending = "how_often", [{"say": "ask_how_often"}]
    three_hours_pass(page, app)
    page.goto("/chat/vivid")
    expect(page.get_by_role("heading", level=1)).to_have_text("A chat was begun here before")
    if script:
        assert violations(page) == []
    page.get_by_role("button", name="Yes, go on").click()
    log = page.get_by_role("log")
    expect(log).to_contain_text("Welcome back. We were at how often it happens.")
    page.get_by_role("button", name="Most days").click()
    expect(log).to_contain_text("Thank you. When does it happen?")
    assert residents_words(app) == ["loud music", "most_days"]
    context.close()


def test_leaving_in_one_window_closes_the_chat_in_the_other(page: Page, weather: str) -> None:
    write(page, "loud music")
    expect(page.get_by_role("log")).to_contain_text("Is this about loud noise?")
    other = page.context.new_page()
    other.goto("/chat/vivid")
    with other.expect_navigation(url=weather):
        other.get_by_role("button", name="Exit this page").click()
    expect(page.get_by_role("alert")).to_contain_text("This chat is closed on this device.")
    expect(page.locator("#log > li")).to_have_count(0)


@pytest.mark.parametrize("path", ["/", "/accessibility", "/chat/nobody", "/chat/vivid/copy"])
def test_every_residents_page_is_left_by_shift_three_times(
    weather: str, page: Page, path: str
) -> None:
    page.goto(path)
    with page.expect_navigation(url=weather):
        for _ in range(3):
            page.keyboard.press("Shift")
    assert page.title() == "Weather"


def test_without_javascript_the_exit_ends_the_chat(
    weather: str, chromium: Browser, address: str, app: FastAPI
) -> None:
    context = chromium.new_context(base_url=address, java_script_enabled=False)
    page = context.new_page()
    page.goto("/chat/vivid")
    page.get_by_role("button", name="Exit this page").click()
    expect(page).to_have_title("Weather")
    assert context.cookies() == []
    with app.state.db.reading() as session:
        assert session.scalars(select(Conversation)).one().ended_at is not None
    context.close()


def test_the_exit_goes_on_when_we_do_not_answer(weather: str, page: Page) -> None:
    page.route("**/chat/exit", lambda route: None)
    with page.expect_navigation(url=weather):
        page.get_by_role("button", name="Exit this page").click()


@pytest.mark.parametrize("script", [True, False])
def test_photos_and_sound_go_from_the_chat_to_the_report(
    chromium: Browser, address: str, app: FastAPI, script: bool
) -> None:
    context = chromium.new_context(base_url=address, java_script_enabled=script)
    page = context.new_page()
    page.goto("/chat/vivid")
    page.get_by_role("button", name="Add photos, sound or video").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Send photos, sound or video")
    page.set_input_files(
        "#files",
        [
            {"name": "IMG_1.jpg", "mimeType": "image/jpeg", "buffer": photo()},
            {"name": "noise.wav", "mimeType": "audio/wav", "buffer": recording()},
        ],
    )
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("We have kept 2 files.")).to_be_visible()
    page.get_by_role("button", name="I have sent it all").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you")
    with app.state.db.reading() as session:
        kept = session.scalars(select(Evidence.media_type).order_by(Evidence.media_type)).all()
    assert kept == ["audio/x-wav", "image/jpeg"]
    page.get_by_role("link", name="Go to the chat").click()
    expect(page.get_by_role("log")).to_contain_text("automated")
    context.close()


@pytest.fixture
def landlords_site(app: FastAPI, address: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A page on another site than ours, with the chat in a frame; VIVID allows it."""
    site = FastAPI()
    frame = f'<title>VIVID</title><iframe src="{address}/chat/vivid" width=400 height=900></iframe>'
    site.get("/")(lambda: HTMLResponse(frame))
    with serve(site) as at:
        origin = at.replace("127.0.0.1", "localhost")
        landlords = dict(app.state.landlords)
        landlords["vivid"] = replace(landlords["vivid"], frames=(origin,))
        monkeypatch.setattr(app.state, "landlords", landlords)
        yield f"{origin}/"


@pytest.mark.parametrize("script", [True, False])
def test_the_chat_goes_on_inside_the_landlords_own_site(
    weather: str,
    chromium: Browser,
    landlords_site: str,
    app: FastAPI,
    script: bool,
) -> None:
    context = chromium.new_context(java_script_enabled=script)
    page = context.new_page()
    page.goto(landlords_site)
    frame = page.frame_locator("iframe")
    frame.get_by_label("Your message").fill("loud music")
    frame.get_by_role("button", name="Send", exact=True).click()
    expect(frame.get_by_role("log")).to_contain_text("Is this about loud noise?")
    frame.get_by_role("button", name="Yes, that is it").click()
    expect(frame.get_by_role("log")).to_contain_text("Thank you. When does it happen?")
    assert residents_words(app) == ["loud music", "yes"]
    frame.get_by_role("button", name="Exit this page").click()
    expect(page).to_have_title("Weather")
    with app.state.db.reading() as session:
        assert session.scalars(select(Conversation)).one().ended_at is not None
    context.close()


@pytest.mark.parametrize("script", [True, False])
def test_what_goes_wrong_is_said_inside_the_landlords_own_site_too(
    weather: str, chromium: Browser, landlords_site: str, app: FastAPI, script: bool
) -> None:
    context = chromium.new_context(java_script_enabled=script)
    page = context.new_page()
    page.goto(landlords_site)
    frame = page.frame_locator("iframe")
    frame.get_by_label("Your message").fill("loud music")
    frame.get_by_role("button", name="Send", exact=True).click()
    expect(frame.get_by_role("log")).to_contain_text("Is this about loud noise?")
    with app.state.db.writing() as session:
        session.scalars(select(Conversation)).one().ended_at = clock.now()
    frame.get_by_role("button", name="Add photos, sound or video").click()
    heading = frame.get_by_role("heading", level=1)
    expect(heading).to_have_text("This chat is closed on this device.")
    frame.get_by_role("link", name="Go to the chat").click()
    expect(frame.get_by_role("log")).to_contain_text("Please tell us what is happening")
    frame.get_by_role("button", name="Add photos, sound or video").click()
    expect(heading).to_have_text("Send photos, sound or video")
    with app.state.db.writing() as session:
        session.scalars(select(UploadLink)).one().closed_at = clock.now()
    sent = {"name": "IMG_1.jpg", "mimeType": "image/jpeg", "buffer": photo()}
    frame.locator("#files").set_input_files(sent)
    frame.get_by_role("button", name="Send", exact=True).click()
    expect(heading).to_have_text("This link does not work any more.")
    frame.get_by_role("button", name="Exit this page").click()
    expect(page).to_have_title("Weather")
    with app.state.db.reading() as session:
        assert None not in session.scalars(select(Conversation.ended_at)).all()
    context.close()


def test_a_site_that_is_not_allowed_shows_no_chat(
    chromium: Browser, address: str, landlords_site: str, app: FastAPI
) -> None:
    landlords = dict(app.state.landlords)
    app.state.landlords = {**landlords, "vivid": replace(landlords["vivid"], frames=())}
    page = chromium.new_page()
    with page.expect_console_message(lambda one: "frame-ancestors" in one.text):
        page.goto(landlords_site)
    assert page.frame_locator("iframe").locator("#log").count() == 0
    page.close()
