"""All contacts of a time as a table, for questions about the past as a whole."""

import datetime as dt
from typing import Any, Final

import polars as pl
from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.models import OutboxMessage

_SCHEMA: Final[dict[str, Any]] = {
    "contact_id": pl.Int64, "customer_id": pl.Int64, "cluster_id": pl.Int64, "channel": pl.String,
    "category": pl.String, "campaign_key": pl.String, "at": pl.Datetime("us"),
}  # fmt: skip
_CHUNK: Final = 200_000


def contact_history(session: Session, since: dt.datetime, until: dt.datetime) -> pl.DataFrame:
    """Contacts from a moment to before another, with the columns that `campaigns.policy.past.what_if` reads; times are
    UTC without a zone. Read in parts, so that rows of the database are never all in memory as objects."""
    message = OutboxMessage
    query = (
        select(message.message_id, message.customer_id, message.cluster_id, message.channel, message.category,
               message.campaign, message.contacted_at)
        .where(message.contacted_at >= since, message.contacted_at < until)
        .execution_options(yield_per=_CHUNK)
    )  # fmt: skip
    parts = []
    for rows in session.execute(query).partitions():
        plain = [
            (*row[:6], row[6].astimezone(dt.UTC).replace(tzinfo=None) if row[6] is not None else None) for row in rows
        ]
        parts.append(pl.DataFrame(plain, schema=_SCHEMA, orient="row"))
    return pl.concat(parts) if parts else pl.DataFrame(schema=_SCHEMA)
