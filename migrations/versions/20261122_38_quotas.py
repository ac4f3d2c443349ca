"""Quotas of telephone and intercept samples, and what the lines of a file took of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261122_38"
down_revision = "20261122_37"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "gate_quotas",
        sa.Column("campaign_id", sa.String(length=60), nullable=False),
        sa.Column("no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("stratum_no", sa.Integer(), nullable=False),
        sa.Column("point_no", sa.Integer(), nullable=False),
        sa.Column("places", JSON, nullable=False),
        sa.Column("target", sa.Integer(), nullable=False),
        sa.Column("counted", sa.Integer(), nullable=False),
        sa.Column("over", sa.Integer(), nullable=False),
        sa.CheckConstraint("counted >= 0 AND counted <= target", name=op.f("ck_gate_quotas_never_over")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_gate_quotas_campaign_id_campaigns")),
        sa.PrimaryKeyConstraint("campaign_id", "no", name=op.f("pk_gate_quotas")),
    )
    op.create_table(
        "gate_quota_uses",
        sa.Column("campaign_id", sa.String(length=60), nullable=False),
        sa.Column("no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("upload_id", sa.Uuid(), nullable=False),
        sa.Column("counted", sa.Integer(), nullable=False),
        sa.Column("over", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("campaign_id", "no", "upload_id", name=op.f("pk_gate_quota_uses")),
    )


def downgrade() -> None:
    op.drop_table("gate_quota_uses")
    op.drop_table("gate_quotas")
