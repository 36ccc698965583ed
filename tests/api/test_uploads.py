"""Files through a one-time link: kept whole, or refused with words, and seen by officers."""

from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pillow_heif
import pytest
import time_machine
from PIL import Image
from sqlalchemy import select

from api import clock
from api.cases.model import Case, CaseEntry
from api.channels import upload_pages, web_chat
from api.channels.pace import Pace
from api.evidence.links import create_upload_link
from api.evidence.model import Evidence, UploadLink
from api.evidence.shown import CannotShow, shown_copy, told_by_camera
from api.settings import Settings
from tests.api.test_shown import HUGE
from tests.browser.estate import (
    PASSWORD,
    Reader,
    ScriptedChat,
    add_case,
    add_officer,
    make_app,
)
from tests.browser.photos import photo, recording


@pytest.fixture
def resident(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Reader]:
    monkeypatch.setattr(web_chat, "send", ScriptedChat().send)
    app = make_app(tmp_path)
    yield Reader(app)
    app.state.db.engine.dispose()


@pytest.fixture
def case(resident: Reader) -> Case:
    return add_case(resident.app, "VIV-1")


@pytest.fixture
def link(resident: Reader, case: Case) -> str:
    with resident.app.state.db.writing() as session:
        return create_upload_link(
            session, landlord="vivid", report_id=case.report_id, at=clock.now(), public_url=""
        )


def officer(resident: Reader, landlord: str = "vivid", name: str = "alice") -> Reader:
    add_officer(resident.app, landlord=landlord, team="neighbourhood", name=name)
    one = Reader(resident.app)
    one.post(
        "/officers/sign-in", data={"email": f"{name}@{landlord}.example", "password": PASSWORD}
    )
    return one


def send(resident: Reader, link: str, *files: tuple[str, bytes], **more: Any) -> httpx.Response:
    return resident.post(link, files=[("files", file) for file in files], **more)


def kept(resident: Reader) -> list[Evidence]:
    with resident.app.state.db.reading() as session:
        return list(session.scalars(select(Evidence).order_by(Evidence.said_name)))


def test_what_may_be_sent_is_said_before_anything_is_chosen(resident: Reader, link: str) -> None:
    page = resident.get(link)
    assert page.status_code == 200
    assert "a photo, up to 15 MB" in page.text
    assert "a video, up to 100 MB" in page.text
    assert "Send up to 10 files at a time, and not more than 200 MB" in page.text
    assert "This link works until" in page.text
    assert page.headers["cache-control"] == "no-store"
    assert "Exit this page" in page.text


def test_a_photo_and_a_recording_are_kept_as_they_came_and_stand_on_the_case(
    resident: Reader, link: str, case: Case
) -> None:
    page = send(resident, link, ("IMG_1.jpg", photo()), ("noise.wav", recording()))
    assert "We have kept 2 files." in page.text
    first, second = kept(resident)
    assert (first.media_type, second.media_type) == ("image/jpeg", "audio/x-wav")
    assert first.sha256 == sha256(photo()).hexdigest()
    assert resident.app.state.evidence.read(first) == photo()
    assert {one.report_id for one in (first, second)} == {case.report_id}
    assert first.opened_at is None
    with resident.app.state.db.reading() as session:
        told = session.scalars(select(CaseEntry.words).where(CaseEntry.kind == "evidence")).all()
    assert told == ["A photo came in.", "A sound recording came in."]


def test_the_type_is_read_from_the_file_and_a_refused_one_takes_no_other_with_it(
    resident: Reader, link: str
) -> None:
    page = send(resident, link, ("virus.jpg", b"MZ\x90 not a photo"), ("real.jpg", photo()))
    assert page.status_code == 422
    assert "virus.jpg: We cannot keep that kind of file." in page.text
    assert "We have kept 1 file." in page.text
    assert [one.said_name for one in kept(resident)] == ["real.jpg"]


def test_a_photo_that_is_too_large_is_refused_by_its_size(resident: Reader, link: str) -> None:
    page = send(resident, link, ("big.jpg", photo() + b"\0" * 15_000_001))
    assert page.status_code == 422
    assert "big.jpg: That photo is too large. The most we can take is 15 MB." in page.text
    assert kept(resident) == []


@pytest.mark.parametrize("told", [True, False])
def test_far_too_much_at_once_is_refused_on_the_page_and_nothing_of_it_kept(
    resident: Reader, link: str, told: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upload_pages, "most_at_once", lambda store: 2000)
    request = httpx.Request("POST", "http://x", files=[("files", ("a.jpg", photo() * 9))])
    body, headers = request.read(), {"Content-Type": request.headers["content-type"]}

    async def in_parts() -> Any:
        yield body

    page = resident.post(link, content=body if told else in_parts(), headers=headers)
    assert page.status_code == 413
    assert "none of it was kept" in page.text
    assert kept(resident) == []


