"""Sums of flows per customer and day, added up once: any stretch of days is then one subtraction.

What a stretch comes to is the same number as the compiler's SQL gives: sums are whole numbers (`Flow.scale`).
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from segments.questions.source import Source
from signals.compiler.draft import Draft
from signals.compiler.shapes import Column
from signals.measures import Flow
from signals.measures.measure import DAYS as DAYS_OF_USE

_DAY: Final = dt.timedelta(days=1)
MOST_CELLS: Final = 150_000_000
"""Cells (days × customers × flows) that are kept in memory at a time: 1.2 GB."""


@dataclass(frozen=True)
class DailySums:
    """`totals[flow][day, customer]` is what the flow came to from the first day on; row 0 stands before that day."""

    first: dt.date
    customers: npt.NDArray[np.int64]
    totals: dict[str, npt.NDArray[np.int64]]
    flows: dict[str, Flow]

    def stretch(self, column: Column, day: dt.date) -> npt.NDArray[np.float64]:
        """The column on a day for every customer, in the measure's unit."""
        last = (day - self.first).days + 1
        total, flow = self.totals[column.measure], self.flows[column.measure]
        sums = total[self._row(last - column.until)] - total[self._row(last - column.back)]
        return sums.astype(np.float64) / float(flow.scale * flow.divide)

    def gathered(
        self, measure: str, start: npt.NDArray[np.int64], end: npt.NDArray[np.int64], who: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.int64]:
        """Sums over days start < day ≤ end (as ordinals) of the customers at places `who`; -1 has nothing."""
        total, origin = self.totals[measure], self.first.toordinal() - 1
        rows = [np.clip(each - origin, 0, len(total) - 1) for each in (start, end)]
        if not self.customers.size:
            return np.zeros(len(who), np.int64)
        sums = total[rows[1], who] - total[rows[0], who]
        return np.where(who >= 0, sums, 0)

    def places(self, customers: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Where customers stand; -1 for those with no rows."""
        if not self.customers.size:
            return np.full(len(customers), -1)
        found = np.minimum(np.searchsorted(self.customers, customers), self.customers.size - 1)
        return np.where(self.customers[found] == customers, found, -1)

    def _row(self, number: int) -> int:
        return min(max(number, 0), len(next(iter(self.totals.values()))) - 1)


def daily_sums(
    source: Source, flows: Sequence[Flow], first: dt.date, last: dt.date, customers: Sequence[int] | None = None
) -> DailySums:
    """Sums of flows over one fact table from `first` to `last`; `customers` narrows them. One statement."""
    sql, params = daily_sql(flows, first, last, customers)
    rows = source.query(sql, params)
    who, place = np.unique(rows.column("customer_id").to_numpy(), return_inverse=True)
    day = (rows.column("day").to_numpy().astype("datetime64[D]") - np.datetime64(first)).astype(np.int64)
    totals = {}
    for flow in flows:
        cells = np.zeros(((last - first).days + 2, len(who)), np.int64)
        np.add.at(cells, (day + 1, place), rows.column(flow.name).to_numpy())
        totals[flow.name] = np.cumsum(cells, axis=0, out=cells)
    return DailySums(first, who.astype(np.int64), totals, {each.name: each for each in flows})


def daily_sql(
    flows: Sequence[Flow], first: dt.date, last: dt.date, customers: Sequence[int] | None
) -> tuple[str, dict[str, Any]]:
    """SELECT customer_id, day and a whole number a flow."""
    draft, fact = Draft(), flows[0]
    where = [f"{fact.date} >= {draft.day(first)}", f"{fact.date} <= {draft.day(last)}", f"{fact.customer} is not null"]
    if fact.month is not None:
        where += [f"{fact.month} >= {draft.day(first.replace(day=1))}", f"{fact.month} <= {draft.day(last)}"]
    if customers is not None:
        draft.params["customers"] = list(customers)
        where.append(f"{fact.customer} in (select unnest($customers))")
    sums = ", ".join(f"{_whole(flow)} as {flow.name}" for flow in flows)
    text = (
        f"select {fact.customer} as customer_id, {fact.date} as day, {sums} from {fact.table}"
        f" where {' and '.join(where)} group by {fact.customer}, {fact.date}"
    )
    return draft.finish(text)


def span_of(columns: Sequence[Column], days: Sequence[dt.date]) -> tuple[dt.date, dt.date]:
    """First and last day that the columns look at on these days."""
    return min(days) - _DAY * (max(each.back for each in columns) - 1), max(days)


def _whole(flow: Flow) -> str:
    narrowed = f" filter (where {flow.where})" if flow.where else ""
    if flow.daily == DAYS_OF_USE:
        return f"cast(count(*){narrowed} > 0 as bigint)"
    return f"cast(coalesce(sum({flow.daily}){narrowed}, 0) * {flow.scale} as bigint)"
