"""Coming back, requests of residents, and a person who takes over"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from api.db import Json, Moment

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

EMPTY_LIST = sa.text("'[]'")


def upgrade() -> None:
    op.create_table(
        "resident_requests",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("landlord", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("report_id", sa.String(length=32), nullable=True),
        sa.Column("case_id", sa.String(length=32), nullable=True),
        sa.Column("asked_at", Moment(), nullable=False),
        sa.Column("done_at", Moment(), nullable=True),
        sa.Column("done_by", sa.String(length=200), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resident_requests")),
    )
    op.create_index("ix_resident_requests_landlord", "resident_requests", ["landlord", "done_at"])
    op.create_table(
        "take_up_codes",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("landlord", sa.String(length=40), nullable=False),
        sa.Column("conversation_id", sa.String(length=32), nullable=False),
        sa.Column("asked_in", sa.String(length=32), nullable=True),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("made_at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("used_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_take_up_codes")),
    )
    op.create_index("ix_take_up_codes_conversation", "take_up_codes", ["conversation_id"])
    op.create_index("ix_take_up_codes_asked_in", "take_up_codes", ["asked_in"])
    with op.batch_alter_table("conversations") as table:
        table.add_column(sa.Column("pending", Json, nullable=False, server_default=EMPTY_LIST))
        table.add_column(sa.Column("handed_over_by", sa.String(length=200), nullable=True))
        table.add_column(sa.Column("handover_reason", sa.String(length=30), nullable=True))
        table.add_column(sa.Column("nudged_at", Moment(), nullable=True))
    with op.batch_alter_table("reports") as table:
        table.add_column(sa.Column("told_as", Json, nullable=False, server_default=EMPTY_LIST))
        table.add_column(sa.Column("incomplete_at", Moment(), nullable=True))
    with op.batch_alter_table("cases") as table:
        table.add_column(sa.Column("told_as", Json, nullable=False, server_default=EMPTY_LIST))
        table.create_index("ix_cases_contact_number", ["landlord", "contact_number"])


def downgrade() -> None:
    with op.batch_alter_table("cases") as table:
        table.drop_index("ix_cases_contact_number")
        table.drop_column("told_as")
    with op.batch_alter_table("reports") as table:
        table.drop_column("incomplete_at")
        table.drop_column("told_as")
    with op.batch_alter_table("conversations") as table:
        for column in ("nudged_at", "handover_reason", "handed_over_by", "pending"):
            table.drop_column(column)
    op.drop_table("take_up_codes")
    op.drop_table("resident_requests")
