"""Set-ups: campaigns that are being put together, saved step by step."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261122_34"
down_revision = "20261122_33"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "setups",
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("doc", JSON, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.String(length=60), nullable=True),
        sa.Column("made_by", sa.String(length=40), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_setups_campaign_id_campaigns")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_setups")),
    )


def downgrade() -> None:
    op.drop_table("setups")
