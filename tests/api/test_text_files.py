"""Files that come with a text: fetched from Twilio alone, checked, kept as evidence, then deleted
there. What cannot be kept is said to the resident and to an officer."""

import base64
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256

import httpx
import pytest
from fastapi import FastAPI, Request, Response
from sqlalchemy import select

from api import clock
from api.cases.model import CaseEntry
from api.evidence.kinds import MEGABYTE
from api.evidence.model import Evidence
from api.messages.model import Message, TextMedia
from api.reports.model import Report
from api.worker.fetching import TOLD_AT_TRY, fetch_files
from tests.api.test_evidence import PHOTO
from tests.api.town import ACCOUNT, VIVID, Town
from tests.fakes import serving
from tests.people import ALICE

KNIFE = "he's outside my door right now with a knife"


def photo(content: bytes = PHOTO, said: str = "image/jpeg") -> dict[str, str]:
    return {"content_type": said, "content": base64.b64encode(content).decode()}


def files(town: Town) -> list[TextMedia]:
    with town.db.reading() as session:
        return list(session.scalars(select(TextMedia).order_by(TextMedia.id)))


def evidence(town: Town) -> list[Evidence]:
    with town.db.reading() as session:
        return list(session.scalars(select(Evidence)))


def at_twilio(town: Town, sid: str) -> list[str]:
    account = town.settings.twilio_account_sid
    answer = town.phone.get(
        f"/2010-04-01/Accounts/{account}/Messages/{sid}/Media.json",
        auth=(account, town.settings.twilio_tokens[0]),
    )
    return [one["sid"] for one in answer.json()["media_list"]]


def test_a_photo_is_kept_as_evidence_and_deleted_at_twilio(town: Town) -> None:
    sent = town.text("look at this", media=[photo()])
    assert at_twilio(town, sent["sid"])
    fetch_files(town.post)
    [kept] = evidence(town)
    assert (kept.sha256, kept.media_type) == (sha256(PHOTO).hexdigest(), "image/jpeg")
    assert kept.channel == "sms"
    assert town.post.evidence.read(kept) == PHOTO
    with town.db.reading() as session:
        assert kept.report_id == session.scalars(select(Report.id)).one()
        words = session.scalars(select(Message).where(Message.sender == "resident")).one()
    assert (kept.message_id, words.text) == (words.id, "look at this")
    assert at_twilio(town, sent["sid"]) == []
    [file] = files(town)
    assert (file.status, file.evidence_id, file.deleted_at is not None) == ("kept", kept.id, True)


def test_a_photo_without_words_is_thanked_for_and_words_are_asked_for(town: Town) -> None:
    town.text("", media=[photo()])
    town.work()
    fetch_files(town.post)
    town.settle()
    [reply] = town.on_phone()
    assert "your file is here" in reply
    assert town.bot.turns == []
    assert len(evidence(town)) == 1


def test_several_photos_are_each_kept_and_the_case_says_so(town: Town) -> None:
    town.text(KNIFE)
    town.text("here he is", media=[photo(PHOTO + bytes([n])) for n in range(10)])
    fetch_files(town.post)
    assert len(evidence(town)) == 10
    assert {one.status for one in files(town)} == {"kept"}
    with town.db.reading() as session:
        notes = session.scalars(select(CaseEntry.words).where(CaseEntry.kind == "evidence")).all()
    assert len(notes) == 10
    assert "Nobody has opened it yet" in notes[0]


@pytest.mark.parametrize(
    ("content", "reason", "words"),
    [
        (b"<script>alert(1)</script>", "unknown_type", "cannot keep that kind"),
        (PHOTO + bytes(15 * MEGABYTE), "too_big", "too large"),
        (b"", "empty", "empty"),
    ],
)
def test_a_file_that_cannot_be_kept_is_told_to_both_and_deleted(
    town: Town, content: bytes, reason: str, words: str
) -> None:
    town.text(KNIFE)
    sent = town.text("look", media=[photo(content)])
    fetch_files(town.post)
    town.work()
    town.settle()
    assert evidence(town) == []
    [file] = files(town)
    assert (file.status, file.trouble) == ("refused", reason)
    assert at_twilio(town, sent["sid"]) == []
    assert any("could not keep the file" in one for one in town.on_phone())
    assert any("could not be kept" in task and words in task for task in town.tasks())


def test_while_twilio_is_broken_a_file_waits_there_and_is_kept_later(town: Town) -> None:
    town.control(media="broken")
    sent = town.text("look", media=[photo()])
    fetch_files(town.post)
    [file] = files(town)
    assert (file.status, file.tries, file.deleted_at) == ("waiting", 1, None)
    assert at_twilio(town, sent["sid"])
    town.control(media="normal")
    later = clock.now().replace(year=clock.now().year + 1)
    with clock.moved_to(later):
        fetch_files(town.post)
    assert files(town)[0].status == "kept"
    assert len(evidence(town)) == 1


def test_a_file_that_is_gone_is_asked_for_by_an_officer(town: Town) -> None:
    town.text(KNIFE)
    sent = town.text("look", media=[photo()])
    [medium] = at_twilio(town, sent["sid"])
    account = town.settings.twilio_account_sid
    town.phone.delete(
        f"/2010-04-01/Accounts/{account}/Messages/{sent['sid']}/Media/{medium}.json",
        auth=(account, town.settings.twilio_tokens[0]),
    )
    fetch_files(town.post)
    assert files(town)[0].status == "gone"
    assert any("Please ask for it" in task for task in town.tasks())


