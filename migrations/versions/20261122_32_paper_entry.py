"""Paper entry: what becomes of a sheet, and the sealed entries of two clerks while they wait."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261122_32"
down_revision = "20261122_31"
branch_labels = None
depends_on = None

STATES = "state IN ('waiting', 'differs', 'agreed', 'entered', 'refused')"


def upgrade() -> None:
    op.create_table(
        "paper_sheets",
        sa.Column("campaign_id", sa.String(length=60), nullable=False),
        sa.Column("serial", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("first_by", sa.String(length=40), nullable=False),
        sa.Column("second_by", sa.String(length=40), nullable=True),
        sa.Column("settled_by", sa.String(length=40), nullable=True),
        sa.Column("fields", sa.Integer(), nullable=False),
        sa.Column("differing", sa.Integer(), nullable=False),
        sa.Column("refused", sa.String(length=40), nullable=True),
        sa.CheckConstraint(STATES, name=op.f("ck_paper_sheets_state_known")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_paper_sheets_campaign_id_campaigns")),
        sa.PrimaryKeyConstraint("campaign_id", "serial", name=op.f("pk_paper_sheets")),
    )
    op.create_table(
        "paper_entries",
        sa.Column("campaign_id", sa.String(length=60), nullable=False),
        sa.Column("serial", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("turn", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("made_by", sa.String(length=40), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("campaign_id", "serial", "turn", name=op.f("pk_paper_entries")),
    )


def downgrade() -> None:
    op.drop_table("paper_entries")
    op.drop_table("paper_sheets")
