"""Uploads: what the columns of a file stand for, and how far its check has come."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261122_35"
down_revision = "20261122_34"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.add_column("uploads", sa.Column("checked", sa.Integer(), server_default="0", nullable=False))
    op.add_column("uploads", sa.Column("columns", JSON, nullable=True))
    op.create_table(
        "upload_mappings",
        sa.Column("account", sa.String(length=40), nullable=False),
        sa.Column("campaign_id", sa.String(length=60), nullable=False),
        sa.Column("headings", sa.String(length=64), nullable=False),
        sa.Column("columns", JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_upload_mappings_campaign_id_campaigns")
        ),
        sa.PrimaryKeyConstraint("account", "campaign_id", "headings", name=op.f("pk_upload_mappings")),
    )


def downgrade() -> None:
    op.drop_table("upload_mappings")
    op.drop_column("uploads", "columns")
    op.drop_column("uploads", "checked")
