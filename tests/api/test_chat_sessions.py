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
from api.evidence.model import UploadLink
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


def tell(browser: Reader, **told: object) -> None:
    """Writes into the report of the only chat."""
    with browser.app.state.db.writing() as session:
        report = session.scalars(select(Report)).one()
        for name, value in told.items():
            setattr(report, name, value)


def left_at_a_question(browser: Reader) -> None:
    """Music is told of, and the question how often it happens stands."""
    browser.post(ADDRESS, data={"text": "loud music"})
    with browser.app.state.db.writing() as session:
        talk = session.scalars(select(Conversation)).one()
        talk.requested_slot, talk.pending = "how_often", [{"say": "ask_how_often"}]


def test_after_two_quiet_hours_the_messages_are_hidden_and_it_is_asked_whose_chat_it_is(
    browser: Reader,
) -> None:
    with time_machine.travel(FRIDAY, tick=False) as clock:
        browser.post(ADDRESS, data={"text": "loud music"})
        clock.shift(timedelta(minutes=119))
        assert "loud music" in browser.get(ADDRESS).text  # looking is a sign of life
        clock.shift(timedelta(minutes=119))
        assert "loud music" in browser.get(ADDRESS).text
        clock.shift(timedelta(hours=2))
        page = browser.get(ADDRESS)
    assert "music" not in page.text
    assert "noise" not in page.text
    assert "Was it you?" in page.text
    assert "call 999" in page.text
    assert residents_words(browser) == ["loud music"]


@pytest.mark.parametrize("pause", [{"hours": 3}, {"days": 6}])
def test_who_left_a_chat_goes_on_where_it_was_without_the_old_messages(
    browser: Reader, pause: dict[str, int]
) -> None:
    with time_machine.travel(FRIDAY, tick=False) as clock:
        left_at_a_question(browser)
        clock.shift(timedelta(**pause))
        page = browser.post(f"{ADDRESS}/go-on")
        assert page.url.path == ADDRESS
        assert "Welcome back. We were at how often it happens." in page.text
        assert "How often does it happen?" in page.text
        assert 'value="most_days">Most days</button>' in page.text
        assert "loud music" not in page.text
        assert "loud music" not in browser.get(f"{ADDRESS}/copy").text
        clock.shift(timedelta(minutes=1))
        browser.post(f"{ADDRESS}/go-on")  # pressed twice, it is said once
        page = browser.post(ADDRESS, data={"text": "every night"})
        assert page.text.count("Welcome back.") == 1
        assert "every night" in page.text
    with browser.app.state.db.reading() as session:
        talk = session.scalars(select(Conversation)).one()
        assert talk.reopened_at is not None
    assert residents_words(browser) == ["loud music", "every night"]


def test_what_came_in_while_a_chat_was_closed_is_shown_once_it_is_gone_on_with(
    browser: Reader,
) -> None:
    with time_machine.travel(FRIDAY, tick=False) as clock:
        left_at_a_question(browser)
        clock.shift(timedelta(hours=5))
        with browser.app.state.db.writing() as session:
            talk = session.scalars(select(Conversation)).one()
            session.add(
                Message(
                    landlord="vivid", conversation_id=talk.id, sender="officer",
                    text="I will ring you tomorrow.", at=FRIDAY + timedelta(hours=4),
                )
            )  # fmt: skip
        page = browser.post(f"{ADDRESS}/go-on")
    assert "I will ring you tomorrow." in page.text
    assert "loud music" not in page.text


def test_somebody_else_at_the_same_browser_starts_a_new_chat_and_ends_the_old_one(
    browser: Reader,
) -> None:
    with time_machine.travel(FRIDAY, tick=False) as clock:
        left_at_a_question(browser)
        old = browser.cookies["doorstep_chat"]
        clock.shift(timedelta(hours=3))
        page = browser.post(f"{ADDRESS}/new")
        assert "Hello from VIVID." in page.text
        browser.cookies.set("doorstep_chat", old)
        assert "Was it you?" not in browser.get(ADDRESS).text
    with browser.app.state.db.reading() as session:
        ended = session.scalars(
            select(Conversation.ended_at).order_by(Conversation.started_at)
        ).all()
    assert ended[0] is not None


