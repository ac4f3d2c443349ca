"""Documents of a round: files by result and name."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261122_26"
down_revision = "20261122_25"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "round_documents",
        sa.Column("round_id", sa.String(length=60), nullable=False),
        sa.Column("result_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("made_by", sa.String(length=40), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name=op.f("fk_round_documents_round_id_rounds")),
        sa.PrimaryKeyConstraint("round_id", "result_no", "name", name=op.f("pk_round_documents")),
    )


def downgrade() -> None:
    op.drop_table("round_documents")
