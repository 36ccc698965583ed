"""A file that a resident sent in: where it is, what it is, and its hash on arrival."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from api.db import Base


class Evidence(Base):
    """The bytes are a file under `DATA_DIR/evidence`, named by `sha256`; this row says whose."""

    __tablename__ = "evidence"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    landlord: Mapped[str] = mapped_column(String(40))
    report_id: Mapped[str] = mapped_column(ForeignKey("reports.id"))
    # The resident's message that it came with, where it came with one.
    message_id: Mapped[int | None]
    channel: Mapped[str] = mapped_column(String(20))
    sha256: Mapped[str] = mapped_column(String(64))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    # As read from the bytes; what the sender said it was is kept beside it.
    media_type: Mapped[str] = mapped_column(String(100))
    said_type: Mapped[str | None] = mapped_column(String(200))
    said_name: Mapped[str | None] = mapped_column(Text)
    received_at: Mapped[datetime]
    # The first time that an officer opened it.
    opened_at: Mapped[datetime | None]
    opened_by: Mapped[str | None] = mapped_column(String(200))

    __table_args__ = (Index("ix_evidence_report", "report_id", "sha256"),)


class UploadLink(Base):
    """A one-time address at which the person of one report may send files. Only its hash is kept.

    It works until `expires_at`, or until the person says that all is sent (`closed_at`).
    """

    __tablename__ = "upload_links"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    landlord: Mapped[str] = mapped_column(String(40))
    report_id: Mapped[str] = mapped_column(ForeignKey("reports.id"))
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    first_file_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
