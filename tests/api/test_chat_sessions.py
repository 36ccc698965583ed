"""How long a chat stays open on a device, who may show it in a frame, and what may be copied."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import select

from api.channels import web_chat
from api.conversation.model import Conversation
from api.intake.rulebook import load_rulebook
from api.messages.model import Message
from api.policies.place import PolicyMistakes
from api.reports.model import Report
from api.settings import ROOT
from tests.browser.estate import FRIDAY, Reader, ScriptedChat, make_app

ADDRESS = "/chat/vivid"
SITE = "https://www.vivid.example"
FRAMED = {"Sec-Fetch-Dest": "iframe", "Sec-Fetch-Site": "cross-site"}
OUR_FORM = {"Sec-Fetch-Dest": "iframe", "Sec-Fetch-Site": "same-origin"}
AFFECTED = [
    {"value": "physical", "label": "Physical health", "words": []},
    {"value": "mental", "label": "Mental health", "words": []},
    {"value": "none", "label": "None of these", "words": []},
]


@pytest.fixture
def chat(monkeypatch: pytest.MonkeyPatch) -> ScriptedChat:
    scripted = ScriptedChat()
    scripted.replies["affected"] = ("How has this affected you?", AFFECTED)
    monkeypatch.setattr(web_chat, "send", scripted.send)
    return scripted


@pytest.fixture
def browser(tmp_path: Path, chat: ScriptedChat) -> Iterator[Reader]:
    app = make_app(tmp_path)
    yield Reader(app)
    app.state.db.engine.dispose()


@pytest.fixture
def framed(browser: Reader, monkeypatch: pytest.MonkeyPatch) -> Reader:
    """VIVID lets its own site show the chat in a frame."""
    landlords = dict(browser.app.state.landlords)
    landlords["vivid"] = replace(landlords["vivid"], frames=(SITE,))
    monkeypatch.setattr(browser.app.state, "landlords", landlords)
    return browser


def residents_words(browser: Reader) -> list[str]:
    with browser.app.state.db.reading() as session:
        told = select(Message.text).where(Message.sender == "resident").order_by(Message.id)
        return list(session.scalars(told))


def test_a_chat_closes_after_two_quiet_hours_and_the_next_page_says_so(browser: Reader) -> None:
    with time_machine.travel(FRIDAY, tick=False) as clock:
        browser.post(ADDRESS, data={"text": "loud music"})
        clock.shift(timedelta(minutes=119))
        assert "loud music" in browser.get(ADDRESS).text  # looking is a sign of life
        clock.shift(timedelta(minutes=119))
        assert "loud music" in browser.get(ADDRESS).text
        clock.shift(timedelta(hours=2))
        page = browser.get(ADDRESS)
    assert "loud music" not in page.text
    assert "Your earlier chat was closed because nothing was written" in page.text
    assert residents_words(browser) == ["loud music"]


def test_words_sent_to_a_chat_that_has_closed_are_kept_and_answered_in_a_new_one(
    browser: Reader,
) -> None:
    with time_machine.travel(FRIDAY, tick=False) as clock:
        browser.get(ADDRESS)
        clock.shift(timedelta(hours=3))
        page = browser.post(ADDRESS, data={"text": "loud music"})
    assert "This is a new chat." in page.text
    assert "Is this about loud noise?" in page.text
    assert residents_words(browser) == ["loud music"]


def test_no_chat_stays_open_for_longer_than_a_day(browser: Reader) -> None:
    with time_machine.travel(FRIDAY, tick=False) as clock:
        for _ in range(24):
            browser.post(ADDRESS, data={"text": "loud music"})
            clock.shift(timedelta(hours=1))
        page = browser.get(ADDRESS)
    assert "This is a new chat." in page.text


def test_the_page_says_when_it_closes_and_how_to_keep_it_open(browser: Reader) -> None:
    with time_machine.travel(FRIDAY, tick=False):
        page = browser.get(ADDRESS)
    # Three in the afternoon, in London's summer time.
    assert "This chat closes on this device at 17:00 if you write nothing." in page.text
    assert "Keep it open for longer" in page.text
    assert 'data-open-for="7200"' in page.text


def test_a_program_can_say_that_somebody_is_still_there(browser: Reader) -> None:
    with time_machine.travel(FRIDAY, tick=False) as clock:
        opened = browser.post("/chat/vivid/conversations").json()
        assert opened["open_for_seconds"] == 7200
        key = {"Authorization": f"Bearer {opened['token']}"}
        path = f"/chat/conversations/{opened['conversation']}"
        clock.shift(timedelta(hours=1))
        assert browser.post(f"{path}/stay", headers=key).json() == {"open_for_seconds": 7200}
        clock.shift(timedelta(minutes=119))
        assert browser.get(f"{path}/messages", headers=key).status_code == 200
        clock.shift(timedelta(minutes=2))
        assert browser.post(f"{path}/stay", headers=key).status_code == 401


def test_without_the_cookie_words_are_kept_and_answered_and_it_is_said(browser: Reader) -> None:
    page = browser.post(ADDRESS, data={"text": "loud music"})
    assert "We have your message. But your browser did not say which chat" in page.text
    assert "Is this about loud noise?" in page.text
    assert residents_words(browser) == ["loud music"]


def test_no_other_site_may_show_the_chat_in_a_frame(browser: Reader) -> None:
    page = browser.get(ADDRESS, headers=FRAMED)
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    assert page.headers["x-frame-options"] == "DENY"


def test_the_landlords_own_site_may(framed: Reader) -> None:
    page = framed.get(ADDRESS, headers=FRAMED)
    assert f"frame-ancestors 'self' {SITE}" in page.headers["content-security-policy"]
    assert "'none'" in framed.get("/chat/nacro").headers["content-security-policy"].split(";")[-1]
    assert "frame-ancestors 'none'" in framed.get("/").headers["content-security-policy"]


def test_in_a_frame_the_cookie_is_of_that_site_alone_and_the_exit_ends_the_chat_without_it(
    framed: Reader,
) -> None:
    page = framed.get(ADDRESS, headers=FRAMED)
    cookie = page.headers["set-cookie"]
    assert "SameSite=None; Secure; Partitioned" in cookie
    assert "HttpOnly" in cookie
    assert "target=_top" in page.text
    exit_to = page.text.split('href="/chat/exit?end=')[1].split('"')[0]
    framed.cookies.clear()
    left = framed.get(f"/chat/exit?end={exit_to}", follow_redirects=False)
    assert left.status_code == 303
    with framed.app.state.db.reading() as session:
        ended = session.scalars(select(Conversation.ended_at)).all()
    assert None not in ended


def test_what_ends_a_chat_opens_none_and_ends_no_other(framed: Reader) -> None:
    page = framed.get(ADDRESS, headers=FRAMED)
    end = page.text.split('href="/chat/exit?end=')[1].split('"')[0]
    conversation, mark = end.split(".")
    key = {"Authorization": f"Bearer {mark}"}
    path = f"/chat/conversations/{conversation}/messages"
    assert framed.get(path, headers=key).status_code == 401
    framed.cookies.clear()
    for wrong in (f"{conversation}.{'0' * 64}", "nothing", "."):
        framed.get(f"/chat/exit?end={wrong}", follow_redirects=False)
    with framed.app.state.db.reading() as session:
        assert session.scalars(select(Conversation.ended_at)).all() == [None]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('colour = "#ffe08a"', "vivid: colour: white words on #ffe08a have a contrast of 1.3 to 1"),
        ('colour = "red"', "vivid: colour: 'red' is not a colour"),
        ('frames = ["http://vivid.example"]', "vivid: frames: 'http://vivid.example' is not"),
        ('frames = ["https://vivid.example/page"]', "is not an origin like"),
        ('frames = ["https://a.example; script-src *"]', "is not an origin like"),
    ],
)
def test_a_colour_or_a_site_that_cannot_be_used_stops_the_start(
    tmp_path: Path, line: str, said: str
) -> None:
    file = tmp_path / "landlords.toml"
    file.write_text(f'[[landlords]]\ncode = "vivid"\nnumber = "+447700900102"\n{line}\n')
    with pytest.raises(PolicyMistakes, match=r"landlords\.toml") as wrong:
        load_rulebook(ROOT / "data" / "policies", file)
    assert said in wrong.value.lines[0]


def test_a_question_that_takes_several_answers_has_boxes_to_tick(
    browser: Reader, chat: ScriptedChat
) -> None:
    chat.several = True
    browser.get(ADDRESS)
    page = browser.post(ADDRESS, data={"text": "affected"})
    assert page.text.count('type="checkbox"') == 3
    assert 'name="choice"' not in page.text
    page = browser.post(ADDRESS, data={"several": ["physical", "mental"], "pick": "several"})
    assert chat.sent[-1] == "physical, mental"
    assert "Physical health, Mental health" in page.text


def test_ticks_are_sent_by_the_other_button_too_and_own_words_go_first(
    browser: Reader, chat: ScriptedChat
) -> None:
    chat.several = True
    browser.get(ADDRESS)
    browser.post(ADDRESS, data={"text": "affected"})
    browser.post(ADDRESS, data={"several": ["mental"], "text": ""})
    assert chat.sent[-1] == "mental"
    browser.post(ADDRESS, data={"text": "affected"})
    browser.post(ADDRESS, data={"several": ["mental"], "text": "it is hard to say"})
    assert chat.sent[-1] == "it is hard to say"


def test_nothing_ticked_is_said(browser: Reader, chat: ScriptedChat) -> None:
    chat.several = True
    browser.get(ADDRESS)
    browser.post(ADDRESS, data={"text": "affected"})
    page = browser.post(ADDRESS, data={"pick": "several"})
    assert page.status_code == 422
    assert "Tick at least one answer" in page.text
    assert chat.sent == ["affected"]


def test_the_chat_can_be_printed_or_saved(browser: Reader) -> None:
    browser.get(ADDRESS)
    browser.post(ADDRESS, data={"text": "loud music"})
    page = browser.get(f"{ADDRESS}/copy")
    assert "loud music" in page.text
    assert "Someone else might find it." in page.text
    saved = browser.get(f"{ADDRESS}/copy.txt")
    assert saved.headers["content-disposition"] == 'attachment; filename="chat.txt"'
    assert saved.headers["cache-control"] == "no-store"
    assert "loud music" in saved.text
    assert saved.text.startswith("Chat with VIVID\n")


@pytest.mark.parametrize(
    "told", [{"flags": ["domestic_abuse"]}, {"flags": ["exploitation"]}, {"safe_contact": "no"}]
)
def test_no_copy_is_made_where_someone_close_might_find_it(
    browser: Reader, told: dict[str, object]
) -> None:
    browser.get(ADDRESS)
    browser.post(ADDRESS, data={"text": "loud music"})
    with browser.app.state.db.writing() as session:
        report = session.scalars(select(Report)).one()
        for name, value in told.items():
            setattr(report, name, value)
    page = browser.get(f"{ADDRESS}/copy")
    assert "We do not make a copy of this chat here." in page.text
    assert "loud music" not in page.text
    assert browser.get(f"{ADDRESS}/copy.txt").status_code == 403


def test_a_chat_that_is_closed_has_no_copy(browser: Reader) -> None:
    for more in ("copy", "copy.txt"):
        page = browser.get(f"{ADDRESS}/{more}")
        assert page.status_code == 401
        assert "This chat is closed on this device." in page.text


def test_every_residents_page_can_be_left_and_is_kept_by_nobody(browser: Reader) -> None:
    browser.get(ADDRESS)
    upload = browser.post(f"{ADDRESS}/files").url.path
    for path in ("/", ADDRESS, "/chat/nobody", f"{ADDRESS}/copy", "/accessibility", upload,
                 "/upload/none"):  # fmt: skip
        page = browser.get(path)
        assert page.text.count("data-exit") == 2, path
        assert "exit.js" in page.text, path
        assert 'href="/accessibility"' in page.text, path
        assert page.headers["cache-control"] == "no-store", path
