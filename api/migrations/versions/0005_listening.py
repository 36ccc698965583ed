"""What was told beside the answers, and what was asked for all the same"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from api.db import Json

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    with op.batch_alter_table("reports") as table:
        table.add_column(sa.Column("effect", sa.Text(), nullable=True))
        table.add_column(
            sa.Column("other_categories", Json, nullable=False, server_default=sa.text("'[]'"))
        )
    with op.batch_alter_table("conversations") as table:
        table.add_column(sa.Column("told", Json, nullable=False, server_default=sa.text("'[]'")))
        table.add_column(
            sa.Column("reasked", sa.Integer(), nullable=False, server_default=sa.text("0"))
        )


def downgrade() -> None:
    with op.batch_alter_table("conversations") as table:
        table.drop_column("reasked")
        table.drop_column("told")
    with op.batch_alter_table("reports") as table:
        table.drop_column("other_categories")
        table.drop_column("effect")
