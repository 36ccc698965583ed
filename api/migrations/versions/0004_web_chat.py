"""Web chat: questions that take several answers, who is still there, and one-time upload links"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from api.db import Moment

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("several", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    with op.batch_alter_table("conversations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("seen_at", Moment(), nullable=True))
    op.create_table(
        "upload_links",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("landlord", sa.String(length=40), nullable=False),
        sa.Column("report_id", sa.String(length=32), nullable=False),
        sa.Column("made_at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.Column("first_file_at", Moment(), nullable=True),
        sa.Column("closed_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["report_id"], ["reports.id"], name=op.f("fk_upload_links_report_id_reports")
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_upload_links")),
    )


def downgrade() -> None:
    op.drop_table("upload_links")
    with op.batch_alter_table("conversations", schema=None) as batch_op:
        batch_op.drop_column("seen_at")
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.drop_column("several")
