"""Places of a quota that interviewers hold while they ask, counted against its target."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261122_40"
down_revision = "20261122_39"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("gate_quotas", sa.Column("held", sa.Integer(), server_default="0", nullable=False))
    op.create_table(
        "gate_quota_holds",
        sa.Column("campaign_id", sa.String(length=60), nullable=False),
        sa.Column("no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("contractor", sa.String(length=40), nullable=False),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.CheckConstraint("held >= 0", name=op.f("ck_gate_quota_holds_never_less")),
        sa.PrimaryKeyConstraint("campaign_id", "no", "contractor", name=op.f("pk_gate_quota_holds")),
    )


def downgrade() -> None:
    op.drop_table("gate_quota_holds")
    op.drop_column("gate_quotas", "held")
