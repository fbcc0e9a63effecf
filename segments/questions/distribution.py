"""What values a field has: for the builder's pick lists, and beside an attribute while somebody chooses it."""

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final

from sqlglot import exp

from segments.catalogue import PROFILE, Catalogue, Field, unknown
from segments.compiler.moments import At
from segments.compiler.statement import Statement
from segments.errors import DefinitionError
from segments.questions.source import Source, answer, one_row

BINS: Final = 20
_TABLE: Final = "t"
_NO_DAY: Final = dt.date.min


@dataclass(frozen=True)
class Value:
    """A value, what it is called where another mart names it, and in how many rows it stands."""

    value: Any
    label: str | None
    rows: int


@dataclass(frozen=True)
class Bin:
    """Rows with a value from `low` up to and, in the last one, with `high`."""

    low: float
    high: float
    rows: int


@dataclass(frozen=True)
class Distribution:
    """`rows` and those whose value is not known; for numbers and dates the ends, for numbers the average and median.

    `bins` of numbers reach from the 1st to the 99th percentile, and the outermost hold what lies beyond; codes, texts
    and yes/no have their most frequent `values`.
    """

    field: str
    rows: int
    unknown: int
    minimum: Any = None
    maximum: Any = None
    average: float | None = None
    median: float | None = None
    bins: tuple[Bin, ...] = ()
    values: tuple[Value, ...] = ()


def values(
    source: Source, catalogue: Catalogue, name: str, owner: str = "", search: str = "", limit: int = 50,
    language: str = "ru",
) -> tuple[Value, ...]:  # fmt: skip
    """The most frequent values of a field whose value or label holds `search`. Raises `DefinitionError`.

    `owner` is "" for attributes of the profile, otherwise an event or related object.
    """
    table, field = _place(catalogue, name, owner)
    statement = Statement(At.current(_NO_DAY), {})
    value = exp.column(field.name, table=_TABLE, quoted=True)
    query = exp.select(exp.alias_(value, "value"), exp.alias_(exp.Count(this=exp.Star()), "rows"))
    query = query.from_(exp.alias_(exp.to_table(table), _TABLE, table=True))
    label, group = _label(field, language), ["1"]
    if label is not None:
        mart, key, column = label
        on = exp.EQ(this=exp.column(key, "l", quoted=True), expression=value.copy())
        query = query.select(exp.alias_(exp.column(column, "l", quoted=True), "label"))
        query = query.join(exp.alias_(exp.to_table(mart), "l", table=True), on=on, join_type="left")
        group.append("3")
    query = query.where(exp.Not(this=exp.Is(this=value.copy(), expression=exp.null())))
    if search:
        query = query.where(_holding(statement, value, label, search))
    order = exp.Ordered(this=exp.column("rows"), desc=True, nulls_first=False)
    query = query.group_by(*group).order_by(order, exp.column("value")).limit(limit)
    return tuple(
        Value(row["value"], row.get("label"), row["rows"]) for row in answer(source, statement, query).to_pylist()
    )


def distribution(
    source: Source, catalogue: Catalogue, name: str, owner: str = "", language: str = "ru"
) -> Distribution:
    """How the values of a field are spread over its table today. Raises `DefinitionError` for a field not known."""
    table, field = _place(catalogue, name, owner)
    value = exp.column(field.name, quoted=True)
    told = [exp.alias_(exp.Count(this=exp.Star()), "rows"), exp.alias_(exp.Count(this=value), "known")]
    is_number = field.family == "number"
    if is_number or field.family == "date":
        told += [exp.alias_(exp.Min(this=value.copy()), "minimum"), exp.alias_(exp.Max(this=value.copy()), "maximum")]
    if is_number:
        double = exp.cast(value.copy(), "double")
        told.append(exp.alias_(exp.Avg(this=double), "average"))
        for at, alias in ((0.01, "low"), (0.5, "median"), (0.99, "high")):
            quantile = exp.func("quantile_cont", double.copy(), exp.Literal.number(at), dialect="duckdb")
            told.append(exp.alias_(quantile, alias))
    row = one_row(source, Statement(At.current(_NO_DAY), {}), exp.select(*told).from_(table))
    ends = {each: row.get(each) for each in ("minimum", "maximum", "average", "median")}
    bins = _bins(source, table, field, row) if is_number and row["known"] else ()
    most = () if is_number or field.family == "date" else values(source, catalogue, name, owner, "", BINS, language)
    return Distribution(name, row["rows"], row["rows"] - row["known"], **ends, bins=bins, values=most)


def _bins(source: Source, table: str, field: Field, row: dict[str, Any]) -> tuple[Bin, ...]:
    low, high = float(row["low"]), float(row["high"])
    if low == high:
        low, high = float(row["minimum"]), float(row["maximum"])
    if low == high:
        return (Bin(low, high, row["known"]),)
    count = min(BINS, int(high - low)) or 1 if field.type == "integer" else BINS
    width = (high - low) / count
    statement = Statement(At.current(_NO_DAY), {})
    value = exp.cast(exp.column(field.name, quoted=True), "double")
    above = exp.paren(exp.Sub(this=value, expression=statement.bind(low)))
    place = exp.Floor(this=exp.Div(this=above, expression=statement.bind(width)))
    clipped: exp.Expr = exp.Least(this=place, expressions=[statement.bind(float(count - 1))])
    clipped = exp.Greatest(this=clipped, expressions=[statement.bind(0.0)])
    known = exp.Not(this=exp.Is(this=exp.column(field.name, quoted=True), expression=exp.null()))
    told = [exp.alias_(clipped, "place"), exp.alias_(exp.Count(this=exp.Star()), "rows")]
    query = exp.select(*told).from_(table).where(known).group_by("1")
    found = {int(each["place"]): each["rows"] for each in answer(source, statement, query).to_pylist()}
    return tuple(Bin(low + place * width, low + (place + 1) * width, found.get(place, 0)) for place in range(count))


def _place(catalogue: Catalogue, name: str, owner: str) -> tuple[str, Field]:
    if not owner:
        found = catalogue.attribute(name)
        if found is None:
            raise DefinitionError([unknown((name,), name, catalogue.attributes)])
        return PROFILE, found
    entity = catalogue.related.get(owner) or catalogue.events.get(owner)
    if entity is None or name not in entity.fields:
        raise DefinitionError([unknown((owner, name), name, entity.fields if entity else catalogue.events)])
    return entity.table, entity.fields[name]


def _label(field: Field, language: str) -> tuple[str, str, str] | None:
    """Mart, key and label column that name the codes of a field."""
    parts = (field.values_from or "").replace("{lang}", language).split(".")
    return (parts[0], parts[1], parts[2]) if len(parts) == 3 else None


def _holding(statement: Statement, value: exp.Expr, label: tuple[str, str, str] | None, search: str) -> exp.Expr:
    wanted = exp.Lower(this=statement.bind(search))
    texts = [value.copy()] + ([exp.column(label[2], "l", quoted=True)] if label else [])
    lowered = [exp.Lower(this=exp.cast(text, "varchar")) for text in texts]
    return exp.paren(exp.or_(*(exp.func("contains", text, wanted.copy(), dialect="duckdb") for text in lowered)))
