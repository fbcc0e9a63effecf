"""What campaigns did, as rows of their marts: participants, contacts, responses, results."""

import datetime as dt
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as parquet
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from crm.models import (
    Campaign,
    CampaignFreeze,
    CampaignParticipant,
    CampaignResponse,
    CampaignResult,
    OutboxMessage,
)
from crm.services.campaign_runs.results import mart_rows
from crm.services.campaign_runs.values import FROZEN

_AT_ONCE = 50_000
_MOMENT: Final = pa.timestamp("us")
PARTICIPANTS: Final = pa.schema(
    {
        "campaign_key": pa.string(), "customer_id": pa.int64(), "cluster_id": pa.int64(), "arm": pa.string(),
        "is_control": pa.bool_(), "excluded_reason": pa.string(), "state": pa.string(), "node_id": pa.string(),
        "campaign_date": pa.date32(), "snapshot": pa.int32(), "category": pa.string(),
    }
)  # fmt: skip
CONTACTS: Final = pa.schema(
    {
        "message_id": pa.int64(), "campaign_key": pa.string(), "customer_id": pa.int64(), "cluster_id": pa.int64(),
        "channel": pa.string(), "category": pa.string(), "node_id": pa.string(), "template": pa.string(),
        "state": pa.string(), "reason": pa.string(), "contact_date": pa.date32(), "contacted_at": _MOMENT,
        "delivered_at": _MOMENT, "read_at": _MOMENT, "is_delivered": pa.bool_(), "cost": pa.float64(),
        "queued_at": _MOMENT,
    }
)  # fmt: skip
RESPONSES: Final = pa.schema(
    {
        "response_id": pa.int64(), "campaign_key": pa.string(), "customer_id": pa.int64(), "message_id": pa.int64(),
        "response_type": pa.int32(), "kind": pa.string(), "channel": pa.string(), "node_id": pa.string(),
        "response_date": pa.date32(), "responded_at": _MOMENT, "is_counted": pa.bool_(), "value": pa.float64(),
    }
)  # fmt: skip
RESULTS: Final = pa.schema(
    {
        "campaign_key": pa.string(), "number": pa.int32(), "computed_at": _MOMENT, "as_of": pa.date32(),
        "outcome": pa.string(), "arm": pa.string(), "members": pa.int64(), "control_members": pa.int64(),
        "mean": pa.float64(), "control_mean": pa.float64(), "lift": pa.float64(), "lift_low": pa.float64(),
        "lift_high": pa.float64(), "p_value": pa.float64(), "verdict": pa.string(),
    }
)  # fmt: skip


def write(session: Session, folder: Path) -> Mapping[str, int]:
    """A Parquet file for each mart; rows by table."""
    written = {
        "campaign_participants": _write(session, folder, "campaign_participants", PARTICIPANTS, _participants(), _who),
        "campaign_contacts": _write(session, folder, "campaign_contacts", CONTACTS, _contacts(), _contact),
        "campaign_responses": _write(session, folder, "campaign_responses", RESPONSES, _responses(), _response),
    }
    results = [row for each in session.scalars(select(CampaignResult)) for row in mart_rows(each)]
    parquet.write_table(pa.Table.from_pylist(results, RESULTS), folder / "campaign_results.parquet")
    return {**written, "campaign_results": len(results)}


def _write(
    session: Session, folder: Path, name: str, schema: pa.Schema, query: Select[*tuple[Any, ...]],
    plain: Callable[[Any], dict[str, Any]],
) -> int:  # fmt: skip
    written = 0
    with parquet.ParquetWriter(folder / f"{name}.parquet", schema) as writer:
        found = session.execute(query.execution_options(yield_per=_AT_ONCE))
        for rows in found.partitions():
            writer.write_table(pa.Table.from_pylist([plain(row) for row in rows], schema))
            written += len(rows)
    return written


def _participants() -> Select[*tuple[Any, ...]]:
    same = (CampaignFreeze.campaign == CampaignParticipant.campaign) & (
        CampaignFreeze.number == CampaignParticipant.freeze
    )
    return (
        select(
            CampaignParticipant.campaign, CampaignParticipant.customer_id, CampaignParticipant.cluster_id,
            CampaignParticipant.arm, CampaignParticipant.reason, CampaignParticipant.state,
            CampaignParticipant.node_id, CampaignFreeze.frozen_at, CampaignFreeze.snapshot, Campaign.category,
        )
        .join(CampaignFreeze, same)
        .join(Campaign, Campaign.key == CampaignParticipant.campaign)
        .where(CampaignFreeze.state == FROZEN)
        .order_by(CampaignParticipant.campaign, CampaignParticipant.customer_id)
    )  # fmt: skip


def _who(row: Any) -> dict[str, Any]:
    return {
        "campaign_key": row.campaign, "customer_id": row.customer_id, "cluster_id": row.cluster_id, "arm": row.arm,
        "is_control": row.arm in ("control", "universal"), "excluded_reason": row.reason or None, "state": row.state,
        "node_id": row.node_id, "campaign_date": row.frozen_at.date(), "snapshot": row.snapshot,
        "category": row.category,
    }  # fmt: skip


def _contacts() -> Select[*tuple[Any, ...]]:
    return select(
        OutboxMessage.message_id, OutboxMessage.campaign, OutboxMessage.customer_id, OutboxMessage.cluster_id,
        OutboxMessage.channel, OutboxMessage.category, OutboxMessage.node_id, OutboxMessage.template,
        OutboxMessage.state, OutboxMessage.reason, OutboxMessage.contacted_at, OutboxMessage.delivered_at,
        OutboxMessage.read_at, OutboxMessage.charge, OutboxMessage.queued_at,
    ).order_by(OutboxMessage.message_id)  # fmt: skip


def _contact(row: Any) -> dict[str, Any]:
    same = ("message_id", "customer_id", "cluster_id", "channel", "category", "node_id", "template", "state")
    moments = ("contacted_at", "delivered_at", "read_at", "queued_at")
    return {
        **{name: getattr(row, name) for name in same}, **{name: _naive(getattr(row, name)) for name in moments},
        "campaign_key": row.campaign, "reason": row.reason or None,
        "contact_date": (row.contacted_at or row.queued_at).date(), "is_delivered": row.delivered_at is not None,
        "cost": float(row.charge) if row.charge is not None and row.contacted_at is not None else None,
    }  # fmt: skip


def _responses() -> Select[*tuple[Any, ...]]:
    return (
        select(
            CampaignResponse.response_id, CampaignResponse.campaign, CampaignResponse.customer_id,
            CampaignResponse.message_id, CampaignResponse.type, CampaignResponse.kind, CampaignResponse.channel,
            CampaignResponse.node_id, CampaignResponse.at, CampaignResponse.is_counted, CampaignResponse.value,
        )
        .where(CampaignResponse.state == "matched", CampaignResponse.customer_id.is_not(None))
        .order_by(CampaignResponse.response_id)
    )  # fmt: skip


def _response(row: Any) -> dict[str, Any]:
    same = ("response_id", "customer_id", "message_id", "kind", "channel", "node_id", "is_counted")
    return {
        **{name: getattr(row, name) for name in same}, "campaign_key": row.campaign, "response_type": row.type,
        "response_date": row.at.date(), "responded_at": _naive(row.at),
        "value": float(row.value) if row.value is not None else None,
    }  # fmt: skip


def _naive(moment: dt.datetime | None) -> dt.datetime | None:
    return moment.replace(tzinfo=None) if moment is not None else None
