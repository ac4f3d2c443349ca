"""Marks with panels, states and sendings; what was submitted for duties; what a roster's import and removal say."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261122_23"
down_revision = "20261122_22"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")


def upgrade() -> None:
    op.create_table(
        "mark_sendings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.String(length=60), nullable=False),
        sa.Column("component", sa.String(length=40), nullable=False),
        sa.Column("office", sa.String(length=80), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("filename", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("attachment_name", sa.String(length=200), nullable=False),
        sa.Column("attachment", sa.String(length=64), nullable=True),
        sa.Column("sent_by", sa.String(length=40), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["attachment"], ["blobs.sha256"], name=op.f("fk_mark_sendings_attachment_blobs")),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name=op.f("fk_mark_sendings_round_id_rounds")),
        sa.ForeignKeyConstraint(["sha256"], ["blobs.sha256"], name=op.f("fk_mark_sendings_sha256_blobs")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mark_sendings")),
    )
    with op.batch_alter_table("marks", schema=None) as batch_op:
        batch_op.add_column(sa.Column("member", sa.String(length=40), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("state", sa.String(length=10), nullable=False, server_default="entered"))
        batch_op.add_column(sa.Column("reason", sa.String(length=200), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("sending_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("approved_by", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.drop_constraint("pk_marks", type_="primary")
        batch_op.create_primary_key("pk_marks", ["round_id", "component", "unit_code", "member", "version"])
        batch_op.create_foreign_key(
            batch_op.f("fk_marks_sending_id_mark_sendings"), "mark_sendings", ["sending_id"], ["id"]
        )
        batch_op.create_check_constraint(batch_op.f("ck_marks_state_known"), "state IN ('entered', 'approved')")
    op.create_table(
        "duty_files",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.String(length=60), nullable=False),
        sa.Column("duty", sa.String(length=40), nullable=False),
        sa.Column("debtor", sa.String(length=80), nullable=False),
        sa.Column("period", sa.String(length=10), nullable=False),
        sa.Column("part", sa.String(length=120), nullable=False),
        sa.Column("filename", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("characters", sa.Integer(), nullable=True),
        sa.Column("sent_by", sa.String(length=40), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name=op.f("fk_duty_files_round_id_rounds")),
        sa.ForeignKeyConstraint(["sha256"], ["blobs.sha256"], name=op.f("fk_duty_files_sha256_blobs")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_files")),
    )
    op.create_index("ix_duty_files_round_id_duty_debtor", "duty_files", ["round_id", "duty", "debtor"])
    op.create_table(
        "duty_submissions",
        sa.Column("round_id", sa.String(length=60), nullable=False),
        sa.Column("duty", sa.String(length=40), nullable=False),
        sa.Column("debtor", sa.String(length=80), nullable=False),
        sa.Column("period", sa.String(length=10), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("receipt", sa.String(length=14), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("characters", sa.Integer(), nullable=True),
        sa.Column("deeds", JSON, nullable=False),
        sa.Column("files", JSON, nullable=False),
        sa.Column("sent_by", sa.String(length=40), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("returned_by", sa.String(length=40), nullable=True),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("return_reason", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name=op.f("fk_duty_submissions_round_id_rounds")),
        sa.PrimaryKeyConstraint("round_id", "duty", "debtor", "period", "version", name=op.f("pk_duty_submissions")),
        sa.UniqueConstraint("receipt", name=op.f("uq_duty_submissions_receipt")),
    )
    op.create_table(
        "deed_updates",
        sa.Column("round_id", sa.String(length=60), nullable=False),
        sa.Column("duty", sa.String(length=40), nullable=False),
        sa.Column("debtor", sa.String(length=80), nullable=False),
        sa.Column("period", sa.String(length=10), nullable=False),
        sa.Column("deed", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(length=400), nullable=False),
        sa.Column("made_by", sa.String(length=40), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("percent BETWEEN 0 AND 100", name=op.f("ck_deed_updates_percent_of_100")),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name=op.f("fk_deed_updates_round_id_rounds")),
        sa.PrimaryKeyConstraint("round_id", "duty", "debtor", "period", "deed", "no", name=op.f("pk_deed_updates")),
    )
    op.add_column("rosters", sa.Column("opens_on", sa.Date(), nullable=True))
    op.add_column("roster_entries", sa.Column("waiver", sa.String(length=200), nullable=False, server_default=""))
    op.add_column("roster_entries", sa.Column("removal_reason", sa.String(length=200), nullable=True))
    op.add_column("roster_entries", sa.Column("card_handed_in", sa.Boolean(), nullable=True))
    op.create_index("ix_roster_entries_roster_id_identity", "roster_entries", ["roster_id", "identity"], unique=True)


def downgrade() -> None:
    op.drop_index("ix_roster_entries_roster_id_identity", table_name="roster_entries")
    for name in ("card_handed_in", "removal_reason", "waiver"):
        op.drop_column("roster_entries", name)
    op.drop_column("rosters", "opens_on")
    op.drop_table("deed_updates")
    op.drop_table("duty_submissions")
    op.drop_index("ix_duty_files_round_id_duty_debtor", table_name="duty_files")
    op.drop_table("duty_files")
    with op.batch_alter_table("marks", schema=None) as batch_op:
        batch_op.drop_constraint("ck_marks_state_known", type_="check")
        batch_op.drop_constraint("fk_marks_sending_id_mark_sendings", type_="foreignkey")
        batch_op.drop_constraint("pk_marks", type_="primary")
        batch_op.create_primary_key("pk_marks", ["round_id", "component", "unit_code", "version"])
        for name in ("approved_at", "approved_by", "sending_id", "reason", "state", "member"):
            batch_op.drop_column(name)
    op.drop_table("mark_sendings")
