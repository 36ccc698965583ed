"""What an action has answered for a message is kept, so that it acts once"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from api.db import Json

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    with op.batch_alter_table("messages") as table:
        table.add_column(sa.Column("acted", Json, nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("messages") as table:
        table.drop_column("acted")
