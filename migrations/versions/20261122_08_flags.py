"""Flags: what the detectors found, for two people to decide."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
RULES = (
    "rule IN ('window_burst', 'ratings_over_cases', 'cell_burst', 'late_surge', 'channel_mix', 'top_box', "
    "'straight_lining', 'speeding', 'unit_shift', 'near_duplicates')"
)

revision = "20261122_08"
down_revision = "20261122_07"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "flags",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.String(length=60), nullable=True),
        sa.Column("window_id", sa.String(length=60), nullable=True),
        sa.Column("upload_id", sa.Uuid(), nullable=True),
        sa.Column("rule", sa.String(length=24), nullable=False),
        sa.Column("rule_set", sa.String(length=64), nullable=False),
        sa.Column("scope", JSON, nullable=False),
        sa.Column("evidence", JSON, nullable=False),
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("act_number", sa.Integer(), nullable=True),
        sa.CheckConstraint(RULES, name=op.f("ck_flags_rule_known")),
        sa.CheckConstraint("state IN ('open', 'dismissed', 'voided')", name=op.f("ck_flags_state_known")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_flags_campaign_id_campaigns")),
        sa.ForeignKeyConstraint(["upload_id"], ["uploads.id"], name=op.f("fk_flags_upload_id_uploads")),
        sa.ForeignKeyConstraint(["window_id"], ["windows.id"], name=op.f("fk_flags_window_id_windows")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flags")),
        sa.UniqueConstraint("mark", name=op.f("uq_flags_mark")),
    )
    op.create_index("ix_flags_campaign_id_state", "flags", ["campaign_id", "state"])
    op.create_index("ix_flags_window_id_state", "flags", ["window_id", "state"])
