"""How well forecasts to the end of a month kept their word: asked again on days of past months of a published home.

    python -m benchmarks.forecast --home var/demo [--months 12] [--managers 12]

Every forecast sees only what was known on its day. Told per indicator, for the whole company and for single managers:
how often the 80 % interval held the result, the median error, and that of as much a day as until then.
"""

import argparse
import calendar
import datetime as dt
import statistics
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from signals.forecast import DailySeries, forecast, public_holidays
from vitrina.warehouse.reader import SnapshotReader

DAYS = (8, 15, 23)
Rows = list[tuple[dt.date, float]]


@dataclass
class Score:
    """Outcomes of many forecasts of one kind."""

    inside: list[bool] = field(default_factory=list)
    errors: list[float] = field(default_factory=list)
    lines: list[float] = field(default_factory=list)

    def add(self, rows: Rows, month: dt.date, day: int, first: dt.date) -> None:
        """Ask once."""
        length = calendar.monthrange(month.year, month.month)[1]
        end = month.replace(day=length)
        told = forecast(
            DailySeries.of([*rows, (first, 0.0)], month.replace(day=day)), holidays=public_holidays(first, end)
        )
        came = sum(value for at, value in rows if month <= at <= end)
        self.inside.append(told.low - 1e-6 <= came <= told.high + 1e-6)
        if came:
            self.errors.append(abs(told.expected - came) / abs(came))
            self.lines.append(abs(told.done / day * length - came) / abs(came))

    def __str__(self) -> str:
        def middle(values: list[float]) -> str:
            return f"{100 * statistics.median(values):6.1f} %" if values else "       -"

        held = 100 * statistics.mean(self.inside)
        return f"{len(self.inside):6d} {held:7.1f} % {middle(self.errors)} {middle(self.lines)}"


def main() -> None:
    """Print the table."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--home", type=Path, required=True)
    asked.add_argument("--months", type=int, default=12)
    asked.add_argument("--managers", type=int, default=12)
    options = asked.parse_args()
    with SnapshotReader.open(options.home / "published") as reader:
        as_of = reader.manifest.as_of
        flows = (
            reader.query("select kpi from kpi_catalogue where kind = 'flow' order by position").column(0).to_pylist()
        )
        rows = reader.query(
            "select kpi, employee_id, result_date, cast(value as double) as value from employee_results"
        ).to_pylist()
    first = min(row["result_date"] for row in rows)
    print(f"{'':34s}{'asked':>6s} {'in 80 %':>9s} {'error':>8s} {'by line':>8s}")
    for kpi in flows:
        own = [row for row in rows if row["kpi"] == kpi]
        company: Rows = [(row["result_date"], row["value"]) for row in own]
        people = sorted({row["employee_id"] for row in own})[: options.managers]
        by_person = [[(row["result_date"], row["value"]) for row in own if row["employee_id"] == who] for who in people]
        for name, series in (("company", [company]), ("managers", by_person)):
            score = Score()
            for each in series:
                for month in _months(as_of, options.months):
                    for day in DAYS:
                        score.add(each, month, day, first)
            print(f"{kpi:22s}{name:12s}{score}")


def _months(as_of: dt.date, count: int) -> Iterator[dt.date]:
    """First days of the last complete months."""
    month = as_of.replace(day=1)
    for _ in range(count):
        month = (month - dt.timedelta(days=1)).replace(day=1)
        yield month


if __name__ == "__main__":
    main()
