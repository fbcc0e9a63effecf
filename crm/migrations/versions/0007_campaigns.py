"""Register, approval, budget, media plans and content of campaigns."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
TABLES = (
    "agency_report_rows", "agency_reports", "media_plan_lines", "budget_entries", "campaign_budget_lines",
    "budget_limits", "channel_costs", "contact_policies", "message_template_versions", "message_templates",
    "campaign_approvals", "campaign_approval_routes", "campaign_conclusions", "campaign_kpis", "campaign_comments",
    "campaign_events", "campaign_versions", "campaigns",
)  # fmt: skip
# What happened, was charged or was in force stays as it was written, whoever holds the connection.
APPEND_ONLY = (
    "budget_entries", "campaign_events", "campaign_comments", "campaign_conclusions", "channel_costs",
    "contact_policies",
)  # fmt: skip


def upgrade() -> None:
    _register()
    _approvals()
    _content()
    _budgets()
    _media()
    _protect()


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION campaigns_refuse()")


def _given(name: str, kind: Any, **more: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False, **more)


def _maybe(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=True)


def _protect() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table in APPEND_ONLY:
            for what in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{what.lower()} BEFORE {what} ON {table} "
                    "BEGIN SELECT RAISE(ABORT, 'append-only'); END"
                )
        return
    op.execute(
        "CREATE FUNCTION campaigns_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'append-only'; END $$"
    )
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION campaigns_refuse()"
        )


def _register() -> None:
    op.create_table(
        "campaigns",
        _given("campaign_id", sa.Integer()), _given("key", sa.String(80)), _given("name", sa.String(200)),
        _given("description", sa.Text()), _given("kind", sa.String(16)), _given("goal", sa.Text()),
        _given("customer_type", sa.String(16)), _given("category", sa.String(16)), _given("priority", sa.Integer()),
        _given("audience", JSON), _maybe("audience_size", sa.Integer()), _maybe("flow", JSON),
        _given("channels", JSON), _maybe("starts_on", sa.Date()), _maybe("ends_on", sa.Date()),
        _given("responsible_login", sa.String(64)), _maybe("owner_id", sa.Integer()),
        _given("author_login", sa.String(64)), _given("stage", sa.String(16)), _given("stage_at", MOMENT),
        _given("version", sa.Integer()), _maybe("approved", sa.Integer()), _given("pins", JSON),
        _maybe("copied_from", sa.Integer()), _given("revision", sa.Integer()), _given("created_at", MOMENT),
        _given("updated_at", MOMENT), _given("updated_by", sa.String(64)),
        sa.ForeignKeyConstraint(["copied_from"], ["campaigns.campaign_id"], name="fk_campaigns_copied_from"),
        sa.ForeignKeyConstraint(["owner_id"], ["users.user_id"], name="fk_campaigns_owner_id"),
        sa.PrimaryKeyConstraint("campaign_id", name="pk_campaigns"),
        sa.UniqueConstraint("key", name="uq_campaigns_key"),
    )  # fmt: skip
    op.create_index("ix_campaigns_owner_id", "campaigns", ["owner_id"])
    op.create_index("ix_campaigns_stage", "campaigns", ["stage"])
    op.create_index("ix_campaigns_starts_on_ends_on", "campaigns", ["starts_on", "ends_on"])
    op.create_table(
        "campaign_versions",
        _given("campaign_id", sa.Integer()), _given("number", sa.Integer(), autoincrement=False),
        _given("submitted_by", sa.String(64)), _maybe("submitted_at", MOMENT), _given("route_key", sa.String(80)),
        _maybe("route_revision", sa.Integer()), _maybe("parameters", JSON), _given("document", JSON),
        _given("fingerprint", sa.String(64)), _given("state", sa.String(16)), _maybe("author_id", sa.Integer()),
        _given("author_login", sa.String(64)), _given("editors", JSON), _given("reason", sa.Text()),
        _given("at", MOMENT), _maybe("restored_from", sa.Integer()), _maybe("published_at", MOMENT),
        _given("published_by", sa.String(64)),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.campaign_id"], name="fk_campaign_versions_campaign_id"),
        sa.PrimaryKeyConstraint("campaign_id", "number", name="pk_campaign_versions"),
    )  # fmt: skip
    op.create_index("ix_campaign_versions_fingerprint", "campaign_versions", ["fingerprint"])
    op.create_table(
        "campaign_events",
        _given("event_id", sa.Integer()), _given("campaign_id", sa.Integer()), _given("what", sa.String(32)),
        _given("from_stage", sa.String(16)), _given("to_stage", sa.String(16)), _given("version", sa.Integer()),
        _given("fingerprint", sa.String(64)), _given("reason", sa.Text()), _maybe("actor_id", sa.Integer()),
        _given("actor_login", sa.String(64)), _given("at", MOMENT), _given("details", JSON),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.campaign_id"], name="fk_campaign_events_campaign_id"),
        sa.PrimaryKeyConstraint("event_id", name="pk_campaign_events"),
    )  # fmt: skip
    op.create_index("ix_campaign_events_campaign_id", "campaign_events", ["campaign_id"])
    op.create_table(
        "campaign_comments",
        _given("comment_id", sa.Integer()), _given("campaign_id", sa.Integer()), _given("version", sa.Integer()),
        _given("part", sa.String(16)), _given("node_id", sa.String(40)), _given("text", sa.Text()),
        _maybe("author_id", sa.Integer()), _given("author_login", sa.String(64)), _given("at", MOMENT),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.campaign_id"], name="fk_campaign_comments_campaign_id"),
        sa.PrimaryKeyConstraint("comment_id", name="pk_campaign_comments"),
    )  # fmt: skip
    op.create_index("ix_campaign_comments_campaign_id", "campaign_comments", ["campaign_id"])
    op.create_table(
        "campaign_kpis",
        _given("campaign_id", sa.Integer()), _given("code", sa.String(40)), _given("position", sa.Integer()),
        _given("name", sa.String(200)), _given("unit", sa.String(16)), _given("direction", sa.String(16)),
        _given("target", sa.Double()), _maybe("fact", sa.Double()), _maybe("fact_at", MOMENT),
        _given("fact_source", sa.String(200)),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.campaign_id"], name="fk_campaign_kpis_campaign_id"),
        sa.PrimaryKeyConstraint("campaign_id", "code", name="pk_campaign_kpis"),
    )  # fmt: skip
    op.create_table(
        "campaign_conclusions",
        _given("conclusion_id", sa.Integer()), _given("campaign_id", sa.Integer()), _given("verdict", sa.String(16)),
        _given("text", sa.Text()), _given("proposals", sa.Text()), _given("figures", JSON),
        _maybe("author_id", sa.Integer()), _given("author_login", sa.String(64)), _given("at", MOMENT),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.campaign_id"],
            name="fk_campaign_conclusions_campaign_id"),
        sa.PrimaryKeyConstraint("conclusion_id", name="pk_campaign_conclusions"),
    )  # fmt: skip
    op.create_index("ix_campaign_conclusions_campaign_id", "campaign_conclusions", ["campaign_id"])


def _approvals() -> None:
    op.create_table(
        "campaign_approval_routes",
        _given("key", sa.String(80)), _given("name", sa.String(200)), _given("position", sa.Integer()),
        _given("is_active", sa.Boolean()), _given("condition", JSON), _given("steps", JSON),
        _given("revision", sa.Integer()), _given("created_at", MOMENT), _given("updated_at", MOMENT),
        _given("updated_by", sa.String(64)), sa.PrimaryKeyConstraint("key", name="pk_campaign_approval_routes"),
    )  # fmt: skip
    op.create_table(
        "campaign_approvals",
        _given("approval_id", sa.Integer()), _given("campaign_id", sa.Integer()), _given("version", sa.Integer()),
        _given("round", sa.Integer()), _given("step", sa.Integer()), _given("name", sa.String(200)),
        _given("role_code", sa.String(64)), _maybe("employee_id", sa.String(64)), _given("parts", JSON),
        _given("days", sa.Integer()), _given("state", sa.String(16)), _given("fingerprint", sa.String(64)),
        _maybe("opened_at", MOMENT), _maybe("due_at", MOMENT), _maybe("reminded_at", MOMENT),
        _maybe("decided_at", MOMENT), _maybe("decided_by", sa.Integer()), _given("decided_login", sa.String(64)),
        _maybe("on_behalf_of", sa.String(64)), _given("comment", sa.Text()),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.campaign_id"], name="fk_campaign_approvals_campaign_id"),
        sa.PrimaryKeyConstraint("approval_id", name="pk_campaign_approvals"),
        sa.UniqueConstraint("campaign_id", "version", "round", "step",
            name="uq_campaign_approvals_campaign_id_version_round_step"),
    )  # fmt: skip
    op.create_index("ix_campaign_approvals_decided_by", "campaign_approvals", ["decided_by"])
    op.create_index("ix_campaign_approvals_state_due_at", "campaign_approvals", ["state", "due_at"])


def _content() -> None:
    op.create_table(
        "message_templates",
        _given("key", sa.String(80)), _given("name", sa.String(200)), _given("description", sa.Text()),
        _given("channel", sa.String(16)), _given("category", sa.String(16)), _maybe("owner_id", sa.Integer()),
        _maybe("published", sa.Integer()), _maybe("archived_at", MOMENT), _given("revision", sa.Integer()),
        _given("created_at", MOMENT), _given("updated_at", MOMENT), _given("updated_by", sa.String(64)),
        sa.ForeignKeyConstraint(["owner_id"], ["users.user_id"], name="fk_message_templates_owner_id"),
        sa.PrimaryKeyConstraint("key", name="pk_message_templates"),
    )  # fmt: skip
    op.create_index("ix_message_templates_channel", "message_templates", ["channel"])
    op.create_index("ix_message_templates_owner_id", "message_templates", ["owner_id"])
    op.create_table(
        "message_template_versions",
        _given("template_key", sa.String(80)), _given("number", sa.Integer(), autoincrement=False),
        _given("document", JSON), _given("fingerprint", sa.String(64)), _given("state", sa.String(16)),
        _maybe("author_id", sa.Integer()), _given("author_login", sa.String(64)), _given("editors", JSON),
        _given("reason", sa.Text()), _given("at", MOMENT), _maybe("restored_from", sa.Integer()),
        _maybe("published_at", MOMENT), _given("published_by", sa.String(64)),
        sa.ForeignKeyConstraint(["template_key"], ["message_templates.key"],
            name="fk_message_template_versions_template_key"),
        sa.PrimaryKeyConstraint("template_key", "number", name="pk_message_template_versions"),
    )  # fmt: skip
    op.create_index("ix_message_template_versions_fingerprint", "message_template_versions", ["fingerprint"])
    op.create_table(
        "contact_policies",
        _given("number", sa.Integer(), autoincrement=False), _given("document", JSON),
        _given("fingerprint", sa.String(64)), _given("valid_from", sa.Date()), _given("changes", JSON),
        _given("author_login", sa.String(64)), _given("reason", sa.Text()), _given("at", MOMENT),
        sa.PrimaryKeyConstraint("number", name="pk_contact_policies"),
    )  # fmt: skip
    op.create_index("ix_contact_policies_valid_from", "contact_policies", ["valid_from"])


def _budgets() -> None:
    op.create_table(
        "channel_costs",
        _given("cost_id", sa.Integer()), _given("channel", sa.String(16)), _given("price", sa.BigInteger()),
        _given("valid_from", sa.Date()), _given("author_login", sa.String(64)), _given("reason", sa.Text()),
        _given("at", MOMENT), sa.CheckConstraint("price >= 0", name="ck_channel_costs_price"),
        sa.PrimaryKeyConstraint("cost_id", name="pk_channel_costs"),
    )  # fmt: skip
    op.create_index("ix_channel_costs_channel", "channel_costs", ["channel"])
    op.create_table(
        "budget_limits",
        _given("limit_id", sa.Integer()), _given("period_kind", sa.String(16)), _given("period_start", sa.Date()),
        _given("channel", sa.String(16)), _given("amount", sa.BigInteger()), _given("revision", sa.Integer()),
        _given("created_at", MOMENT), _given("updated_at", MOMENT), _given("updated_by", sa.String(64)),
        sa.CheckConstraint("amount >= 0", name="ck_budget_limits_amount"),
        sa.PrimaryKeyConstraint("limit_id", name="pk_budget_limits"),
        sa.UniqueConstraint("period_kind", "period_start", "channel",
            name="uq_budget_limits_period_kind_period_start_channel"),
    )  # fmt: skip
    op.create_table(
        "campaign_budget_lines",
        _given("line_id", sa.Integer()), _given("campaign_id", sa.Integer()), _given("channel", sa.String(16)),
        _given("month", sa.Date()), _maybe("contacts", sa.Integer()), _maybe("price", sa.BigInteger()),
        _given("need", sa.BigInteger()), _given("reserved", sa.BigInteger()), _given("committed", sa.BigInteger()),
        _given("spent", sa.BigInteger()), _given("invoiced", sa.BigInteger()),
        sa.CheckConstraint("committed + spent <= reserved", name="ck_campaign_budget_lines_overdraft"),
        sa.CheckConstraint("committed >= 0 AND spent >= 0 AND invoiced >= 0",
            name="ck_campaign_budget_lines_positive"),
        sa.CheckConstraint("need >= 0", name="ck_campaign_budget_lines_need"),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.campaign_id"],
            name="fk_campaign_budget_lines_campaign_id"),
        sa.PrimaryKeyConstraint("line_id", name="pk_campaign_budget_lines"),
        sa.UniqueConstraint("campaign_id", "channel", "month",
            name="uq_campaign_budget_lines_campaign_id_channel_month"),
    )  # fmt: skip
    op.create_index("ix_campaign_budget_lines_month_channel", "campaign_budget_lines", ["month", "channel"])
    op.create_table(
        "budget_entries",
        _given("entry_id", sa.Integer()), _given("campaign_id", sa.Integer()), _maybe("line_id", sa.Integer()),
        _given("channel", sa.String(16)), _given("kind", sa.String(16)), _maybe("key", sa.String(200)),
        _given("amount", sa.BigInteger()), _given("at", MOMENT), _given("actor_login", sa.String(64)),
        _given("reason", sa.Text()), _maybe("details", JSON),
        sa.CheckConstraint("amount >= 0", name="ck_budget_entries_amount"),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.campaign_id"], name="fk_budget_entries_campaign_id"),
        sa.ForeignKeyConstraint(["line_id"], ["campaign_budget_lines.line_id"], name="fk_budget_entries_line_id"),
        sa.PrimaryKeyConstraint("entry_id", name="pk_budget_entries"),
        sa.UniqueConstraint("campaign_id", "kind", "key", name="uq_budget_entries_campaign_id_kind_key"),
    )  # fmt: skip
    op.create_index("ix_budget_entries_line_id", "budget_entries", ["line_id"])


def _media() -> None:
    op.create_table(
        "media_plan_lines",
        _given("campaign_id", sa.Integer()), _given("code", sa.String(40)), _given("position", sa.Integer()),
        _given("channel", sa.String(16)), _given("format", sa.String(200)), _given("region_code", sa.String(16)),
        _given("starts_on", sa.Date()), _given("ends_on", sa.Date()), _maybe("reach", sa.Integer()),
        _given("price_model", sa.String(16)), _maybe("units", sa.Integer()), _maybe("price", sa.BigInteger()),
        _given("cost", sa.BigInteger()), sa.CheckConstraint("cost >= 0", name="ck_media_plan_lines_cost"),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.campaign_id"], name="fk_media_plan_lines_campaign_id"),
        sa.PrimaryKeyConstraint("campaign_id", "code", name="pk_media_plan_lines"),
    )  # fmt: skip
    op.create_table(
        "agency_reports",
        _given("report_id", sa.Integer()), _given("campaign_id", sa.Integer()), _given("campaign_key", sa.String(80)),
        _given("file_name", sa.String(200)), _given("sha256", sa.String(64)), _given("received", sa.Integer()),
        _given("accepted", sa.Integer()), _given("quarantined", sa.Integer()), _given("actor_login", sa.String(64)),
        _given("at", MOMENT), _maybe("withdrawn_at", MOMENT), _given("withdrawn_by", sa.String(64)),
        _given("withdrawn_reason", sa.Text()),
        sa.CheckConstraint("accepted + quarantined = received", name="ck_agency_reports_counts"),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.campaign_id"], name="fk_agency_reports_campaign_id"),
        sa.PrimaryKeyConstraint("report_id", name="pk_agency_reports"),
        sa.UniqueConstraint("campaign_id", "sha256", name="uq_agency_reports_campaign_id_sha256"),
    )  # fmt: skip
    op.create_table(
        "agency_report_rows",
        _given("report_id", sa.Integer()), _given("row", sa.Integer(), autoincrement=False),
        _given("code", sa.String(40)), _maybe("day", sa.Date()), _maybe("reach", sa.Integer()),
        _maybe("impressions", sa.Integer()), _maybe("clicks", sa.Integer()), _maybe("leads", sa.Integer()),
        _maybe("cost", sa.BigInteger()), _given("raw", JSON), _maybe("problems", JSON),
        sa.ForeignKeyConstraint(["report_id"], ["agency_reports.report_id"], name="fk_agency_report_rows_report_id"),
        sa.PrimaryKeyConstraint("report_id", "row", name="pk_agency_report_rows"),
    )  # fmt: skip
