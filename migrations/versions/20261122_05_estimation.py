"""Campaigns state how they are estimated, as one document; the rows of a result keep their steps."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

revision = "20261122_05"
down_revision = "20261122_04"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("campaigns", schema=None) as batch_op:
        batch_op.add_column(sa.Column("estimation", JSON, nullable=True))
    with op.batch_alter_table("result_rows", schema=None) as batch_op:
        batch_op.add_column(sa.Column("trace", JSON, nullable=True))
