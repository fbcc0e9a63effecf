"""First half of the SQL: who there is on each day (pool, audiences), and what flows and states come to.

These common tables alone read the marts; a replay may put other tables of the same rows in their place.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from sqlglot import exp

from segments.catalogue import HISTORY, Catalogue
from segments.definition import Definition
from segments.engine import At, compile_segment
from segments.errors import DefinitionError, Problem
from signals.compiler.draft import Draft, parsed
from signals.compiler.shapes import Column
from signals.definition import Audience
from signals.definition.nodes import CUSTOMER_TYPES
from signals.measures import Flow, StateMeasure
from signals.measures.measure import DAYS as DAYS_OF_USE

POOL: Final = "pool"
_DAY: Final = dt.timedelta(days=1)
_POOL: Final = """
select month_end, customer_id, customer_type, coalesce(segment, '') as segment,
  coalesce(main_product_family, '') as family,
  greatest(coalesce(subscription_first_activated_date, created_date, {first}), {first}) as since_date,
  cast(arpu_3m as double) as customer_value
from {history} where month_end in ({ends})
"""


@dataclass
class Bases:
    """Days with their month ends, and the common tables made so far.

    `first` is the first day of knowledge: windows before it are unknown, not empty.
    """

    draft: Draft
    catalogue: Catalogue
    ends: Mapping[dt.date, dt.date]
    first: dt.date
    others: Mapping[str, Definition]
    notes: list[Problem] = field(default_factory=list)
    _audiences: dict[Audience, str] = field(default_factory=dict)

    @property
    def days(self) -> tuple[dt.date, ...]:
        """The days of evaluation, in order."""
        return tuple(self.ends)

    def pool(self, types: Iterable[str | None]) -> None:
        """Tables days and pool; when all rules are about one type of customers, the others are left out."""
        bind = self.draft.day
        pairs = ", ".join(f"({bind(day)}, {bind(end)})" for day, end in self.ends.items())
        self.draft.add("days", f"select * from (values {pairs}) as days(day, month_end)")
        ends = ", ".join(bind(end) for end in dict.fromkeys(self.ends.values()))
        text = _POOL.format(first=bind(self.first), history=HISTORY, ends=ends)
        only = set(types)
        if len(only) == 1 and (kind := next(iter(only))) in CUSTOMER_TYPES:
            text += f" and customer_type = {self.draft.bind(kind)}"
        self.draft.add(POOL, text)
        self.draft.tables.add(HISTORY)

    def audience(self, audience: Audience) -> str | None:
        """The common table (month_end, customer_id) of a narrow audience; None when it is everyone."""
        if audience.kind == "everyone":
            return None
        bare = Audience(audience.kind, audience.segment, audience.root)
        if bare not in self._audiences:
            parts = [self._members(bare, end) for end in dict.fromkeys(self.ends.values())]
            whole = parts[0] if len(parts) == 1 else exp.union(*parts, distinct=False)
            self._audiences[bare] = self.draft.add(f"audience_{len(self._audiences)}", whole)
        return self._audiences[bare]

    def _members(self, audience: Audience, end: dt.date) -> exp.Query:
        if audience.kind == "segment":
            key = audience.segment or ""
            if key not in self.others:
                path = ("audience", "segment")
                raise DefinitionError([Problem(path, "There is no segment “{name}”.", {"name": key})])
            definition = self.others[key]
        else:
            definition = Definition("rules", audience.root)
        try:
            compiled = compile_segment(definition, self.catalogue, At.stored(end), self.others)
        except DefinitionError as error:
            raise DefinitionError(_placed(error.problems, audience)) from None
        self.notes += [Problem(("audience", *each.path), each.message, each.values) for each in compiled.notes]
        self.draft.tables |= compiled.tables
        members = self.draft.absorb(parsed(compiled.sql), compiled.params)
        end_column = exp.alias_(parsed(f"select {self.draft.day(end)}").selects[0], "month_end")
        return exp.select(end_column, "customer_id").from_(exp.Subquery(this=members, alias="members"))

    def flow(self, name: str, flows: Mapping[str, Flow], columns: Sequence[Column], scope: Sequence[str]) -> None:
        """Common table (day, customer_id, columns …) of the stretches of flows over one fact table, in one pass a day;
        `scope` are common tables of (month_end, customer_id) outside of which nobody is looked at."""
        first = next(iter(flows.values()))
        self.draft.tables.add(first.table)
        selects = [self._flow_of_day(day, first, flows, columns, scope) for day in self.days]
        self.draft.add(name, " union all ".join(selects))

    def _flow_of_day(
        self, day: dt.date, fact: Flow, flows: Mapping[str, Flow], columns: Sequence[Column], scope: Sequence[str]
    ) -> str:
        bind, back = self.draft.day, max(each.back for each in columns)
        first, last = day - _DAY * back, day - _DAY * min(each.until for each in columns)
        sums = [f"{self._sum(day, flows[each.measure], each)} as {each.name}" for each in columns]
        where = [f"{fact.date} > {bind(first)}", f"{fact.date} <= {bind(last)}", f"{fact.customer} is not null"]
        if fact.month is not None:  # months outside need not even be opened
            months = [(each + _DAY * shift).replace(day=1) for each, shift in ((first, 1), (last, 0))]
            where += [f"{fact.month} >= {bind(months[0])}", f"{fact.month} <= {bind(months[1])}"]
        if scope:
            end = bind(self.ends[day])
            inside = [f"select customer_id from {each} where month_end = {end}" for each in scope]
            where.append(f"{fact.customer} in ({' union all '.join(inside)})")
        return (
            f"select {bind(day)} as day, {fact.customer} as customer_id, {', '.join(sums)} from {fact.table}"
            f" where {' and '.join(where)} group by {fact.customer}"
        )

    def _sum(self, day: dt.date, flow: Flow, column: Column) -> str:
        start, end = (self.draft.day(day - _DAY * each) for each in (column.back, column.until))
        inside = f"{flow.date} > {start} and {flow.date} <= {end}" + (f" and ({flow.where})" if flow.where else "")
        if flow.daily == DAYS_OF_USE:
            return f"cast(count(distinct {flow.date}) filter (where {inside}) as double)"
        total = f"coalesce(sum({flow.daily}) filter (where {inside}), 0)"
        return f"cast({total} * {flow.scale} as double) / {flow.scale * flow.divide}"

    def state(self, name: str, measure: StateMeasure, columns: Sequence[Column]) -> None:
        """Common table (day, customer_id, columns …) of a state on the days and on those so many days before."""
        backs = sorted({each.back for each in columns})
        points = sorted({day - _DAY * back for day in self.days for back in backs})
        rows = ", ".join(f"({self.draft.day(each)})" for each in points)
        self.draft.add(f"points_{name}", f"select * from (values {rows}) as points(day)")
        self.draft.tables |= measure.tables

        self.draft.add(f"measured_{name}", measured(measure, f"points_{name}"))
        taken = [
            f"max(measured.value) filter (where measured.day = days.day - {each.back}) as {each.name}"
            for each in columns
        ]  # fmt: skip
        wanted = ", ".join(f"days.day - {back}" for back in backs)
        text = f"""
            select days.day, measured.customer_id, {", ".join(taken)}
            from measured_{name} as measured join days on measured.day in ({wanted})
            group by days.day, measured.customer_id
        """
        self.draft.add(name, text)


def measured(measure: StateMeasure, points: str) -> exp.Select:
    """SELECT day, customer_id, value of a state on the days of the common table `points`."""

    def renamed(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Table) and node.name == "days":
            return exp.alias_(exp.to_table(points), node.alias or "days", table=True)
        return node

    kind = "varchar" if measure.values == "text" else "double"
    rows = exp.Subquery(this=parsed(measure.sql).transform(renamed), alias="measured")
    query = exp.select("day", "customer_id", f"cast(value as {kind}) as value").from_(rows)
    return query.where("customer_id is not null", dialect="duckdb")


def _placed(problems: Iterable[Problem], audience: Audience) -> list[Problem]:
    """Problems of a segment at their place in the rule."""
    if audience.kind == "definition":
        return [Problem(("audience", *each.path), each.message, each.values, each.mend) for each in problems]
    what = next(iter(problems))
    message = "The segment “{name}” has a mistake of its own: {what}"
    return [Problem(("audience", "segment"), message, {"name": audience.segment, "what": what})]
