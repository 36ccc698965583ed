"""A disk that is slow with one large file holds up nobody else: no text, no chat, no officer."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from api import clock
from api.evidence.keep import EvidenceStore
from api.evidence.links import create_upload_link
from api.evidence.model import Evidence
from api.reports.model import Report
from api.worker.fetching import fetch_files
from tests.api.test_text_files import KNIFE, PHOTO, evidence, photo
from tests.api.town import Town
from tests.browser.estate import PASSWORD, add_officer
from tests.browser.photos import recording
from tests.people import BOB

SOON = 10


class SlowDisk:
    """Answers nothing until `go_on`."""

    def __init__(self) -> None:
        self.asked, self.go_on = Event(), Event()

    def slow(self, work: Callable[..., Any]) -> Callable[..., Any]:
        def later(*args: Any) -> Any:
            self.asked.set()
            assert self.go_on.wait(3 * SOON)
            return work(*args)

        return later


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[SlowDisk]:
    found = SlowDisk()
    for name in ("write", "unchanged"):
        monkeypatch.setattr(EvidenceStore, name, found.slow(getattr(EvidenceStore, name)))
    yield found
    found.go_on.set()


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as found:
        yield found


def others_are_served(town: Town, pool: ThreadPoolExecutor, disk: SlowDisk, busy: Future[Any]):
    """While `busy` waits for the disk, somebody's text is taken; then the disk goes on."""
    assert disk.asked.wait(SOON)
    sent = pool.submit(town.text, "hello", number=BOB.number).result(SOON)
    assert sent["webhook_status"] == 204
    assert not busy.done()
    disk.go_on.set()
    return busy.result(SOON)


def test_while_a_file_of_a_text_is_written(
    town: Town, disk: SlowDisk, pool: ThreadPoolExecutor
) -> None:
    town.text("look at this", media=[photo()])
    others_are_served(town, pool, disk, pool.submit(fetch_files, town.post))
    assert len(evidence(town)) == 1


def test_while_an_upload_is_written(town: Town, disk: SlowDisk, pool: ThreadPoolExecutor) -> None:
    link = town.url + upload_link(town)
    sending = pool.submit(httpx.post, link, files=[("files", ("a.jpg", PHOTO))], timeout=60)
    answer = others_are_served(town, pool, disk, sending)
    assert answer.status_code == 303
    assert len(evidence(town)) == 1


def test_while_an_officer_opens_a_recording(
    town: Town, disk: SlowDisk, pool: ThreadPoolExecutor
) -> None:
    disk.go_on.set()
    httpx.post(town.url + upload_link(town), files=[("files", ("a.wav", recording()))])
    disk.go_on.clear()
    disk.asked.clear()
    [kept] = evidence(town)
    with httpx.Client(base_url=town.url, timeout=60) as alice:
        add_officer(town.app)
        alice.post("/officers/sign-in", data={"email": "alice@vivid.example", "password": PASSWORD})
        shown = f"/officers/evidence/{kept.id}/shown"
        answer = others_are_served(town, pool, disk, pool.submit(alice.get, shown))
        assert answer.content == recording()
        # A part from the middle asks the disk for that part alone.
        disk.asked.clear()
        part = alice.get(shown, headers={"Range": "bytes=8-11"})
        assert (part.status_code, part.content) == (206, b"WAVE")
        assert not disk.asked.is_set()
    with town.db.reading() as session:
        assert session.get_one(Evidence, kept.id).opened_by == "alice@vivid.example"


def upload_link(town: Town) -> str:
    """Of a case."""
    town.text(KNIFE)
    with town.db.writing() as session:
        return create_upload_link(
            session,
            landlord="vivid",
            report_id=session.scalars(select(Report.id)).one(),
            at=clock.now(),
            public_url="",
        )
