"""Ratings know the day on which they were given, and why they are not counted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261122_17"
down_revision = "20261122_16"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("ratings", schema=None) as batch_op:
        batch_op.add_column(sa.Column("given_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("mark", sa.String(length=10), nullable=True))
    ratings = sa.table("ratings", sa.column("given_on", sa.Date()), sa.column("day", sa.Date()))
    op.execute(ratings.update().values(given_on=ratings.c.day))
    with op.batch_alter_table("ratings", schema=None) as batch_op:
        batch_op.alter_column("given_on", existing_type=sa.Date(), nullable=False)
    op.create_index("ix_ratings_window_id_given_on", "ratings", ["window_id", "given_on"])
    columns = ["window_id", "device_id", "device_time"]
    op.create_index("ix_ratings_window_id_device_id_device_time", "ratings", columns)


def downgrade() -> None:
    op.drop_index("ix_ratings_window_id_device_id_device_time", "ratings")
    op.drop_index("ix_ratings_window_id_given_on", "ratings")
    with op.batch_alter_table("ratings", schema=None) as batch_op:
        batch_op.drop_column("mark")
        batch_op.drop_column("given_on")
