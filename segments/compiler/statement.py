"""Last pass: trees become one SELECT over the profile, as a sqlglot tree with bound values.

A part that several conditions look at is read once: it is joined to the profile at most once a selection. A segment
that others name becomes a common table, so a nest of segments grows with their number, not with the paths through it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import sqlglot
from sqlglot import exp

from segments.catalogue import HISTORY, LISTS, PROFILE
from segments.compiler.comparing import compared, holds_for
from segments.compiler.moments import At
from segments.compiler.tree import (
    AllOf,
    Always,
    AnyOf,
    Attribute,
    EventPart,
    Every,
    Exists,
    Leaf,
    ListPart,
    Measured,
    Not,
    Part,
    RelatedPart,
    SegmentPart,
    SqlPart,
    Tree,
    leaves,
)

ID: Final = "customer_id"
_ROWS: Final = "row_count"
_AGGREGATES: Final = {"sum": exp.Sum, "average": exp.Avg, "minimum": exp.Min, "maximum": exp.Max}


@dataclass
class Statement:
    """One statement under way: its parameters, its common tables, and the selections that it is made of.

    `only` narrows everything to one customer, pushed into every part, for questions about a single person.
    """

    at: At
    segments: Mapping[str, Tree]
    only: int | None = None
    params: dict[str, Any] = field(default_factory=dict)
    tables: set[str] = field(default_factory=set)
    _common: dict[Part, str] = field(default_factory=dict)
    _shared: dict[Part, str] = field(default_factory=dict)
    _with: list[tuple[str, exp.Query]] = field(default_factory=list)

    def bind(self, value: Any) -> exp.Expr:
        """A parameter that holds the value; equal values of one type share it."""
        for name, known in self.params.items():
            if type(known) is type(value) and known == value:
                return exp.Placeholder(this=name)
        name = f"p{len(self.params)}"
        self.params[name] = value
        return exp.Placeholder(this=name)

    def members(self, tree: Tree, columns: Sequence[str] = (ID,)) -> exp.Select:
        """The customers of a tree, with columns of their profile."""
        scope = Scope(self, joined=False)
        condition = scope.condition(tree)
        return scope.select([scope.column(name) for name in columns], condition)

    def flags(self, trees: Mapping[str, Tree], columns: Sequence[str] = (ID,)) -> exp.Select:
        """Every customer with one yes or no a tree; the names are those of the columns."""
        scope = Scope(self, joined=True)
        told = [exp.alias_(scope.flag(tree), name) for name, tree in trees.items()]
        return scope.select([scope.column(name) for name in columns] + told, None)

    def name(self, query: exp.Query, name: str) -> exp.Table:
        """Make a selection a common table of the statement."""
        self._with.append((name, query))
        return exp.to_table(name)

    def share(self, trees: Sequence[Tree]) -> None:
        """Read parts that several of these trees look at once, as common tables with all that is asked of them."""
        seen: dict[Part, int] = {}
        asked: dict[Part, dict[str, exp.Expr]] = {}
        for tree in trees:
            for part in dict.fromkeys(part for leaf in leaves(tree) for part, _, _ in looked_at(leaf)):
                seen[part] = seen.get(part, 0) + 1
            for leaf in leaves(tree):
                for part, function, column in looked_at(leaf):
                    asked.setdefault(part, {})[_named(function, column)] = _aggregate(part, function, column)
        for part, times in seen.items():
            if times > 1 and not isinstance(part, SegmentPart):
                rows = self.relation(part).group_by("1")
                rows = rows.select(*(exp.alias_(each, name, quoted=True) for name, each in asked[part].items()))
                self._shared[part] = f"part_{len(self._shared)}"
                self._with.append((self._shared[part], rows))

    def aggregated(self, part: Part, aggregates: Mapping[str, exp.Expr]) -> exp.Select:
        """One row a customer with what the rows of a part come to."""
        if part in self._shared:
            return exp.select(ID, *(exp.column(name, quoted=True) for name in aggregates)).from_(self._shared[part])
        rows = self.relation(part).group_by("1")
        return rows.select(*(exp.alias_(each, name, quoted=True) for name, each in aggregates.items()))

    def common(self, part: SegmentPart) -> str:
        """Name of the common table with the customers of a segment."""
        if part not in self._common:
            query = self.members(self.segments[part.key])
            name = f"segment_{len(self._common)}"
            self._common[part] = name
            self._with.append((name, query))
        return self._common[part]

    def finish(self, query: exp.Query) -> exp.Query:
        """The statement with its common tables, in the order in which they stand on each other."""
        for name, common in self._with:
            query = query.with_(name, as_=common, materialized=True, copy=False)
        return query

    def relation(self, part: Part) -> exp.Select:
        """The rows of a part, its customers' ids named customer_id; aggregates are added by who needs them."""
        if part in self._shared:
            return exp.select(ID).from_(self._shared[part])
        match part:
            case EventPart() | RelatedPart():
                return self._rows(part)
            case ListPart():
                self.tables.add(LISTS)
                chosen = exp.EQ(this=exp.column("list_key"), expression=self.bind(part.key))
                return self._narrowed(exp.select(ID).from_(LISTS).where(chosen), exp.column(ID))
            case SegmentPart():
                return self._narrowed(exp.select(ID).from_(self.common(part)), exp.column(ID))
            case SqlPart():
                inner = sqlglot.parse_one(part.sql, dialect="duckdb")
                self.tables |= {table.name for table in inner.find_all(exp.Table)}
                known = exp.Not(this=exp.Is(this=exp.column(ID, "asked"), expression=exp.null()))
                asked = exp.select(exp.column(ID, "asked")).from_(exp.Subquery(this=inner, alias="asked")).where(known)
                return self._narrowed(asked, exp.column(ID, "asked"))

    def _rows(self, part: EventPart | RelatedPart) -> exp.Select:
        self.tables.add(part.table)
        owner = exp.column(part.customer)
        query = exp.select(exp.alias_(owner, ID) if part.customer != ID else owner).from_(part.table)
        query = query.where(exp.Not(this=exp.Is(this=owner.copy(), expression=exp.null())))
        limits = self._days(part) if isinstance(part, EventPart) else self._valid(part)
        for limit in limits:
            query = query.where(limit)
        if part.where is not None:
            query = query.where(Scope(self, joined=False, table=part.table).condition(part.where))
        return self._narrowed(query, owner)

    def _days(self, part: EventPart) -> list[exp.Expr]:
        date: exp.Expr = exp.column(part.date)
        date = exp.cast(date, "date") if part.date_cast else date
        found: list[exp.Expr] = []
        if part.start is not None:
            found.append(exp.GTE(this=date.copy(), expression=self.bind(part.start)))
        if part.end is not None:
            found.append(exp.LTE(this=date.copy(), expression=self.bind(part.end)))
        if part.month is not None and part.month != part.date:  # months outside need not even be opened
            for side, day in ((exp.GTE, part.start), (exp.LTE, part.end)):
                if day is not None:
                    found.append(side(this=exp.column(part.month), expression=self.bind(day.replace(day=1))))
        return found

    def _valid(self, part: RelatedPart) -> list[exp.Expr]:
        if part.valid_from is not None:
            found: list[exp.Expr] = [exp.LTE(this=exp.column(part.valid_from), expression=self.bind(part.on))]
            if part.valid_to is not None:
                until = exp.column(part.valid_to)
                later = exp.GT(this=until, expression=self.bind(part.on))
                found.append(exp.paren(exp.or_(exp.Is(this=until.copy(), expression=exp.null()), later)))
            return found
        if part.date is not None:
            return [exp.LTE(this=exp.cast(exp.column(part.date), "date"), expression=self.bind(part.on))]
        return []

    def _narrowed(self, query: exp.Select, owner: exp.Expr) -> exp.Select:
        return query if self.only is None else query.where(exp.EQ(this=owner.copy(), expression=self.bind(self.only)))


