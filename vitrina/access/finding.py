"""Whose number is this: the one look below the masks, for somebody who knows the whole number already.

It answers with customers in scope only, and not to those whose masks are hashed or absent: hashes are there so that
nobody can try numbers one by one. Not here: the count of searches and the audit log.
"""

from collections.abc import Iterator
from typing import Final

from vitrina.access.looks import Recorder
from vitrina.access.policy import TablePolicy
from vitrina.access.rights import Mask
from vitrina.access.views import GatedViews
from vitrina.warehouse.engine import quoted
from vitrina.warehouse.manifest import Manifest
from vitrina.warehouse.reader import SnapshotReader

KINDS: Final = {
    "phone": ("contact", "phone"),
    "email": ("contact", "email"),
    "identity": ("identity", "number"),
    "imei": ("device", "imei"),
    "imsi": ("device", "imsi"),
}
_MOST: Final = 10


def find(source: SnapshotReader, views: GatedViews, recorder: Recorder, what: str, value: str) -> tuple[int, ...]:
    """Customers who have exactly this number, in the order of their ids. Raises `Refused` and ValueError."""
    if what not in KINDS:
        raise ValueError(f"not a number to look for: {what}")
    column_class, shape = KINDS[what]
    if views.rights.mask(column_class) > Mask.PARTIAL or not value:
        return ()
    recorder.may_seek(f"{what} {value}")
    with source.cursor(views) as cursor:
        parts = list(_parts(views, cursor.manifest, column_class, shape))
        query = f"SELECT DISTINCT customer_id FROM ({' UNION ALL '.join(parts)}) ORDER BY 1 LIMIT {_MOST}"
        found = tuple(int(row[0]) for row in cursor.rows(query, {"value": value})) if parts else ()
    recorder.sought(what, column_class, found)
    return found


def _parts(views: GatedViews, manifest: Manifest, column_class: str, shape: str) -> Iterator[str]:
    """A SELECT of the customers in scope for each column that holds such numbers."""
    for name in sorted(views.open_tables(manifest)):
        policy, table = views.policies[name], manifest.tables[name]
        if policy.rows == "customer" and table.kind == "native":
            there = {column.name for column in table.columns}
            for column in sorted(there & _columns(policy, column_class, shape)):
                where = views.where(policy, there)
                condition = f"{where} AND" if where else " WHERE"
                yield f"SELECT customer_id FROM snapshot.main.{quoted(name)}{condition} {quoted(column)} = $value"


def _columns(policy: TablePolicy, column_class: str, shape: str) -> set[str]:
    return {
        column for column, rule in policy.columns.items() if (rule.column_class, rule.shape) == (column_class, shape)
    }
