"""Results keep the places that the data allow; campaigns state calibration margins and the borders they ask about."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

revision = "20261122_03"
down_revision = "20261122_02"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("result_rows", schema=None) as batch_op:
        batch_op.add_column(sa.Column("rank_low", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("rank_high", sa.Integer(), nullable=True))
    with op.batch_alter_table("campaigns", schema=None) as batch_op:
        batch_op.add_column(sa.Column("margins", JSON, nullable=True))
        batch_op.add_column(sa.Column("borders", JSON, nullable=True))