@pytest.mark.parametrize("why", ["over", "too fast"])
def test_what_is_refused_is_heard_to_its_end_so_that_the_reason_is_seen(
    resident: Reader, link: str, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A browser that is answered before it has sent everything shows an error of its own."""
    if why == "over":
        with resident.app.state.db.writing() as session:
            session.scalars(select(UploadLink)).one().closed_at = clock.now()
    else:
        resident.app.state.pace = Pace(Settings(RATE_PER_CHAT="1/hour"))
        send(resident, link, ("a.jpg", photo()))
    before = len(kept(resident))
    request = httpx.Request("POST", "http://x", files=[("files", ("b.jpg", photo("red") * 9))])
    body, headers = request.read(), {"Content-Type": request.headers["content-type"]}
    parts = [body[at : at + 1000] for at in range(0, len(body), 1000)]
    heard: list[bytes] = []

    async def in_parts() -> Any:
        for part in parts:
            heard.append(part)
            yield part

    page = resident.post(link, content=in_parts(), headers=headers)
    assert heard == parts
    assert page.status_code == (404 if why == "over" else 429)
    words = "This link does not work any more." if why == "over" else "Please wait"
    assert words in page.text
    assert len(kept(resident)) == before


def test_nothing_chosen_is_said(resident: Reader, link: str) -> None:
    page = resident.post(link, files=[("files", ("", b""))])
    assert page.status_code == 422
    assert "Choose a file first" in page.text


@pytest.mark.parametrize("body", [b"", b"--x\r\nbroken", b"--x\r\nContent-Disposition: form-data"])
def test_a_form_that_came_in_pieces_is_said_and_breaks_nothing(
    resident: Reader, link: str, body: bytes
) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    page = resident.post(link, content=body, headers=headers)
    assert page.status_code in {400, 422}
    assert "There is a problem" in page.text
    assert kept(resident) == []


def test_the_same_photo_sent_again_is_one_photo(resident: Reader, link: str) -> None:
    for _ in range(2):
        assert send(resident, link, ("a.jpg", photo())).status_code == 200
    assert len(kept(resident)) == 1


def test_a_name_is_kept_without_its_folders_and_shown_as_words(resident: Reader, link: str) -> None:
    send(resident, link, ("C:\\Users\\Erin\\<i>noise.jpg", photo()))
    assert kept(resident)[0].said_name == "<i>noise.jpg"
    page = officer(resident).get("/officers/cases/VIV-1").text
    assert "Photo: &lt;i&gt;noise.jpg" in page
    assert "<i>" not in page


def test_a_link_ends_when_all_is_sent_and_shows_nothing_to_whoever_finds_it(
    resident: Reader, link: str
) -> None:
    send(resident, link, ("a.jpg", photo()))
    done = resident.post(link, files={"finish": (None, "yes")})
    assert "There is 1 file with your report." in done.text
    for answer in (resident.get(link), send(resident, link, ("b.jpg", photo("red")))):
        assert answer.status_code == 404
        assert "This link does not work any more." in answer.text
        assert "VIVID" not in answer.text
    assert len(kept(resident)) == 1


@pytest.mark.parametrize(
    ("sent_first", "later", "works"),
    [
        (False, timedelta(days=6), True),
        (False, timedelta(days=7), False),
        (True, timedelta(minutes=119), True),
        (True, timedelta(hours=2), False),
    ],
)
def test_a_link_works_for_a_week_and_for_two_hours_from_the_first_file(
    resident: Reader, link: str, sent_first: bool, later: timedelta, works: bool
) -> None:
    if sent_first:
        send(resident, link, ("a.jpg", photo()))
    with time_machine.travel(clock.now() + later):
        assert resident.get(link).status_code == (200 if works else 404)


def test_a_link_that_never_was_is_said_like_one_that_is_over(resident: Reader) -> None:
    page = resident.get("/upload/never-was")
    assert page.status_code == 404
    assert "This link does not work any more." in page.text


def test_only_a_hash_of_the_link_is_kept(resident: Reader, link: str) -> None:
    with resident.app.state.db.reading() as session:
        row = session.scalars(select(UploadLink)).one()
    assert link.rpartition("/")[2] not in row.token_hash


def test_from_the_chat_one_press_leads_to_the_page_for_files(resident: Reader) -> None:
    resident.post("/chat/vivid", data={"text": "loud music"})
    page = resident.post("/chat/vivid/files")
    assert page.status_code == 200
    assert str(page.url.path).startswith("/upload/")
    send(resident, page.url.path, ("a.jpg", photo()))
    assert len(kept(resident)) == 1


def test_without_an_open_chat_there_is_no_link(resident: Reader) -> None:
    page = resident.post("/chat/vivid/files")
    assert page.status_code == 401
    assert "This chat is closed on this device." in page.text


def test_a_file_nobody_opened_is_seen_as_such_until_an_officer_opens_it(
    resident: Reader, link: str
) -> None:
    send(resident, link, ("a.jpg", photo()))
    alice = officer(resident)
    [evidence] = kept(resident)
    assert "1 file not opened" in alice.get("/officers/cases").text
    assert "Not opened yet" in alice.get("/officers/cases/VIV-1").text
    # Reading about it is not opening it.
    assert "SHA-256" in alice.get(f"/officers/evidence/{evidence.id}").text
    assert kept(resident)[0].opened_at is None
    shown = alice.get(f"/officers/evidence/{evidence.id}/shown")
    assert shown.headers["content-type"] == "image/jpeg"
    [opened] = kept(resident)
    assert opened.opened_by == "alice@vivid.example"
    assert "not opened" not in alice.get("/officers/cases").text
    case = alice.get("/officers/cases/VIV-1").text
    assert "First opened" in case
    assert "Opened the photo for the first time." in case


def test_what_is_shown_holds_nothing_but_the_picture_and_the_original_everything(
    resident: Reader, link: str
) -> None:
    send(resident, link, ("a.jpg", photo(sideways=True)))
    alice = officer(resident)
    address = f"/officers/evidence/{kept(resident)[0].id}"
    shown = alice.get(f"{address}/shown").content
    picture = Image.open(BytesIO(shown))
    assert picture.size == (20, 40)  # upright
    assert dict(picture.getexif()) == {}
    assert "comment" not in picture.info
    assert b"secret comment" not in shown
    original = alice.get(f"{address}/original")
    assert original.content == photo(sideways=True)
    assert original.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in original.headers["content-security-policy"]
    page = alice.get(address).text
    assert "51.50000, -0.12500" in page
    assert "05 June 2026, 02:14:00" in page
    assert "Sample Phones Sample 1" in page


def test_sound_is_played_and_can_be_asked_for_in_parts(resident: Reader, link: str) -> None:
    send(resident, link, ("noise.wav", recording()))
    alice = officer(resident)
    address = f"/officers/evidence/{kept(resident)[0].id}"
    assert "<audio" in alice.get(address).text
    part = alice.get(f"{address}/shown", headers={"Range": "bytes=0-3"})
    assert (part.status_code, part.content) == (206, b"RIFF")


def test_another_landlords_officer_finds_no_such_file(resident: Reader, link: str) -> None:
    send(resident, link, ("a.jpg", photo()))
    other = officer(resident, "nacro", "bob")
    for more in ("", "/shown", "/original"):
        answer = other.get(f"/officers/evidence/{kept(resident)[0].id}{more}")
        assert answer.status_code == 404
    assert kept(resident)[0].opened_at is None


def test_a_file_that_is_gone_or_was_changed_is_said_and_not_called_opened(
    resident: Reader, link: str
) -> None:
    send(resident, link, ("a.jpg", photo()))
    alice = officer(resident)
    [evidence] = kept(resident)
    resident.app.state.evidence.path_of(evidence.sha256).write_bytes(photo("red"))
    answer = alice.get(f"/officers/evidence/{evidence.id}/shown")
    assert answer.status_code == 500
    assert "it is not what was sent in" in answer.text
    assert kept(resident)[0].opened_at is None


def test_what_iphones_take_is_shown_as_a_jpeg_without_its_place() -> None:
    pillow_heif.register_heif_opener()
    out = BytesIO()
    taken = Image.open(BytesIO(photo()))
    taken.save(out, "HEIF", exif=taken.getexif().tobytes())
    assert ("Camera", "Sample Phones Sample 1") in told_by_camera(out.getvalue())
    shown = Image.open(BytesIO(shown_copy(out.getvalue())))
    assert shown.format == "JPEG"
    assert dict(shown.getexif()) == {}


@pytest.mark.parametrize("broken", [b"", b"\xff\xd8\xff\xe0 broken", photo()[:200]])
def test_a_broken_picture_is_no_breakdown(broken: bytes) -> None:
    with pytest.raises(CannotShow):
        shown_copy(broken)
    assert isinstance(told_by_camera(broken), list)


@pytest.mark.parametrize("content", HUGE.values(), ids=HUGE)
def test_of_a_huge_picture_the_officer_still_gets_the_page_and_the_file(
    resident: Reader, link: str, content: bytes
) -> None:
    send(resident, link, ("a.jpg", content))
    alice = officer(resident)
    address = f"/officers/evidence/{kept(resident)[0].id}"
    page = alice.get(address)
    assert page.status_code == 200
    assert f'href="{address}/original"' in page.text
    shown = alice.get(f"{address}/shown")
    assert shown.status_code == 404
    assert "Save it as it came." in shown.text
    assert alice.get(f"{address}/original").content == content
