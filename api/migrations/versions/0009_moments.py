"""When it happened, made definite"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from api.db import Moment

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    with op.batch_alter_table("reports") as table:
        table.add_column(sa.Column("happened_from", Moment(), nullable=True))
        table.add_column(sa.Column("happened_to", Moment(), nullable=True))
        table.add_column(sa.Column("happened_said", sa.Text(), nullable=True))
        table.add_column(sa.Column("happened_confirmed_at", Moment(), nullable=True))
    with op.batch_alter_table("incidents") as table:
        table.add_column(sa.Column("happened_from", Moment(), nullable=True))
        table.add_column(sa.Column("happened_to", Moment(), nullable=True))
        table.add_column(sa.Column("happened_said", sa.Text(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("incidents") as table:
        for name in ("happened_said", "happened_to", "happened_from"):
            table.drop_column(name)
    with op.batch_alter_table("reports") as table:
        for name in ("happened_confirmed_at", "happened_said", "happened_to", "happened_from"):
            table.drop_column(name)
