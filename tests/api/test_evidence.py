"""Files that residents send in: what is kept, what is refused and in which words."""

from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pillow_heif
import pytest
from PIL import Image
from sqlalchemy import func, select

from api.conversation.receive import start_conversation
from api.db import Database
from api.evidence.keep import (
    EvidenceStore,
    NotKept,
    keep_evidence,
    mark_opened,
    open_store,
    write_down,
)
from api.evidence.kinds import MEGABYTE, load_kinds, sniff
from api.evidence.model import Evidence
from api.settings import ROOT
from tests.people import ALICE

NOON = datetime(2026, 6, 5, 12, 0, tzinfo=UTC)
KINDS = ROOT / "data" / "evidence.toml"
PHOTO = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00 a photo \xff\xd9"


@pytest.fixture
def store(tmp_path: Path) -> EvidenceStore:
    return open_store(tmp_path, KINDS)


@pytest.fixture
def report_id(database: Database) -> str:
    with database.writing() as session:
        conversation, _ = start_conversation(
            session, landlord="vivid", channel="sms", number=ALICE.number, at=NOON
        )
        assert conversation.report_id
        return conversation.report_id


def keep(database: Database, store: EvidenceStore, report_id: str, content: bytes) -> Evidence:
    file = write_down(database, store, content, report_id=report_id)
    with database.writing() as session:
        return keep_evidence(
            session, store.kinds, file,
            landlord="vivid", report_id=report_id, channel="web_chat", at=NOON,
            said_type="image/jpeg", said_name="IMG 0001.jpg",
        )  # fmt: skip


def kept(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(Evidence)) or 0


def test_a_photo_is_kept_with_its_hash_and_comes_back_unchanged(
    database: Database, store: EvidenceStore, report_id: str
) -> None:
    evidence = keep(database, store, report_id, PHOTO)
    assert evidence.sha256 == sha256(PHOTO).hexdigest()
    assert (evidence.media_type, evidence.size_bytes) == ("image/jpeg", len(PHOTO))
    assert store.path_of(evidence.sha256).stat().st_mode & 0o777 == 0o600
    assert store.read(evidence) == PHOTO
    with database.writing() as session:
        assert mark_opened(session, evidence.id, by="officer@x.example", at=NOON)
    with database.writing() as session:
        assert not mark_opened(session, evidence.id, by="other@x.example", at=NOON)
    with database.reading() as session:
        row = session.get_one(Evidence, evidence.id)
    assert (row.opened_by, row.opened_at) == ("officer@x.example", NOON)


def test_the_same_file_twice_is_kept_once(
    database: Database, store: EvidenceStore, report_id: str
) -> None:
    first = keep(database, store, report_id, PHOTO)
    assert keep(database, store, report_id, PHOTO).id == first.id
    assert kept(database) == 1


@pytest.mark.parametrize(
    ("content", "reason", "words"),
    [
        (b"", "empty", "empty"),
        (b"<html><script>alert(1)</script>", "unknown_type", "a photo (up to 15 MB)"),
        (b"MZ\x90\x00 a program", "unknown_type", "cannot keep that kind of file"),
        (PHOTO + bytes(15 * MEGABYTE), "too_big", "The most we can take is 15 MB"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_words_and_leaves_nothing(
    database: Database,
    store: EvidenceStore,
    report_id: str,
    content: bytes,
    reason: str,
    words: str,
) -> None:
    with pytest.raises(NotKept) as refused:
        keep(database, store, report_id, content)
    assert refused.value.reason == reason
    assert words in refused.value.detail
    assert kept(database) == 0
    assert not store.folder.exists()


def test_one_file_too_many_is_refused_and_the_others_stay(
    database: Database, store: EvidenceStore, report_id: str
) -> None:
    most = store.kinds.most_files
    for number in range(most):
        keep(database, store, report_id, PHOTO + str(number).encode())
    with pytest.raises(NotKept, match="already") as refused:
        keep(database, store, report_id, PHOTO + b"one more")
    assert refused.value.reason == "too_many"
    assert kept(database) == most
    assert len([one for one in store.folder.rglob("*") if one.is_file()]) == most
    assert keep(database, store, report_id, PHOTO + b"0").said_name == "IMG 0001.jpg"


def test_a_file_that_was_changed_on_the_disk_is_not_shown_as_evidence(
    database: Database, store: EvidenceStore, report_id: str
) -> None:
    evidence = keep(database, store, report_id, PHOTO)
    store.path_of(evidence.sha256).write_bytes(PHOTO + b"changed")
    with pytest.raises(ValueError, match="has changed"):
        store.read(evidence)


# Tones and plain colours that ffmpeg wrote, in the formats of phones old and new.
SAMPLES = {
    "sound.3gp": "audio/3gpp",
    "sound.aac": "audio/aac",
    "sound.amr": "audio/amr",
    "sound.m4a": "audio/mp4",
    "sound.mp3": "audio/mpeg",
    "sound.ogg": "audio/ogg",
    "sound.wav": "audio/x-wav",
    "voice_note.mp4": "audio/mp4",
    "video.3gp": "video/3gpp",
    "video.mov": "video/quicktime",
    "video.mp4": "video/mp4",
    "in_parts.mp4": "video/mp4",
    "video.webm": "video/webm",
}
# What Pillow writes.
PICTURES = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "GIF": "image/gif",
    "WEBP": "image/webp",
    "HEIF": "image/heic",
}
DOCUMENT = "application/pdf"


def test_every_type_that_is_promised_is_tried_here() -> None:
    promised = {one for kind in load_kinds(KINDS).kinds for one in kind.types}
    assert {*SAMPLES.values(), *PICTURES.values(), DOCUMENT} == promised


@pytest.mark.parametrize(("name", "media_type"), SAMPLES.items())
def test_sound_and_video_are_told_by_their_bytes(name: str, media_type: str) -> None:
    assert sniff((Path(__file__).parent / "samples" / name).read_bytes()) == media_type


@pytest.mark.parametrize(("written", "media_type"), PICTURES.items())
def test_a_picture_is_told_by_its_bytes(written: str, media_type: str) -> None:
    pillow_heif.register_heif_opener()
    out = BytesIO()
    Image.new("RGB", (40, 20), "teal").save(out, written)
    assert sniff(out.getvalue()) == media_type


@pytest.mark.parametrize(
    ("head", "media_type"),
    [
        (b"%PDF-1.4\n", DOCUMENT),
        # Nokia's: of the family of 3GP alone.
        (b"\x00\x00\x00\x14ftyp3gp4\x00\x00\x02\x003gp4", "video/3gpp"),
        # Cut off before its tracks.
        (b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00isomiso2avc1mp41", "video/mp4"),
        # As an iPhone writes it, and a part that is longer than the file.
        (b"\x00\x00\x00\x24ftypmif1\x00\x00\x00\x00mif1heicmiaf", "image/heic"),
        (b"\x00\x00\x00\x14ftypmp42\x00\x00\x02\x00mp42\x7f\xff\xff\xffmdat", "video/mp4"),
    ],
)
def test_the_type_is_read_from_the_first_bytes(head: bytes, media_type: str) -> None:
    assert sniff(head + bytes(300)) == media_type


def test_the_limits_are_said_in_words() -> None:
    assert load_kinds(KINDS).in_words().endswith("or a document (up to 15 MB)")
