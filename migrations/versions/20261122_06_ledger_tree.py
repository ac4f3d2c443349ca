"""The tree over the ledger: places of entries, tiles, heads; leases."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261122_06"
down_revision = "20261122_05"
branch_labels = None
depends_on = None

PENDING, PLACED = sa.text("seq IS NULL"), sa.text("seq IS NOT NULL")


def upgrade() -> None:
    with op.batch_alter_table("ledger_entries", schema=None) as batch_op:
        batch_op.add_column(sa.Column("seq", sa.BigInteger(), nullable=True))
    for name, columns, where, unique in (
        ("ix_ledger_entries_pending", ["log", "digest"], PENDING, False),
        ("ix_ledger_entries_placed", ["log", "digest"], PLACED, False),
        ("ix_ledger_entries_log_seq", ["log", "seq"], PLACED, True),
    ):
        op.create_index(name, "ledger_entries", columns, unique=unique, sqlite_where=where, postgresql_where=where)
    op.create_table(
        "ledger_logs",
        sa.Column("log", sa.String(length=60), nullable=False),
        sa.Column("origin", sa.String(length=300), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("log", name=op.f("pk_ledger_logs")),
    )
    op.create_table(
        "ledger_tiles",
        sa.Column("log", sa.String(length=60), nullable=False),
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("idx", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("log", "level", "idx", name=op.f("pk_ledger_tiles")),
    )
    op.create_table(
        "ledger_heads",
        sa.Column("log", sa.String(length=60), nullable=False),
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("root", sa.String(length=64), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("log", "size", name=op.f("pk_ledger_heads")),
    )
    op.create_index("ix_ledger_heads_log_at", "ledger_heads", ["log", "at"], unique=False)
    op.create_table(
        "leases",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("holder", sa.String(length=40), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
    )
