"""Contacts of the past as columns: whole clusters, each in the order of time."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import duckdb
import numpy as np
import numpy.typing as npt

from campaigns.policy.moments import period
from campaigns.policy.nodes import CATEGORIES, CHANNELS
from campaigns.tables import frame

Numbers = npt.NDArray[Any]
EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@dataclass
class History:
    """`begin` and `size` say where the contacts of each cluster are, the cluster with most of them first; `customer`
    from nought on; `kind`: channel and category as one number; `at` in microseconds."""

    at: Numbers
    kind: Numbers
    customer: Numbers
    customers: int
    begin: Numbers
    size: Numbers
    buckets: dict[tuple[str, str], Numbers] = field(default_factory=dict)

    def bucket(self, per: str, timezone: str, first: dt.datetime, last: dt.datetime) -> Numbers:
        """In which calendar period each contact lies, from nought on."""
        key = per, timezone
        if key not in self.buckets:
            bounds = []
            while first <= last:
                first = period(per, first, timezone)[1]
                bounds.append(microseconds(first))
            found = np.searchsorted(np.array(bounds, np.int64), self.at, side="right")
            self.buckets[key] = found.astype(np.int32)
        return self.buckets[key]


def read(
    con: duckdb.DuckDBPyConnection, contacts: str, where: str, parameters: Mapping[str, Any], part: int, parts: int
) -> History:
    # Constants rather than bound lists, and nothing filtered by words: reading takes half the time.
    kind = (
        f"(CASE channel {_cases(CHANNELS)} END * {len(CATEGORIES)} + CASE category {_cases(CATEGORIES)} END)::TINYINT"
    )
    rows = frame(
        con.sql(
            f'SELECT cluster_id, customer_id, epoch_us("at") AS at_us, {kind} AS kind FROM {contacts} '
            f"WHERE {where} AND hash(cluster_id) % {int(parts)} = {int(part)} "
            'ORDER BY cluster_id, "at", contact_id',
            params=dict(parameters),
        ).to_arrow_table()
    ).drop_nulls("kind")
    cluster = rows["cluster_id"].to_numpy()
    begin = np.flatnonzero(np.append(True, cluster[1:] != cluster[:-1])) if len(cluster) else np.zeros(0, np.int64)
    size = np.diff(np.append(begin, len(cluster)))
    largest_first = np.argsort(-size, kind="stable")
    customer, customers = _from_nought(rows["customer_id"].to_numpy())
    return History(
        rows["at_us"].to_numpy(),
        rows["kind"].to_numpy(),
        customer,
        customers,
        begin[largest_first],
        size[largest_first],
    )


def _cases(words: Sequence[str]) -> str:
    """Each of the format's own words as its place."""
    return " ".join(f"WHEN '{word}' THEN {place}" for place, word in enumerate(words))


def _from_nought(ids: Numbers) -> tuple[Numbers, int]:
    """Small numbers for ids: their distance from the least where that is not much more than there are rows."""
    if not len(ids):
        return ids, 0
    least, most = int(ids.min()), int(ids.max())
    if most - least < max(4 * len(ids), 1000):
        return (ids - least).astype(np.int32), most - least + 1
    unique, codes = np.unique(ids, return_inverse=True)
    return codes.astype(np.int32), len(unique)


def microseconds(moment: dt.datetime) -> int:
    """Since 1970, as DuckDB counts them."""
    return (moment - EPOCH) // dt.timedelta(microseconds=1)


def moment(us: int) -> dt.datetime:
    """The moment so many microseconds after 1970 began."""
    return EPOCH + dt.timedelta(microseconds=us)
