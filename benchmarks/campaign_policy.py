"""What a contact policy costs over tens of millions of past contacts, beside SQL that a person writes, in one run.

    python -m benchmarks.campaign_policy [--contacts 45000000] [--customers 3000000] [--times 3] [--keep FOLDER]

A table of contacts of 13 months in the order of time, of customers of whom every tenth lives with another one. Each
question is asked in turn of the engine and by hand; read the ratios of the medians. Memory is what the process grew by
at its peak. By hand, the freeze finds the very same members, without the rule that stands against the others and until
when; the what-if by hand counts windows over all contacts, so it cannot know that a contact which is held back does not
count against the next one.
"""

import argparse
import datetime as dt
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import psutil

from campaigns.policy import parse
from campaigns.policy.batch import Batch
from campaigns.policy.bulk import bulk
from campaigns.policy.past import what_if

NOW = dt.datetime(2026, 11, 18, 7, tzinfo=dt.UTC)  # a Wednesday, noon in Tashkent
DAYS = 396
POLICY = parse({
    "version": 1, "exclude_segments": ["vip"],
    "caps": [{"per": "day", "at_most": 1}, {"per": "week", "at_most": 2, "channels": ["sms", "push"]},
             {"per": "month", "at_most": 2, "categories": ["marketing"]}],
    "gaps": [{"minutes": 1440, "of": "cluster"}], "quiet": {"from": "21:00", "to": "09:00", "weekdays": [7]},
})  # fmt: skip
CAPS = parse({"version": 1, "caps": [
    {"per": "day", "at_most": 1}, {"per": "week", "at_most": 2}, {"per": "month", "at_most": 3}]})  # fmt: skip
FROZEN = """
    WITH seen AS (SELECT customer_id,
        count(*) FILTER ("at" >= $day) AS a_day, max(cluster_id) AS cluster_id,
        count(*) FILTER ("at" >= $week AND channel IN ('sms', 'push')) AS a_week,
        count(*) FILTER ("at" >= $month AND category = 'marketing') AS a_month
      FROM contacts WHERE "at" >= $month AND "at" <= $now GROUP BY customer_id),
    near AS (SELECT cluster_id, max("at") AS last FROM contacts
      WHERE "at" > $now::TIMESTAMP - INTERVAL 1 DAY AND "at" <= $now GROUP BY cluster_id)
    SELECT a.customer_id, CASE WHEN control IS NOT NULL OR opted_out OR NOT has_consent OR excluded_segment IS NOT NULL
        OR NOT has_address THEN 'refused' WHEN a_day >= 1 OR a_week >= 2 OR a_month >= 2 OR last IS NOT NULL THEN 'held'
        ELSE 'allowed' END AS verdict
    FROM audience a LEFT JOIN seen s ON s.customer_id = a.customer_id LEFT JOIN near n ON n.cluster_id = a.cluster_id"""
WHAT_IF = """
    SELECT channel, count(*), count(*) FILTER (a_day <= 1 AND a_week <= 2 AND a_month <= 3) FROM (
      SELECT channel, row_number() OVER (PARTITION BY customer_id, date_trunc('day', here) ORDER BY here) AS a_day,
        row_number() OVER (PARTITION BY customer_id, date_trunc('week', here) ORDER BY here) AS a_week,
        row_number() OVER (PARTITION BY customer_id, date_trunc('month', here) ORDER BY here) AS a_month
      FROM (SELECT customer_id, channel, "at" + INTERVAL 5 HOUR AS here FROM contacts)) GROUP BY channel"""


