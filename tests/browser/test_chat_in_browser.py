"""The chat in a real browser: with JavaScript, without it, and when something fails."""

import re
from datetime import timedelta

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from api import clock
from api.conversation.model import Conversation
from api.messages.model import Message
from tests.browser.estate import NEEDS_CHROMIUM, ScriptedChat, residents_words, write

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytestmark = NEEDS_CHROMIUM
Browser, Page, expect = playwright.Browser, playwright.Page, playwright.expect


def test_a_report_is_told_without_the_page_loading_again(
    page: Page, chat: ScriptedChat, app: FastAPI
) -> None:
    page.evaluate("window.stayed = true")
    write(page, "loud music")
    log = page.get_by_role("log", name="Messages")
    expect(log).to_contain_text("Is this about loud noise?")
    expect(page.get_by_label("Your message")).to_have_value("")
    page.get_by_role("button", name="Yes, that is it").click()
    expect(log).to_contain_text("Thank you. When does it happen?")
    # The pressed button has gone; the keyboard goes on from where it was.
    page.keyboard.press("Tab")
    expect(page.get_by_label("Your message")).to_be_focused()
    expect(log.locator(".ds-message--resident")).to_have_text(
        [re.compile("loud music$"), re.compile("Yes, that is it$")]
    )
    expect(page.get_by_role("button", name="Yes, that is it")).to_have_count(0)
    assert chat.sent == ["loud music", "yes"]
    assert residents_words(app) == ["loud music", "yes"]
    assert page.evaluate("window.stayed")


def test_a_message_that_comes_in_never_moves_the_focus(
    page: Page, chat: ScriptedChat, app: FastAPI
) -> None:
    chat.late = True
    write(page, "loud music")
    expect(page.get_by_role("status")).to_contain_text("The answer will show here.")
    page.get_by_label("Your message").focus()
    page.keyboard.type("and an")
    answer_late(app, chat)
    expect(page.get_by_role("log")).to_contain_text("Is this about loud noise?")
    page.keyboard.type("other thing")
    expect(page.get_by_label("Your message")).to_be_focused()
    expect(page.get_by_label("Your message")).to_have_value("and another thing")
    expect(page.get_by_role("status")).to_have_text("")


def answer_late(app: FastAPI, chat: ScriptedChat) -> None:
    with app.state.db.writing() as session:
        kept = session.scalars(select(Message).where(Message.sender == "resident")).one()
        session.add(chat.reply(kept, at=kept.at))


def test_where_events_do_not_get_through_the_page_asks(
    chromium: Browser, address: str, app: FastAPI, chat: ScriptedChat
) -> None:
    chat.late = True
    context = chromium.new_context(base_url=address)
    context.route("**/events*", lambda route: route.fulfill(status=503, body="no"))
    page = context.new_page()
    page.clock.install()
    page.goto("/chat/vivid")
    write(page, "loud music")
    expect(page.get_by_role("status")).to_contain_text("The answer will show here.")
    answer_late(app, chat)
    page.clock.fast_forward(6000)
    expect(page.get_by_role("log")).to_contain_text("Is this about loud noise?")
    expect(page.locator(".ds-message--resident")).to_have_count(1)
    context.close()


@pytest.mark.parametrize("looks_again", [False, True])
def test_where_the_stream_is_open_and_silent_the_page_asks_now_and_then(
    chromium: Browser, address: str, app: FastAPI, chat: ScriptedChat, looks_again: bool
) -> None:
    """As behind a proxy that holds events up, or on a phone that was asleep."""
    chat.late = True
    context = chromium.new_context(base_url=address)
    context.route("**/events*", lambda route: None)
    page = context.new_page()
    page.clock.install()
    page.goto("/chat/vivid")
    page.clock.pause_at(clock.now() + timedelta(minutes=1))
    write(page, "loud music")
    expect(page.get_by_role("status")).to_contain_text("The answer will show here.")
    answer_late(app, chat)
    if looks_again:
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    else:
        page.clock.run_for(61_000)
    expect(page.get_by_role("log")).to_contain_text("Is this about loud noise?")
    context.close()


def lose_the_answer(route: "playwright.Route") -> None:
    """The message reaches us, but our answer is lost on the way back."""
    route.fetch()
    route.abort()


