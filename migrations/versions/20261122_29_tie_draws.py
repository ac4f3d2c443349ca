"""A draw between equals keeps the house's share of it, and the result whose question it answers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261122_29"
down_revision = "20261122_28"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("round_decisions", sa.Column("share", sa.String(length=64), nullable=False, server_default=""))
    op.add_column("round_decisions", sa.Column("result_no", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("round_decisions", "result_no")
    op.drop_column("round_decisions", "share")
