"""What rules of signals cost beside SQL that a person writes, on the same tables, in one run.

    python -m benchmarks.signals [--customers 3000000] [--use-days 8] [--times 3] [--keep FOLDER]

Tables of DuckDB as a snapshot holds them: daily usage of 30 weeks in the order of time, of customers who use something
on so many days of four weeks; one month end of profiles; numbers. Each question is asked in turn of the engine (with
its compilation) and by hand, both must find the same; read the ratios of the medians. Memory is the process's peak.
"""

import argparse
import datetime as dt
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from benchmarks.memory import measured
from signals.definition import Rule, parse
from signals.engine import compile_together
from tests.reference_evaluator.project import project_catalogue

DAY, END = dt.date(2026, 11, 22), dt.date(2026, 10, 31)
MONTH_ENDS = [dt.date(2025, 12, 31), END]
WEEKS = 30
DAILY = {
    "data_mb": "data_mb", "sms_out": "sms_out",
    "voice_out_minutes": "(voice_out_onnet_sec + voice_out_offnet_sec + voice_out_intl_sec) / 60.0",
}  # fmt: skip


def main() -> None:
    """Make the tables unless there are some to use again, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--customers", type=int, default=3_000_000)
    parser.add_argument("--use-days", type=int, default=8, help="days of use in four weeks")
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--keep", type=Path, help="folder to build in, and to use again when it is there")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = given.keep or Path(folder)
        home.mkdir(parents=True, exist_ok=True)
        file = home / "signals.duckdb"
        if not file.exists():
            _make(file, given.customers, given.use_days)
        with duckdb.connect(str(file), read_only=True) as con:
            con.execute(f"SET threads = 2; SET memory_limit = '6GB'; SET temp_directory = '{home}/spill'")
            _Bench(_Source(con), given.times).run()


def _make(file: Path, customers: int, use_days: int) -> None:
    started = time.perf_counter()
    with duckdb.connect(str(file)) as con:
        con.execute("SET threads = 2; SET memory_limit = '5GB'; SET preserve_insertion_order = false")
        con.execute(f"""
            CREATE TABLE customer_profiles_history AS SELECT DATE '{END}' AS month_end, i AS customer_id,
              CASE WHEN i % 20 = 0 THEN 'organisation' ELSE 'person' END AS customer_type,
              ['mass', 'mass', 'mass', 'premium'][1 + i % 4] AS segment, ['mobile', 'fixed'][1 + i % 7 // 6]
              AS main_product_family, DATE '2020-01-01' AS subscription_first_activated_date,
              DATE '2020-01-01' AS created_date, CAST(hash(i) % 9000000 / 100 AS DECIMAL(18, 2)) AS arpu_3m
            FROM range(1, {customers + 1}) AS r(i)""")
        con.execute(f"""
            CREATE TABLE dim_subscriptions AS SELECT i AS subscription_id, i AS customer_id, 'active' AS status,
              DATE '2020-01-01' AS valid_from, CASE WHEN i % 50 = 0 THEN DATE '{DAY}' - 10 END AS valid_to
            FROM range(1, {customers + 1}) AS r(i)""")
        con.execute(_USAGE.split(";")[0])
        for week in reversed(range(WEEKS)):  # in the order of time, as month partitions are
            con.execute(_FILL.format(week=week, customers=customers, use_days=use_days, day=DAY))
        count = con.execute("SELECT count(*) FROM fct_usage_daily").fetchone()
    print(f"{customers:,} customers, {count[0] if count else 0:,} rows of usage, made in"
          f" {time.perf_counter() - started:.0f} s, {file.stat().st_size / 1e9:.2f} GB", flush=True)  # fmt: skip


_USAGE = """CREATE TABLE fct_usage_daily (customer_id BIGINT, usage_date DATE, month DATE, voice_out_onnet_sec BIGINT,
  voice_out_offnet_sec BIGINT, voice_out_intl_sec BIGINT, sms_out BIGINT, data_mb DECIMAL(18, 3))"""
_FILL = """
    INSERT INTO fct_usage_daily
    SELECT i, d, date_trunc('month', d), CAST(h % 600 AS BIGINT), CAST(h // 600 % 300 AS BIGINT), 0,
      CAST(h // 7 % 5 AS BIGINT), CAST(h % 100000 * (CASE WHEN i % 40 = 0 AND {week} < 4 THEN 0.2 ELSE 1 END) / 1000
      AS DECIMAL(18, 3))
    FROM (SELECT i, DATE '{day}' - {week} * 7 - CAST(w AS INTEGER) AS d, hash(i * 31 + {week} * 7 + w) AS h
          FROM range(1, {customers} + 1) AS r(i), range(7) AS s(w))
    WHERE h // 1000 % 28 < {use_days} ORDER BY i
"""


class _Source:
    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection

    def query(self, sql: str, params: Mapping[str, Any] | None = None) -> pa.Table:
        """Run a SELECT; `params` are by name."""
        return self.connection.sql(sql, params=dict(params or {})).to_arrow_table()


def _rule(measure: str, against: str, pct: float, deviations: float | None = None, only: str | None = None) -> Rule:
    condition = {"kind": "change", "measure": measure, "against": against, "by_pct": pct, "deviations": deviations}
    return parse({"version": 1, "audience": {"kind": "everyone", "customer_type": only},
                  "conditions": {"rules": [condition]}})  # fmt: skip


def _fifty() -> dict[str, Rule]:
    """Three measures against the four weeks before and against the norm, with several sizes, for all or for a type."""
    found = {}
    for place in range(50):
        measure = list(DAILY)[place % 3]
        against = ("previous", "norm")[place // 3 % 2]
        deviations = 3.0 if against == "norm" and place % 4 == 0 else None
        only = (None, "person", "organisation")[place // 6 % 3]
        found[f"r{place:02}"] = _rule(measure, against, 62.0 + place // 2, deviations, only)
    return found


def _by_hand(rules: Mapping[str, Rule]) -> str:
    """What a person would write: one pass for the sums, norms beside them, a SELECT a rule."""
    measures = sorted({each.conditions[0].measure for each in rules.values()})
    deep = {m: any(_is_deep(each) for each in rules.values() if each.conditions[0].measure == m) for m in measures}
    sums = ", ".join(
        f"coalesce(sum({DAILY[m]}) FILTER (usage_date > DATE '{DAY}' - {28 * (w + 1)} AND usage_date <= DATE '{DAY}'"
        f" - {28 * w}), 0)::DOUBLE AS {m}_{w}"
        for m in measures
        for w in range(7 if deep[m] else 2)
    )
    earlier = {m: ", ".join(f"{m}_{w}" for w in range(1, 7)) for m in measures if deep[m]}
    norms = "".join(f", list_aggregate([{each}], 'median') AS {m}_norm" for m, each in earlier.items())
    gaps = {m: ", ".join(f"abs({m}_{w} - {m}_norm)" for w in range(1, 7)) for m in earlier}
    spreads = "".join(
        f", greatest(1.4826 * list_aggregate([{each}], 'median'), 0.05 * {m}_norm) AS {m}_spread"
        for m, each in gaps.items()
        if any(rule.conditions[0].measure == m and rule.conditions[0].deviations for rule in rules.values())  # type: ignore[union-attr]
    )
    first = DAY - dt.timedelta(days=28 * (7 if any(deep.values()) else 2))
    chosen = " UNION ALL ".join(_chosen(key, each) for key, each in rules.items())
    return f"""
        WITH sums AS (SELECT customer_id, {sums} FROM fct_usage_daily WHERE usage_date > DATE '{first}'
          AND usage_date <= DATE '{DAY}' GROUP BY customer_id),
        normed AS (SELECT *{norms} FROM sums),
        spread AS (SELECT *{spreads} FROM normed),
        known AS MATERIALIZED (SELECT spread.*, customer_type FROM spread JOIN customer_profiles_history AS p
          ON p.customer_id = spread.customer_id AND p.month_end = DATE '{END}')
        {chosen}"""


def _is_deep(rule: Rule) -> bool:
    return getattr(rule.conditions[0], "against", "") == "norm"


def _chosen(key: str, rule: Rule) -> str:
    condition: Any = rule.conditions[0]
    base = f"{condition.measure}_{'norm' if _is_deep(rule) else 1}"
    where = [f"{base} > 0", f"100 * ({condition.measure}_0 - {base}) / {base} <= -{condition.by_pct}"]
    if condition.deviations is not None:
        where.append(
            f"({condition.measure}_0 - {base}) / nullif({condition.measure}_spread, 0) <= -{condition.deviations}"
        )
    if rule.audience.customer_type:
        where.append(f"customer_type = '{rule.audience.customer_type}'")
    named = f"'{key}' AS rule_key, customer_id, {condition.measure}_0 AS value"
    return f"SELECT {named} FROM known WHERE {' AND '.join(where)}"


class _Bench:
    def __init__(self, source: _Source, times: int) -> None:
        self.source, self.times = source, times

    def run(self) -> None:
        """Every question, one line each."""
        project_catalogue()  # read once, as a server does at its start
        head = f"seconds, median of {self.times}"
        print(f"{head:42} {'engine':>8} {'by hand':>8} {'ratio':>6} {'peak GB':>8} {'by hand':>8}")
        one = _rule("data_mb", "previous", 60)
        self._compare("one rule: fall against four weeks before", {"one": one})
        self._compare("one rule: fall against norm, deviations", {"one": _rule("data_mb", "norm", 60, 3)})
        self._compare("fifty rules together", _fifty())
        self._alone("one rule: fall against season", _rule("data_mb", "season", 60, 3))
        self._alone("one rule: missing for two weeks", parse({"version": 1, "conditions": {"rules": [
            {"kind": "missing", "measure": "data_mb", "days": 14, "before_days": 56}]}}))  # fmt: skip
        self._alone("one rule: fewer numbers", parse({"version": 1, "conditions": {"rules": [
            {"kind": "change", "measure": "active_subscriptions", "by": 1}]}}))  # fmt: skip

    def _engine(self, rules: Mapping[str, Rule]) -> int:
        compiled = compile_together(rules, project_catalogue(), MONTH_ENDS, [DAY])
        return int(self.source.query(compiled.sql, compiled.params).num_rows)

    def _compare(self, name: str, rules: Mapping[str, Rule]) -> None:
        sql = _by_hand(rules)
        spent: tuple[list[float], list[float]] = ([], [])
        peaks, counts = [0.0, 0.0], [0, 0]
        asked: tuple[Callable[[], int], ...] = (
            lambda: self._engine(rules),
            lambda: int(self.source.query(sql).num_rows),
        )
        for _ in range(self.times):
            for place, ask in enumerate(asked):
                seconds, peak, counts[place] = measured(ask)
                spent[place].append(seconds)
                peaks[place] = max(peaks[place], peak)
        assert counts[0] == counts[1], (name, counts)
        ours, theirs = (statistics.median(each) for each in spent)
        told = f"{ours:8.2f} {theirs:8.2f} {ours / theirs:6.2f} {peaks[0]:8.2f} {peaks[1]:8.2f}"
        print(f"{name:42} {told}  {counts[0]:,} found", flush=True)

    def _alone(self, name: str, rule: Rule) -> None:
        found = [measured(lambda: self._engine({"one": rule})) for _ in range(self.times)]
        seconds = statistics.median(each[0] for each in found)
        told = f"{seconds:8.2f} {'':8} {'':6} {max(each[1] for each in found):8.2f} {'':8}"
        print(f"{name:42} {told}  {found[0][2]:,} found", flush=True)


if __name__ == "__main__":
    main()
