"""Voided batches, alarms about codes, paused terminals; the open QR's channel, spent tickets and devices."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261122_04"
down_revision = "20261122_03"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("campaigns", schema=None) as batch_op:
        batch_op.add_column(sa.Column("open_channel", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("ticket_batches", schema=None) as batch_op:
        batch_op.add_column(sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("withdrawn", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("devices", schema=None) as batch_op:
        batch_op.add_column(sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("ballots", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_ballots_channel_known"), type_="check")
        batch_op.create_check_constraint(
            op.f("ck_ballots_channel_known"), "channel IN ('phone', 'point', 'paper', 'upload', 'open')"
        )
    op.create_table(
        "ticket_alarms",
        sa.Column("campaign_id", sa.String(length=60), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("raised", sa.Boolean(), nullable=False),
        sa.CheckConstraint("kind IN ('wrong', 'looked_up')", name=op.f("ck_ticket_alarms_kind_known")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_ticket_alarms_campaign_id_campaigns")),
        sa.PrimaryKeyConstraint("campaign_id", "day", "kind", name=op.f("pk_ticket_alarms")),
    )
    for name in ("open_tickets_spent", "open_devices"):
        op.create_table(
            name,
            sa.Column("campaign_id", sa.String(length=60), nullable=False),
            sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
            sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f(f"fk_{name}_campaign_id_campaigns")),
            sa.PrimaryKeyConstraint("campaign_id", "digest", name=op.f(f"pk_{name}")),
        )
