"""Sheets that came in and do not count, by cell; typed sheets that were refused before are counted in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261122_39"
down_revision = "20261122_38"
branch_labels = None
depends_on = None

REFUSED = """
INSERT INTO fieldwork_invalid (campaign_id, stratum_no, point_no, why, sheets)
SELECT p.campaign_id, b.stratum_no, b.point_no, 'paper', count(*)
FROM paper_sheets p
JOIN tickets t ON t.campaign_id = p.campaign_id AND t.serial = p.serial
JOIN ticket_batches b ON b.campaign_id = t.campaign_id AND b.no = t.batch_no
WHERE p.state = 'refused'
GROUP BY p.campaign_id, b.stratum_no, b.point_no
"""


def upgrade() -> None:
    op.create_table(
        "fieldwork_invalid",
        sa.Column("campaign_id", sa.String(length=60), nullable=False),
        sa.Column("stratum_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("point_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("why", sa.String(length=8), nullable=False),
        sa.Column("sheets", sa.Integer(), nullable=False),
        sa.CheckConstraint("why IN ('paper', 'aside')", name=op.f("ck_fieldwork_invalid_why_known")),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_fieldwork_invalid_campaign_id_campaigns")
        ),
        sa.PrimaryKeyConstraint("campaign_id", "stratum_no", "point_no", "why", name=op.f("pk_fieldwork_invalid")),
    )
    op.execute(REFUSED)


def downgrade() -> None:
    op.drop_table("fieldwork_invalid")
