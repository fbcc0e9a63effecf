"""Signal rules, signals with their life, tasks; notices with a priority, settings and digests."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
TABLES = (
    "digests", "notice_settings", "task_events", "tasks", "signal_runs", "signal_events", "signals",
    "signal_rule_versions", "signal_rules",
)  # fmt: skip


def upgrade() -> None:
    op.add_column("notices", sa.Column("priority", sa.String(length=8), nullable=False, server_default="medium"))

    op.create_table(
        "signal_rules",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("template", sa.String(length=80), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("published", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("is_starting", sa.Boolean(), nullable=False),
        sa.Column("evaluated_until", sa.Date(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("updated_by", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["users.user_id"], name="fk_signal_rules_owner_id"),
        sa.PrimaryKeyConstraint("key", name="pk_signal_rules"),
    )
    op.create_index("ix_signal_rules_owner_id", "signal_rules", ["owner_id"])
    op.create_index("ix_signal_rules_status", "signal_rules", ["status"])

    op.create_table(
        "signal_rule_versions",
        sa.Column("rule_key", sa.String(length=80), nullable=False),
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
        sa.Column("backtest", JSON, nullable=True),
        sa.Column("backtest_at", MOMENT, nullable=True),
        sa.Column("published_at", MOMENT, nullable=True),
        sa.Column("published_by", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["rule_key"], ["signal_rules.key"], name="fk_signal_rule_versions_rule_key"),
        sa.PrimaryKeyConstraint("rule_key", "number", name="pk_signal_rule_versions"),
    )
    op.create_index("ix_signal_rule_versions_fingerprint", "signal_rule_versions", ["fingerprint"])

    op.create_table(
        "signals",
        sa.Column("signal_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("rule_key", sa.String(length=80), nullable=False),
        sa.Column("rule_version", sa.Integer(), nullable=False),
        sa.Column("is_shadow", sa.Boolean(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.String(length=64), nullable=True),
        sa.Column("manager_id", sa.String(length=64), nullable=True),
        sa.Column("region_code", sa.String(length=16), nullable=True),
        sa.Column("priority", sa.String(length=8), nullable=False),
        sa.Column("severity", sa.Double(), nullable=False),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("baseline", sa.Double(), nullable=True),
        sa.Column("change_pct", sa.Double(), nullable=True),
        sa.Column("details", JSON, nullable=False),
        sa.Column("customer_value", sa.Double(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("raised_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=True),
        sa.Column("decision", sa.String(length=16), nullable=False),
        sa.Column("decision_reason", sa.String(length=40), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_login", sa.String(length=64), nullable=False),
        sa.Column("snoozed_until", sa.Date(), nullable=True),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("closed_day", sa.Date(), nullable=True),
        sa.Column("closed_why", sa.String(length=40), nullable=False),
        sa.Column("outcome_kind", sa.String(length=24), nullable=False),
        sa.Column("outcome_due", sa.Date(), nullable=False),
        sa.Column("outcome", sa.Boolean(), nullable=True),
        sa.Column("outcome_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["rule_key"], ["signal_rules.key"], name="fk_signals_rule_key"),
        sa.PrimaryKeyConstraint("signal_id", name="pk_signals"),
        sa.UniqueConstraint(
            "rule_key", "customer_id", "day", "is_shadow", name="uq_signals_rule_key_customer_id_day_is_shadow"
        ),
    )
    op.create_index("ix_signals_customer_id", "signals", ["customer_id"])
    op.create_index("ix_signals_manager_id", "signals", ["manager_id"])
    op.create_index("ix_signals_owner_id_state", "signals", ["owner_id", "state"])
    op.create_index("ix_signals_state_outcome_due", "signals", ["state", "outcome_due"])

    op.create_table(
        "signal_events",
        sa.Column("event_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("signal_id", sa.Integer(), nullable=True),
        sa.Column("rule_key", sa.String(length=80), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("actor_login", sa.String(length=64), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("details", JSON, nullable=False),
        sa.ForeignKeyConstraint(["signal_id"], ["signals.signal_id"], name="fk_signal_events_signal_id"),
        sa.PrimaryKeyConstraint("event_id", name="pk_signal_events"),
    )
    op.create_index("ix_signal_events_rule_key_day", "signal_events", ["rule_key", "day"])
    op.create_index("ix_signal_events_signal_id", "signal_events", ["signal_id"])

    op.create_table(
        "signal_runs",
        sa.Column("run_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("snapshot_version", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("rules", JSON, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.Column("raised", sa.Integer(), nullable=False),
        sa.Column("raised_again", sa.Integer(), nullable=False),
        sa.Column("closed", sa.Integer(), nullable=False),
        sa.Column("held", JSON, nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("run_id", name="pk_signal_runs"),
    )
    op.create_index("ix_signal_runs_day", "signal_runs", ["day"])

    op.create_table(
        "tasks",
        sa.Column("task_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("signal_id", sa.Integer(), nullable=True),
        sa.Column("made_of", sa.String(length=120), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("assignee_id", sa.String(length=64), nullable=True),
        sa.Column("manager_id", sa.String(length=64), nullable=True),
        sa.Column("region_code", sa.String(length=16), nullable=True),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("author_login", sa.String(length=64), nullable=False),
        sa.Column("priority", sa.String(length=8), nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("remind_at", MOMENT, nullable=True),
        sa.Column("reminded_at", MOMENT, nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("done_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["users.user_id"], name="fk_tasks_author_id"),
        sa.ForeignKeyConstraint(["signal_id"], ["signals.signal_id"], name="fk_tasks_signal_id"),
        sa.PrimaryKeyConstraint("task_id", name="pk_tasks"),
        sa.UniqueConstraint("made_of", name="uq_tasks_made_of"),
    )
    op.create_index("ix_tasks_assignee_id_state_due_at", "tasks", ["assignee_id", "state", "due_at"])
    op.create_index("ix_tasks_author_id", "tasks", ["author_id"])
    op.create_index("ix_tasks_customer_id", "tasks", ["customer_id"])
    op.create_index("ix_tasks_due_at", "tasks", ["due_at"])
    op.create_index("ix_tasks_manager_id", "tasks", ["manager_id"])
    op.create_index("ix_tasks_remind_at", "tasks", ["remind_at"])
    op.create_index("ix_tasks_signal_id", "tasks", ["signal_id"])

    op.create_table(
        "task_events",
        sa.Column("event_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("actor_login", sa.String(length=64), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("details", JSON, nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.task_id"], name="fk_task_events_task_id"),
        sa.PrimaryKeyConstraint("event_id", name="pk_task_events"),
    )
    op.create_index("ix_task_events_task_id", "task_events", ["task_id"])

    op.create_table(
        "notice_settings",
        sa.Column("user_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("muted", JSON, nullable=False),
        sa.Column("digest", sa.String(length=8), nullable=False),
        sa.Column("digest_hour", sa.Integer(), nullable=False),
        sa.Column("digest_weekday", sa.Integer(), nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.user_id"], name="fk_notice_settings_user_id"),
        sa.PrimaryKeyConstraint("user_id", name="pk_notice_settings"),
    )

    op.create_table(
        "digests",
        sa.Column("digest_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("period", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.Column("message_id", sa.String(length=120), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("claimed_at", MOMENT, nullable=False),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.user_id"], name="fk_digests_user_id"),
        sa.PrimaryKeyConstraint("digest_id", name="pk_digests"),
        sa.UniqueConstraint("user_id", "period", name="uq_digests_user_id_period"),
    )


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
    op.drop_column("notices", "priority")
