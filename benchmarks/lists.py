"""An uploaded list of millions of rows: read, matched through the gate and stored, beside the same by hand.

    python -m benchmarks.lists --customers 3000000 --rows 3000000

By hand is what somebody with the database and no gate would write: DuckDB's own reading of the file, one join over the
numbers, one Parquet file. It knows the form of the file, knows no other identifier, tells no reason and asks nobody.
"""

import argparse
import datetime as dt
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb

from vitrina.access.gate import Gate, Purpose
from vitrina.access.rights import COLUMN_CLASSES, Mask, Rights, Scope
from vitrina.lists.upload import upload_list
from vitrina.warehouse.engine import Resources
from vitrina.warehouse.marts import MartCatalogue, MartSpec
from vitrina.warehouse.publish import PublishRequest, publish
from vitrina.warehouse.reader import SnapshotReader

NOW = dt.datetime(2026, 11, 23, 9, 0, tzinfo=dt.UTC)
_PHONE = "'+9989' || lpad(cast({n} AS VARCHAR), 8, '0')"


def published(folder: Path, customers: int) -> Path:
    """A snapshot of the marts that lists are matched with; every customer has a number and a contact phone."""
    with duckdb.connect(str(folder / "build.duckdb")) as con:
        Resources("3GB").apply(con)
        con.execute("CREATE SCHEMA marts")
        con.execute(
            f"""CREATE TABLE marts.dim_customers AS SELECT n AS customer_id,
                lpad(cast(300000000 + n AS VARCHAR), 9, '0') AS inn,
                lpad(cast(n AS VARCHAR), 14, '3') AS pinfl, 'user' || n || '@mail.uz' AS email,
                {_PHONE.format(n="n")} AS contact_phone, NULL::VARCHAR AS manager_id, '1726' AS region_code,
                'person' AS customer_type FROM range({customers}) AS numbers(n)"""
        )
        con.execute(
            f"""CREATE TABLE marts.dim_subscriptions AS SELECT n AS customer_id, {_PHONE.format(n="n")} AS msisdn,
                true AS is_current, 'active' AS status FROM range({customers}) AS numbers(n)"""
        )
        con.execute("CREATE TABLE marts.dim_contacts AS SELECT 1::BIGINT AS customer_id, '' AS phone, '' AS email")
        names = ("dim_customers", "dim_subscriptions")
        specs = {name: MartSpec(name, order_by=("customer_id",)) for name in names}
        request = PublishRequest(as_of=NOW.date(), now=NOW.replace(tzinfo=None))
        publish(con, folder / "published", request, MartCatalogue(specs))
    (folder / "build.duckdb").unlink()
    return folder / "published"


def by_hand(snapshot: Path, file: Path, target: Path) -> int:
    """The same list with DuckDB alone."""
    with SnapshotReader.open(snapshot) as reader:
        database = snapshot / reader.manifest.database.path
    with duckdb.connect() as con:
        Resources("2GB").apply(con)
        con.execute(f"ATTACH '{database}' AS s (READ_ONLY)")
        con.execute(
            f"""COPY (SELECT DISTINCT customer_id
                FROM read_csv('{file}', delim = ';', header = true, all_varchar = true) AS sent
                JOIN s.dim_subscriptions AS owned ON owned.msisdn = '+' || sent.phone
                WHERE is_current ORDER BY 1) TO '{target}' (FORMAT parquet)"""
        )
        return int(con.execute(f"SELECT count(*) FROM '{target}'").fetchall()[0][0])


def timed(what: Callable[[], int]) -> tuple[int, float, float]:
    """Answer, seconds, seconds of processor time."""
    wall, processor = time.perf_counter(), time.process_time()
    answer = what()
    return answer, time.perf_counter() - wall, time.process_time() - processor


def main() -> None:
    """Measure and print one line each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--customers", type=int, default=300_000)
    parser.add_argument("--rows", type=int, default=300_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="vitrina-lists-") as made:
        folder = Path(made)
        snapshot = published(folder, options.customers)
        # Half of the rows are customers', each of those once; the rest are nobody's.
        file, half = folder / "list.csv", options.rows // 2
        duckdb.execute(
            f"""COPY (SELECT '9989' || lpad(cast(CASE WHEN n < {half} THEN n % {options.customers} ELSE 90000000 + n END
                AS VARCHAR), 8, '0') AS phone, 'Name ' || n AS name FROM range({options.rows}) AS numbers(n))
                TO '{file}' (HEADER, DELIMITER ';')"""
        )
        hand, wall, processor = timed(lambda: by_hand(snapshot, file, folder / "hand.parquet"))
        print(f"by hand: {hand:,} customers of {options.rows:,} rows, {wall:.1f} s, processor {processor:.1f} s")
        gate = Gate.open(snapshot, lambda _: None, b"a secret of the benchmark", lambda: NOW)
        grants = {(subject, "view"): Scope.ALL for subject in ("customers", "services", "contacts")}
        rights = Rights(
            1, "bench", "Bench", frozenset(), grants, dict.fromkeys(COLUMN_CLASSES - {"open"}, Mask.PARTIAL)
        )
        reader = gate.reader(rights, Purpose.PAGE, "127.0.0.1", "lists")
        done: list[int] = []
        members, own_wall, own_processor = timed(
            lambda: done.append(upload_list(folder, "bench", file, file.name, reader).counts.members) or done[0]
        )
        gate.close()
        assert members == hand, (members, hand)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        print(f"a list: {members:,} customers, other rows told why, {own_wall:.1f} s, processor {own_processor:.1f} s")
        print(f"ratio {own_wall / wall:.1f}, of processor time {own_processor / processor:.1f}; peak {peak:.2f} GiB")


if __name__ == "__main__":
    main()
