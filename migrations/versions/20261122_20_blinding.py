"""Blinding values: of a campaign's tally, drawn at opening, and of each result's scores."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261122_20"
down_revision = "20261122_19"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("campaigns", sa.Column("tally_blind", sa.String(length=64), nullable=True))
    op.add_column("results", sa.Column("blind", sa.String(length=64), nullable=True))


def downgrade() -> None:
    op.drop_column("results", "blind")
    op.drop_column("campaigns", "tally_blind")
