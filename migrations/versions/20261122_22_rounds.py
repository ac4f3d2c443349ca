"""Rounds: what was planned, campaigns by kind, results, decisions, standings, publications; the text of schemes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261122_22"
down_revision = "20261122_21"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")


def upgrade() -> None:
    op.add_column("schemes", sa.Column("text", sa.Text(), nullable=False, server_default=""))
    op.add_column("schemes", sa.Column("settings", JSON, nullable=False, server_default="{}"))
    op.add_column("schemes", sa.Column("stored_by", sa.String(length=40), nullable=False, server_default=""))
    op.add_column("schemes", sa.Column("stored_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("rounds", sa.Column("period", sa.String(length=20), nullable=True))
    op.add_column("rounds", sa.Column("level", sa.String(length=8), nullable=True))
    op.add_column("rounds", sa.Column("purpose", sa.String(length=12), nullable=True))
    op.add_column("rounds", sa.Column("answers", JSON, nullable=True))
    op.add_column("round_units", sa.Column("flags", JSON, nullable=True))
    op.create_table(
        "round_campaigns",
        sa.Column("round_id", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("campaign_id", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_round_campaigns_campaign_id_campaigns")
        ),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name=op.f("fk_round_campaigns_round_id_rounds")),
        sa.PrimaryKeyConstraint("round_id", "kind", name=op.f("pk_round_campaigns")),
    )
    op.create_table(
        "round_results",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.String(length=60), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("scheme_id", sa.String(length=60), nullable=False),
        sa.Column("scheme_version", sa.Integer(), nullable=False),
        sa.Column("scheme_digest", sa.String(length=64), nullable=False),
        sa.Column("inputs_digest", sa.String(length=64), nullable=False),
        sa.Column("inputs", JSON, nullable=False),
        sa.Column("sources", JSON, nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("outcome", JSON, nullable=False),
        sa.Column("result_digest", sa.String(length=64), nullable=False),
        sa.Column("blind", sa.String(length=64), nullable=False),
        sa.Column("made_by", sa.String(length=40), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name=op.f("fk_round_results_round_id_rounds")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round_results")),
        sa.UniqueConstraint("round_id", "no", name=op.f("uq_round_results_round_id_no")),
    )
    op.create_table(
        "round_decisions",
        sa.Column("round_id", sa.String(length=60), nullable=False),
        sa.Column("no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("about", sa.String(length=40), nullable=False),
        sa.Column("category", sa.String(length=60), nullable=False),
        sa.Column("way", sa.String(length=8), nullable=False),
        sa.Column("units", JSON, nullable=False),
        sa.Column("seed", sa.String(length=200), nullable=False),
        sa.Column("witnesses", JSON, nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("act_number", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("way IN ('order', 'draw')", name=op.f("ck_round_decisions_way_known")),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name=op.f("fk_round_decisions_round_id_rounds")),
        sa.PrimaryKeyConstraint("round_id", "no", name=op.f("pk_round_decisions")),
    )
    op.create_table(
        "round_standings",
        sa.Column("round_id", sa.String(length=60), nullable=False),
        sa.Column("unit_code", sa.String(length=20), nullable=False),
        sa.Column("no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("standing", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("act_number", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name=op.f("fk_round_standings_round_id_rounds")),
        sa.ForeignKeyConstraint(["unit_code"], ["units.code"], name=op.f("fk_round_standings_unit_code_units")),
        sa.PrimaryKeyConstraint("round_id", "unit_code", "no", name=op.f("pk_round_standings")),
    )
    op.create_table(
        "round_borders",
        sa.Column("result_id", sa.Uuid(), nullable=False),
        sa.Column("borders", sa.Integer(), nullable=False),
        sa.Column("confirmed_by", sa.String(length=40), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["result_id"], ["round_results.id"], name=op.f("fk_round_borders_result_id_round_results")
        ),
        sa.PrimaryKeyConstraint("result_id", name=op.f("pk_round_borders")),
    )
    op.create_table(
        "round_publications",
        sa.Column("result_id", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.String(length=60), nullable=False),
        sa.Column("act_number", sa.Integer(), nullable=False),
        sa.Column("asked_by", sa.String(length=40), nullable=False),
        sa.Column("confirmed_by", sa.String(length=40), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["result_id"], ["round_results.id"], name=op.f("fk_round_publications_result_id_round_results")
        ),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name=op.f("fk_round_publications_round_id_rounds")),
        sa.PrimaryKeyConstraint("result_id", name=op.f("pk_round_publications")),
    )
    op.create_index("ix_round_publications_round_id", "round_publications", ["round_id"])


def downgrade() -> None:
    for name in (
        "round_publications",
        "round_borders",
        "round_standings",
        "round_decisions",
        "round_results",
        "round_campaigns",
    ):
        op.drop_table(name)
    op.drop_column("round_units", "flags")
    for name in ("answers", "purpose", "level", "period"):
        op.drop_column("rounds", name)
    for name in ("stored_at", "stored_by", "settings", "text"):
        op.drop_column("schemes", name)
