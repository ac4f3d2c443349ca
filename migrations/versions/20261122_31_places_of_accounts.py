"""Area and clerks' dates of accounts, the area of a unit, and which campaigns a contractor works on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261122_31"
down_revision = "20261122_30"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("accounts", sa.Column("area_code", sa.String(length=20), nullable=True))
    op.add_column("accounts", sa.Column("trained_on", sa.Date(), nullable=True))
    op.add_column("accounts", sa.Column("undertaking_on", sa.Date(), nullable=True))
    op.add_column("units", sa.Column("area_code", sa.String(length=20), nullable=True))
    op.create_table(
        "assignments",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.String(length=60), nullable=False),
        sa.Column("stratum_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("made_by", sa.String(length=40), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_assignments_account_id_accounts")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_assignments_campaign_id_campaigns")),
        sa.PrimaryKeyConstraint("account_id", "campaign_id", "stratum_no", name=op.f("pk_assignments")),
    )


def downgrade() -> None:
    op.drop_table("assignments")
    op.drop_column("units", "area_code")
    op.drop_column("accounts", "undertaking_on")
    op.drop_column("accounts", "trained_on")
    op.drop_column("accounts", "area_code")
