"""What freezing an audience and allocating campaigns cost beside SQL that a person writes, on the same tables.

    python -m benchmarks.campaigns [--customers 3000000] [--times 3]

Both begin with tables of DuckDB and end with one. Freezing: who belongs together from pairs, a tenth left alone by hash
in strata of region and type, and the balance of five columns. By hand clusters are found by handing the smallest id to
neighbours until nothing changes, the control group by numbering clusters within strata, balance by sums. Allocation: 20
campaigns, at most two contacts a customer, four channels with capacities, agent hours, a budget. By hand everybody gets
his best two, then each channel and the budget keep their best: SQL cannot give what is then left over to others, so
what each is worth is told beside the times. Read ratios rather than seconds.
"""

import argparse
import statistics
from collections.abc import Callable

import duckdb
import numpy as np
import polars as pl

from benchmarks.memory import measured
from campaigns.allocation import Allocation, Demand, Limits, Option, allocate, allocate_greedily
from campaigns.control import CLUSTERS, Freeze, freeze
from campaigns.control.clusters import connected

CAMPAIGNS, AT_MOST = 20, 2
CHANNELS = ("sms", "email", "push", "telegram", "call")
COSTS = {"sms": 2.0, "email": 0.1, "push": 0.05, "telegram": 0.2, "call": 6.0}
OPTIONS = tuple(
    Option(f"c{j:02}", CHANNELS[j % 5], COSTS[CHANNELS[j % 5]], 0.1 if CHANNELS[j % 5] == "call" else 0.0)
    for j in range(CAMPAIGNS)
)  # fmt: skip
COVARIATES = ("region", "type", "arpu", "tenure", "segment")


