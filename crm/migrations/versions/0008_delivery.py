"""What was sent to whom, what came of it, and what people answered."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
TABLES = (
    "landing_pages", "channel_states", "outbox_pauses", "opt_outs", "campaign_responses", "delivery_reports",
    "outbox_parts", "outbox_messages",
)  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "channel_states",
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("is_paused", sa.Boolean(), nullable=False),
        sa.Column("tokens", sa.Double(), nullable=False),
        sa.Column("refilled_at", MOMENT, nullable=False),
        sa.Column("blocked_until", MOMENT, nullable=True),
        sa.Column("last_sent_at", MOMENT, nullable=True),
        sa.Column("trouble", sa.String(length=200), nullable=False),
        sa.Column("trouble_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("channel", name="pk_channel_states"),
    )
    op.create_table(
        "landing_pages",
        sa.Column("campaign", sa.String(length=80), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("button", sa.String(length=80), nullable=False),
        sa.Column("target", sa.String(length=500), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("updated_by", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("campaign", "language", name="pk_landing_pages"),
    )
    op.create_table(
        "opt_outs",
        sa.Column("opt_out_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("address_digest", sa.String(length=64), nullable=True),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("category", sa.String(length=16), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("source", sa.String(length=24), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("actor_login", sa.String(length=64), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("ended_by", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("opt_out_id", name="pk_opt_outs"),
    )
    op.create_index("ix_opt_outs_address_digest", "opt_outs", ["address_digest"])
    op.create_index("ix_opt_outs_customer_id_channel", "opt_outs", ["customer_id", "channel"])
    op.create_table(
        "outbox_messages",
        sa.Column("message_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("token", sa.String(length=32), nullable=False),
        sa.Column("campaign", sa.String(length=80), nullable=False),
        sa.Column("node_id", sa.String(length=40), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("cluster_id", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("category", sa.String(length=16), nullable=False),
        sa.Column("template", sa.String(length=80), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.Column("reason_values", JSON, nullable=True),
        sa.Column("details", JSON, nullable=True),
        sa.Column("queued_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=True),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("worker", sa.String(length=80), nullable=False),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("handovers", sa.Integer(), nullable=False),
        sa.Column("contacted_at", MOMENT, nullable=True),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.Column("delivered_at", MOMENT, nullable=True),
        sa.Column("failed_at", MOMENT, nullable=True),
        sa.Column("read_at", MOMENT, nullable=True),
        sa.Column("provider_id", sa.String(length=120), nullable=True),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("address_digest", sa.String(length=64), nullable=True),
        sa.Column("charge", sa.BigInteger(), nullable=True),
        sa.Column("charged_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("message_id", name="pk_outbox_messages"),
        sa.UniqueConstraint("key", name="uq_outbox_messages_key"),
        sa.UniqueConstraint("token", name="uq_outbox_messages_token"),
    )
    op.create_index(
        "ix_outbox_messages_address_digest_contacted_at", "outbox_messages", ["address_digest", "contacted_at"]
    )
    op.create_index("ix_outbox_messages_campaign_node_id_state", "outbox_messages", ["campaign", "node_id", "state"])
    op.create_index("ix_outbox_messages_changed_at", "outbox_messages", ["changed_at"])
    op.create_index("ix_outbox_messages_channel_provider_id", "outbox_messages", ["channel", "provider_id"])
    op.create_index("ix_outbox_messages_channel_state_due_at", "outbox_messages", ["channel", "state", "due_at"])
    op.create_index(
        "ix_outbox_messages_channel_state_expires_at", "outbox_messages", ["channel", "state", "expires_at"]
    )
    op.create_index("ix_outbox_messages_cluster_id_contacted_at", "outbox_messages", ["cluster_id", "contacted_at"])
    op.create_index("ix_outbox_messages_customer_id_contacted_at", "outbox_messages", ["customer_id", "contacted_at"])
    op.create_table(
        "outbox_pauses",
        sa.Column("campaign", sa.String(length=80), nullable=False),
        sa.Column("node_id", sa.String(length=40), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("campaign", "node_id", name="pk_outbox_pauses"),
    )
    op.create_table(
        "campaign_responses",
        sa.Column("response_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("source", sa.String(length=24), nullable=False),
        sa.Column("external_id", sa.String(length=160), nullable=False),
        sa.Column("type", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("is_planned", sa.Boolean(), nullable=False),
        sa.Column("is_counted", sa.Boolean(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.Column("campaign", sa.String(length=80), nullable=True),
        sa.Column("node_id", sa.String(length=40), nullable=True),
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("address_digest", sa.String(length=64), nullable=True),
        sa.Column("value", sa.BigInteger(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("matched_by", sa.String(length=64), nullable=False),
        sa.Column("matched_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["message_id"], ["outbox_messages.message_id"], name="fk_campaign_responses_message_id"
        ),
        sa.PrimaryKeyConstraint("response_id", name="pk_campaign_responses"),
        sa.UniqueConstraint("source", "external_id", name="uq_campaign_responses_source_external_id"),
    )
    op.create_index("ix_campaign_responses_address_digest", "campaign_responses", ["address_digest"])
    op.create_index("ix_campaign_responses_campaign_received_at", "campaign_responses", ["campaign", "received_at"])
    op.create_index("ix_campaign_responses_campaign_type", "campaign_responses", ["campaign", "type"])
    op.create_index("ix_campaign_responses_customer_id_at", "campaign_responses", ["customer_id", "at"])
    op.create_index("ix_campaign_responses_message_id", "campaign_responses", ["message_id"])
    op.create_index("ix_campaign_responses_state_received_at", "campaign_responses", ["state", "received_at"])
    op.create_table(
        "delivery_reports",
        sa.Column("report_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("report_key", sa.String(length=160), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.Column("provider_id", sa.String(length=120), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("effect", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["outbox_messages.message_id"], name="fk_delivery_reports_message_id"),
        sa.PrimaryKeyConstraint("report_id", name="pk_delivery_reports"),
        sa.UniqueConstraint("channel", "report_key", name="uq_delivery_reports_channel_report_key"),
    )
    op.create_index("ix_delivery_reports_channel_provider_id", "delivery_reports", ["channel", "provider_id"])
    op.create_index("ix_delivery_reports_message_id", "delivery_reports", ["message_id"])
    op.create_table(
        "outbox_parts",
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("part", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("provider_id", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["outbox_messages.message_id"], name="fk_outbox_parts_message_id"),
        sa.PrimaryKeyConstraint("message_id", "part", name="pk_outbox_parts"),
    )
    op.create_index("ix_outbox_parts_channel_provider_id", "outbox_parts", ["channel", "provider_id"])


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
