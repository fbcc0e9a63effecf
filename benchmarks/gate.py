"""What the gate costs: the usual questions at 3 million customers with it and without it.

    python -m benchmarks.gate [--customers 3000000] [--payments 1000000] [--times 15] [--keep FOLDER]

Each question is asked in turn of the unfiltered reader and of the gate; read the ratios of the medians, by the clock
and of the processor's time. For a person who sees a part of the customers, the unfiltered reader is asked the question
with his condition written into it, and the whole table's answer stands beside it: the gate may not cost more than the
question itself. For a person who sees covered values there is one more way by hand: the same question with the masks
written into it, since an answer that hides nothing does less. Lists are covered there after the page is cut, as a
careful author would.
"""

import argparse
import datetime as dt
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import duckdb
import pyarrow as pa
import yaml

from vitrina.access.gate import Gate, GatedReader, Limits, Purpose
from vitrina.access.masking import masked
from vitrina.access.policy import load_policies
from vitrina.access.rights import COLUMN_CLASSES, Mask, Rights, Scope
from vitrina.settings import REPOSITORY
from vitrina.warehouse.engine import Resources
from vitrina.warehouse.marts import MartCatalogue, MartSpec
from vitrina.warehouse.publish import PublishRequest, publish
from vitrina.warehouse.reader import SnapshotReader

RESOURCES = Resources(memory_limit="6GB", threads=2)
CATALOGUE = MartCatalogue(
    {
        "dim_customers": MartSpec("dim_customers", ("customer_id",), ("customer_id",)),
        "customer_profiles": MartSpec("customer_profiles", ("customer_id",), ("customer_id", "main_msisdn")),
        "fct_payments": MartSpec("fct_payments", ("customer_id",), month_column="paid_date"),
    }
)
NOW = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)
MONTHS = 6
SPECIAL = {
    "customer_id": "i",
    "customer_type": "CASE WHEN i % 12 = 0 THEN 'organisation' ELSE 'person' END",
    "full_name": "'Фамилия' || hash(i) % 5000 || ' Имя' || hash(i + 1) % 300",
    "name_key": "'FAMILIYA' || hash(i) % 5000 || ' IMYA' || hash(i + 1) % 300",
    "contact_phone": "'+99890' || lpad(CAST(i AS VARCHAR), 7, '0')",
    "main_msisdn": "'+99891' || lpad(CAST(i AS VARCHAR), 7, '0')",
    "pinfl": "lpad(CAST(hash(i) % 100000000000000 AS VARCHAR), 14, '3')",
    "passport": "'AB' || lpad(CAST(i AS VARCHAR), 7, '0')",
    "region_code": "'17' || lpad(CAST(hash(i + 7) % 14 AS VARCHAR), 2, '0')",
    "manager_id": "CASE WHEN i % 12 = 0 THEN 'E' || hash(i) % 300 END",
    "segment": "['mass', 'premium', 'soho', 'sme'][1 + CAST(hash(i + 3) % 4 AS INTEGER)]",
    "lifecycle_status": "['active', 'active', 'active', 'suspended', 'left'][1 + CAST(hash(i + 5) % 5 AS INTEGER)]",
    "arpu_3m": "CAST(hash(i + 9) % 20000000 / 100 AS DECIMAL(18, 2))",
    "debt_amount": "CASE WHEN i % 12 = 0 THEN CAST(hash(i + 11) % 90000000 / 100 AS DECIMAL(18, 2)) END",
    "charges_amount_last_month": "CAST(hash(i + 13) % 30000000 / 100 AS DECIMAL(18, 2))",
    "birth_date": "DATE '1950-01-01' + CAST(hash(i) % 20000 AS INTEGER)",
}
_TYPES = {
    "varchar": "'code ' || hash(i + {n}) % 40",
    "date": "DATE '2024-01-01' + CAST(hash(i + {n}) % 900 AS INTEGER)",
    "timestamp": "TIMESTAMP '2024-01-01' + to_hours(CAST(hash(i + {n}) % 20000 AS INTEGER))",
    "boolean": "hash(i + {n}) % 3 = 0",
    "double": "CAST(hash(i + {n}) % 1000 / 10 AS DOUBLE)",
}


@dataclass(frozen=True)
class Question:
    """What is asked; ``{customers}`` is where the condition of a person's scope goes when it is written by hand.

    `covered` is the question of an author who covers what it shows: ``{inner}`` is the question, ``{masked}`` every
    covered column of the profile. It is the question itself where nothing personal is shown.
    """

    name: str
    sql: str
    covered: str = "{inner}"


