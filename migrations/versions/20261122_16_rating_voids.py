"""Corrections of window ratings: which span of a window two people set aside."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261122_16"
down_revision = "20261122_15"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rating_voids",
        sa.Column("window_id", sa.String(length=60), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=True),
        sa.Column("begins", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("act_number", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["window_id"], ["windows.id"], name=op.f("fk_rating_voids_window_id_windows")),
        sa.PrimaryKeyConstraint("window_id", "id", name=op.f("pk_rating_voids")),
    )


def downgrade() -> None:
    op.drop_table("rating_voids")
