"""All contacts of a time as a table, for questions about the past as a whole."""

import datetime as dt
from typing import Final

import pyarrow as pa
from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.models import OutboxMessage

_SCHEMA: Final = pa.schema({
    "contact_id": pa.int64(), "customer_id": pa.int64(), "cluster_id": pa.int64(), "channel": pa.string(),
    "category": pa.string(), "campaign_key": pa.string(), "at": pa.timestamp("us"),
})  # fmt: skip
_CHUNK: Final = 200_000


def contact_history(session: Session, since: dt.datetime, until: dt.datetime) -> pa.Table:
    """Contacts from a moment to before another, with the columns that `campaigns.policy.past.what_if` reads; times are
    UTC without a zone. Read in parts, so that rows of the database are never all in memory as objects."""
    message = OutboxMessage
    query = (
        select(message.message_id, message.customer_id, message.cluster_id, message.channel, message.category,
               message.campaign, message.contacted_at)
        .where(message.contacted_at >= since, message.contacted_at < until)
        .execution_options(yield_per=_CHUNK)
    )  # fmt: skip
    batches = []
    for rows in session.execute(query).partitions():
        *plain, moments = zip(*rows, strict=True)
        utc = [moment.astimezone(dt.UTC).replace(tzinfo=None) for moment in moments]
        batches.append(pa.record_batch([*map(list, plain), utc], schema=_SCHEMA))
    return pa.Table.from_batches(batches, schema=_SCHEMA)
