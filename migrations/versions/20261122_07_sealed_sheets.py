"""Sheets are stored sealed; counting opens and shuffles them into the box, in published cells."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261122_07"
down_revision = "20261122_06"
branch_labels = None
depends_on = None

CHANNELS = "channel IN ('phone', 'point', 'paper', 'upload', 'open')"


def upgrade() -> None:
    with op.batch_alter_table("campaigns", schema=None) as batch_op:
        batch_op.add_column(sa.Column("cell_tickets", sa.Integer(), nullable=False, server_default="50"))
        batch_op.add_column(sa.Column("small_group", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("ballots", schema=None) as batch_op:
        batch_op.add_column(sa.Column("set_aside", sa.Boolean(), nullable=False, server_default=sa.false()))
    _keys_and_joins()
    _sheets()


def _keys_and_joins() -> None:
    op.create_table(
        "sealing_keys",
        sa.Column("campaign_id", sa.String(length=60), nullable=False),
        sa.Column("public", sa.LargeBinary(length=32), nullable=False),
        sa.Column("kept", sa.String(length=8), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kept IN ('server', 'office')", name=op.f("ck_sealing_keys_kept_known")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_sealing_keys_campaign_id_campaigns")),
        sa.PrimaryKeyConstraint("campaign_id", name=op.f("pk_sealing_keys")),
    )
    op.create_table(
        "cell_joins",
        sa.Column("campaign_id", sa.String(length=60), nullable=False),
        sa.Column("stratum_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("point_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("into_stratum", sa.Integer(), nullable=False),
        sa.Column("into_point", sa.Integer(), nullable=False),
        sa.Column("into_channel", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.String(length=12), nullable=False),
        sa.CheckConstraint("reason IN ('few_tickets', 'few_returned')", name=op.f("ck_cell_joins_reason_known")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_cell_joins_campaign_id_campaigns")),
        sa.PrimaryKeyConstraint("campaign_id", "stratum_no", "point_no", "channel", name=op.f("pk_cell_joins")),
    )


def _sheets() -> None:
    op.create_table(
        "intake_sheets",
        sa.Column("campaign_id", sa.String(length=60), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("batch_no", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("questionnaire_version", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(CHANNELS, name=op.f("ck_intake_sheets_channel_known")),
        sa.PrimaryKeyConstraint("campaign_id", "id", name=op.f("pk_intake_sheets")),
    )
    op.create_table(
        "mixes",
        sa.Column("campaign_id", sa.String(length=60), nullable=False),
        sa.Column("no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sheets", sa.Integer(), nullable=False),
        sa.Column("box_root", sa.String(length=64), nullable=False),
        sa.Column("intake_root", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_mixes_campaign_id_campaigns")),
        sa.PrimaryKeyConstraint("campaign_id", "no", name=op.f("pk_mixes")),
    )
    op.create_table(
        "mix_members",
        sa.Column("campaign_id", sa.String(length=60), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("mix_no", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("campaign_id", "id", name=op.f("pk_mix_members")),
    )