QUESTIONS = (
    Question(
        "count, three conditions",
        "SELECT count(*) FROM customer_profiles WHERE segment = 'premium' AND lifecycle_status = 'active'"
        " AND arpu_3m > 90000 {customers}",
    ),
    Question(
        "counts and sums by region",
        "SELECT region_code, count(*), sum(charges_amount_last_month) FROM customer_profiles WHERE true {customers}"
        " GROUP BY 1",
    ),
    Question(
        "a page of the list",
        "SELECT customer_id, full_name, main_msisdn, segment, debt_amount FROM customer_profiles WHERE true {customers}"
        " ORDER BY charges_amount_last_month DESC, customer_id LIMIT 50 OFFSET 100",
        "SELECT * REPLACE ({main_msisdn} AS main_msisdn) FROM ({inner})",
    ),
    Question(
        "a page of a search by name",
        "SELECT p.customer_id, p.full_name, p.main_msisdn FROM customer_profiles p"
        " JOIN dim_customers d USING (customer_id)"
        " WHERE contains(d.name_key, 'FAMILIYA77 ') {p_customers} ORDER BY p.customer_id LIMIT 50",
        "SELECT * REPLACE ({main_msisdn} AS main_msisdn) FROM ({inner})",
    ),
    Question(
        "one profile, every attribute",
        "SELECT * FROM customer_profiles WHERE customer_id = {one} {customers}",
        "SELECT * REPLACE ({masked}) FROM customer_profiles WHERE customer_id = {one} {customers}",
    ),
    Question(
        "payments of half a year by month",
        "SELECT date_trunc('month', paid_date), count(*), sum(amount) FROM fct_payments WHERE true {customers}"
        " GROUP BY 1",
    ),
    Question(
        "payments of one customer", "SELECT paid_at, amount FROM fct_payments WHERE customer_id = {one} {customers}"
    ),
)