class Stranger:
    """A server that is not Twilio's and writes down who asks."""

    def __init__(self) -> None:
        self.asked: list[str | None] = []
        self.app = FastAPI()
        self.app.add_api_route("/{path:path}", self.take, methods=["GET", "DELETE"])
        self.url = ""

    async def take(self, request: Request) -> Response:
        self.asked.append(request.headers.get("authorization"))
        return Response(PHOTO, media_type="image/jpeg")


@pytest.fixture
def stranger() -> Iterator[Stranger]:
    found = Stranger()
    with serving(found.app) as url:
        found.url = url
        yield found


def test_an_address_on_another_host_is_never_asked(town: Town, stranger: Stranger) -> None:
    account = town.settings.twilio_account_sid
    path = f"/2010-04-01/Accounts/{account}/Messages/MM{'1' * 32}/Media/ME{'1' * 32}"
    for number, url in enumerate((stranger.url + path, f"{stranger.url}/secrets")):
        form = {
            "MessageSid": f"MM{number}", "From": ALICE.number, "To": VIVID, "Body": "look",
            "NumMedia": "1", "MediaUrl0": url, "MediaContentType0": "image/jpeg",
        }  # fmt: skip
        assert town.post_signed(form).status_code == 204
    for days in range(3):
        # On a slow machine the simulator may not have answered in time: it is asked again.
        with clock.moved_to(clock.now() + timedelta(days=days)):
            fetch_files(town.post)
    assert stranger.asked == []
    assert {one.status for one in files(town)} == {"gone"}
    assert evidence(town) == []


def test_credentials_do_not_follow_to_where_twilio_sends_us_on(
    town: Town, stranger: Stranger
) -> None:
    town.control(media="elsewhere", media_redirect=f"{stranger.url}/file")
    sent = town.text("look", media=[photo()])
    fetch_files(town.post)
    assert stranger.asked == []
    # It is not ours yet: it stays at Twilio, and is asked for again.
    assert (files(town)[0].status, files(town)[0].deleted_at) == ("waiting", None)
    assert len(at_twilio(town, sent["sid"])) == 1


def test_a_file_that_cannot_be_fetched_is_asked_for_and_kept_should_it_come_after_all(
    town: Town, stranger: Stranger
) -> None:
    town.text(KNIFE)
    town.control(media="elsewhere", media_redirect=f"{stranger.url}/file")
    sent = town.text("look", media=[photo()])
    start = clock.now()
    for hours in range(TOLD_AT_TRY + 4):
        with clock.moved_to(start + timedelta(hours=hours)):
            fetch_files(town.post)
    told = [task for task in town.tasks() if "could not be fetched" in task]
    assert len(told) == 1
    assert "Please ask for it; we keep trying." in told[0]
    assert sum("could not keep the file" in one.body for one in town.outbox()) == 1
    assert len(at_twilio(town, sent["sid"])) == 1
    town.control(media="normal")
    with clock.moved_to(start + timedelta(days=2)):
        fetch_files(town.post)
    assert files(town)[0].status == "kept"
    assert len(evidence(town)) == 1
    assert at_twilio(town, sent["sid"]) == []
    assert stranger.asked == []


@pytest.mark.parametrize(
    ("store", "trusted"),
    [
        ("https://media.twiliocdn.com/file", True),
        ("https://mms.twiliocdn.com/file", True),
        # Where the account does not enforce HTTP Auth on media URLs.
        (f"https://s3-external-1.amazonaws.com/media.twiliocdn.com/{ACCOUNT}/file", True),
        ("https://s3-external-1.amazonaws.com/somebody-else/file", False),
        (f"https://s3-external-1.amazonaws.com/media.twiliocdn.com/AC{'9' * 32}/file", False),
        (f"https://s3-external-1.amazonaws.com/media.twiliocdn.com/{ACCOUNT}/../../x/file", False),
        (f"https://amazonaws.com/media.twiliocdn.com/{ACCOUNT}/file", False),
        ("http://media.twiliocdn.com/file", False),
        ("https://eviltwiliocdn.com/file", False),
    ],
)
def test_a_file_store_of_twilios_is_asked_without_credentials(
    town: Town, monkeypatch: pytest.MonkeyPatch, store: str, trusted: bool
) -> None:
    asked: list[tuple[str, object]] = []
    real = httpx.stream

    def stream(method: str, url: str, **more: object) -> object:
        asked.append((url, more["auth"]))
        if url == store:
            found = next(one for one in town.at_twilio() if one["num_media"] == "1")
            [medium] = at_twilio(town, found["sid"])
            town.control(media="normal")
            url = f"{town.settings.twilio_api_base}{found['uri'].removesuffix('.json')}"
            url = f"{url}/Media/{medium}"
            more["auth"] = (town.settings.twilio_account_sid, town.settings.twilio_tokens[0])
        return real(method, url, **more)  # type: ignore[arg-type]

    town.control(media="elsewhere", media_redirect=store)
    town.text("look", media=[photo()])
    monkeypatch.setattr(httpx, "stream", stream)
    fetch_files(town.post)
    assert [auth is not None for _, auth in asked] == [True, False][: 1 + trusted]
    assert len(evidence(town)) == trusted
