"""No reference to the campaign is checked row by row of the box: whoever fills it has read and locked the campaign."""

from __future__ import annotations

from alembic import op

revision = "20261122_42"
down_revision = "20261122_41"
branch_labels = None
depends_on = None

_NAME = "fk_ballots_campaign_id_campaigns"


def upgrade() -> None:
    with op.batch_alter_table("ballots") as batch_op:
        batch_op.drop_constraint(_NAME, type_="foreignkey")


def downgrade() -> None:
    with op.batch_alter_table("ballots") as batch_op:
        batch_op.create_foreign_key(_NAME, "campaigns", ["campaign_id"], ["id"])
