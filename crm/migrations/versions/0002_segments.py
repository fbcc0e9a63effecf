"""Segments with their versions, tests, runs and receipts; uploaded lists; notices to people."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
TABLES = (
    "segment_exports", "segment_runs", "segment_fixtures", "segment_versions", "segments", "notices", "customer_lists",
)  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "customer_lists",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("sharing", sa.String(length=16), nullable=False),
        sa.Column("shared_roles", JSON, nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("members", sa.Integer(), nullable=False),
        sa.Column("matched", JSON, nullable=False),
        sa.Column("unmatched", JSON, nullable=False),
        sa.Column("snapshot_version", sa.Integer(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("archived_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["owner_id"], ["users.user_id"], name="fk_customer_lists_owner_id"),
        sa.PrimaryKeyConstraint("key", name="pk_customer_lists"),
    )
    op.create_index("ix_customer_lists_owner_id", "customer_lists", ["owner_id"])

    op.create_table(
        "notices",
        sa.Column("notice_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("details", JSON, nullable=False),
        sa.Column("link", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("read_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.user_id"], name="fk_notices_user_id"),
        sa.PrimaryKeyConstraint("notice_id", name="pk_notices"),
    )
    op.create_index("ix_notices_user_id_read_at", "notices", ["user_id", "read_at"])

    op.create_table(
        "segments",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("folder", sa.String(length=200), nullable=False),
        sa.Column("tags", JSON, nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("sharing", sa.String(length=16), nullable=False),
        sa.Column("shared_roles", JSON, nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("published", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("held_kind", sa.String(length=32), nullable=False),
        sa.Column("held_values", JSON, nullable=False),
        sa.Column("schedule_mode", sa.String(length=16), nullable=False),
        sa.Column("schedule_cron", sa.String(length=120), nullable=False),
        sa.Column("schedule_days", JSON, nullable=False),
        sa.Column("schedule_time", sa.String(length=5), nullable=False),
        sa.Column("schedule_timezone", sa.String(length=64), nullable=False),
        sa.Column("scheduled_at", MOMENT, nullable=False),
        sa.Column("alarm_min_share_pct", sa.Double(), nullable=True),
        sa.Column("alarm_max_change_pct", sa.Double(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("updated_by", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["users.user_id"], name="fk_segments_owner_id"),
        sa.PrimaryKeyConstraint("key", name="pk_segments"),
    )
    op.create_index("ix_segments_folder", "segments", ["folder"])
    op.create_index("ix_segments_owner_id", "segments", ["owner_id"])
    op.create_index("ix_segments_status", "segments", ["status"])

    op.create_table(
        "segment_versions",
        sa.Column("segment_key", sa.String(length=80), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("document", JSON, nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("author_login", sa.String(length=64), nullable=False),
        sa.Column("editors", JSON, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("restored_from", sa.Integer(), nullable=True),
        sa.Column("reviewer_login", sa.String(length=64), nullable=False),
        sa.Column("reviewed_at", MOMENT, nullable=True),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("verdict", JSON, nullable=True),
        sa.Column("published_at", MOMENT, nullable=True),
        sa.Column("published_by", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["segment_key"], ["segments.key"], name="fk_segment_versions_segment_key"),
        sa.PrimaryKeyConstraint("segment_key", "number", name="pk_segment_versions"),
    )
    op.create_index("ix_segment_versions_fingerprint", "segment_versions", ["fingerprint"])

    op.create_table(
        "segment_fixtures",
        sa.Column("fixture_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("segment_key", sa.String(length=80), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("expected_in", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("author_login", sa.String(length=64), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["segment_key"], ["segments.key"], name="fk_segment_fixtures_segment_key"),
        sa.PrimaryKeyConstraint("fixture_id", name="pk_segment_fixtures"),
        sa.UniqueConstraint("segment_key", "customer_id", name="uq_segment_fixtures_segment_key_customer_id"),
    )

    op.create_table(
        "segment_runs",
        sa.Column("run_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("segment_key", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("snapshot_version", sa.Integer(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("members", sa.Integer(), nullable=True),
        sa.Column("base", sa.Integer(), nullable=True),
        sa.Column("entered", sa.Integer(), nullable=True),
        sa.Column("left", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["segment_key"], ["segments.key"], name="fk_segment_runs_segment_key"),
        sa.PrimaryKeyConstraint("run_id", name="pk_segment_runs"),
    )
    op.create_index("ix_segment_runs_segment_key", "segment_runs", ["segment_key"])

    op.create_table(
        "segment_exports",
        sa.Column("receipt_id", sa.String(length=32), nullable=False),
        sa.Column("segment_key", sa.String(length=80), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("document", JSON, nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("snapshot_version", sa.Integer(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("actor_login", sa.String(length=64), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("columns", JSON, nullable=False),
        sa.Column("format", sa.String(length=16), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("receipt_id", name="pk_segment_exports"),
    )
    op.create_index("ix_segment_exports_actor_id", "segment_exports", ["actor_id"])
    op.create_index("ix_segment_exports_file_sha256", "segment_exports", ["file_sha256"])
    op.create_index("ix_segment_exports_segment_key", "segment_exports", ["segment_key"])


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
