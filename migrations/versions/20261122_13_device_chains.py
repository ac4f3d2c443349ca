"""Keys and chains of terminals, taps kept aside, changing on-site codes, call-backs.

Devices that are paired already have no key and go on sending without a signature until they are paired anew.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261122_13"
down_revision = "20261122_12"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("devices", schema=None) as batch_op:
        batch_op.add_column(sa.Column("public_key", sa.String(length=88), nullable=True))
        batch_op.add_column(sa.Column("unsigned", sa.Boolean(), nullable=False, server_default=sa.true()))
        batch_op.add_column(sa.Column("quarantined_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("devices", schema=None) as batch_op:
        batch_op.alter_column("unsigned", server_default=sa.false(), existing_type=sa.Boolean())
    with op.batch_alter_table("ratings", schema=None) as batch_op:
        batch_op.add_column(sa.Column("channel", sa.String(length=8), nullable=False, server_default="terminal"))
    op.create_table(
        "device_taps",
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("prev", sa.String(length=64), nullable=False),
        sa.Column("rating_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["device_id"], ["devices.id"], name=op.f("fk_device_taps_device_id_devices")),
        sa.PrimaryKeyConstraint("device_id", "seq", name=op.f("pk_device_taps")),
    )
    op.create_table(
        "aside_ratings",
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("rating_id", sa.Uuid(), nullable=False),
        sa.Column("window_id", sa.String(length=60), nullable=False),
        sa.Column("code", sa.String(length=1), nullable=False),
        sa.Column("reasons", _json(), nullable=False),
        sa.Column("case", sa.String(length=80), nullable=False),
        sa.Column("device_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("why", sa.String(length=12), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(length=8), nullable=True),
        sa.CheckConstraint(
            "why IN ('fork', 'chain', 'quarantine', 'revoked', 'other_window')",
            name=op.f("ck_aside_ratings_why_known"),
        ),
        sa.ForeignKeyConstraint(["device_id"], ["devices.id"], name=op.f("fk_aside_ratings_device_id_devices")),
        sa.ForeignKeyConstraint(["window_id"], ["windows.id"], name=op.f("fk_aside_ratings_window_id_windows")),
        sa.PrimaryKeyConstraint("device_id", "hash", name=op.f("pk_aside_ratings")),
    )
    op.create_table(
        "onsite_codes",
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("minute", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("rating_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["device_id"], ["devices.id"], name=op.f("fk_onsite_codes_device_id_devices")),
        sa.PrimaryKeyConstraint("device_id", "minute", name=op.f("pk_onsite_codes")),
    )
    op.create_table(
        "callbacks",
        sa.Column("window_id", sa.String(length=60), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["window_id"], ["windows.id"], name=op.f("fk_callbacks_window_id_windows")),
        sa.PrimaryKeyConstraint("window_id", "id", name=op.f("pk_callbacks")),
    )


def _json() -> sa.JSON:
    return sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def downgrade() -> None:
    for table in ("callbacks", "onsite_codes", "aside_ratings", "device_taps"):
        op.drop_table(table)
    with op.batch_alter_table("ratings", schema=None) as batch_op:
        batch_op.drop_column("channel")
    with op.batch_alter_table("devices", schema=None) as batch_op:
        for column in ("quarantined_at", "unsigned", "public_key"):
            batch_op.drop_column(column)
