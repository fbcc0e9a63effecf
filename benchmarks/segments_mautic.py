"""The same segments the way Mautic rebuilds them, on PostgreSQL, beside the engine: same data, same machine.

    python -m benchmarks.segments_mautic [--customers 300000] [--payments 100000] [--segments 10] [--keep FOLDER]

Mautic (app/bundles/LeadBundle: Entity/Lead.php, Entity/ListLead.php, Model/ListModel.php, Segment/**) keeps a contact
in one row of `leads` with a column a field and an index a searchable field, and members in `lead_lists_leads`. A
rebuild of a segment counts who is new (`… AND l.id NOT IN (SELECT lead_id FROM lead_lists_leads WHERE leadlist_id =
?)`), takes them in batches of 300 by the same query with LIMIT, writes each by an INSERT of its own, then counts who
no longer belongs and removes those in batches. Here that SQL is sent as it stands, without PHP, Doctrine, the pauses
between batches and the transactions of each contact, and on a server that does not sync to disk: all of this favours
Mautic.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks import segment_data as data
from benchmarks.gate import RESOURCES
from benchmarks.publish import median_ms
from benchmarks.segment_data import Condition, Segment
from segments.catalogue import Catalogue
from segments.definition import parse
from segments.engine import At, compile_segment
from segments.questions import count, materialise, members
from tests.integration.postgres_server import running_postgres
from tests.reference_evaluator.project import project_catalogue
from vitrina.warehouse.reader import SnapshotReader

BATCH = 300
MOST_INDEXES = 64  # what MySQL, Mautic's usual database, allows a table; Mautic stops there, too
TYPES = {"bigint": "bigint", "integer": "integer", "double": "double precision", "date": "date", "boolean": "boolean"}
# A count over a contact's events, as ForeignFuncFilterQueryBuilder writes it.
PAID_TWICE = Condition(
    {**data.EVENT, "measure": {"function": "count"}, "operator": ">=", "value": 3},
    "EXISTS (SELECT count(DISTINCT e.payment_id) FROM payments e WHERE l.id = e.lead_id"
    " HAVING count(DISTINCT e.payment_id) >= 3)",
)


def main() -> None:
    """Publish, load PostgreSQL with the same rows, ask both, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--customers", type=int, default=300_000)
    parser.add_argument("--payments", type=int, default=100_000, help="a month")
    parser.add_argument("--segments", type=int, default=10, help="how many are rebuilt")
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--keep", type=Path, help="folder of the snapshot, used again when it is there")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = given.keep or Path(folder)
        if not (home / "published").exists():
            data.make(home, given.customers, given.payments, whole_history=False)
        with (
            SnapshotReader.open(home / "published", resources=RESOURCES) as reader,
            running_postgres() as url,
            psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as con,
        ):
            peer = _Mautic(con)
            peer.load(reader)
            _compare(reader, peer, project_catalogue(), given.segments, given.times, Path(folder))


