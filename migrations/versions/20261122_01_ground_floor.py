"""The ground floor: the tables of every noun."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

revision = "20261122_01"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("roles", JSON, nullable=False),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("renewed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("blocked_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("name", name=op.f("uq_accounts_name")),
    )
    op.create_table(
        "acts",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("target", sa.String(length=60), nullable=False),
        sa.Column("params", JSON, nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("asked_by", sa.String(length=40), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by", sa.String(length=40), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('asked', 'confirmed', 'refused', 'expired')", name=op.f("ck_acts_state_known")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_acts")),
    )
    op.create_table(
        "blobs",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_blobs")),
    )
    op.create_table(
        "frames",
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("source", sa.String(length=400), nullable=False),
        sa.Column("made_up", sa.Boolean(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('counts', 'list')", name=op.f("ck_frames_kind_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_frames")),
    )
    op.create_table(
        "jobs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("payload", JSON, nullable=False),
        sa.Column("lock_key", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("run_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("worker", sa.String(length=40), nullable=True),
        sa.Column("last_error", sa.String(length=400), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('ready', 'done', 'failed')", name=op.f("ck_jobs_state_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
    )
    with op.batch_alter_table("jobs", schema=None) as batch_op:
        batch_op.create_index("ix_jobs_state_run_at", ["state", "run_at"], unique=False)

    op.create_table(
        "ledger_entries",
        sa.Column("log", sa.String(length=60), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("event", sa.String(length=40), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("log", "id", name=op.f("pk_ledger_entries")),
    )
    with op.batch_alter_table("ledger_entries", schema=None) as batch_op:
        batch_op.create_index("ix_ledger_entries_log_at", ["log", "at"], unique=False)

    op.create_table(
        "questionnaires",
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("doc", JSON, nullable=False),
        sa.Column("n_items", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", "version", name=op.f("pk_questionnaires")),
    )
    op.create_table(
        "reports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sheet", sa.String(length=40), nullable=False),
        sa.Column("target", sa.String(length=60), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("made_by", sa.String(length=40), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
    )
    op.create_table(
        "rounds",
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("scheme_id", sa.String(length=60), nullable=True),
        sa.Column("scheme_version", sa.Integer(), nullable=True),
        sa.Column("period_from", sa.Date(), nullable=True),
        sa.Column("period_to", sa.Date(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rounds")),
    )
    op.create_table(
        "schemes",
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("doc", JSON, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("locked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", "version", name=op.f("pk_schemes")),
    )
    op.create_table(
        "units",
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("category", sa.String(length=60), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("superior_led", sa.Boolean(), nullable=False),
        sa.Column("has_window", sa.Boolean(), nullable=True),
        sa.Column("serves_enterprises", sa.Boolean(), nullable=True),
        sa.Column("flags_source", sa.String(length=120), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_units")),
    )
    op.create_table(
        "account_sessions",
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("csrf", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_account_sessions_account_id_accounts")),
        sa.PrimaryKeyConstraint("token_digest", name=op.f("pk_account_sessions")),
    )
    op.create_table(
        "campaigns",
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("round_id", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("title_en", sa.String(length=160), nullable=False),
        sa.Column("purpose", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("questionnaire_id", sa.String(length=60), nullable=False),
        sa.Column("questionnaire_version", sa.Integer(), nullable=False),
        sa.Column("estimator", sa.String(length=20), nullable=False),
        sa.Column("points_as_psu", sa.Boolean(), nullable=False),
        sa.Column("min_cell", sa.Integer(), nullable=False),
        sa.Column("notice", JSON, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accept_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("purpose IN ('real', 'demo', 'rehearsal')", name=op.f("ck_campaigns_purpose_known")),
        sa.CheckConstraint(
            "state IN ('draft', 'ready', 'open', 'closed', 'counting', 'counted', 'published')",
            name=op.f("ck_campaigns_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["questionnaire_id", "questionnaire_version"],
            ["questionnaires.id", "questionnaires.version"],
            name=op.f("fk_campaigns_questionnaire_id_questionnaire_version_questionnaires"),
        ),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name=op.f("fk_campaigns_round_id_rounds")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaigns")),
    )
    op.create_table(
        "draws",
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("campaign_id", sa.String(length=60), nullable=False),
        sa.Column("frame_id", sa.String(length=60), nullable=False),
        sa.Column("what", sa.String(length=10), nullable=False),
        sa.Column("design", JSON, nullable=False),
        sa.Column("frame_digest", sa.String(length=64), nullable=False),
        sa.Column("design_digest", sa.String(length=64), nullable=False),
        sa.Column("salt", sa.String(length=60), nullable=False),
        sa.Column("seed", sa.String(length=80), nullable=True),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("run_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("result_digest", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["frame_id"], ["frames.id"], name=op.f("fk_draws_frame_id_frames")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draws")),
    )
    with op.batch_alter_table("draws", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_draws_campaign_id"), ["campaign_id"], unique=False)

    op.create_table(
        "findings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.String(length=60), nullable=False),
        sa.Column("unit_code", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("article", sa.String(length=200), nullable=False),
        sa.Column("points", sa.String(length=24), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("body", JSON, nullable=False),
        sa.Column("made_by", sa.String(length=40), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name=op.f("fk_findings_round_id_rounds")),
        sa.ForeignKeyConstraint(["unit_code"], ["units.code"], name=op.f("fk_findings_unit_code_units")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_findings")),
    )
    op.create_table(
        "frame_cells",
        sa.Column("frame_id", sa.String(length=60), nullable=False),
        sa.Column("no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("area_code", sa.String(length=20), nullable=False),
        sa.Column("area_name", sa.String(length=60), nullable=False),
        sa.Column("kind_code", sa.String(length=20), nullable=False),
        sa.Column("kind_name", sa.String(length=40), nullable=False),
        sa.Column("population", sa.Integer(), nullable=False),
        sa.Column("made_up", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(length=400), nullable=False),
        sa.ForeignKeyConstraint(["frame_id"], ["frames.id"], name=op.f("fk_frame_cells_frame_id_frames")),
        sa.PrimaryKeyConstraint("frame_id", "no", name=op.f("pk_frame_cells")),
    )
    op.create_table(
        "frame_points",
        sa.Column("frame_id", sa.String(length=60), nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("area_code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["frame_id"], ["frames.id"], name=op.f("fk_frame_points_frame_id_frames")),
        sa.PrimaryKeyConstraint("frame_id", "id", name=op.f("pk_frame_points")),
    )
    op.create_table(
        "frame_rows",
        sa.Column("frame_id", sa.String(length=60), nullable=False),
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("stratum", sa.String(length=40), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["frame_id"], ["frames.id"], name=op.f("fk_frame_rows_frame_id_frames")),
        sa.PrimaryKeyConstraint("frame_id", "id", name=op.f("pk_frame_rows")),
    )
    op.create_table(
        "marks",
        sa.Column("round_id", sa.String(length=60), nullable=False),
        sa.Column("component", sa.String(length=40), nullable=False),
        sa.Column("unit_code", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("value", sa.String(length=24), nullable=False),
        sa.Column("sent_by", sa.String(length=40), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name=op.f("fk_marks_round_id_rounds")),
        sa.ForeignKeyConstraint(["unit_code"], ["units.code"], name=op.f("fk_marks_unit_code_units")),
        sa.PrimaryKeyConstraint("round_id", "component", "unit_code", "version", name=op.f("pk_marks")),
    )
    op.create_table(
        "questionnaire_variants",
        sa.Column("questionnaire_id", sa.String(length=60), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("items", JSON, nullable=True),
        sa.ForeignKeyConstraint(
            ["questionnaire_id", "version"],
            ["questionnaires.id", "questionnaires.version"],
            name=op.f("fk_questionnaire_variants_questionnaire_id_version_questionnaires"),
        ),
        sa.PrimaryKeyConstraint("questionnaire_id", "version", "name", name=op.f("pk_questionnaire_variants")),
    )
    op.create_table(
        "rosters",
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("round_id", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name=op.f("fk_rosters_round_id_rounds")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rosters")),
    )
    op.create_table(
        "round_units",
        sa.Column("round_id", sa.String(length=60), nullable=False),
        sa.Column("unit_code", sa.String(length=20), nullable=False),
        sa.Column("category", sa.String(length=60), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name=op.f("fk_round_units_round_id_rounds")),
        sa.ForeignKeyConstraint(["unit_code"], ["units.code"], name=op.f("fk_round_units_unit_code_units")),
        sa.PrimaryKeyConstraint("round_id", "unit_code", name=op.f("pk_round_units")),
    )
    op.create_table(
        "unit_links",
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("predecessor", sa.String(length=20), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["code"], ["units.code"], name=op.f("fk_unit_links_code_units")),
        sa.ForeignKeyConstraint(["predecessor"], ["units.code"], name=op.f("fk_unit_links_predecessor_units")),
        sa.PrimaryKeyConstraint("code", "predecessor", name=op.f("pk_unit_links")),
    )
    op.create_table(
        "windows",
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("unit_code", sa.String(length=20), nullable=True),
        sa.Column("number", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("hall", sa.String(length=80), nullable=False),
        sa.Column("business", sa.String(length=200), nullable=False),
        sa.Column("made_up", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["unit_code"], ["units.code"], name=op.f("fk_windows_unit_code_units")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_windows")),
    )
    op.create_table(
        "ballot_voids",
        sa.Column("campaign_id", sa.String(length=60), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scope", JSON, nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("act_number", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_ballot_voids_campaign_id_campaigns")),
        sa.PrimaryKeyConstraint("campaign_id", "id", name=op.f("pk_ballot_voids")),
    )
    op.create_table(
        "ballots",
        sa.Column("campaign_id", sa.String(length=60), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("stratum_no", sa.Integer(), nullable=False),
        sa.Column("point_no", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("questionnaire_version", sa.Integer(), nullable=False),
        sa.Column("answers", sa.Text(), nullable=False),
        sa.Column("more", JSON, nullable=True),
        sa.Column("upload_id", sa.Uuid(), nullable=True),
        sa.Column("line", sa.Integer(), nullable=True),
        sa.CheckConstraint("channel IN ('phone', 'point', 'paper', 'upload')", name=op.f("ck_ballots_channel_known")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_ballots_campaign_id_campaigns")),
        sa.PrimaryKeyConstraint("campaign_id", "id", name=op.f("pk_ballots")),
    )
    with op.batch_alter_table("ballots", schema=None) as batch_op:
        batch_op.create_index("ix_ballots_campaign_id_upload_id", ["campaign_id", "upload_id"], unique=False)

    op.create_table(
        "cases",
        sa.Column("window_id", sa.String(length=60), nullable=False),
        sa.Column("number_digest", sa.String(length=64), nullable=False),
        sa.Column("finished_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["window_id"], ["windows.id"], name=op.f("fk_cases_window_id_windows")),
        sa.PrimaryKeyConstraint("window_id", "number_digest", name=op.f("pk_cases")),
    )
    op.create_table(
        "device_pairings",
        sa.Column("code_digest", sa.String(length=64), nullable=False),
        sa.Column("window_id", sa.String(length=60), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["window_id"], ["windows.id"], name=op.f("fk_device_pairings_window_id_windows")),
        sa.PrimaryKeyConstraint("code_digest", name=op.f("pk_device_pairings")),
    )
    op.create_table(
        "devices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("window_id", sa.String(length=60), nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("paired_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["window_id"], ["windows.id"], name=op.f("fk_devices_window_id_windows")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_devices")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_devices_token_digest")),
    )
    op.create_table(
        "draw_rows",
        sa.Column("draw_id", sa.String(length=60), nullable=False),
        sa.Column("entry", sa.String(length=40), nullable=False),
        sa.Column("stratum", sa.String(length=40), nullable=False),
        sa.Column("lot", sa.Integer(), nullable=False),
        sa.Column("reserve", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["draw_id"], ["draws.id"], name=op.f("fk_draw_rows_draw_id_draws")),
        sa.PrimaryKeyConstraint("draw_id", "entry", name=op.f("pk_draw_rows")),
    )
    op.create_table(
        "fieldwork_targets",
        sa.Column("campaign_id", sa.String(length=60), nullable=False),
        sa.Column("stratum_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("point_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("target", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_fieldwork_targets_campaign_id_campaigns")
        ),
        sa.PrimaryKeyConstraint("campaign_id", "stratum_no", "point_no", name=op.f("pk_fieldwork_targets")),
    )
    op.create_table(
        "points",
        sa.Column("campaign_id", sa.String(length=60), nullable=False),
        sa.Column("no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("area_code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_points_campaign_id_campaigns")),
        sa.PrimaryKeyConstraint("campaign_id", "no", name=op.f("pk_points")),
    )
    op.create_table(
        "ratings",
        sa.Column("window_id", sa.String(length=60), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=1), nullable=False),
        sa.Column("reasons", JSON, nullable=False),
        sa.Column("device_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["window_id"], ["windows.id"], name=op.f("fk_ratings_window_id_windows")),
        sa.PrimaryKeyConstraint("window_id", "id", name=op.f("pk_ratings")),
    )
    with op.batch_alter_table("ratings", schema=None) as batch_op:
        batch_op.create_index("ix_ratings_window_id_day", ["window_id", "day"], unique=False)

    op.create_table(
        "results",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("round_id", sa.String(length=60), nullable=False),
        sa.Column("campaign_id", sa.String(length=60), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("estimator", sa.String(length=20), nullable=False),
        sa.Column("ballots", sa.Integer(), nullable=False),
        sa.Column("inputs_digest", sa.String(length=64), nullable=False),
        sa.Column("result_digest", sa.String(length=64), nullable=False),
        sa.Column("method", JSON, nullable=False),
        sa.Column("made_by", sa.String(length=40), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_results_campaign_id_campaigns")),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name=op.f("fk_results_round_id_rounds")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_results")),
    )
    with op.batch_alter_table("results", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_results_campaign_id"), ["campaign_id"], unique=False)

    op.create_table(
        "roster_entries",
        sa.Column("roster_id", sa.String(length=60), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("identity", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("hired_by", sa.String(length=80), nullable=False),
        sa.Column("new_this_round", sa.Boolean(), nullable=False),
        sa.Column("trained_on", sa.Date(), nullable=True),
        sa.Column("undertaking_on", sa.Date(), nullable=True),
        sa.Column("removed_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["roster_id"], ["rosters.id"], name=op.f("fk_roster_entries_roster_id_rosters")),
        sa.PrimaryKeyConstraint("roster_id", "id", name=op.f("pk_roster_entries")),
    )
    op.create_table(
        "strata",
        sa.Column("campaign_id", sa.String(length=60), nullable=False),
        sa.Column("no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("area_code", sa.String(length=20), nullable=False),
        sa.Column("area_name", sa.String(length=60), nullable=False),
        sa.Column("kind_code", sa.String(length=20), nullable=False),
        sa.Column("kind_name", sa.String(length=40), nullable=False),
        sa.Column("population", sa.Integer(), nullable=False),
        sa.Column("sample_size", sa.Integer(), nullable=False),
        sa.Column("made_up", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_strata_campaign_id_campaigns")),
        sa.PrimaryKeyConstraint("campaign_id", "no", name=op.f("pk_strata")),
    )
    op.create_table(
        "ticket_batches",
        sa.Column("campaign_id", sa.String(length=60), nullable=False),
        sa.Column("no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("stratum_no", sa.Integer(), nullable=False),
        sa.Column("point_no", sa.Integer(), nullable=False),
        sa.Column("variant", sa.String(length=40), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("reserve", sa.Integer(), nullable=False),
        sa.Column("root", sa.String(length=64), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_ticket_batches_campaign_id_campaigns")
        ),
        sa.PrimaryKeyConstraint("campaign_id", "no", name=op.f("pk_ticket_batches")),
    )
    op.create_table(
        "ticket_counters",
        sa.Column("campaign_id", sa.String(length=60), nullable=False),
        sa.Column("stratum_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("point_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("issued", sa.Integer(), nullable=False),
        sa.Column("opened", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_ticket_counters_campaign_id_campaigns")
        ),
        sa.PrimaryKeyConstraint("campaign_id", "stratum_no", "point_no", "day", name=op.f("pk_ticket_counters")),
    )
    op.create_table(
        "uploads",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("filename", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("entered", sa.Integer(), nullable=False),
        sa.Column("summary", JSON, nullable=False),
        sa.Column("sent_by", sa.String(length=40), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=True),
        sa.CheckConstraint(
            "state IN ('received', 'rejected', 'checked', 'entering', 'accepted', 'withdrawn')",
            name=op.f("ck_uploads_state_known"),
        ),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_uploads_campaign_id_campaigns")),
        sa.ForeignKeyConstraint(["sha256"], ["blobs.sha256"], name=op.f("fk_uploads_sha256_blobs")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_uploads")),
        sa.UniqueConstraint("campaign_id", "sha256", name=op.f("uq_uploads_campaign_id_sha256")),
    )
    op.create_table(
        "publications",
        sa.Column("result_id", sa.Uuid(), nullable=False),
        sa.Column("act_number", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["result_id"], ["results.id"], name=op.f("fk_publications_result_id_results")),
        sa.PrimaryKeyConstraint("result_id", name=op.f("pk_publications")),
    )
    op.create_table(
        "result_rows",
        sa.Column("result_id", sa.Uuid(), nullable=False),
        sa.Column("unit_code", sa.String(length=20), nullable=False),
        sa.Column("category", sa.String(length=60), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("n_judging", sa.Integer(), nullable=False),
        sa.Column("score", sa.String(length=24), nullable=True),
        sa.Column("se", sa.String(length=24), nullable=True),
        sa.Column("ci_low", sa.String(length=24), nullable=True),
        sa.Column("ci_high", sa.String(length=24), nullable=True),
        sa.Column("n_eff", sa.String(length=24), nullable=True),
        sa.Column("satisfied_rate", sa.String(length=24), nullable=True),
        sa.Column("dont_know_rate", sa.String(length=24), nullable=True),
        sa.Column("unweighted", sa.String(length=24), nullable=True),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["result_id"], ["results.id"], name=op.f("fk_result_rows_result_id_results")),
        sa.ForeignKeyConstraint(["unit_code"], ["units.code"], name=op.f("fk_result_rows_unit_code_units")),
        sa.PrimaryKeyConstraint("result_id", "unit_code", name=op.f("pk_result_rows")),
    )
    op.create_table(
        "tickets",
        sa.Column("campaign_id", sa.String(length=60), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("batch_no", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.CheckConstraint("state IN ('live', 'spent', 'void', 'reserve')", name=op.f("ck_tickets_state_known")),
        sa.ForeignKeyConstraint(
            ["campaign_id", "batch_no"],
            ["ticket_batches.campaign_id", "ticket_batches.no"],
            name=op.f("fk_tickets_campaign_id_batch_no_ticket_batches"),
        ),
        sa.PrimaryKeyConstraint("campaign_id", "digest", name=op.f("pk_tickets")),
    )
    with op.batch_alter_table("tickets", schema=None) as batch_op:
        batch_op.create_index("ix_tickets_campaign_id_serial", ["campaign_id", "serial"], unique=True)

    op.create_table(
        "upload_faults",
        sa.Column("upload_id", sa.Uuid(), nullable=False),
        sa.Column("no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("row", sa.Integer(), nullable=True),
        sa.Column("column", sa.String(length=80), nullable=True),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("params", JSON, nullable=False),
        sa.ForeignKeyConstraint(["upload_id"], ["uploads.id"], name=op.f("fk_upload_faults_upload_id_uploads")),
        sa.PrimaryKeyConstraint("upload_id", "no", name=op.f("pk_upload_faults")),
    )
