"""What the delivered rules find of what the simulator planted: precision and recall of each template on a demo.

    python -m benchmarks.signal_proof --home var/demo [--months 12] [--only data_falls …]

Rules are replayed with their repetition but without their limits a day. A hit is said for each group of templates where
it is counted; the truth is read from the simulator's files, which the product never opens.
"""

import argparse
import datetime as dt
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import polars as pl

from segments.questions import read_catalogue, stored_month_ends
from signals.definition import Limits, Rule, parse
from signals.engine import compile_rule, missing_tables
from signals.questions import effect, replay
from signals.questions.rates import Estimate, wilson
from signals.templates import templates
from vitrina.warehouse.reader import SnapshotReader

DAY = dt.timedelta(days=1)
LAG = 35
"""Days that a signal may come after its cause ended: a window of four weeks and a week until the next check."""


def main() -> None:
    """Replay every template over the last months and print what it was worth."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--months", type=int, default=12)
    parser.add_argument("--only", nargs="*")
    given = parser.parse_args()
    with SnapshotReader.open(given.home / "published") as reader:
        _Proof(reader, given.home / "truth", given.months).run(given.only)


class _Proof:
    def __init__(self, reader: SnapshotReader, truth: Path, months: int) -> None:
        self.reader, self.catalogue = reader, read_catalogue(reader)
        self.as_of = reader.manifest.as_of
        self.ends = stored_month_ends(reader)
        self.first, self.last = self.ends[-months - 1] + DAY, self.as_of
        self.truth = _Truth(reader, truth)

    def run(self, only: list[str] | None) -> None:
        """A few lines a template."""
        print(f"replayed {self.first} to {self.last}; intervals are of 95 %")
        for each in templates():
            if only and each.key not in only:
                continue
            rule = replace(parse(each.rule), limits=Limits())
            compiled = compile_rule(rule, self.catalogue, self.ends, [self.last])
            if lacking := missing_tables(compiled.tables, self.reader.manifest.tables):
                print(f"{each.key}: not evaluated, {lacking[0]}")
                continue
            self._template(each.key, rule)

    def _template(self, key: str, rule: Rule) -> None:
        started = time.perf_counter()
        found = replay(self.reader, {key: rule}, self.catalogue, self.first, self.last, {}, month_ends=self.ends)
        spent, raised = time.perf_counter() - started, found.raised()
        worth = effect(
            self.reader, found.events, rule.outcome, self.as_of, self.first, self.last, rule.audience.customer_type
        )
        print(
            f"{key}: {raised.num_rows} signals in {spent:.1f} s; outcome {rule.outcome.kind}: precision"
            f" {_said(worth.precision)}, recall {_said(worth.recall)}, base rate {_said(worth.base_rate)}, lift"
            f" {_said(worth.lift)}, left out {worth.left_out}",
            flush=True,
        )
        alerts = pl.DataFrame(pl.from_arrow(raised.select(["customer_id", "day"])))
        judge = {
            "data_falls": self._falls, "voice_falls": self._falls, "usage_stopped": self._leavers,
            "bundle_exceeded": self._over_limits, "out_of_bundle_grows": self._over_limits,
            "churn_risk_high": self._leavers,
        }.get(key)  # fmt: skip
        if judge is not None:
            judge(alerts)

    def _falls(self, alerts: pl.DataFrame) -> None:
        truth = self.truth
        told = f"within {LAG} days after its end"
        for name, causes in (
            ("a planted fall or decline before leaving", truth.falls()),
            ("the same, or a SIM suspended or terminated", truth.falls_and_stops()),
        ):
            print(f"  right when {name} lasts on the day or {told}: {_said(truth.right(alerts, causes))}")
        for name, causes in truth.falls_to_find(self.first, self.last).items():
            print(f"  found of {name}: {_said(truth.caught(alerts, causes))}")

    def _over_limits(self, alerts: pl.DataFrame) -> None:
        causes = self.truth.over_limits()
        print(f"  right when a month of planted over-use holds the day or ended {LAG} days before:", end=" ")
        print(_said(self.truth.right(alerts, causes)))
        for name, chosen in self.truth.over_limits_to_find(causes, self.first, self.last).items():
            print(f"  found of {name}: {_said(self.truth.caught(alerts, chosen))}")

    def _leavers(self, alerts: pl.DataFrame) -> None:
        leaving, stops = self.truth.leaving(), self.truth.stops()
        print(f"  right when the customer declines, or has left by {LAG} days before:", end=" ")
        print(_said(self.truth.right(alerts, leaving)))
        print("  the same, or a SIM suspended or terminated:", end=" ")
        print(_said(self.truth.right(alerts, pl.concat([leaving, stops]))))
        gone = leaving.filter(pl.col("until").is_between(self.first, self.last - DAY * LAG))
        print(f"  found of customers who left: {_said(self.truth.caught(alerts, gone))}")


class _Truth:
    """Causes are rows of customer_id, since, until: days on which something planted was at work."""

    def __init__(self, reader: SnapshotReader, folder: Path) -> None:
        text = "select source_id, customer_id from customer_identities where source = 'foris' and is_customer_record"
        known = pl.DataFrame(pl.from_arrow(reader.query(text))).rename({"customer_id": "product_id"})
        self.names = known.with_columns(customer_id=pl.col("source_id").cast(pl.Int64)).drop("source_id")
        text = """select customer_id, status, valid_from, coalesce(valid_to, date '9999-12-31') as valid_to
                  from dim_subscriptions"""
        self.subscriptions = pl.DataFrame(pl.from_arrow(reader.query(text)))
        self.drops, self.churn, self.limits = (
            self._named(pl.read_parquet(folder / f"{name}.parquet")) for name in ("usage_drops", "churn", "over_limits")
        )
        count = "select customer_id, subscriptions_ever_count = 1 as is_alone from customer_profiles"
        self.alone = pl.DataFrame(pl.from_arrow(reader.query(count)))

    def _named(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Rows with the product's customer ids in place of those of the billing."""
        found = rows.join(self.names, on="customer_id")
        return found.drop("customer_id").rename({"product_id": "customer_id"})

    def falls(self) -> pl.DataFrame:
        drops = self.drops.select(
            "customer_id", since="drop_start", until=pl.col("drop_end").fill_null(dt.date(9999, 1, 1))
        )
        return pl.concat([drops, self.leaving()])

    def leaving(self) -> pl.DataFrame:
        gone = self.churn.filter(pl.col("decline_start").is_not_null())
        return gone.select("customer_id", since="decline_start", until="churn_date")

    def stops(self) -> pl.DataFrame:
        stopped = self.subscriptions.filter(pl.col("status") != "active")
        return stopped.select("customer_id", since="valid_from", until="valid_to")

    def falls_and_stops(self) -> pl.DataFrame:
        return pl.concat([self.falls(), self.stops()])

    def falls_to_find(self, first: dt.date, last: dt.date) -> dict[str, pl.DataFrame]:
        """Planted falls that last four weeks and more and are far enough from the end of the data to be seen."""
        long = self.drops.filter(
            pl.col("drop_start").is_between(first, last - DAY * LAG)
            & (pl.col("drop_end").is_null() | (pl.col("drop_end") - pl.col("drop_start") >= DAY * 28))
        )
        lasting = pl.col("drop_end").fill_null(dt.date(9999, 1, 1))
        rows = long.join(self.alone, on="customer_id").select(
            "customer_id", "is_alone", since="drop_start", until=lasting
        )
        gone = self.leaving().filter(pl.col("since").is_between(first, last - DAY * LAG))
        return {
            "falls of customers with one number": rows.filter("is_alone").drop("is_alone"),
            "falls of one number of several": rows.filter(~pl.col("is_alone")).drop("is_alone"),
            "declines before leaving": gone,
        }

    def over_limits(self) -> pl.DataFrame:
        return self.limits.select("customer_id", since="month", until=pl.col("month").dt.month_end())

    def over_limits_to_find(self, causes: pl.DataFrame, first: dt.date, last: dt.date) -> dict[str, pl.DataFrame]:
        within = causes.filter((pl.col("since") >= first) & (pl.col("until") <= last))
        alone = within.join(self.alone, on="customer_id")
        return {
            "months of customers with one number": alone.filter("is_alone").drop("is_alone"),
            "months of one number of several": alone.filter(~pl.col("is_alone")).drop("is_alone"),
        }

    @staticmethod
    def right(alerts: pl.DataFrame, causes: pl.DataFrame) -> Estimate:
        """Alerts on whose day, or up to `LAG` days before it, a cause of the customer was at work."""
        joined = alerts.join(causes, on="customer_id")
        good = joined.filter((pl.col("since") < pl.col("day")) & (pl.col("until") >= pl.col("day") - DAY * LAG))
        return wilson(good.select("customer_id", "day").unique().height, alerts.height)

    @staticmethod
    def caught(alerts: pl.DataFrame, causes: pl.DataFrame) -> Estimate:
        """Causes during which, or up to `LAG` days after which, an alert about the customer was raised."""
        numbered = causes.with_row_index("number")
        joined = numbered.join(alerts, on="customer_id")
        good = joined.filter((pl.col("since") < pl.col("day")) & (pl.col("until") >= pl.col("day") - DAY * LAG))
        return wilson(good["number"].n_unique(), causes.height)


def _said(found: Estimate, digits: Callable[[float], str] = lambda number: f"{number:.3f}") -> str:
    if found.value is None:
        return "nothing to count"
    if found.low is None or found.high is None:
        return digits(found.value)
    return f"{digits(found.value)} ({digits(found.low)}-{digits(found.high)})"


if __name__ == "__main__":
    main()
