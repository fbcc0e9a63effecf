"""Whom rules found on each of many past days: the compiled statement itself, over sums that were added up once."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import duckdb
import numpy as np
import pyarrow as pa

from segments.catalogue import Catalogue
from segments.definition import Definition
from segments.questions.source import Source
from signals.compiler.shapes import Column
from signals.definition import Rule
from signals.engine import CompiledRule, compile_together
from signals.measures import Flow
from signals.questions.daily import MOST_CELLS, DailySums, daily_sums, span_of

CHUNK_DAYS: Final = 14
_FEW_DAYS: Final = 3
_FLOW: Final = "flow_"
KEPT: Final = [
    "rule_key", "day", "customer_id", "severity", "value", "baseline", "change_pct", "customer_value",
]  # fmt: skip


@dataclass
class Past:
    """Evaluates rules on days of the past; what flows come to is read once for a long stretch of days.

    `customers` is how many there are, by which the stretch is measured out.
    """

    source: Source
    catalogue: Catalogue
    month_ends: Sequence[dt.date]
    others: Mapping[str, Definition]
    customers: int

    def found(self, rules: Mapping[str, Rule], days: Sequence[dt.date]) -> pa.Table:
        """Rows with `KEPT` of rules that are all due on all these days, in no order."""
        ordered, own = sorted(set(days)), {key: rule for key, rule in rules.items() if rule.kind == "sql"}
        plain = {key: rule for key, rule in rules.items() if key not in own}
        parts = list(self._plain(plain, ordered)) if plain else []
        # What a person's own SQL reads is not known: it is asked day by day.
        parts += [self._directly(own, [day]) for day in ordered] if own else []
        return pa.concat_tables([part.select(KEPT) for part in parts])

    def _plain(self, rules: Mapping[str, Rule], days: Sequence[dt.date]) -> Iterator[pa.Table]:
        step = self._step(rules, days)
        if not step:
            yield from (self._directly(rules, [day]) for day in days)
            return
        for start in range(0, len(days), step):
            part = days[start : start + step]
            sums = self._sums(self._compiled(rules, part[:1]), part)
            for place in range(0, len(part), CHUNK_DAYS):
                yield self._over(sums, rules, part[place : place + CHUNK_DAYS])

    def _compiled(self, rules: Mapping[str, Rule], days: Sequence[dt.date]) -> CompiledRule:
        return compile_together(rules, self.catalogue, self.month_ends, days, self.others)

    def _directly(self, rules: Mapping[str, Rule], days: Sequence[dt.date]) -> pa.Table:
        compiled = self._compiled(rules, days)
        return self.source.query(compiled.sql, compiled.params)

    def _step(self, rules: Mapping[str, Rule], days: Sequence[dt.date]) -> int:
        """How many days fit into memory at a time; 0 when it does not pay, or not even a few of them fit."""
        if len(days) <= _FEW_DAYS:
            return 0
        flows = self._compiled(rules, days[:1]).flows
        count = sum(len({column.measure for _, column in each}) for each in flows.values())
        back = max((column.back for each in flows.values() for _, column in each), default=0)
        room = MOST_CELLS // max(1, count * self.customers) - back
        gap = max(1, (days[-1] - days[0]).days // max(1, len(days) - 1))
        return max(0, min(len(days), room // gap)) if count else len(days)

    def _sums(self, compiled: CompiledRule, days: Sequence[dt.date]) -> dict[str, DailySums]:
        found = {}
        for name, columns in compiled.flows.items():
            flows = list({flow.name: flow for flow, _ in columns}.values())
            first, last = span_of([column for _, column in columns], days)
            found[name] = daily_sums(self.source, flows, first, last)
        return found

    def _over(self, sums: Mapping[str, DailySums], rules: Mapping[str, Rule], days: Sequence[dt.date]) -> pa.Table:
        """The second half of the statement, in a database of our own, over rows of the first half."""
        compiled = self._compiled(rules, days)
        names = frozenset(compiled.bases)
        with duckdb.connect(":memory:", config={"threads": 2}) as work:
            for name in names:
                if name.startswith(_FLOW):
                    table = _stretches(sums[name], compiled.flows[name], days)
                else:
                    table = self.source.query(*compiled.base(name))
                work.register(name, table)
            sql, params = compiled.select(names)
            return work.sql(sql, params=params).to_arrow_table()


def _stretches(sums: DailySums, columns: Sequence[tuple[Flow, Column]], days: Sequence[dt.date]) -> pa.Table:
    """Rows of days and customers with anything in any column: the others are as good as absent."""
    parts: list[dict[str, Any]] = []
    for day in days:
        values = {column.name: sums.stretch(column, day) for _, column in columns}
        there = np.zeros(len(sums.customers), bool)
        for each in values.values():
            there |= each != 0
        kept = {name: each[there] for name, each in values.items()}
        when = pa.array([day] * int(there.sum()), pa.date32())
        parts.append({"day": when, "customer_id": sums.customers[there], **kept})
    return pa.concat_tables([pa.table(each) for each in parts])
