"""Tablets of test points and their pairing codes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261122_19"
down_revision = "20261122_18"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tablets",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.String(length=60), nullable=False),
        sa.Column("point_no", sa.Integer(), nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("paired_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_tablets_campaign_id_campaigns")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tablets")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_tablets_token_digest")),
    )
    op.create_table(
        "tablet_pairings",
        sa.Column("code_digest", sa.String(length=64), nullable=False),
        sa.Column("campaign_id", sa.String(length=60), nullable=False),
        sa.Column("point_no", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_tablet_pairings_campaign_id_campaigns")
        ),
        sa.PrimaryKeyConstraint("code_digest", name=op.f("pk_tablet_pairings")),
    )


def downgrade() -> None:
    op.drop_table("tablet_pairings")
    op.drop_table("tablets")