def main() -> None:
    """Make the tables, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--customers", type=int, default=3_000_000)
    parser.add_argument("--times", type=int, default=3)
    given = parser.parse_args()
    with duckdb.connect() as con:
        con.execute("SET threads = 2; SET memory_limit = '6GB'; SET preserve_insertion_order = false")
        _make(con, given.customers)
        bench = _Bench(con, given.customers, given.times)
        bench.freezing()
        bench.allocating()


def _make(con: duckdb.DuckDBPyConnection, customers: int) -> None:
    con.execute(f"""
        CREATE TABLE members AS SELECT i AS customer_id, 'R' || (hash(i) % 14) AS region,
          CASE WHEN hash(i + 1) % 12 = 0 THEN 'organisation' ELSE 'person' END AS type,
          exp(2 + (hash(i + 2) % 10000) / 4000.0) AS arpu, (hash(i + 3) % 4000)::INTEGER AS tenure,
          's' || (hash(i + 4) % 8) AS segment FROM range(1, {customers + 1}) AS r(i)""")
    con.execute(f"""
        CREATE TABLE ties AS SELECT i AS one, i + 1 + (hash(i) % 3)::BIGINT AS other
        FROM range(1, {customers - 3}) AS r(i) WHERE hash(i * 7) % 10 = 0""")
    worth = ", ".join(
        f"CASE WHEN hash(i * 31 + {j}) % 2 = 0 THEN (exp((hash(i) % 1000) / 400.0) * (hash(i * 17 + {j}) % 1000)"
        f" * {0.5 + j / 13:.3f} / 250)::FLOAT END AS v{j}"
        for j in range(CAMPAIGNS)
    )
    con.execute(f"CREATE TABLE worth AS SELECT i AS customer_id, {worth} FROM range(1, {customers + 1}) AS r(i)")
    con.execute("CREATE TABLE options (place INTEGER, channel VARCHAR, cost FLOAT)")
    con.executemany("INSERT INTO options VALUES (?, ?, ?)", [(j, o.channel, o.cost) for j, o in enumerate(OPTIONS)])


class _Bench:
    def __init__(self, con: duckdb.DuckDBPyConnection, customers: int, times: int) -> None:
        self.con, self.customers, self.times = con, customers, times
        self.limits = Limits(
            {"sms": 0.15 * customers, "email": 0.4 * customers, "push": 0.3 * customers, "telegram": 0.2 * customers},
            agent_hours=0.005 * customers,
            budget=0.5 * customers,
        )
        print(f"{customers:,} customers; {'seconds, median of ' + str(times):34} ours  by hand  ratio   GB  by hand")

    def freezing(self) -> None:
        """Clusters, groups and balance."""
        found: list[Freeze] = []
        by_hand: list[tuple[int, int]] = []
        self._compared("freeze", lambda: found.append(self._freeze()), lambda: by_hand.append(self._freeze_by_hand()))
        (control, clusters), own = by_hand[-1], found[-1]
        print(f"  clusters {own.clusters:,} (by hand {clusters:,}), control {own.control:,} (by hand {control:,}),"
              f" largest standardised difference {own.balance.largest:.4f}", flush=True)  # fmt: skip
        assert own.clusters == clusters
        assert abs(own.control - self.customers / 10) <= 1

    def allocating(self) -> None:
        """Greedy, then the optimum, each beside the same SQL."""
        found: list[Allocation] = []
        by_hand: list[float] = []
        for name, way in (("allocation, greedy", allocate_greedily), ("allocation, optimum", allocate)):
            self._compared(name, lambda way=way: found.append(self._allocate(way)),  # type: ignore[misc]
                           lambda: by_hand.append(self._allocate_by_hand()))  # fmt: skip
        greedy, optimum = found[0], found[-1]
        bound = optimum.bound or 1.0
        print(
            f"  net value: bound {bound:,.0f}; optimum {100 * optimum.net / bound:.3f} %, greedy"
            f" {100 * greedy.net / bound:.1f} %, by hand {100 * by_hand[-1] / bound:.1f} %"
        )
        prices = ", ".join(f"{each.name} {each.price:.2f}" for each in optimum.resources)
        print(f"  one more is worth: {prices}", flush=True)

    def _compared(self, name: str, ours: Callable[[], None], theirs: Callable[[], None]) -> None:
        spent: tuple[list[float], list[float]] = ([], [])
        peaks = [0.0, 0.0]
        for _ in range(self.times):
            for place, ask in enumerate((ours, theirs)):
                seconds, peak, _ = measured(ask)
                spent[place].append(seconds)
                peaks[place] = max(peaks[place], peak)
        mine, other = (statistics.median(each) for each in spent)
        print(f"{name:50} {mine:8.2f} {other:8.2f} {mine / other:6.2f} {peaks[0]:6.2f} {peaks[1]:6.2f}", flush=True)

    def _freeze(self) -> Freeze:
        members = self.con.sql("SELECT * FROM members ORDER BY customer_id").to_arrow_table()
        ties = self.con.sql("SELECT one, other FROM ties").to_arrow_table()
        ids = members.column("customer_id").to_numpy()
        tied = connected(ids, *(column.to_numpy() for column in ties.columns))
        clusters = pl.DataFrame({"customer_id": ids, "cluster_id": tied}).to_arrow().cast(CLUSTERS)
        found = freeze(members, clusters, "spring", 10, ["region", "type"], COVARIATES)
        frozen = found.assigned  # noqa: F841  DuckDB finds it by its name
        self.con.execute("CREATE OR REPLACE TABLE ours AS SELECT * FROM frozen")
        return found

    def _freeze_by_hand(self) -> tuple[int, int]:
        self.con.execute(
            "CREATE OR REPLACE TEMP TABLE edges AS SELECT one, other FROM ties UNION ALL SELECT other, one FROM ties"
        )
        self.con.execute(
            "CREATE OR REPLACE TEMP TABLE labels AS SELECT DISTINCT one AS customer_id, one AS label FROM edges"
        )
        changed = 1.0
        while changed:
            self.con.execute("""
                CREATE OR REPLACE TEMP TABLE next AS
                SELECT mine.customer_id, least(any_value(mine.label), min(its.label)) AS label FROM labels AS mine
                  JOIN edges ON edges.one = mine.customer_id JOIN labels AS its ON its.customer_id = edges.other
                GROUP BY mine.customer_id""")
            changed = self._number(
                "SELECT count(*) FROM next JOIN labels USING (customer_id) WHERE next.label <> labels.label"
            )
            self.con.execute("CREATE OR REPLACE TEMP TABLE labels AS SELECT * FROM next")
        self.con.execute("""
            CREATE OR REPLACE TABLE theirs AS
            WITH tied AS (SELECT members.customer_id, coalesce(label, members.customer_id) AS cluster_id, region, type
                FROM members LEFT JOIN labels USING (customer_id)),
            units AS (SELECT cluster_id, arg_min(region, customer_id) AS region, arg_min(type, customer_id) AS type,
                count(*) AS size FROM tied GROUP BY cluster_id),
            drawn AS (SELECT cluster_id, sum(size) OVER (PARTITION BY region, type ORDER BY hash(cluster_id + 20261124))
                <= 0.1 * sum(size) OVER (PARTITION BY region, type) AS is_control FROM units)
            SELECT customer_id, cluster_id, is_control FROM tied JOIN drawn USING (cluster_id)""")
        self.con.execute("SELECT is_control, avg(arpu), var_samp(arpu), avg(tenure), var_samp(tenure), count(arpu)"
                         " FROM theirs JOIN members USING (customer_id) GROUP BY is_control").fetchall()  # fmt: skip
        for column in ("region", "type", "segment"):
            self.con.execute(f"SELECT {column}, is_control, count(*) FROM theirs JOIN members USING (customer_id)"
                             " GROUP BY ALL").fetchall()  # fmt: skip
        return (int(self._number("SELECT count(*) FILTER (is_control) FROM theirs")),
                int(self._number("SELECT count(DISTINCT cluster_id) FROM theirs")))  # fmt: skip

    def _number(self, sql: str) -> float:
        return float(self.con.execute(sql).fetchall()[0][0])

    def _allocate(self, way: Callable[[Demand], Allocation]) -> Allocation:
        columns = self.con.sql("SELECT * FROM worth").to_arrow_table()
        values = np.empty((CAMPAIGNS, columns.num_rows), np.float32)
        for j in range(CAMPAIGNS):
            values[j] = pl.Series(columns.column(j + 1)).to_numpy()  # null becomes not a number
        ids = columns.column(0).to_numpy()
        del columns
        found = way(Demand(ids, OPTIONS, values.T, self.limits, AT_MOST))
        chosen = found.chosen  # noqa: F841  DuckDB finds it by its name
        self.con.execute("CREATE OR REPLACE TABLE ours AS SELECT * FROM chosen")
        return found

    def _allocate_by_hand(self) -> float:
        room = "CASE channel " + " ".join(
            f"WHEN '{name}' THEN {there}" for name, there in self.limits.channels.items()
        ) + f" ELSE {(self.limits.agent_hours or 0) / 0.1} END"  # fmt: skip
        self.con.execute(f"""
            CREATE OR REPLACE TABLE theirs AS
            WITH offers AS (UNPIVOT worth ON COLUMNS('v[0-9]+') INTO NAME option VALUE value),
            priced AS (SELECT customer_id, place, channel, value, cost FROM offers
                JOIN options ON place = substr(option, 2)::INTEGER WHERE value > cost),
            best AS (SELECT * FROM priced
                QUALIFY row_number() OVER (PARTITION BY customer_id ORDER BY value - cost DESC) <= {AT_MOST}),
            kept AS (SELECT * FROM best
                QUALIFY row_number() OVER (PARTITION BY channel ORDER BY value - cost DESC) <= {room})
            SELECT * FROM kept
            QUALIFY sum(cost) OVER (ORDER BY value - cost DESC) <= {self.limits.budget}""")
        return self._number("SELECT sum(value - cost) FROM theirs")


if __name__ == "__main__":
    main()
