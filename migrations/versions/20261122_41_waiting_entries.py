"""Entries that wait for a place in the tree are found by log alone: no ballot is written into an index by digest."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261122_41"
down_revision = "20261122_40"
branch_labels = None
depends_on = None

_PENDING = sa.text("seq IS NULL")
_NAME, _TABLE = "ix_ledger_entries_pending", "ledger_entries"


def upgrade() -> None:
    op.drop_index(_NAME, table_name=_TABLE)
    op.create_index(_NAME, _TABLE, ["log", "seq"], sqlite_where=_PENDING, postgresql_where=_PENDING)


def downgrade() -> None:
    op.drop_index(_NAME, table_name=_TABLE)
    op.create_index(_NAME, _TABLE, ["log", "digest"], sqlite_where=_PENDING, postgresql_where=_PENDING)
