"""Who takes part in a campaign, and how far everybody got."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
TABLES = (
    "campaign_results",
    "campaign_trigger_events",
    "campaign_passages",
    "campaign_participants",
    "campaign_freezes",
    "campaign_runs",
)


def upgrade() -> None:
    op.create_table(
        "campaign_runs",
        sa.Column("campaign", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("category", sa.String(length=16), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("flow", JSON, nullable=False),
        sa.Column("audience", JSON, nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("expected", sa.Integer(), nullable=True),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("started_by", sa.String(length=64), nullable=False),
        sa.Column("seen_until", MOMENT, nullable=True),
        sa.Column("ticked_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("trouble", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("campaign", name="pk_campaign_runs"),
    )
    op.create_table(
        "campaign_freezes",
        sa.Column("campaign", sa.String(length=80), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("token", sa.String(length=32), nullable=False),
        sa.Column("snapshot", sa.Integer(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("definition", JSON, nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("policy", sa.Integer(), nullable=True),
        sa.Column("share_pct", sa.Double(), nullable=False),
        sa.Column("counts", JSON, nullable=False),
        sa.Column("balance", JSON, nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("actor_login", sa.String(length=64), nullable=False),
        sa.Column("begun_at", MOMENT, nullable=False),
        sa.Column("frozen_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("campaign", "number", name="pk_campaign_freezes"),
    )
    op.create_table(
        "campaign_participants",
        sa.Column("campaign", sa.String(length=80), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("freeze", sa.Integer(), nullable=False),
        sa.Column("cluster_id", sa.BigInteger(), nullable=False),
        sa.Column("arm", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("region", sa.String(length=16), nullable=True),
        sa.Column("manager_id", sa.String(length=64), nullable=True),
        sa.Column("node_id", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("entered_at", MOMENT, nullable=False),
        sa.Column("wake_at", MOMENT, nullable=True),
        sa.Column("is_held", sa.Boolean(), nullable=False),
        sa.Column("way", JSON, nullable=True),
        sa.PrimaryKeyConstraint("campaign", "customer_id", name="pk_campaign_participants"),
        # A million rows at a time go in: kept once, in the order of the key.
        sqlite_with_rowid=False,
    )
    op.create_index("ix_campaign_participants_campaign_wake_at", "campaign_participants", ["campaign", "wake_at"])
    op.create_table(
        "campaign_passages",
        sa.Column("campaign", sa.String(length=80), nullable=False),
        sa.Column("node_id", sa.String(length=40), nullable=False),
        sa.Column("port", sa.String(length=40), nullable=False),
        sa.Column("passed", sa.Integer(), nullable=False),
        sa.Column("last_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("campaign", "node_id", "port", name="pk_campaign_passages"),
    )
    op.create_table(
        "campaign_trigger_events",
        sa.Column("event_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("campaign", sa.String(length=80), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("external_id", sa.String(length=160), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("taken_at", MOMENT, nullable=True),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("event_id", name="pk_campaign_trigger_events"),
        sa.UniqueConstraint(
            "campaign", "source", "external_id", name="uq_campaign_trigger_events_campaign_source_external_id"
        ),
    )
    op.create_index("ix_campaign_trigger_events_campaign_taken_at", "campaign_trigger_events", ["campaign", "taken_at"])
    op.create_table(
        "campaign_results",
        sa.Column("campaign", sa.String(length=80), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("snapshot", sa.Integer(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("computed_at", MOMENT, nullable=False),
        sa.Column("figures", JSON, nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("campaign", "number", name="pk_campaign_results"),
    )


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
