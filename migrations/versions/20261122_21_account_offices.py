"""Accounts of assessors (考评单位) name their office, accounts of rated units their unit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261122_21"
down_revision = "20261122_20"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("accounts", sa.Column("office", sa.String(length=80), nullable=True))
    # Sessions refer to accounts: on SQLite the table is not copied to add a key, the column brings its own.
    op.execute(
        "ALTER TABLE accounts ADD COLUMN unit_code VARCHAR(20) "
        "CONSTRAINT fk_accounts_unit_code_units REFERENCES units (code)"
    )


def downgrade() -> None:
    with op.batch_alter_table("accounts", schema=None) as batch_op:
        batch_op.drop_constraint("fk_accounts_unit_code_units", type_="foreignkey")
        batch_op.drop_column("unit_code")
        batch_op.drop_column("office")
