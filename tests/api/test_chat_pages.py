"""The residents' chat as a page: it works without JavaScript, and nothing typed is lost."""

import hashlib
import re
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from api.channels import chat_lines, chat_sessions, web_chat
from api.conversation.model import Conversation
from api.db import Base
from api.errors import DoorstepError, NotFound
from api.main import create_app
from api.messages.model import Message
from api.pages import HERE, STATIC, static_url
from api.policies.colour import contrast_with_white
from api.settings import Settings
from tests.browser.estate import Reader, ScriptedChat, make_app
from tests.fakes import serving

ADDRESS = "/chat/vivid"


@pytest.fixture
def chat(monkeypatch: pytest.MonkeyPatch) -> ScriptedChat:
    scripted = ScriptedChat()
    monkeypatch.setattr(web_chat, "send", scripted.send)
    return scripted


@pytest.fixture
def browser(tmp_path: Path, chat: ScriptedChat) -> Iterator[Reader]:
    app = make_app(tmp_path)
    yield Reader(app)
    app.state.db.engine.dispose()


def words_of(page: str) -> str:
    """What a reader sees: no tags, single spaces."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def stored(browser: Reader) -> list[tuple[str, str]]:
    with browser.app.state.db.reading() as session:
        return [(m.sender, m.text) for m in session.scalars(select(Message).order_by(Message.id))]


def test_the_page_shows_the_landlord_the_first_words_and_a_box(browser: Reader) -> None:
    page = browser.get(ADDRESS)
    assert page.status_code == 200
    assert "VIVID" in page.text
    assert "This is not an emergency service" in page.text
    assert 'role="log"' in page.text
    assert '<label class="govuk-label govuk-label--s" for="text">Your message</label>' in page.text
    sender, first = stored(browser)[0]
    assert sender == "assistant"
    assert first.split("\n")[0] in words_of(page.text).replace("&#39;", "'")
    assert page.headers["cache-control"] == "no-store"


def test_coming_back_shows_the_same_chat_and_starts_no_second_one(browser: Reader) -> None:
    browser.get(ADDRESS)
    browser.post(ADDRESS, data={"text": "loud music"})
    again = browser.get(ADDRESS)
    assert "loud music" in again.text
    with browser.app.state.db.reading() as session:
        assert len(session.scalars(select(Conversation)).all()) == 1


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(browser: Reader) -> None:
    cookie = browser.get(ADDRESS).headers["set-cookie"]
    assert cookie.startswith("doorstep_chat=")
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" not in cookie


def test_on_https_the_cookie_is_sent_over_nothing_else(tmp_path: Path, chat: ScriptedChat) -> None:
    app = make_app(tmp_path, public_base_url="https://asb.example.org")
    answer = Reader(app, "https://asb.example.org").get(ADDRESS)
    app.state.db.engine.dispose()
    assert "Secure" in answer.headers["set-cookie"]
    assert "strict-transport-security" in answer.headers


def test_words_sent_by_the_form_are_answered_on_the_page_it_leads_back_to(
    browser: Reader,
) -> None:
    browser.get(ADDRESS)
    sent = browser.post(ADDRESS, data={"text": " loud music "}, follow_redirects=False)
    assert sent.status_code == 303
    assert sent.headers["location"] == "/chat/vivid#latest"
    page = browser.get(ADDRESS)
    assert "Is this about loud noise?" in page.text
    assert 'id="latest"' in page.text
    assert stored(browser)[-2:] == [
        ("resident", "loud music"),
        ("assistant", "Is this about loud noise?"),
    ]


def test_choices_are_buttons_and_a_picked_one_is_shown_by_its_label(
    browser: Reader, chat: ScriptedChat
) -> None:
    page = browser.post(ADDRESS, data={"text": "loud music"})
    assert 'name="choice" value="yes">Yes, that is it</button>' in page.text
    page = browser.post(ADDRESS, data={"choice": "yes"})
    assert chat.sent == ["loud music", "yes"]
    assert page.text.count("Yes, that is it") == 1  # the button has gone, the answer stands
    assert 'name="choice"' not in page.text


def test_picking_an_answer_keeps_what_was_being_written(
    browser: Reader, chat: ScriptedChat
) -> None:
    browser.post(ADDRESS, data={"text": "loud music"})
    page = browser.post(ADDRESS, data={"choice": "yes", "text": "it is my neighb"})
    assert chat.sent[-1] == "yes"
    assert ">it is my neighb</textarea>" in page.text


def test_the_same_form_sent_twice_is_one_message(browser: Reader, chat: ScriptedChat) -> None:
    browser.get(ADDRESS)
    for _ in range(2):
        browser.post(ADDRESS, data={"text": "loud music", "client_message_id": "abc"})
    assert chat.sent == ["loud music"]


@pytest.mark.parametrize("told", [{}, {"text": "   "}])
def test_nothing_written_is_said_and_not_stored(browser: Reader, told: dict[str, str]) -> None:
    browser.get(ADDRESS)
    before = stored(browser)
    page = browser.post(ADDRESS, data=told)
    assert page.status_code == 422
    assert "Write a few words first" in page.text
    assert stored(browser) == before


def test_a_text_that_is_too_long_is_said_and_stays_in_the_box(browser: Reader) -> None:
    long = "noise " * 2000
    page = browser.post(ADDRESS, data={"text": long})
    assert page.status_code == 422
    assert "too long" in page.text
    assert f">{long.strip()}</textarea>" in page.text


def test_trouble_on_our_side_is_said_and_the_words_stay_in_the_box(
    browser: Reader, chat: ScriptedChat
) -> None:
    browser.get(ADDRESS)
    chat.broken = DoorstepError("We cannot take that just now. Please try again.")
    page = browser.post(ADDRESS, data={"text": "loud music"})
    assert "We cannot take that just now" in page.text
    assert ">loud music</textarea>" in page.text


def test_a_late_answer_is_announced_and_can_be_looked_for(
    browser: Reader, chat: ScriptedChat
) -> None:
    chat.late = True
    page = browser.post(ADDRESS, data={"text": "loud music"})
    assert "We have your message. The answer is taking longer than usual." in page.text
    assert "Look for the answer" in page.text
    with browser.app.state.db.writing() as session:
        kept = session.scalars(select(Message).where(Message.sender == "resident")).one()
        session.add(chat.reply(kept, at=kept.at))
    page = browser.get(ADDRESS)
    assert "Is this about loud noise?" in page.text
    assert "Look for the answer" not in page.text


def test_what_a_resident_writes_is_never_taken_for_markup(browser: Reader) -> None:
    page = browser.post(ADDRESS, data={"text": "<script>alert(1)</script> & <b>"})
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &lt;b&gt;" in page.text


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
def test_a_form_on_another_site_cannot_write_in_a_chat(
    browser: Reader, chat: ScriptedChat, headers: dict[str, str]
) -> None:
    browser.get(ADDRESS)
    answer = browser.post(ADDRESS, data={"text": "loud music"}, headers=headers)
    assert answer.status_code == 403
    assert chat.sent == []


@pytest.mark.parametrize(
    "headers",
    [{}, {"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://127.0.0.1:8000"}],
)
def test_our_own_form_can(browser: Reader, headers: dict[str, str]) -> None:
    answer = browser.post(ADDRESS, data={"text": "loud music"}, headers=headers)
    assert "Is this about loud noise?" in answer.text


def test_another_landlords_page_starts_a_chat_of_its_own(browser: Reader) -> None:
    browser.post(ADDRESS, data={"text": "loud music"})
    page = browser.get("/chat/nacro")
    assert "Nacro" in page.text
    assert "loud music" not in page.text


def test_leaving_ends_the_chat_on_the_server_and_goes_somewhere_neutral(
    browser: Reader,
) -> None:
    browser.post(ADDRESS, data={"text": "loud music"})
    token = browser.cookies["doorstep_chat"]
    left = browser.get("/chat/exit", follow_redirects=False)
    assert left.status_code == 303
    assert left.headers["location"] == "https://www.bbc.co.uk/weather"
    assert left.headers["clear-site-data"] == '"cache", "cookies", "storage"'
    assert left.headers["cache-control"] == "no-store"
    with browser.app.state.db.reading() as session:
        assert session.scalars(select(Conversation)).one().ended_at is not None
    browser.cookies.set("doorstep_chat", token)  # even the old cookie opens nothing
    assert "loud music" not in browser.get(ADDRESS).text


def test_leaving_works_whatever_fails(browser: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(app: object, token: str) -> None:
        raise RuntimeError("the database is gone")

    browser.get(ADDRESS)
    monkeypatch.setattr(chat_sessions, "end_chat", fail)
    assert browser.get("/chat/exit", follow_redirects=False).status_code == 303


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_landlord_that_does_not_exist_is_said_with_those_that_do(
    browser: Reader, method: str
) -> None:
    page = browser.request(method, "/chat/nobody")
    assert page.status_code == 404
    assert "We do not know that landlord" in page.text
    assert page.text.count('">Chat with ') == 5


def test_the_first_page_leads_to_every_chat_and_to_the_officers(browser: Reader) -> None:
    page = browser.get("/").text
    for landlord in browser.app.state.landlords:
        assert f'href="/chat/{landlord}"' in page
    assert 'href="/officers/sign-in"' in page
    assert 'href="http://127.0.0.1:8090"' in page


def test_every_landlords_colour_can_be_read_with_white(browser: Reader) -> None:
    for landlord in browser.app.state.landlords.values():
        assert contrast_with_white(landlord.colour) >= 4.5
        style = browser.get(f"/chat/{landlord.code}/colours.css")
        assert style.headers["content-type"].startswith("text/css")
        assert landlord.colour in style.text


def test_a_colour_that_cannot_be_read_with_white_is_left_out(
    browser: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    pale = "#ffe08a"
    landlord = browser.app.state.landlords["vivid"]
    faded = type(landlord)(landlord.code, landlord.name, landlord.number, pale)
    monkeypatch.setattr(browser.app.state, "landlords", {"vivid": faded})
    assert pale not in browser.get("/chat/vivid/colours.css").text


def test_contrast_is_wcags() -> None:
    assert contrast_with_white("#000000") == pytest.approx(21)
    assert contrast_with_white("#ffffff") == pytest.approx(1)
    assert contrast_with_white("#767676") == pytest.approx(4.54, abs=0.01)
    with pytest.raises(ValueError, match="not a colour"):
        contrast_with_white("red")


def test_pages_run_no_script_and_no_style_but_our_files(browser: Reader) -> None:
    page = browser.get(ADDRESS)
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert not re.search(r"<style|style=|onclick=|<script(?! src=)", page.text)
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["referrer-policy"] == "same-origin"


def test_static_files_are_kept_for_as_long_as_they_stay_the_same(browser: Reader) -> None:
    for file in ("chat.js", "doorstep.css", "vendor/govuk-frontend.css"):
        address = static_url(file)
        assert address in browser.get(ADDRESS).text
        assert "immutable" in browser.get(address).headers["cache-control"]
    assert browser.get("/static/chat.js?v=old").headers["cache-control"] == "no-cache"
    assert browser.get("/static/none.js").status_code == 404


def test_vendored_styles_are_as_they_were_compiled_and_carry_no_government_brand() -> None:
    vendor = STATIC / "vendor"
    for line in (vendor / "SHA256SUMS").read_text().splitlines():
        wanted, name = line.split()
        assert hashlib.sha256((vendor / name).read_bytes()).hexdigest() == wanted, name
    style = (vendor / "govuk-frontend.css").read_text()
    for brand in ("GDS Transport", "crest", "crown", "@font-face", "url("):
        assert brand not in style
    assert "MIT License" in (vendor / "LICENSE").read_text()


def test_no_page_shows_a_number_but_999_and_that_of_the_helplines() -> None:
    helplines = tomllib.loads((HERE.parent / "data/policies/shared/helplines.toml").read_text())[
        "helplines"
    ]
    known = {re.sub(r"\D", "", line.get("number") or "") for line in helplines}
    for template in (HERE / "templates").rglob("*.html"):
        for number in re.findall(r"\b(?:0[\d ]{8,}\d|999|1\d\d)\b", template.read_text()):
            assert number == "999" or re.sub(r"\D", "", number) in known, (template, number)


def test_shown_gives_a_label_only_to_what_was_on_offer() -> None:
    def line(
        number: int, sender: str, text: str, choices: list[dict[str, str]]
    ) -> dict[str, object]:
        return {
            "id": number, "from": sender, "text": text, "choices": choices, "several": False,
            "sent_at": "2026-06-05T14:00:00Z",
        }  # fmt: skip

    lines = chat_lines.shown(
        [
            line(1, "resident", "yes", []),
            line(2, "assistant", "Is it?", [{"value": "yes", "label": "Yes, that is it"}]),
            line(3, "resident", "yes", []),
            line(4, "assistant", "And?", []),
        ]
    )
    assert [one["shown"] for one in lines] == ["yes", "Is it?", "Yes, that is it", "And?"]
    assert [one["latest"] for one in lines] == [False, False, True, False]
    assert lines[0]["time"] == "15:00"  # summer time in London


def test_the_whole_service_serves_the_pages_with_their_files_and_headers(tmp_path: Path) -> None:
    app = create_app(Settings(DATABASE_URL=f"sqlite:///{tmp_path / 'whole.sqlite3'}"))
    Base.metadata.create_all(app.state.db.engine)
    browser = Reader(app)
    page = browser.get(ADDRESS, headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert "VIVID" in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    for file in re.findall(r'(?:href|src)="(/(?:static|chat)/[^"]+\.(?:css|js)[^"]*)"', page.text):
        assert browser.get(file).status_code == 200, file
    assert "immutable" in browser.get(static_url("chat.js")).headers["cache-control"]
    assert browser.get("/officers/cases").url.path == "/officers/sign-in"
    missing = browser.get("/nothing", headers={"Accept": "text/html"})
    assert missing.status_code == 404
    assert "<h1" in missing.text
    app.state.db.engine.dispose()


def test_a_mistake_of_ours_is_said_in_the_landlords_frame_with_every_header(
    app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even the database answers."""
    landlords = dict(app.state.landlords)
    landlords["vivid"] = replace(landlords["vivid"], frames=("https://www.vivid.example",))
    app.state.landlords = landlords

    def fail() -> None:
        raise RuntimeError("the database is gone")

    with serving(app) as url:
        monkeypatch.setattr(app.state.db, "reading", fail)
        monkeypatch.setattr(app.state.db, "writing", fail)
        headers = {"Accept": "text/html", "Cookie": "doorstep_chat=x", "Sec-Fetch-Dest": "iframe"}
        page = httpx.get(f"{url}/chat/vivid", headers=headers)
    assert page.status_code == 500
    assert "Something went wrong on our side." in page.text
    assert "call 999" in page.text
    assert "'self' https://www.vivid.example" in page.headers["content-security-policy"]
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["cache-control"] == "no-store"


def test_an_unknown_landlord_raises_nothing_that_leaks(browser: Reader) -> None:
    page = browser.get("/chat/%3Cscript%3E")
    assert page.status_code == 404
    assert "<script>" not in page.text


def test_the_chat_opens_again_after_its_token_ran_out(
    browser: Reader,
) -> None:
    browser.post(ADDRESS, data={"text": "loud music"})
    with browser.app.state.db.writing() as session:
        old = session.scalars(select(Conversation)).one()
        old.ended_at = old.started_at
    page = browser.post(ADDRESS, data={"text": "loud music"})
    assert page.status_code == 200
    assert "Is this about loud noise?" in page.text
    with browser.app.state.db.reading() as session:
        assert len(session.scalars(select(Conversation)).all()) == 2


def test_an_error_of_the_chat_is_a_page_in_plain_words(
    browser: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(app: object, landlord: str) -> None:
        raise NotFound("That chat is not here.")

    monkeypatch.setattr(web_chat, "open_chat", fail)
    page = browser.get(ADDRESS)
    assert page.status_code == 404
    assert page.headers["content-type"].startswith("text/html")
    assert "That chat is not here." in page.text
