"""The model's opinion on messages that took no turn"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0011"
down_revision: str | None = "0010"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    with op.batch_alter_table("messages") as table:
        table.add_column(
            sa.Column("opinion_due", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        table.create_index("ix_messages_opinion", ["opinion_due"])


def downgrade() -> None:
    with op.batch_alter_table("messages") as table:
        table.drop_index("ix_messages_opinion")
        table.drop_column("opinion_due")
