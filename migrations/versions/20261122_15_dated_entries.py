"""The ledger's index by time holds only what has a time: ballots have none."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261122_15"
down_revision = "20261122_14"
branch_labels = None
depends_on = None

_DATED = sa.text("at IS NOT NULL")


def upgrade() -> None:
    op.drop_index("ix_ledger_entries_log_at", table_name="ledger_entries")
    op.create_index(
        "ix_ledger_entries_log_at", "ledger_entries", ["log", "at"], sqlite_where=_DATED, postgresql_where=_DATED
    )


def downgrade() -> None:
    op.drop_index("ix_ledger_entries_log_at", table_name="ledger_entries")
    op.create_index("ix_ledger_entries_log_at", "ledger_entries", ["log", "at"])
