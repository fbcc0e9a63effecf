"""Whose numbers are these, all of them at once: what `find` does for one number, for the rows of an uploaded list.

As with `find`, the answer holds customers in scope only, and a class of numbers is open to those alone who see it
whole or in part: hashes are there so that nobody can try numbers. It tells no number: who uploads a list has them
already. Each match is one entry of the audit log, with the kinds and the counts. Not here: reading of files, and what
a list becomes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

import pyarrow as pa

from vitrina.access.looks import AccessKind, Recorder
from vitrina.access.rights import Mask
from vitrina.access.views import GatedViews
from vitrina.warehouse.engine import quoted
from vitrina.warehouse.manifest import Manifest
from vitrina.warehouse.reader import SnapshotReader

_TOLD: Final = 10_000
FOUND: Final = pa.schema(
    [("kind", pa.string()), ("value", pa.string()), ("customer_id", pa.int64()), ("rank", pa.int8())]
)


@dataclass(frozen=True)
class Place:
    """A column where identifiers of a kind stand, as an expression of the form in which they are compared; the lower
    `rank` is the surer owner of a number that several have. `among` narrows the rows."""

    table: str
    column: str
    expression: str = "{column}"
    rank: int = 1
    among: str = ""


_CODE: Final = "upper(regexp_replace({column}, '\\s', '', 'g'))"
PLACES: Final[Mapping[str, tuple[Place, ...]]] = {
    "customer_id": (Place("dim_customers", "customer_id", "CAST({column} AS VARCHAR)"),),
    "pinfl": (Place("dim_customers", "pinfl"),),
    "inn": (Place("dim_customers", "inn"),),
    "account": (Place("dim_billing_accounts", "account_number", _CODE),),
    "agreement": (Place("dim_agreements", "agreement_number", _CODE),),
    "phone": (
        Place("dim_subscriptions", "msisdn", among="is_current AND status <> 'terminated'"),
        Place("dim_customers", "contact_phone", rank=2),
        Place("dim_contacts", "phone", rank=3),
    ),
    "email": (
        Place("dim_customers", "email", "lower({column})", rank=2),
        Place("dim_contacts", "email", "lower({column})", rank=3),
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Matched:
    """What was found: a table of `FOUND`'s columns; `closed` are the kinds by which this person may not look."""

    found: pa.Table
    closed: frozenset[str]


def match(
    source: SnapshotReader, views: GatedViews, recorder: Recorder, wanted: Mapping[str, pa.Table], rows: int, why: str
) -> Matched:
    """Owners in scope of the values of each kind (tables of one column `value`, each value once). `rows` and `why` are
    for the audit log: how many rows the file had, and which file it was."""
    parts: dict[str, pa.Table] = {}
    queries: list[str] = []
    classes: set[str] = set()
    closed: set[str] = set()
    with source.cursor(views) as cursor:
        for place, (kind, values) in enumerate(wanted.items()):
            told = list(_queries(views, cursor.manifest, kind, f"wanted_{place}"))
            if not told:
                closed.add(kind)
                continue
            parts[f"wanted_{place}"] = values
            queries += [query for query, _ in told]
            classes |= {column_class for _, column_class in told if column_class != "open"}
        found = cursor.query_with(" UNION ALL ".join(queries), parts) if queries else FOUND.empty_table()
    ids = found.column("customer_id").unique()
    event = recorder.event(AccessKind.QUERY)
    told_ids = tuple(ids.sort().slice(0, _TOLD).to_pylist())
    statement = f"match list by {', '.join(sorted(wanted))}: {len(ids)} customers of {rows} rows"
    event = replace(event, statement=statement, why=why or event.why, rows=rows)
    recorder.tell(replace(event, classes=frozenset(classes), customer_ids=told_ids))
    return Matched(found.cast(FOUND), frozenset(closed))


def _queries(views: GatedViews, manifest: Manifest, kind: str, values: str) -> Iterator[tuple[str, str]]:
    """For each place of a kind that he may look in: a SELECT of owners in scope, and the class of its column."""
    for place in PLACES[kind]:
        table, policy = manifest.tables.get(place.table), views.policies.get(place.table)
        if table is None or policy is None or views.scope(policy) is None:
            continue
        there = {column.name for column in table.columns}
        rule = policy.rule(place.column)
        if rule is None or place.column not in there or views.rights.mask(rule.column_class) > Mask.PARTIAL:
            continue
        compared = place.expression.format(column=quoted(place.column))
        where = views.where(policy, there) + (" AND " if views.where(policy, there) else " WHERE ")
        where += f"{quoted(place.column)} IS NOT NULL" + (f" AND {place.among}" if place.among else "")
        owners = f"SELECT DISTINCT {compared} AS value, customer_id FROM snapshot.main.{quoted(place.table)}{where}"
        yield (
            f"SELECT '{kind}' AS kind, value, customer_id, {place.rank}::TINYINT AS rank"
            f" FROM ({owners}) AS owners JOIN {values} USING (value)",
            rule.column_class,
        )