def test_when_an_answer_is_lost_the_words_are_back_in_the_box_and_count_once(
    chromium: Browser, address: str, chat: ScriptedChat, app: FastAPI
) -> None:
    context = chromium.new_context(base_url=address)
    context.route("**/events*", lambda route: route.fulfill(status=503, body="no"))
    page = context.new_page()
    page.clock.install()
    page.goto("/chat/vivid")
    page.clock.pause_at(clock.now() + timedelta(hours=1))  # nothing is asked for by itself
    page.route("**/messages", lose_the_answer, times=1)
    write(page, "loud music")
    expect(page.get_by_role("alert")).to_contain_text("Your message was not sent.")
    expect(page.get_by_label("Your message")).to_have_value("loud music")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_role("log")).to_contain_text("Is this about loud noise?")
    expect(page.get_by_role("alert")).to_have_count(0)
    page.clock.run_for(6000)
    expect(page.locator(".ds-message--resident")).to_have_count(1)
    assert residents_words(app) == ["loud music"]
    context.close()


def test_a_message_whose_answer_was_lost_turns_out_to_have_arrived(
    page: Page, app: FastAPI
) -> None:
    page.route("**/messages", lose_the_answer, times=1)
    write(page, "loud music")
    expect(page.get_by_role("log")).to_contain_text("Is this about loud noise?")
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.get_by_label("Your message")).to_have_value("")
    expect(page.locator(".ds-message--resident")).to_have_count(1)
    assert residents_words(app) == ["loud music"]


def test_when_picking_fails_the_choices_are_back(page: Page, chat: ScriptedChat) -> None:
    write(page, "loud music")
    choice = page.get_by_role("button", name="Yes, that is it")
    expect(choice).to_be_visible()
    page.route("**/messages", lambda route: route.abort(), times=1)
    choice.click()
    expect(page.get_by_role("alert")).to_contain_text("Your message was not sent.")
    choice.click()
    expect(page.get_by_role("log")).to_contain_text("Thank you. When does it happen?")


def test_nothing_written_is_said(page: Page, app: FastAPI) -> None:
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Write a few words first")
    assert residents_words(app) == []


def test_words_for_a_chat_that_was_ended_are_taken_to_a_new_one(page: Page, app: FastAPI) -> None:
    with app.state.db.writing() as session:
        chat = session.scalars(select(Conversation)).one()
        chat.ended_at = chat.started_at
    write(page, "loud music")
    expect(page.get_by_role("log")).to_contain_text("Is this about loud noise?")
    assert residents_words(app) == ["loud music"]
    with app.state.db.reading() as session:
        ended = session.scalars(select(Conversation.ended_at).order_by(Conversation.started_at))
        assert [moment is None for moment in ended] == [False, True]


def test_a_pick_in_a_chat_that_was_ended_says_so(page: Page, app: FastAPI) -> None:
    write(page, "loud music")
    choice = page.get_by_role("button", name="Yes, that is it")
    expect(choice).to_be_visible()
    page.route("**/messages", lambda route: route.fulfill(status=401, body="{}"), times=1)
    choice.click()
    expect(page.get_by_role("alert")).to_contain_text("This chat has ended.")
    assert residents_words(app) == ["loud music"]


@pytest.mark.parametrize("way", ["button", "shift"])
def test_leaving_shows_the_weather_and_going_back_shows_no_chat(
    weather: str, page: Page, app: FastAPI, way: str
) -> None:
    write(page, "loud music")
    expect(page.get_by_role("log")).to_contain_text("Is this about loud noise?")
    with page.expect_navigation(url=weather):
        if way == "button":
            page.get_by_role("button", name="Exit this page").click()
        else:
            for _ in range(3):
                page.keyboard.press("Shift")
    assert page.title() == "Weather"
    assert page.context.cookies() == []
    with app.state.db.reading() as session:
        assert session.scalars(select(Conversation)).one().ended_at is not None
    page.go_back()
    assert "loud music" not in page.content()


def test_writing_capital_letters_is_not_leaving(page: Page) -> None:
    page.get_by_label("Your message").focus()
    for letter in "HELP":
        page.keyboard.press(f"Shift+{letter}")
    expect(page.get_by_label("Your message")).to_have_value("HELP")


def test_markup_in_a_message_is_shown_as_it_was_written(page: Page) -> None:
    write(page, "<b>loud</b> <img src=x onerror=alert(1)>")
    expect(page.get_by_role("log")).to_contain_text("<b>loud</b> <img src=x onerror=alert(1)>")
    expect(page.locator("#log img, #log b")).to_have_count(0)


def test_a_report_is_told_without_javascript(
    chromium: Browser, address: str, app: FastAPI, chat: ScriptedChat
) -> None:
    context = chromium.new_context(base_url=address, java_script_enabled=False)
    page = context.new_page()
    page.goto("/chat/vivid")
    write(page, "loud music")
    expect(page.get_by_role("log")).to_contain_text("Is this about loud noise?")
    page.get_by_role("button", name="Yes, that is it").click()
    expect(page.get_by_role("log")).to_contain_text("Thank you. When does it happen?")
    assert residents_words(app) == ["loud music", "yes"]
    context.close()
