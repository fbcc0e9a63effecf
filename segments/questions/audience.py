"""What the members of a segment have that others have not: the audience's profile against the base."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import erf, sqrt
from typing import Any, Final

from sqlglot import exp

from segments.catalogue import Field
from segments.compiler.statement import ID, Statement
from segments.engine import Compiled
from segments.questions.counting import base_count
from segments.questions.source import Source, answer, counted

MAX_CODES: Final = 200
TOP: Final = 5
SAMPLE: Final = 100_000


@dataclass(frozen=True)
class Share:
    """One value of an attribute: its share among the members and in the base, null where unknown is the value."""

    value: Any
    inside: float
    base: float


@dataclass(frozen=True)
class Differing:
    """How much an attribute sets the members apart.

    `effect` is the total variation distance of the two distributions, 0 (alike) to 1 (nothing in common); for numbers
    it is that of two normal distributions as far apart as the means are, in standard deviations of the base. `inside`
    and `base` are means of numbers or shares of yes; `shares` the values of codes that differ most. `known_inside` and
    `known_base` are the shares of customers whose value is known.
    """

    field: str
    kind: str
    effect: float
    inside: float | None
    base: float | None
    known_inside: float
    known_base: float
    shares: tuple[Share, ...] = ()


@dataclass(frozen=True)
class Audience:
    """The members against all customers, what differs most first."""

    members: int
    base: int
    differing: tuple[Differing, ...]


def profile(source: Source, compiled: Compiled, fields: Iterable[str] | None = None, most: int = 20) -> Audience:
    """Compare the members with the base in these attributes, or in all numbers, yes/no and codes that name no one.

    At most `most` are given, counted over all customers; of a large base every n-th customer says which they are.
    """
    chosen, base = _chosen(compiled, fields), base_count(source, compiled.at)
    every = max(1, base // SAMPLE)
    if every == 1 or len(chosen) <= most:
        found = _compared(source, compiled, chosen)
        return replace(found, differing=found.differing[:most])
    likely = _compared(source, compiled, chosen, every).differing[:most]
    return _compared(source, compiled, [compiled.catalogue.attributes[each.field] for each in likely])


def _compared(source: Source, compiled: Compiled, chosen: Sequence[Field], every: int = 1) -> Audience:
    numbers = [each for each in chosen if each.family in ("number", "boolean")]
    codes = [each for each in chosen if each.family == "text"]
    moments = _moments(source, compiled, numbers, every)
    inside, others = moments.get(True), moments.get(False)
    base = sum(each.rows for each in moments.values())
    if inside is None:
        return Audience(0, base, ())
    members = inside.rows
    found = [_number(each, place, inside, others) for place, each in enumerate(numbers)]
    found += _codes(source, compiled, codes, members, base, every)
    known = [each for each in found if each is not None]
    return Audience(members, base, tuple(sorted(known, key=lambda each: (-each.effect, each.field))))


def _chosen(compiled: Compiled, fields: Iterable[str] | None) -> list[Field]:
    attributes = compiled.catalogue.attributes
    if fields is not None:
        return [attributes[name] for name in fields]
    return [
        each
        for each in attributes.values()
        if each.personal == "none" and each.unit != "id" and each.type in ("number", "integer", "boolean", "code")
    ]


def _marked(statement: Statement, compiled: Compiled, fields: Sequence[Field], every: int) -> exp.Subquery:
    flags = statement.flags({"is_member": compiled.tree}, columns=(ID, *(each.name for each in fields)))
    if every > 1:
        place = exp.Mod(this=exp.column(ID, "p"), expression=exp.Literal.number(every))
        flags = flags.where(exp.EQ(this=place, expression=exp.Literal.number(0)))
    return exp.Subquery(this=flags, alias="marked")


def _of_members(aggregate: exp.Expr) -> exp.Expr:
    return exp.Filter(this=aggregate, expression=exp.Where(this=exp.column("is_member")))


@dataclass(frozen=True)
class _Moments:
    """Rows, and for each number how many are known, their mean and their standard deviation."""

    rows: int
    known: tuple[int, ...]
    means: tuple[float, ...]
    spreads: tuple[float, ...]


def _moments(source: Source, compiled: Compiled, numbers: Sequence[Field], every: int) -> dict[bool, _Moments]:
    """The moments of members (True) and of the others (False); either may be missing."""
    # Grouped by membership: hundreds of aggregates with a FILTER each take DuckDB long to plan.
    statement = compiled.statement()
    told: list[exp.Expr] = [exp.column("is_member"), counted()]
    for place, each in enumerate(numbers):
        value = exp.cast(exp.column(each.name, quoted=True), "double")
        told.append(exp.alias_(exp.Count(this=value), f"k{place}"))
        told.append(exp.alias_(exp.Avg(this=value.copy()), f"a{place}"))
        told.append(exp.alias_(exp.StddevPop(this=value.copy()), f"s{place}"))
    query = exp.select(*told).from_(_marked(statement, compiled, numbers, every)).group_by("1")

    def read(row: dict[str, Any], letter: str) -> tuple[Any, ...]:
        return tuple(row[f"{letter}{place}"] or 0 for place in range(len(numbers)))

    rows = answer(source, statement, query).to_pylist()
    return {row["is_member"]: _Moments(row["rows"], read(row, "k"), read(row, "a"), read(row, "s")) for row in rows}


def _number(each: Field, place: int, inside: _Moments, others: _Moments | None) -> Differing | None:
    known, mean = inside.known[place], inside.means[place]
    more, elsewhere = (others.known[place], others.means[place]) if others else (0, 0.0)
    if not known:
        return None
    total, rows = known + more, inside.rows + (others.rows if others else 0)
    base = (known * mean + more * elsewhere) / total
    if each.family == "boolean":
        effect = abs(mean - base)
    else:
        spreads = known * inside.spreads[place] ** 2 + (more * others.spreads[place] ** 2 if others else 0.0)
        between = known * (mean - base) ** 2 + more * (elsewhere - base) ** 2
        spread = sqrt((spreads + between) / total)
        effect = erf(abs(mean - base) / spread / 2 / sqrt(2)) if spread else 0.0
    return Differing(each.name, each.type, effect, mean, base, known / inside.rows, total / rows)


def _codes(
    source: Source, compiled: Compiled, codes: Sequence[Field], members: int, base: int, every: int
) -> list[Differing | None]:
    if not codes:
        return []
    statement = compiled.statement()
    marked = statement.name(_marked(statement, compiled, codes, every).this, "marked")
    queries: list[exp.Query] = [_spread(each, place, marked) for place, each in enumerate(codes)]
    union = queries[0] if len(queries) == 1 else exp.union(*queries, distinct=False)
    rows: dict[int, list[dict[str, Any]]] = {}
    for row in answer(source, statement, union).to_pylist():
        rows.setdefault(row["place"], []).append(row)
    return [_code(each, rows.get(place, []), members, base) for place, each in enumerate(codes)]


def _spread(each: Field, place: int, marked: exp.Table) -> exp.Select:
    value = exp.cast(exp.column(each.name, quoted=True), "varchar")
    rows = exp.Count(this=exp.Star())
    told = [
        exp.alias_(exp.Literal.number(place), "place"), exp.alias_(value, "value"), exp.alias_(rows, "b"),
        exp.alias_(_of_members(rows.copy()), "m"),
    ]  # fmt: skip
    return exp.select(*told).from_(marked.copy()).group_by("2")


def _code(each: Field, rows: list[dict[str, Any]], members: int, base: int) -> Differing | None:
    known_inside = sum(row["m"] for row in rows if row["value"] is not None)
    known_base = sum(row["b"] for row in rows if row["value"] is not None)
    if not known_base or len(rows) > MAX_CODES:
        return None
    shares = [Share(row["value"], row["m"] / members, row["b"] / base) for row in rows]
    effect = sum(abs(share.inside - share.base) for share in shares) / 2
    shares.sort(key=lambda share: (-abs(share.inside - share.base), str(share.value)))
    return Differing(
        each.name, each.type, effect, None, None, known_inside / members, known_base / base, tuple(shares[:TOP])
    )
