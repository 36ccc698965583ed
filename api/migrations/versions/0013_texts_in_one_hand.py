"""Texts: who has one in hand, who stopped them, and until when what came in was fetched"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from api.db import Moment

revision: str = "0013"
down_revision: str | None = "0012"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    with op.batch_alter_table("outbox") as table:
        table.add_column(sa.Column("claimed_by", sa.String(length=32), nullable=True))
    with op.batch_alter_table("opt_outs") as table:
        # Who stopped them was not written down: the provider may have, and then nothing gets by.
        table.add_column(
            sa.Column("stopped_by", sa.String(length=20), nullable=False, server_default="provider")
        )
    op.create_table(
        "catch_ups",
        sa.Column("provider", sa.String(length=20), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("until", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("provider", "number", name=op.f("pk_catch_ups")),
    )
    # A file that is given up for gone is deleted no more: one that is still there is asked for.
    op.execute(
        "UPDATE text_media SET status = 'waiting' WHERE status = 'gone' AND deleted_at IS NULL"
    )


def downgrade() -> None:
    op.drop_table("catch_ups")
    with op.batch_alter_table("opt_outs") as table:
        table.drop_column("stopped_by")
    with op.batch_alter_table("outbox") as table:
        table.drop_column("claimed_by")
