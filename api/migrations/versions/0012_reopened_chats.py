"""Web chats that are opened again after they had closed on the device"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from api.db import Moment

revision: str = "0012"
down_revision: str | None = "0011"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    with op.batch_alter_table("conversations") as table:
        table.add_column(sa.Column("reopened_at", Moment(), nullable=True))
        table.add_column(sa.Column("hidden_until", Moment(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("conversations") as table:
        table.drop_column("hidden_until")
        table.drop_column("reopened_at")
