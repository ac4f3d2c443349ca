"""Sessions that a sign-in provider began with a second factor of its own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261122_37"
down_revision = "20261122_36"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "strong_sessions",
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("token_digest", name=op.f("pk_strong_sessions")),
    )


def downgrade() -> None:
    op.drop_table("strong_sessions")