def chosen(how_many: int) -> tuple[Segment, ...]:
    """Segments that Mautic's filters can say: attributes joined by and, and one with a count of events."""
    of_attributes = [each for each in data.fifty() if all(one.rule["kind"] == "attribute" for one in each.conditions)]
    spread = [of_attributes[place * len(of_attributes) // how_many] for place in range(how_many - 1)]
    return (*spread, Segment("segment-paid", (data.PREMIUM, PAID_TWICE)))


class _Mautic:
    """Mautic's tables and the SQL of its rebuild."""

    def __init__(self, con: psycopg.Connection) -> None:
        self.con = con

    def load(self, reader: SnapshotReader) -> None:
        """The contacts with all their fields, the index a field that segments use, and the events."""
        started = time.perf_counter()
        schema = reader.query("SELECT * FROM customer_profiles LIMIT 0").schema
        described = dict(reader.cursor().rows("SELECT column_name, column_type FROM (DESCRIBE customer_profiles)"))
        fields = [name for name in schema.names if name != "customer_id"]
        columns = ", ".join(f"{name} {TYPES.get(described[name].lower(), _text(described[name]))}" for name in fields)
        self.con.execute(
            "CREATE TABLE leads (id bigint PRIMARY KEY, owner_id integer, points integer NOT NULL DEFAULT 0,"
            f" date_added timestamp, date_identified timestamp, last_active timestamp, {columns})"
        )
        self._copy(
            reader,
            f"leads (id, {', '.join(fields)})",
            f"SELECT customer_id, {', '.join(fields)} FROM customer_profiles",
        )
        used = {one.rule["field"] for one in data.TEN}
        for name in sorted(used)[:MOST_INDEXES]:
            self.con.execute(f"CREATE INDEX {name}_search ON leads ({name})")
        self.con.execute(
            "CREATE TABLE payments (payment_id bigint PRIMARY KEY, lead_id bigint NOT NULL, paid_date date)"
        )
        self._copy(reader, "payments", "SELECT payment_id, customer_id, paid_date FROM fct_payments")
        self.con.execute("CREATE INDEX payments_lead ON payments (lead_id)")
        self.con.execute(
            "CREATE TABLE lead_lists_leads (leadlist_id integer NOT NULL, lead_id bigint NOT NULL, date_added timestamp"
            " NOT NULL, manually_removed boolean NOT NULL, manually_added boolean NOT NULL,"
            " PRIMARY KEY (leadlist_id, lead_id))"
        )
        self.con.execute("CREATE INDEX lead_lists_leads_lead ON lead_lists_leads (lead_id)")
        self.con.execute("CREATE INDEX manually_removed ON lead_lists_leads (manually_removed)")
        self.con.execute("VACUUM ANALYZE")
        print(f"PostgreSQL loaded in {time.perf_counter() - started:.0f} s", flush=True)

    def _copy(self, reader: SnapshotReader, into: str, sql: str) -> None:
        with self.con.cursor() as cursor, cursor.copy(f"COPY {into} FROM STDIN") as copy, reader.cursor() as source:
            for batch in source.stream(sql):
                for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                    copy.write_row(row)

    def count(self, segment: Segment, number: int) -> int:
        """ContactSegmentService::getTotalLeadListLeadsCount: what a segment's page shows."""
        joined = f"LEFT JOIN lead_lists_leads r ON l.id = r.lead_id AND r.leadlist_id = {number} AND r.manually_removed"
        added = (
            f"EXISTS (SELECT null FROM lead_lists_leads a WHERE l.id = a.lead_id AND a.leadlist_id = {number}"
            " AND a.manually_added)"
        )
        wanted = f"(({segment.where}) OR {added}) AND r.lead_id IS NULL"
        inner = f"SELECT DISTINCT l.id AS p FROM leads l {joined} WHERE {wanted}"
        return self._one(f"SELECT count(p), max(p), min(p) FROM ({inner}) sss")[0]

    def rebuild(self, segment: Segment, number: int) -> int:
        """ListModel::rebuildListLeads; returns how many were added."""
        new = (
            f"SELECT l.id FROM leads l WHERE ({segment.where}) AND l.id NOT IN"
            f" (SELECT n.lead_id FROM lead_lists_leads n WHERE n.leadlist_id = {number})"
        )
        wanted, last, _ = self._one(f"SELECT count(id), max(id), min(id) FROM ({new}) sss")
        added = 0
        while added < wanted:
            limited = f"{new} AND l.id <= {last} AND (l.date_added <= now() OR l.date_added IS NULL) LIMIT {BATCH}"
            batch = self.con.execute(limited.encode()).fetchall()
            if not batch:
                break
            for (lead,) in batch:
                self.con.execute(
                    "INSERT INTO lead_lists_leads (leadlist_id, lead_id, date_added, manually_removed, manually_added)"
                    " VALUES (%s, %s, now(), false, false)",
                    (number, lead),
                )
            added += len(batch)
        orphans = (
            f"SELECT o.lead_id AS id FROM lead_lists_leads o WHERE o.leadlist_id = {number} AND NOT o.manually_added"
            f" AND o.lead_id NOT IN (SELECT l.id FROM leads l WHERE {segment.where})"
        )
        gone = self._one(f"SELECT count(id), max(id), min(id) FROM ({orphans}) sss")[0]
        assert gone == 0, "nothing changed, so nobody leaves"
        return added

    def _one(self, sql: str) -> tuple[int, ...]:
        row = self.con.execute(sql.encode()).fetchone()
        assert row is not None
        return row


def _text(kind: str) -> str:
    return "numeric(18, 2)" if kind.lower().startswith("decimal") else "varchar(191)"


def _compare(
    reader: SnapshotReader, peer: _Mautic, catalogue: Catalogue, how_many: int, times: int, folder: Path
) -> None:
    def kept(found: pa.Table) -> None:
        """Members are worth something only once they are written down, as the peer does."""
        pq.write_table(found, folder / "members.parquet")

    segments = chosen(how_many)
    at = At(data.AS_OF)
    compiled = {each.name: compile_segment(parse(each.document), catalogue, at) for each in segments}
    print(f"{'milliseconds':44} {'engine':>10} {'Mautic':>12} {'times':>8}", flush=True)
    first = {"engine": 0.0, "peer": 0.0}
    for number, segment in enumerate(segments, 1):
        ours = partial(count, reader, compiled[segment.name])
        theirs = partial(peer.count, segment, number)
        assert ours() == theirs(), segment.name
        _line(
            f"count, {len(segment.conditions)} conditions, {segment.name}",
            median_ms(ours, times),
            median_ms(theirs, times),
        )
        size, spent = _timed(lambda segment=segment, number=number: peer.rebuild(segment, number))
        expected = members(reader, compiled[segment.name]).num_rows
        assert size == expected, (segment.name, size, expected)
        alone = median_ms(lambda segment=segment: kept(members(reader, compiled[segment.name])), times)
        _line(f"  filled for the first time, {size:,} members", alone, spent)
        again = median_ms(partial(peer.rebuild, segment, number), min(times, 3))
        _line("  rebuilt with nothing to change", alone, again)
        first["peer"] += spent
    first["engine"] = median_ms(lambda: kept(materialise(reader, compiled)), times)
    _line(f"all {len(segments)} filled", first["engine"], first["peer"])


def _line(name: str, ours: float, theirs: float) -> None:
    print(f"{name:44} {ours:10.1f} {theirs:12.1f} {theirs / ours:8.0f}", flush=True)


def _timed(action: Callable[[], int]) -> tuple[int, float]:
    started = time.perf_counter()
    found = action()
    return found, 1000 * (time.perf_counter() - started)


if __name__ == "__main__":
    main()
