"""Findings: what they cost, their time limits, steps, files and complaints."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "20261122_25"
down_revision = "20261122_24"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
TEXTS = {
    "component": 40,
    "rule": 40,
    "matter": 120,
    "period": 10,
    "lost": 40,
    "plan": 60,
    "signature": 8,
    "outcome": 12,
    "flags": 80,
}


def upgrade() -> None:
    for name, length in TEXTS.items():
        op.add_column("findings", sa.Column(name, sa.String(length=length), nullable=False, server_default=""))
    op.add_column("findings", sa.Column("clocks", JSON, nullable=False, server_default="{}"))
    op.create_index("ix_findings_unit_code_kind", "findings", ["unit_code", "kind"])
    op.create_index("ix_findings_round_id", "findings", ["round_id"])
    op.create_table(
        "finding_steps",
        sa.Column("finding_id", sa.Uuid(), nullable=False),
        sa.Column("no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("move", sa.String(length=20), nullable=False),
        sa.Column("state_from", sa.String(length=20), nullable=False),
        sa.Column("state_to", sa.String(length=20), nullable=False),
        sa.Column("by", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("body", JSON, nullable=False),
        sa.ForeignKeyConstraint(["finding_id"], ["findings.id"], name=op.f("fk_finding_steps_finding_id_findings")),
        sa.PrimaryKeyConstraint("finding_id", "no", name=op.f("pk_finding_steps")),
    )
    op.create_table(
        "finding_files",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("finding_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("media", sa.String(length=20), nullable=False),
        sa.Column("filename", sa.String(length=200), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("taken_on", sa.Date(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("made_by", sa.String(length=40), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["finding_id"], ["findings.id"], name=op.f("fk_finding_files_finding_id_findings")),
        sa.ForeignKeyConstraint(["sha256"], ["blobs.sha256"], name=op.f("fk_finding_files_sha256_blobs")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding_files")),
    )
    op.create_index("ix_finding_files_finding_id", "finding_files", ["finding_id"])
    op.create_table(
        "complaints",
        sa.Column("finding_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=12), nullable=False),
        sa.Column("about", sa.String(length=20), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["finding_id"], ["findings.id"], name=op.f("fk_complaints_finding_id_findings")),
        sa.PrimaryKeyConstraint("finding_id", name=op.f("pk_complaints")),
        sa.UniqueConstraint("digest", name=op.f("uq_complaints_digest")),
    )


def downgrade() -> None:
    op.drop_table("complaints")
    op.drop_table("finding_files")
    op.drop_table("finding_steps")
    op.drop_index("ix_findings_round_id", "findings")
    op.drop_index("ix_findings_unit_code_kind", "findings")
    with op.batch_alter_table("findings", schema=None) as batch_op:
        for name in (*TEXTS, "clocks"):
            batch_op.drop_column(name)
