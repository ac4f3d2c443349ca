"""Window staff and boards; cases with tokens and who posts them; findings of bad ratings; what terminals say."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "20261122_14"
down_revision = "20261122_13"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _staff()
    _machines()
    with op.batch_alter_table("windows", schema=None) as batch_op:
        batch_op.add_column(sa.Column("mode", sa.String(length=8), server_default="counter", nullable=False))
        batch_op.add_column(sa.Column("supervision_phone", sa.String(length=40), server_default="", nullable=False))
        batch_op.create_check_constraint(op.f("ck_windows_mode_known"), "mode IN ('case', 'counter')")
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.add_column(sa.Column("number", sa.String(length=80), nullable=True))
        batch_op.add_column(sa.Column("service", sa.String(length=120), server_default="", nullable=False))
        batch_op.add_column(sa.Column("token", sa.String(length=36), nullable=True))
        batch_op.add_column(sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("rated_on", sa.Date(), nullable=True))
        batch_op.create_index("ix_cases_window_id_opened_at", ["window_id", "opened_at"])
        batch_op.create_index("ix_cases_window_id_token", ["window_id", "token"], unique=True)
    with op.batch_alter_table("findings", schema=None) as batch_op:
        batch_op.add_column(sa.Column("window_id", sa.String(length=60), nullable=True))
        batch_op.add_column(sa.Column("rating_id", sa.Uuid(), nullable=True))
        batch_op.alter_column("round_id", existing_type=sa.String(length=60), nullable=True)
        batch_op.alter_column("unit_code", existing_type=sa.String(length=20), nullable=True)
        batch_op.create_unique_constraint(op.f("uq_findings_rating_id"), ["rating_id"])
        batch_op.create_foreign_key(op.f("fk_findings_window_id_windows"), "windows", ["window_id"], ["id"])


def _staff() -> None:
    op.create_table(
        "staff_photos",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("media", sa.String(length=10), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_staff_photos")),
    )
    op.create_table(
        "staff",
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("unit_code", sa.String(length=20), nullable=True),
        sa.Column("post", sa.String(length=60), nullable=False),
        sa.Column("political", sa.String(length=20), nullable=False),
        sa.Column("mobile", sa.String(length=20), nullable=True),
        sa.Column("photo", sa.String(length=64), nullable=True),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["photo"], ["staff_photos.sha256"], name=op.f("fk_staff_photo_staff_photos")),
        sa.ForeignKeyConstraint(["unit_code"], ["units.code"], name=op.f("fk_staff_unit_code_units")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_staff")),
    )
    op.create_table(
        "duties",
        sa.Column("window_id", sa.String(length=60), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("staff_number", sa.String(length=20), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["staff_number"], ["staff.number"], name=op.f("fk_duties_staff_number_staff")),
        sa.ForeignKeyConstraint(["window_id"], ["windows.id"], name=op.f("fk_duties_window_id_windows")),
        sa.PrimaryKeyConstraint("window_id", "starts_at", name=op.f("pk_duties")),
    )
    op.create_index("ix_duties_staff_number", "duties", ["staff_number"])
    op.create_table(
        "unit_boards",
        sa.Column("unit_code", sa.String(length=20), nullable=False),
        sa.Column("promise", sa.Text(), nullable=False),
        sa.Column("guide", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["unit_code"], ["units.code"], name=op.f("fk_unit_boards_unit_code_units")),
        sa.PrimaryKeyConstraint("unit_code", name=op.f("pk_unit_boards")),
    )


def _machines() -> None:
    op.create_table(
        "machines",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("hall", sa.String(length=80), nullable=True),
        sa.Column("window_id", sa.String(length=60), nullable=True),
        sa.Column("personal", sa.Boolean(), nullable=False),
        sa.Column("made_by", sa.String(length=40), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["window_id"], ["windows.id"], name=op.f("fk_machines_window_id_windows")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_machines")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_machines_token_digest")),
    )
    op.create_table(
        "device_states",
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.String(length=40), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("clock_offset", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["device_id"], ["devices.id"], name=op.f("fk_device_states_device_id_devices")),
        sa.PrimaryKeyConstraint("device_id", name=op.f("pk_device_states")),
    )


def downgrade() -> None:
    for name in ("device_states", "machines", "unit_boards", "duties", "staff", "staff_photos"):
        op.drop_table(name)
    with op.batch_alter_table("findings", schema=None) as batch_op:
        batch_op.drop_column("rating_id")
        batch_op.drop_column("window_id")
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.drop_index("ix_cases_window_id_token")
        batch_op.drop_index("ix_cases_window_id_opened_at")
        for name in ("rated_on", "expires_at", "opened_at", "token", "service", "number"):
            batch_op.drop_column(name)
    with op.batch_alter_table("windows", schema=None) as batch_op:
        batch_op.drop_column("supervision_phone")
        batch_op.drop_column("mode")
