"""Keeping a file as evidence: checked by its own bytes, hashed, written once, never overwritten."""

import os
from dataclasses import dataclass
from datetime import datetime
from hashlib import file_digest, sha256
from pathlib import Path
from uuid import uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api.db import Database
from api.errors import NotUsable
from api.evidence.kinds import Kinds, load_kinds, sniff
from api.evidence.model import Evidence


class NotKept(NotUsable):
    """A file that is refused. `reason`: empty · unknown_type · too_big · too_many.

    `detail` says it in words that a resident can be shown.
    """

    title = "That file cannot be kept."

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


@dataclass(frozen=True)
class OnDisk:
    """A file that may be kept and is on the disk: what its row says of it."""

    sha256: str
    size_bytes: int
    media_type: str


@dataclass(frozen=True)
class EvidenceStore:
    """The folder of the files, each named by the SHA-256 of its bytes.

    A large file takes seconds to read or to write: nothing here is called inside a transaction.
    """

    folder: Path
    kinds: Kinds

    def path_of(self, digest: str) -> Path:
        return self.folder / digest[:2] / digest

    def unchanged(self, evidence: Evidence) -> Path:
        """Where the bytes are, once they are found to be those that came. Raises OSError when the
        file is gone, and ValueError when it is no longer what was sent in."""
        path = self.path_of(evidence.sha256)
        with path.open("rb") as file:
            if file_digest(file, "sha256").hexdigest() != evidence.sha256:
                raise ValueError(f"evidence {evidence.id} has changed since it came in")
        return path

    def read(self, evidence: Evidence) -> bytes:
        """The bytes as they came. Raises as `unchanged` does."""
        return self.unchanged(evidence).read_bytes()

    def write(self, content: bytes, digest: str) -> None:
        """Writes the bytes down by their SHA-256, safe against a loss of power."""
        path = self.path_of(digest)
        if path.exists():
            return
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = path.with_name(f".{digest}.{uuid4().hex}")
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def open_store(data_dir: Path, kinds_file: Path) -> EvidenceStore:
    """The store of this service; its folder is made with the first file."""
    return EvidenceStore(data_dir / "evidence", load_kinds(kinds_file))


def check(content: bytes, kinds: Kinds) -> str:
    """The media type of a file that may be kept. Raises NotKept with words for a resident."""
    if not content:
        raise NotKept("empty", "That file is empty. Please choose another one.")
    media_type = sniff(content)
    kind = kinds.of(media_type)
    if media_type is None or kind is None:
        raise NotKept("unknown_type", f"We cannot keep that kind of file. Send {kinds.in_words()}.")
    if len(content) > kind.most_bytes:
        raise NotKept(
            "too_big",
            f"That {kind.label} is too large. The most we can take is {kind.most_megabytes} MB.",
        )
    return media_type


def write_down(
    database: Database, store: EvidenceStore, content: bytes, *, report_id: str
) -> OnDisk:
    """Checks the bytes and writes them down, before the transaction that keeps them: one that
    waited for the disk would hold up every message that comes in.

    Raises NotKept, with nothing written, for what is empty, too large, of no known kind or one
    too many. A file whose row is never written harms nothing; a row always has its file.
    """
    media_type = check(content, store.kinds)
    digest = sha256(content).hexdigest()
    with database.reading() as session:
        if _known(session, report_id, digest) is None:
            _refuse_one_too_many(session, store.kinds, report_id)
    store.write(content, digest)
    return OnDisk(digest, len(content), media_type)


def keep_evidence(
    session: Session,
    kinds: Kinds,
    file: OnDisk,
    *,
    landlord: str,
    report_id: str,
    channel: str,
    at: datetime,
    message_id: int | None = None,
    said_type: str | None = None,
    said_name: str | None = None,
) -> Evidence:
    """Keeps a file with a report and gives the row. The same bytes again give the same row.

    Raises NotKept for one too many.
    """
    known = _known(session, report_id, file.sha256)
    if known:
        return known
    _refuse_one_too_many(session, kinds, report_id)
    evidence = Evidence(
        id=uuid4().hex,
        landlord=landlord,
        report_id=report_id,
        message_id=message_id,
        channel=channel,
        sha256=file.sha256,
        size_bytes=file.size_bytes,
        media_type=file.media_type,
        said_type=said_type,
        said_name=said_name,
        received_at=at,
    )
    session.add(evidence)
    session.flush()
    return evidence


def _known(session: Session, report_id: str, digest: str) -> Evidence | None:
    return session.scalar(
        select(Evidence).where(Evidence.report_id == report_id, Evidence.sha256 == digest)
    )


def _refuse_one_too_many(session: Session, kinds: Kinds, report_id: str) -> None:
    if files_of(session, report_id) >= kinds.most_files:
        raise NotKept(
            "too_many",
            f"There are {kinds.most_files} files with this report already. "
            "Tell us that you have more, and we will ask for them.",
        )


def files_of(session: Session, report_id: str) -> int:
    return (
        session.scalar(
            select(func.count()).select_from(Evidence).where(Evidence.report_id == report_id)
        )
        or 0
    )


def mark_opened(session: Session, evidence_id: str, *, by: str, at: datetime) -> bool:
    """Writes down who opened a file first. Whether it is this one."""
    evidence = session.get_one(Evidence, evidence_id, with_for_update=True)
    if evidence.opened_at is not None:
        return False
    evidence.opened_at, evidence.opened_by = at, by
    return True
