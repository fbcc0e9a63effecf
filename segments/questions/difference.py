"""What changes when one definition takes the place of another."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlglot import exp

from segments.compiler.statement import ID, Statement
from segments.engine import Compiled
from segments.questions.members import together
from segments.questions.source import Source, answer, counted


@dataclass(frozen=True)
class Side:
    """Customers, and the sum and average of what they are valued by; None where nobody has a value."""

    customers: int
    value: Decimal | float | None
    average: float | None


@dataclass(frozen=True)
class Mover:
    """A customer that enters or leaves."""

    customer_id: int
    entered: bool
    value: Decimal | float | None


@dataclass(frozen=True)
class Changed:
    """From the old definition to the new one; `movers` are the most valuable of those who enter or leave."""

    value_column: str
    before: Side
    after: Side
    entered: Side
    left: Side
    kept: Side
    movers: tuple[Mover, ...]


def difference(
    source: Source, old: Compiled, new: Compiled, value_column: str = "arpu_3m", movers: int = 20
) -> Changed:
    """Who enters, leaves and stays, and what they are worth by an attribute of the profile."""
    if new.catalogue.attributes[value_column].family != "number":
        raise ValueError(f"{value_column} is not a number")
    statement = together({"old": old, "new": new}).statement()
    marked = _marked(statement, old, new, value_column)
    value = exp.column("value")
    told = [
        exp.column("is_old"), exp.column("is_new"), counted(),
        exp.alias_(exp.Sum(this=value), "value"), exp.alias_(exp.Count(this=value.copy()), "known"),
    ]  # fmt: skip
    query = exp.select(*told).from_(marked).group_by("1", "2")
    found = {(row["is_old"], row["is_new"]): row for row in answer(source, statement, query).to_pylist()}

    def side(*wanted: tuple[bool, bool]) -> Side:
        return _side([found[each] for each in wanted if each in found])

    entered, left, kept = (False, True), (True, False), (True, True)
    return Changed(
        value_column, side(left, kept), side(entered, kept), side(entered), side(left), side(kept),
        _movers(source, old, new, value_column, movers),
    )  # fmt: skip


def _marked(statement: Statement, old: Compiled, new: Compiled, value_column: str) -> exp.Subquery:
    flags = statement.flags({"is_old": old.tree, "is_new": new.tree}, columns=(ID, value_column))
    for column in flags.selects:
        if column.name == value_column:
            column.replace(exp.alias_(column.copy(), "value"))
    return exp.Subquery(this=flags, alias="marked")


def _movers(source: Source, old: Compiled, new: Compiled, value_column: str, limit: int) -> tuple[Mover, ...]:
    statement = together({"old": old, "new": new}).statement()
    marked = _marked(statement, old, new, value_column)
    moved = exp.NEQ(this=exp.column("is_old"), expression=exp.column("is_new"))
    order = exp.Ordered(this=exp.column("value"), desc=True, nulls_first=False)
    query = exp.select(ID, "is_new", "value").from_(marked).where(moved).order_by(order, ID).limit(limit)
    rows = answer(source, statement, query).to_pylist()
    return tuple(Mover(row[ID], row["is_new"], row["value"]) for row in rows)


def _side(rows: list[dict[str, Any]]) -> Side:
    customers, known = sum(row["rows"] for row in rows), sum(row["known"] for row in rows)
    values = [row["value"] for row in rows if row["value"] is not None]
    total = sum(values) if values else None
    return Side(customers, total, float(total) / known if total is not None and known else None)
