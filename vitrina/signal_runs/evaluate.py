"""Rules that are due become customers found: days that rules share are computed together, and one that fails costs
nobody but itself."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Final

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from segments.catalogue import Catalogue
from segments.definition import Definition
from segments.definition import parse as parse_segment
from segments.errors import DefinitionError
from segments.questions import read_catalogue, stored_month_ends
from signals.definition import Rule, parse
from signals.engine import compile_together, missing_tables
from signals.questions import found
from vitrina.access.errors import Refused
from vitrina.access.sql import check
from vitrina.members.sources import Rows
from vitrina.signal_runs.outcomes import measure
from vitrina.signal_runs.plan import CUSTOMERS, FOUND, Findings, Plan, WantedRule

# Days are computed side by side in memory: more of them at once gain little.
DAYS_AT_ONCE: Final = 7
_Days = tuple[dt.date, ...]


def evaluate(plan: Plan, rows: Rows, snapshot: int, as_of: dt.date) -> Findings:
    """Hold every rule of the plan against its days; nothing is written anywhere."""
    evaluation = _Evaluation(plan, rows)
    tables = [evaluation.day_table(days, keys) for days, keys in _groups(plan.rules)]
    together = pa.concat_tables([FOUND.empty_table(), *tables]).select(FOUND.names)
    outcomes = measure(plan.outcomes, rows, as_of)
    return Findings(snapshot, as_of, plan, together, _customers(rows, together), outcomes, evaluation.failed)


class _Evaluation:
    """Rules read once, with what went wrong so far."""

    def __init__(self, plan: Plan, rows: Rows) -> None:
        self._rows = rows
        self._catalogue: Catalogue = read_catalogue(rows, rows.tables)
        self._month_ends = stored_month_ends(rows)
        self.failed: dict[str, str] = {}
        self._others: dict[str, Definition] = {}
        for key, document in plan.segments.items():
            try:
                self._others[key] = parse_segment(document)
            except DefinitionError:
                # A rule that names it says so.
                continue
        self._rules: dict[str, Rule] = {}
        for key, wanted in plan.rules.items():
            try:
                self._rules[key] = self._read(wanted)
            except (DefinitionError, Refused) as error:
                self.failed[key] = str(error)

    def day_table(self, days: _Days, keys: Sequence[str]) -> pa.Table:
        """What these rules find on these days; a rule that fails on one of them has found nothing at all."""
        try:
            return self._ask(days, [key for key in keys if key not in self.failed])
        except (DefinitionError, duckdb.Error, ValueError) as error:
            if len(keys) == 1:
                self.failed[keys[0]] = f"{type(error).__name__}: {str(error).splitlines()[0]}"
                return FOUND.empty_table()
        # One of them stopped all: alone each says of itself.
        return pa.concat_tables([FOUND.empty_table(), *(self.day_table(days, [key]) for key in keys)])

    def _ask(self, days: _Days, keys: Sequence[str]) -> pa.Table:
        rules = {key: self._rules[key] for key in keys}
        if not rules:
            return FOUND.empty_table()
        compiled = compile_together(rules, self._catalogue, self._month_ends, days, self._others)
        if lacking := missing_tables(compiled.tables, self._rows.tables):
            raise DefinitionError(lacking)
        return found(self._rows, compiled).select(FOUND.names).cast(FOUND)

    def _read(self, wanted: WantedRule) -> Rule:
        rule = parse(wanted.document)
        if rule.sql is not None:
            # It was checked when it was saved; here nothing stands between it and everything else.
            check(rule.sql, self._rows.tables)
        return rule


def _groups(rules: Mapping[str, WantedRule]) -> list[tuple[_Days, list[str]]]:
    """Rules by the days that they share, cut into pieces of a few days."""
    by_day: dict[str, list[str]] = {}
    for key, rule in rules.items():
        for day in rule.days:
            by_day.setdefault(day, []).append(key)
    together: dict[tuple[str, ...], list[dt.date]] = {}
    for day, keys in sorted(by_day.items()):
        together.setdefault(tuple(sorted(keys)), []).append(dt.date.fromisoformat(day))
    return [
        (tuple(days[start : start + DAYS_AT_ONCE]), list(keys))
        for keys, days in together.items()
        for start in range(0, len(days), DAYS_AT_ONCE)
    ]


def _customers(rows: Rows, table: pa.Table) -> pa.Table:
    """Whose everybody is who was found."""
    ids = pc.unique(table["customer_id"]).to_pylist()
    query = "select customer_id, manager_id, region_code from dim_customers where customer_id in (select unnest($ids))"
    return rows.query(query, {"ids": ids}).select(CUSTOMERS.names).cast(CUSTOMERS)
