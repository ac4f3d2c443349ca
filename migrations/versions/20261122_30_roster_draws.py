"""Draws from rosters: who of a roster was drawn, under which rules."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261122_30"
down_revision = "20261122_29"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "roster_draws",
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("roster_id", sa.String(length=60), nullable=False),
        sa.Column("rules", JSON, nullable=False),
        sa.Column("made_by", sa.String(length=40), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["draws.id"], name=op.f("fk_roster_draws_id_draws")),
        sa.ForeignKeyConstraint(["roster_id"], ["rosters.id"], name=op.f("fk_roster_draws_roster_id_rosters")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_draws")),
    )
    op.create_index(op.f("ix_roster_draws_roster_id"), "roster_draws", ["roster_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_roster_draws_roster_id"), "roster_draws")
    op.drop_table("roster_draws")
