"""Plans, key performance indicators, bonus schemes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
TABLES = (
    "bonus_schemes", "performance_plan_events", "performance_plan_lines", "performance_plan_versions",
    "performance_plans",
)  # fmt: skip


def upgrade() -> None:
    _plans()
    _lines()
    op.create_table(
        "bonus_schemes",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("document", JSON, nullable=False),
        sa.Column("author_login", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("key", "number", name="pk_bonus_schemes"),
    )


def _plans() -> None:
    op.create_table(
        "performance_plans",
        sa.Column("plan_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("period_kind", sa.String(length=16), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("department_id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("approved", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("updated_by", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"], ["departments.department_id"], name="fk_performance_plans_department_id"
        ),
        sa.PrimaryKeyConstraint("plan_id", name="pk_performance_plans"),
        sa.UniqueConstraint(
            "period_kind", "period_start", "department_id",
            name="uq_performance_plans_period_kind_period_start_department_id",
        ),
    )  # fmt: skip
    op.create_index("ix_performance_plans_department_id", "performance_plans", ["department_id"])
    op.create_table(
        "performance_plan_versions",
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("editors", JSON, nullable=False),
        sa.Column("origin", JSON, nullable=False),
        sa.Column("author_login", sa.String(length=64), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("submitted_by", sa.String(length=64), nullable=False),
        sa.Column("submitted_at", MOMENT, nullable=True),
        sa.Column("reviewer_login", sa.String(length=64), nullable=False),
        sa.Column("reviewed_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["performance_plans.plan_id"], name="fk_performance_plan_versions_plan_id"
        ),
        sa.PrimaryKeyConstraint("plan_id", "number", name="pk_performance_plan_versions"),
    )


def _lines() -> None:
    op.create_table(
        "performance_plan_lines",
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("subject_kind", sa.String(length=16), nullable=False),
        sa.Column("subject_id", sa.String(length=64), nullable=False),
        sa.Column("kpi", sa.String(length=64), nullable=False),
        sa.Column("hundredths", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["plan_id", "version"], ["performance_plan_versions.plan_id", "performance_plan_versions.number"],
            name="fk_performance_plan_lines_plan_id_version",
        ),
        sa.PrimaryKeyConstraint(
            "plan_id", "version", "subject_kind", "subject_id", "kpi", name="pk_performance_plan_lines"
        ),
    )  # fmt: skip
    op.create_index("ix_performance_plan_lines_subject_id", "performance_plan_lines", ["subject_id"])
    op.create_table(
        "performance_plan_events",
        sa.Column("event_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(length=32), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["performance_plans.plan_id"], name="fk_performance_plan_events_plan_id"),
        sa.PrimaryKeyConstraint("event_id", name="pk_performance_plan_events"),
    )
    op.create_index("ix_performance_plan_events_plan_id", "performance_plan_events", ["plan_id"])


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
