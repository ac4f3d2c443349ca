"""Texts that people wrote, detached from their ballots at counting."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261122_12"
down_revision = "20261122_11"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ballot_texts",
        sa.Column("campaign_id", sa.String(length=60), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("item", sa.String(length=60), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("set_aside", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_ballot_texts_campaign_id_campaigns")),
        sa.PrimaryKeyConstraint("campaign_id", "id", name=op.f("pk_ballot_texts")),
    )


def downgrade() -> None:
    op.drop_table("ballot_texts")