@dataclass
class Scope:
    """One selection over the profile, or over the table of a part when `table` is given.

    `joined` reads every part by a join, which costs the same however many conditions look at it; otherwise mere
    existence is asked by IN, which may stop early.
    """

    statement: Statement
    joined: bool
    table: str | None = None
    _joins: dict[Part, tuple[str, dict[str, exp.Expr]]] = field(default_factory=dict)

    def column(self, name: str) -> exp.Expr:
        """A column of the profile, or of the part's table."""
        return exp.column(name, quoted=True) if self.table else exp.column(name, table="p", quoted=True)

    def condition(self, tree: Tree) -> exp.Expr:
        """The tree as a condition in which null stands for false."""
        match tree:
            case Always():
                return exp.true() if tree.holds else exp.false()
            case AllOf():
                return exp.paren(exp.and_(*(self.condition(each) for each in tree.of)))
            case AnyOf():
                return exp.paren(exp.or_(*(self.condition(each) for each in tree.of)))
            case Not():
                return self._refused(tree.of)
            case Attribute():
                return compared(self.column(tree.column), tree.test, self.statement.bind, self.column)
            case Exists():
                return self._exists(tree)
            case Every():
                met, whole = self.aggregate(tree.part, "count", None), self.aggregate(tree.whole, "count", None)
                return exp.EQ(this=met, expression=whole)
            case Measured():
                return self._measured(tree)

    def flag(self, tree: Tree) -> exp.Expr:
        """The tree as a yes or no."""
        return exp.Coalesce(this=self.condition(tree), expressions=[exp.false()])

    def value(self, leaf: Attribute | Measured | Exists | Every) -> exp.Expr:
        """What a leaf looks at: the attribute, the measure, or how many rows there are."""
        match leaf:
            case Attribute():
                return self.column(leaf.column)
            case Measured():
                return self._of(leaf)
        return exp.Coalesce(this=self.aggregate(leaf.part, "count", None), expressions=[exp.Literal.number(0)])

    def aggregate(self, part: Part, function: str, column: str | None) -> exp.Expr:
        """What the rows of a part come to for each customer, null for who has none; the part is joined once."""
        alias, columns = self._joins.setdefault(part, (f"j{len(self._joins)}", {}))
        name = _named(function, column)
        columns[name] = _aggregate(part, function, column)
        return exp.column(name, table=alias, quoted=True)

    def select(self, columns: Sequence[exp.Expr], condition: exp.Expr | None) -> exp.Select:
        """The selection itself."""
        at, statement = self.statement.at, self.statement
        table = PROFILE if at.is_current else HISTORY
        statement.tables.add(table)
        query = exp.select(*columns).from_(exp.alias_(exp.to_table(table), "p", table=True))
        for part, (alias, aggregates) in self._joins.items():
            rows = statement.aggregated(part, aggregates)
            on = exp.EQ(this=exp.column(ID, table=alias), expression=exp.column(ID, table="p"))
            query = query.join(exp.Subquery(this=rows), on=on, join_type="left", join_alias=alias)
        if not at.is_current:
            query = query.where(exp.EQ(this=exp.column("month_end", "p"), expression=statement.bind(at.month_end)))
        if statement.only is not None:
            query = query.where(exp.EQ(this=exp.column(ID, "p"), expression=statement.bind(statement.only)))
        return query if condition is None or condition == exp.true() else query.where(condition)

    def _refused(self, leaf: Tree) -> exp.Expr:
        if isinstance(leaf, Exists):
            return self._exists(leaf, refused=True)
        return exp.Not(this=exp.Is(this=exp.paren(self.condition(leaf)), expression=exp.true()))

    def _exists(self, leaf: Exists, refused: bool = False) -> exp.Expr:
        found: exp.Expr
        if self.joined:
            rows = self.aggregate(leaf.part, "count", None)
            found = exp.Is(this=rows, expression=exp.null())
            return found if refused else exp.Not(this=found)
        found = exp.In(this=self.column(ID), query=exp.Subquery(this=self.statement.relation(leaf.part)))
        return exp.Not(this=found) if refused else found

    def _measured(self, leaf: Measured) -> exp.Expr:
        # A count of nothing is 0. Where 0 would not pass, who has no rows may stay unknown: the join can then be inner.
        value = self._of(leaf) if leaf.zero and holds_for(leaf.test, 0) else self._bare(leaf)
        return compared(value, leaf.test, self.statement.bind, self.column)

    def _of(self, leaf: Measured) -> exp.Expr:
        bare = self._bare(leaf)
        return exp.Coalesce(this=bare, expressions=[exp.Literal.number(0)]) if leaf.zero else bare

    def _bare(self, leaf: Measured) -> exp.Expr:
        return self.aggregate(leaf.part, leaf.function, leaf.column)


def looked_at(leaf: Leaf) -> list[tuple[Part, str, str | None]]:
    """What a leaf asks of which parts: part, function, column."""
    match leaf:
        case Exists():
            return [(leaf.part, "count", None)]
        case Measured():
            return [(leaf.part, leaf.function, leaf.column)]
        case Every():
            return [(leaf.part, "count", None), (leaf.whole, "count", None)]
    return []


def _named(function: str, column: str | None) -> str:
    return _ROWS if function == "count" else "_".join(filter(None, (function, column)))


def _aggregate(part: Part, function: str, column: str | None) -> exp.Expr:
    if function == "count":
        return exp.Count(this=exp.Star())
    if column is not None:
        return _AGGREGATES[function](this=exp.column(column, quoted=True))
    date: exp.Expr = exp.column(part.date) if isinstance(part, EventPart) else exp.null()
    date = exp.cast(date, "date") if isinstance(part, EventPart) and part.date_cast else date
    if function == "days":
        return exp.Count(this=exp.Distinct(expressions=[date]))
    return exp.Min(this=date) if function == "first" else exp.Max(this=date)
