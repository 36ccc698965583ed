"""Keeping a file as evidence: checked by its own bytes, hashed, written once, never overwritten."""

import os
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

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
class EvidenceStore:
    """The folder of the files, each named by the SHA-256 of its bytes."""

    folder: Path
    kinds: Kinds

    def path_of(self, digest: str) -> Path:
        return self.folder / digest[:2] / digest

    def read(self, evidence: Evidence) -> bytes:
        """The bytes as they came. Raises OSError when the file is gone, and ValueError when it is
        no longer what was sent in."""
        content = self.path_of(evidence.sha256).read_bytes()
        if sha256(content).hexdigest() != evidence.sha256:
            raise ValueError(f"evidence {evidence.id} has changed since it came in")
        return content

    def write(self, content: bytes) -> str:
        """Writes the bytes down, safe against a loss of power, and gives their SHA-256."""
        digest = sha256(content).hexdigest()
        path = self.path_of(digest)
        if path.exists():
            return digest
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
        return digest


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


def keep_evidence(
    session: Session,
    store: EvidenceStore,
    content: bytes,
    *,
    landlord: str,
    report_id: str,
    channel: str,
    at: datetime,
    message_id: int | None = None,
    said_type: str | None = None,
    said_name: str | None = None,
) -> Evidence:
    """Keeps the bytes with a report and gives the row. The same bytes again give the same row.

    Raises NotKept, with nothing written, for what is empty, too large, of no known kind or one
    too many. The bytes are on the disk before the row is: a row always has its file.
    """
    media_type = check(content, store.kinds)
    digest = sha256(content).hexdigest()
    known = session.scalar(
        select(Evidence).where(Evidence.report_id == report_id, Evidence.sha256 == digest)
    )
    if known:
        return known
    if files_of(session, report_id) >= store.kinds.most_files:
        raise NotKept(
            "too_many",
            f"There are {store.kinds.most_files} files with this report already. "
            "Tell us that you have more, and we will ask for them.",
        )
    evidence = Evidence(
        id=uuid4().hex,
        landlord=landlord,
        report_id=report_id,
        message_id=message_id,
        channel=channel,
        sha256=store.write(content),
        size_bytes=len(content),
        media_type=media_type,
        said_type=said_type,
        said_name=said_name,
        received_at=at,
    )
    session.add(evidence)
    session.flush()
    return evidence


def files_of(session: Session, report_id: str) -> int:
    return (
        session.scalar(
            select(func.count()).select_from(Evidence).where(Evidence.report_id == report_id)
        )
        or 0
    )


def open_evidence(
    session: Session, store: EvidenceStore, evidence_id: str, *, by: str, at: datetime
) -> tuple[Evidence, bytes]:
    """A file for an officer who may see it; the first opening is written down."""
    evidence = session.get_one(Evidence, evidence_id)
    content = store.read(evidence)
    if evidence.opened_at is None:
        evidence.opened_at, evidence.opened_by = at, by
    return evidence, content