def main() -> None:
    """Make the table unless there is one to use again, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--contacts", type=int, default=45_000_000)
    parser.add_argument("--customers", type=int, default=3_000_000)
    parser.add_argument("--audience", type=int, nargs="*", default=[1_000_000, 3_000_000])
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--keep", type=Path, help="folder to build in, and to use again when it is there")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = given.keep or Path(folder)
        home.mkdir(parents=True, exist_ok=True)
        file = home / "contacts.duckdb"
        if not file.exists():
            _make(file, given.contacts, given.customers)
        with duckdb.connect(str(file), read_only=True) as con:
            con.execute(f"SET threads = 2; SET memory_limit = '6GB'; SET temp_directory = '{home}/spill'")
            for audience in given.audience:
                _freeze(con, audience, given.times)
            _what_if(con, given.times)


def _make(file: Path, contacts: int, customers: int) -> None:
    started = time.perf_counter()
    with duckdb.connect(str(file)) as con:
        con.execute("SET threads = 2; SET memory_limit = '5GB'; SET preserve_insertion_order = true")
        con.execute("""CREATE TABLE contacts (contact_id BIGINT, customer_id BIGINT, cluster_id BIGINT, channel VARCHAR,
            category VARCHAR, campaign_key VARCHAR, "at" TIMESTAMP)""")
        begin = (NOW - dt.timedelta(days=DAYS)).replace(tzinfo=None)
        con.execute(f"""
            INSERT INTO contacts SELECT i, customer, CASE WHEN customer % 10 = 9 THEN customer - 1 ELSE customer END,
              ['sms', 'sms', 'push', 'push', 'email', 'telegram', 'call'][(1 + hash(i, 2) % 7)::BIGINT],
              CASE WHEN hash(i, 3) % 10 < 7 THEN 'marketing' WHEN hash(i, 3) % 10 < 9 THEN 'service'
                ELSE 'collection' END, 'campaign_' || (i // 500000 + hash(i, 4) % 3),
              $begin::TIMESTAMP + to_microseconds((i * {DAYS * 86_400_000_000 // contacts})::BIGINT)
            FROM (SELECT i, 1 + (hash(i, 1) % {customers})::BIGINT AS customer FROM range({contacts}) AS r(i))""",
            {"begin": begin})  # fmt: skip
        con.execute(f"""
            CREATE TABLE everybody AS SELECT i AS customer_id, CASE WHEN i % 10 = 9 THEN i - 1 ELSE i END AS cluster_id,
              'UZ-' || i % 14 AS region, CASE WHEN i % 20 = 0 THEN 'universal' END AS control, i % 50 = 1 AS opted_out,
              i % 10 <> 3 AS has_consent, CASE WHEN i % 40 = 2 THEN 'vip' END AS excluded_segment,
              i % 25 <> 4 AS has_address FROM range(1, {customers + 1}) AS r(i)""")
    print(f"{contacts:,} contacts of {customers:,} customers, made in {time.perf_counter() - started:.0f} s, "
          f"{file.stat().st_size / 1e9:.2f} GB", flush=True)  # fmt: skip


def _freeze(con: duckdb.DuckDBPyConnection, audience: int, times: int) -> None:
    con.execute(f"CREATE OR REPLACE TEMP VIEW audience AS SELECT * FROM everybody WHERE customer_id <= {int(audience)}")
    batch = Batch("sms", "marketing", "bench", 50, NOW)
    moments = {"now": NOW, "day": dt.datetime(2026, 11, 17, 19), "week": dt.datetime(2026, 11, 15, 19),
               "month": dt.datetime(2026, 10, 31, 19)}  # fmt: skip
    parameters = {name: at.replace(tzinfo=None) for name, at in moments.items()}
    decided, by_hand = _compare(
        f"freeze of {audience:,}", lambda: bulk(con, POLICY, batch),
        lambda: con.sql(FROZEN, params=parameters).to_arrow_table(), times,
    )  # fmt: skip
    ours = decided.filter(decided["verdict"] == "allowed").height
    theirs = by_hand.column("verdict").to_pylist().count("allowed")
    assert ours == theirs, f"{ours} allowed by the engine, {theirs} by hand"
    print(
        f"  {ours:,} allowed by both; {decided.filter(decided['verdict'] == 'deferred').height:,} put off", flush=True
    )


def _what_if(con: duckdb.DuckDBPyConnection, times: int) -> None:
    found, rough = _compare(
        "what-if of three caps", lambda: what_if(con, {"caps": CAPS})["caps"],
        lambda: con.execute(WHAT_IF).fetchall(), times,
    )  # fmt: skip
    assert found.contacts == sum(row[1] for row in rough)
    assert found.allowed >= sum(row[2] for row in rough), "what is held back cannot count against later contacts"
    print(f"  {found.allowed:,} of {found.contacts:,} left; windows that do not know what was held back:"
          f" {sum(row[2] for row in rough):,}", flush=True)  # fmt: skip


def _compare(name: str, ours: Callable[[], Any], theirs: Callable[[], Any], times: int) -> tuple[Any, Any]:
    """Both in turn, `times` times; prints medians, their ratio and memory; gives the last answers."""
    answers: list[Any] = [None, None]
    seconds: list[list[float]] = [[], []]
    peaks = [0.0, 0.0]
    for _ in range(times):
        for place, question in enumerate((ours, theirs)):
            answers[place] = None
            with _Memory() as memory:
                started = time.perf_counter()
                answers[place] = question()
                seconds[place].append(time.perf_counter() - started)
            peaks[place] = max(peaks[place], memory.grown)
    mine, hand = (statistics.median(each) for each in seconds)
    print(f"{name}: {mine:.2f} s, by hand {hand:.2f} s, ratio {mine / hand:.2f}; memory {peaks[0]:.2f} GB, "
          f"by hand {peaks[1]:.2f} GB", flush=True)  # fmt: skip
    return answers[0], answers[1]


class _Memory:
    """By how many GB the process grew at most while it was watched."""

    def __enter__(self) -> "_Memory":
        self._process, self._stop = psutil.Process(), threading.Event()
        self._before = self._most = self._process.memory_info().rss
        self._watcher = threading.Thread(target=self._watch, daemon=True)
        self._watcher.start()
        return self

    def _watch(self) -> None:
        while not self._stop.wait(0.02):
            self._most = max(self._most, self._process.memory_info().rss)

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._watcher.join()

    @property
    def grown(self) -> float:
        """GB beyond what was used at the beginning."""
        return (self._most - self._before) / 1e9


if __name__ == "__main__":
    main()