@pytest.mark.parametrize(
    "told",
    [
        {"flags": ["domestic_abuse"]},
        {"flags": ["child"]},
        {"category": "domestic_abuse"},
        {"safe_contact": "no"},
    ],
)
def test_a_chat_that_may_put_somebody_at_risk_is_over_once_it_has_closed(
    browser: Reader, told: dict[str, object]
) -> None:
    with time_machine.travel(FRIDAY, tick=False) as clock:
        left_at_a_question(browser)
        tell(browser, **told)
        token = browser.cookies["doorstep_chat"]
        with browser.app.state.db.reading() as session:
            talk = session.scalars(select(Conversation.id)).one()
        clock.shift(timedelta(hours=3))
        for call in (f"{ADDRESS}/go-on", f"/chat/conversations/{talk}/messages"):
            answer = browser.post(
                call,
                json={"client_message_id": "1", "text": "hello"},
                headers={"Authorization": f"Bearer {token}"},
            )
            assert answer.status_code == 401, call
        page = browser.get(ADDRESS)
    assert "Was it you?" not in page.text
    assert "Your earlier chat was closed because nothing was written" in page.text
    assert "music" not in page.text
    assert residents_words(browser) == ["loud music"]


def test_words_that_may_be_about_abuse_at_home_are_as_good_as_said(browser: Reader) -> None:
    with time_machine.travel(FRIDAY, tick=False) as clock:
        left_at_a_question(browser)
        with browser.app.state.db.writing() as session:
            talk = session.scalars(select(Conversation)).one()
            talk.facts = {
                "kinds": [
                    {"category": "noise", "confidence": 0.7},
                    {"category": "domestic_abuse", "confidence": 0.1},
                ]
            }
        clock.shift(timedelta(hours=3))
        assert "Was it you?" not in browser.get(ADDRESS).text


def test_after_a_week_and_after_leaving_a_chat_is_over(browser: Reader) -> None:
    with time_machine.travel(FRIDAY, tick=False) as clock:
        left_at_a_question(browser)
        token = browser.cookies["doorstep_chat"]
        clock.shift(timedelta(days=7, hours=3))
        assert "This is a new chat." in browser.get(ADDRESS).text
        browser.cookies.clear()
    with time_machine.travel(FRIDAY, tick=False) as clock:
        browser.cookies.set("doorstep_chat", token)
        browser.get("/chat/exit", follow_redirects=False)
        browser.cookies.set("doorstep_chat", token)
        clock.shift(timedelta(hours=3))
        page = browser.get(ADDRESS)
    assert "Was it you?" not in page.text
    assert "Hello from VIVID." in page.text


def test_words_sent_from_a_page_that_was_left_open_go_on_in_that_chat(
    browser: Reader,
) -> None:
    with time_machine.travel(FRIDAY, tick=False) as clock:
        left_at_a_question(browser)
        clock.shift(timedelta(hours=3))
        page = browser.post(ADDRESS, data={"text": "every night"})
        assert "every night" in page.text
        assert "loud music" not in page.text
        clock.shift(timedelta(minutes=119))
        assert "every night" in browser.get(ADDRESS).text
    with browser.app.state.db.reading() as session:
        assert len(session.scalars(select(Conversation)).all()) == 1
    assert residents_words(browser) == ["loud music", "every night"]


def test_words_sent_to_a_chat_that_is_over_are_kept_and_answered_in_a_new_one(
    browser: Reader,
) -> None:
    with time_machine.travel(FRIDAY, tick=False) as clock:
        left_at_a_question(browser)
        tell(browser, flags=["domestic_abuse"])
        clock.shift(timedelta(hours=3))
        page = browser.post(ADDRESS, data={"text": "loud music"})
    assert "This is a new chat." in page.text
    assert "Is this about loud noise?" in page.text
    assert residents_words(browser) == ["loud music", "loud music"]


def test_a_chat_in_which_nothing_was_told_just_opens_again(browser: Reader) -> None:
    with time_machine.travel(FRIDAY, tick=False) as clock:
        browser.get(ADDRESS)
        clock.shift(timedelta(hours=3))
        page = browser.get(ADDRESS)
    assert "Hello from VIVID." in page.text
    assert "This is a new chat." not in page.text
    with browser.app.state.db.reading() as session:
        assert len(session.scalars(select(Conversation)).all()) == 1


