"""Texts: files that come with them, sending anew, redaction, safe hours"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from api.db import Moment

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    with op.batch_alter_table("cases", schema=None) as table:
        table.add_column(sa.Column("texts_from", sa.String(length=5), nullable=True))
        table.add_column(sa.Column("texts_until", sa.String(length=5), nullable=True))
    with op.batch_alter_table("messages", schema=None) as table:
        table.add_column(sa.Column("redact_at", Moment(), nullable=True))
        table.create_index("ix_messages_redact", ["redact_at"], unique=False)
    with op.batch_alter_table("outbox", schema=None) as table:
        table.add_column(sa.Column("provider", sa.String(length=20), nullable=True))
        table.add_column(sa.Column("again_of", sa.Integer(), nullable=True))
        table.add_column(sa.Column("times_again", sa.Integer(), nullable=False, server_default="0"))
        table.add_column(sa.Column("told_late_at", Moment(), nullable=True))
        table.add_column(sa.Column("redact_at", Moment(), nullable=True))
        table.create_index("ix_outbox_to", ["to", "sent_at"], unique=False)
        table.create_index("ix_outbox_redact", ["redact_at"], unique=False)
        table.create_index("ix_outbox_case", ["case_id"], unique=False)
    # Until now there was one provider.
    op.execute("UPDATE outbox SET provider = 'twilio' WHERE provider_sid IS NOT NULL")
    op.create_table(
        "text_media",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("landlord", sa.String(length=40), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("report_id", sa.String(length=32), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("said_type", sa.String(length=200), nullable=True),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("retry_at", Moment(), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=True),
        sa.Column("evidence_id", sa.String(length=32), nullable=True),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("deleted_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_text_media_conversation_id_conversations"),
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_text_media_message_id_messages")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_text_media")),
    )
    with op.batch_alter_table("text_media", schema=None) as table:
        table.create_index("ix_text_media_waiting", ["deleted_at", "retry_at"], unique=False)


def downgrade() -> None:
    op.drop_table("text_media")
    with op.batch_alter_table("outbox", schema=None) as table:
        for index in ("ix_outbox_case", "ix_outbox_redact", "ix_outbox_to"):
            table.drop_index(index)
        for column in ("redact_at", "told_late_at", "times_again", "again_of", "provider"):
            table.drop_column(column)
    with op.batch_alter_table("messages", schema=None) as table:
        table.drop_index("ix_messages_redact")
        table.drop_column("redact_at")
    with op.batch_alter_table("cases", schema=None) as table:
        table.drop_column("texts_until")
        table.drop_column("texts_from")
