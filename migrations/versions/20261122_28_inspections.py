"""Inspection plans: must-check units with their reasons, and the draw that each plan has."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261122_28"
down_revision = "20261122_27"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "inspection_plans",
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("round_id", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("title", sa.String(length=160), nullable=False),
        sa.Column("period", sa.String(length=20), nullable=False),
        sa.Column("previous", sa.String(length=60), nullable=True),
        sa.Column("rules", JSON, nullable=False),
        sa.Column("sites", JSON, nullable=True),
        sa.Column("made_by", sa.String(length=40), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('inspection', 'secret_visit', 'site_check')", name=op.f("ck_inspection_plans_kind_known")
        ),
        sa.ForeignKeyConstraint(["id"], ["draws.id"], name=op.f("fk_inspection_plans_id_draws")),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name=op.f("fk_inspection_plans_round_id_rounds")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspection_plans")),
    )
    op.create_index(op.f("ix_inspection_plans_round_id"), "inspection_plans", ["round_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_inspection_plans_round_id"), "inspection_plans")
    op.drop_table("inspection_plans")