def main() -> None:
    """Build, publish, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--customers", type=int, default=3_000_000)
    parser.add_argument("--payments", type=int, default=1_000_000, help="a month")
    parser.add_argument("--times", type=int, default=15)
    parser.add_argument("--keep", type=Path, help="folder to build in, and to use again when it is there")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = given.keep or Path(folder)
        if not (home / "published").exists():
            _publish(home, given.customers, given.payments)
        _ask_all(home / "published", given.times)


def _publish(home: Path, customers: int, payments: int) -> None:
    home.mkdir(parents=True, exist_ok=True)
    started, build = time.perf_counter(), home / "build.duckdb"
    described = contracts()
    with duckdb.connect(str(build)) as con:
        con.execute("SET threads = 2; SET memory_limit = '6GB'; CREATE SCHEMA marts")
        for table in ("dim_customers", "customer_profiles"):
            fill(con, table, described[table], f"range(1, {customers + 1}) AS r(i)")
        dates = "DATE '2026-05-01' + to_months(CAST(m AS INTEGER)) + to_days(CAST(hash(i) % 28 AS INTEGER))"
        pairs = f"range({payments}) AS a(n), range({MONTHS}) AS b(m)"
        source = f"(SELECT hash(n * 31 + m) % {customers} + 1 AS i, m FROM {pairs})"
        special = {"paid_date": f"CAST({dates} AS DATE)", "amount": "CAST(hash(i) % 9000000 / 100 AS DECIMAL(18, 2))"}
        fill(con, "fct_payments", described["fct_payments"], source, special)
        classes = [(name, meta) for name, meta in _profile_classes().items()]
        con.execute("CREATE TABLE marts.attribute_catalogue (name VARCHAR, personal_data_class VARCHAR)")
        con.executemany("INSERT INTO marts.attribute_catalogue VALUES (?, ?)", classes)
        publish(con, home / "published", PublishRequest(dt.date(2026, 11, 22), NOW), CATALOGUE, RESOURCES)
    build.unlink()
    spent, attributes = time.perf_counter() - started, len(described["customer_profiles"])
    print(f"{customers:,} customers x {attributes}, {MONTHS * payments:,} payments, published in {spent:.0f} s")


def fill(
    con: duckdb.DuckDBPyConnection,
    table: str,
    columns: dict[str, str],
    source: str,
    special: dict[str, str] | None = None,
) -> None:
    known = SPECIAL | (special or {})
    made = (
        f"CAST({known.get(name) or _value(kind, n)} AS {kind}) AS {name}"
        for n, (name, kind) in enumerate(columns.items())
    )
    con.execute(f"CREATE TABLE marts.{table} AS SELECT {', '.join(made)} FROM {source}")


def _value(kind: str, n: int) -> str:
    return _TYPES.get(kind, "hash(i + {n}) % 100").format(n=100 + n)


def _models() -> dict[str, dict]:
    paths = (REPOSITORY / "dbt_project" / "models" / "marts").rglob("*.yml")
    return {
        m["name"]: m for path in paths for m in yaml.safe_load(path.read_text(encoding="utf-8")).get("models") or ()
    }


def contracts() -> dict[str, dict[str, str]]:
    return {name: {each["name"]: each["data_type"] for each in model["columns"]} for name, model in _models().items()}


def _profile_classes() -> dict[str, str]:
    columns = _models()["customer_profiles"]["columns"]
    return {column["name"]: column["config"]["meta"]["personal_data_class"] for column in columns}


def _ask_all(published: Path, times: int) -> None:
    raw = SnapshotReader.open(published, resources=RESOURCES)
    gate = Gate.open(
        published, lambda access: None, b"bench", lambda: NOW, resources=RESOURCES, limits=Limits(looks=10**9)
    )
    regions = frozenset({"1703", "1704"})
    ours = f"manager_id IS NULL AND region_code IN ({', '.join(repr(each) for each in sorted(regions))})"
    by_hand = "AND {0}customer_id IN (SELECT customer_id FROM dim_customers WHERE " + ours + ")"
    masks = _masks(contracts()["customer_profiles"])
    for who, rights, condition, covered in (
        ("everything, uncovered", _rights(Scope.ALL, Mask.OPEN), "", {}),
        ("everything, covered in part", _rights(Scope.ALL, Mask.PARTIAL), "", masks),
        ("two regions of 14, uncovered", _rights(Scope.UNIT, Mask.OPEN, regions), by_hand, {}),
        ("two regions of 14, covered in part", _rights(Scope.UNIT, Mask.PARTIAL, regions), by_hand, masks),
    ):
        _ask(who, raw, gate.reader(rights, Purpose.PAGE, "127.0.0.1"), condition, covered, times)
    gate.close()
    raw.close()


def _masks(columns: dict[str, str]) -> dict[str, str]:
    """The covered columns of the profile under a partial mask, as one would write them by hand."""
    policy = load_policies()["customer_profiles"]
    found = {
        name: masked(name, kind.upper(), Mask.PARTIAL, rule.shape, "")
        for name, kind in columns.items()
        if (rule := policy.columns.get(name)) and rule.column_class not in ("open", "name")
    }
    return {name: sql for name, sql in found.items() if sql != name}


def _rights(scope: Scope, mask: Mask, regions: frozenset[str] = frozenset()) -> Rights:
    grants = {(subject, "view"): scope for subject in ("customers", "finance")}
    # Names stay uncovered, so that the search by name finds the same.
    masks = {each: mask if each != "name" else Mask.OPEN for each in COLUMN_CLASSES - {"open"}}
    return Rights(1, "bench", "Bench", frozenset(), grants, masks, {}, {scope: regions} if regions else {})


def _ask(who: str, raw: SnapshotReader, gated: GatedReader, condition: str, masks: dict[str, str], times: int) -> None:
    started = time.perf_counter()
    gated.cursor().close()
    print(f"\n{who}: made ready in {1000 * (time.perf_counter() - started):.0f} ms, once for each version and rights")
    beside = [
        f"{'ungated':>10} {'wall':>6} {'cpu':>6}",
        *([f"{'covered':>10} {'wall':>6} {'cpu':>6}"] if masks else []),
    ]
    beside += [f"{'whole table':>12}"] if condition else []
    print(f"  {'':34} {'gated':>9} {' '.join(beside)}")
    one = int(gated.rows("SELECT max(customer_id) FROM customer_profiles")[0][0])
    for question in QUESTIONS:
        plain = question.sql.format(one=one, customers="", p_customers="")
        told = {"one": one, "customers": condition.format(""), "p_customers": condition.format("p.")}
        inner = question.sql.format(**told)
        listed = ", ".join(f"{sql} AS {name}" for name, sql in masks.items())
        covered = question.covered.format(**told, inner=inner, masked=listed, **masks) if masks else inner
        asked = [partial(raw.query, inner), partial(gated.query, plain)]
        asked += [partial(raw.query, covered)] if masks else []
        asked += [partial(raw.query, plain)] if condition else []
        ungated, through, *others = _medians(asked, times)
        assert _rows(raw.query(covered)) == _rows(gated.query(plain)), question.name
        compared = [ungated, others[0]] if masks else [ungated]
        shown = [
            f"{each.wall:10.1f} {through.wall / each.wall:6.2f} {through.cpu / each.cpu:6.2f}" for each in compared
        ]
        shown += [f"{others[-1].wall:12.1f}"] if condition else []
        print(f"  {question.name:34} {through.wall:9.1f} {' '.join(shown)}", flush=True)


def _rows(found: pa.Table) -> Counter:
    return Counter(zip(*(column.to_pylist() for column in found.columns), strict=True))


@dataclass(frozen=True)
class Spent:
    """Milliseconds by the clock, and of the processor in all threads: the second says more on a busy machine."""

    wall: float
    cpu: float


def _medians(actions: list[Callable[[], object]], times: int) -> list[Spent]:
    """What each takes, asked in turn, so that whatever else the machine does meets all alike."""
    spent: list[list[Spent]] = [[] for _ in actions]
    for turn in range(times + 1):
        for action, known in zip(actions, spent, strict=True):
            started, used = time.perf_counter(), time.process_time()
            action()
            if turn:
                known.append(Spent(1000 * (time.perf_counter() - started), 1000 * (time.process_time() - used)))
    return [
        Spent(statistics.median(each.wall for each in known), statistics.median(each.cpu for each in known))
        for known in spent
    ]


if __name__ == "__main__":
    main()