def test_a_chat_with_another_landlord_is_not_opened_by_the_way(browser: Reader) -> None:
    with time_machine.travel(FRIDAY, tick=False) as clock:
        left_at_a_question(browser)
        clock.shift(timedelta(hours=3))
        assert browser.post("/chat/nacro/go-on").status_code == 401
        assert "Was it you?" not in browser.get("/chat/nacro").text
    with browser.app.state.db.reading() as session:
        assert session.scalars(select(Conversation.reopened_at)).all() == [None, None]


def test_no_other_site_goes_on_with_a_chat_or_ends_it(browser: Reader) -> None:
    with time_machine.travel(FRIDAY, tick=False) as clock:
        left_at_a_question(browser)
        clock.shift(timedelta(hours=3))
        for what in ("go-on", "new"):
            answer = browser.post(f"{ADDRESS}/{what}", headers={"Sec-Fetch-Site": "cross-site"})
            assert answer.status_code == 403
    with browser.app.state.db.reading() as session:
        talk = session.scalars(select(Conversation)).one()
    assert (talk.reopened_at, talk.ended_at) == (None, None)


def test_no_chat_shows_its_messages_for_longer_than_a_day(browser: Reader) -> None:
    with time_machine.travel(FRIDAY, tick=False) as clock:
        for hour in range(24):
            browser.post(ADDRESS, data={"text": f"music at {hour}"})
            clock.shift(timedelta(hours=1))
        page = browser.get(ADDRESS)
    assert "Was it you?" in page.text
    assert "music" not in page.text


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


def test_a_program_may_write_on_in_a_chat_that_has_closed_and_reads_nothing_from_before(
    browser: Reader,
) -> None:
    with time_machine.travel(FRIDAY, tick=False) as clock:
        opened = browser.post("/chat/vivid/conversations").json()
        key = {"Authorization": f"Bearer {opened['token']}"}
        path = f"/chat/conversations/{opened['conversation']}"

        def say(text: str) -> int:
            words = {"client_message_id": text, "text": text}
            return browser.post(f"{path}/messages", json=words, headers=key).status_code

        assert say("loud music") == 200
        clock.shift(timedelta(hours=3))
        assert browser.get(f"{path}/messages", headers=key).status_code == 401
        assert say("hello again") == 200
        told = browser.get(f"{path}/messages", headers=key).json()["messages"]
    assert [one["text"] for one in told] == ["hello again", "Thank you. When does it happen?"]


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


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", f"{ADDRESS}/copy", 401),
        ("POST", f"{ADDRESS}/files", 401),
        ("POST", f"{ADDRESS}/go-on", 401),
        ("GET", "/upload/none", 404),
        ("POST", "/upload/none", 404),
    ],
)
def test_what_goes_wrong_in_a_frame_is_said_there_in_the_landlords_name(
    framed: Reader, method: str, path: str, status: int
) -> None:
    token = framed.get(ADDRESS, headers=FRAMED).headers["set-cookie"].split(";")[0]
    with framed.app.state.db.writing() as session:
        session.scalars(select(Conversation)).one().ended_at = FRIDAY
    page = framed.request(method, path, headers=OUR_FORM | {"Cookie": token})
    assert page.status_code == status
    assert f"frame-ancestors 'self' {SITE}" in page.headers["content-security-policy"]
    assert page.headers["x-frame-options"] == "SAMEORIGIN"
    assert '<p class="ds-header__name">VIVID</p>' in page.text
    assert '<a class="govuk-link" href="/chat/vivid">Go to the chat</a>' in page.text
    assert "target=_top" in page.text


def test_an_upload_link_that_does_not_work_tells_nobody_else_whose_it_was(framed: Reader) -> None:
    framed.get(ADDRESS)
    over = framed.post(f"{ADDRESS}/files").url.path
    with framed.app.state.db.writing() as session:
        session.scalars(select(UploadLink)).one().closed_at = FRIDAY
    framed.cookies.clear()
    pages = [framed.get(path) for path in (over, "/upload/none")]
    assert pages[0].text == pages[1].text
    assert "frame-ancestors 'none'" in pages[0].headers["content-security-policy"]


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
