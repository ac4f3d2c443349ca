"""First passwords, wrong codes counted by themselves, accounts bound to a person of a provider, posts of clerks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261122_43"
down_revision = "20261122_42"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Who has an account keeps the password that they have.
    op.add_column("accounts", sa.Column("first_password", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("account_totp", sa.Column("failures", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("account_totp", sa.Column("blocked_until", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "provider_links",
        sa.Column("issuer", sa.String(length=300), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_provider_links_account_id_accounts")),
        sa.PrimaryKeyConstraint("issuer", "subject", name=op.f("pk_provider_links")),
        sa.UniqueConstraint("issuer", "account_id", name=op.f("uq_provider_links_issuer_account_id")),
    )

    op.create_table(
        "clerk_points",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.String(length=60), nullable=False),
        sa.Column("point_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("made_by", sa.String(length=40), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_clerk_points_account_id_accounts")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_clerk_points_campaign_id_campaigns")),
        sa.PrimaryKeyConstraint("account_id", "campaign_id", "point_no", name=op.f("pk_clerk_points")),
    )
    # The number of a card and a time beside each other: of jobs that failed nothing is kept any more.
    op.execute("DELETE FROM jobs WHERE kind = 'paper:enter' AND state <> 'ready'")


def downgrade() -> None:
    op.drop_table("clerk_points")
    op.drop_table("provider_links")
    op.drop_column("account_totp", "blocked_until")
    op.drop_column("account_totp", "failures")
    op.drop_column("accounts", "first_password")
