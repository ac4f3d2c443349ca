"""The gate: lots handed out, back-checks of files, signatures under them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261122_36"
down_revision = "20261122_35"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
OUTCOMES = "outcome IN ('confirmed', 'differs', 'never', 'not_reached')"


def upgrade() -> None:
    op.create_table(
        "gate_lots",
        sa.Column("campaign_id", sa.String(length=60), nullable=False),
        sa.Column("no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("contractor", sa.String(length=40), nullable=False),
        sa.Column("stratum_no", sa.Integer(), nullable=False),
        sa.Column("point_no", sa.Integer(), nullable=False),
        sa.Column("first_serial", sa.Integer(), nullable=True),
        sa.Column("last_serial", sa.Integer(), nullable=True),
        sa.Column("issued", sa.Integer(), nullable=False),
        sa.Column("back_check", sa.Integer(), nullable=False),
        sa.Column("results", JSON, nullable=False),
        sa.Column("reported_by", sa.String(length=40), nullable=True),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_gate_lots_campaign_id_campaigns")),
        sa.PrimaryKeyConstraint("campaign_id", "no", name=op.f("pk_gate_lots")),
    )
    op.create_index(op.f("ix_gate_lots_campaign_id_contractor"), "gate_lots", ["campaign_id", "contractor"])
    op.create_table(
        "gate_back_checks",
        sa.Column("upload_id", sa.Uuid(), nullable=False),
        sa.Column("draw_id", sa.String(length=60), nullable=False),
        sa.Column("per_cent", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["draw_id"], ["draws.id"], name=op.f("fk_gate_back_checks_draw_id_draws")),
        sa.ForeignKeyConstraint(["upload_id"], ["uploads.id"], name=op.f("fk_gate_back_checks_upload_id_uploads")),
        sa.PrimaryKeyConstraint("upload_id", name=op.f("pk_gate_back_checks")),
    )
    op.create_table(
        "gate_checked_lines",
        sa.Column("upload_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("made_by", sa.String(length=40), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(OUTCOMES, name=op.f("ck_gate_checked_lines_outcome_known")),
        sa.ForeignKeyConstraint(["upload_id"], ["uploads.id"], name=op.f("fk_gate_checked_lines_upload_id_uploads")),
        sa.PrimaryKeyConstraint("upload_id", "line", name=op.f("pk_gate_checked_lines")),
    )
    op.create_table(
        "gate_acceptances",
        sa.Column("upload_id", sa.Uuid(), nullable=False),
        sa.Column("statement", sa.String(length=400), nullable=False),
        sa.Column("facts", JSON, nullable=False),
        sa.Column("signed_by", sa.String(length=40), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["upload_id"], ["uploads.id"], name=op.f("fk_gate_acceptances_upload_id_uploads")),
        sa.PrimaryKeyConstraint("upload_id", name=op.f("pk_gate_acceptances")),
    )


def downgrade() -> None:
    op.drop_table("gate_acceptances")
    op.drop_table("gate_checked_lines")
    op.drop_table("gate_back_checks")
    op.drop_index(op.f("ix_gate_lots_campaign_id_contractor"), "gate_lots")
    op.drop_table("gate_lots")
