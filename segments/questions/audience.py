"""What the members of a segment have that others have not: the audience's profile against the base."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import erf, sqrt
from typing import Any, Final

from sqlglot import exp

from segments.catalogue import Field
from segments.compiler.statement import ID, Statement
from segments.engine import Compiled
from segments.questions.source import Source, answer, one_row

MAX_CODES: Final = 200
TOP: Final = 5


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


def profile(source: Source, compiled: Compiled, fields: Iterable[str] | None = None) -> Audience:
    """Compare the members with the base in these attributes, or in all numbers, yes/no and codes that name no one."""
    chosen = _chosen(compiled, fields)
    numbers = [each for each in chosen if each.family in ("number", "boolean")]
    codes = [each for each in chosen if each.family == "text"]
    row = _numbers(source, compiled, numbers)
    members, base = int(row["m_rows"] or 0), int(row["b_rows"])
    if not members:
        return Audience(0, base, ())
    found = [_number(each, row, place, members, base) for place, each in enumerate(numbers)]
    found += _codes(source, compiled, codes, members, base)
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


def _marked(statement: Statement, compiled: Compiled, fields: Sequence[Field]) -> exp.Subquery:
    flags = statement.flags({"is_member": compiled.tree}, columns=(ID, *(each.name for each in fields)))
    return exp.Subquery(this=flags, alias="marked")


def _of_members(aggregate: exp.Expr) -> exp.Expr:
    return exp.Filter(this=aggregate, expression=exp.Where(this=exp.column("is_member")))


def _numbers(source: Source, compiled: Compiled, numbers: Sequence[Field]) -> dict[str, Any]:
    statement = compiled.statement()
    rows = exp.Count(this=exp.Star())
    told: list[exp.Expr] = [exp.alias_(rows, "b_rows"), exp.alias_(_of_members(rows.copy()), "m_rows")]
    for place, each in enumerate(numbers):
        value = exp.cast(exp.column(each.name, quoted=True), "double")
        for letter, narrowed in (("b", lambda found: found), ("m", _of_members)):
            told.append(exp.alias_(narrowed(exp.Avg(this=value.copy())), f"{letter}a{place}"))
            told.append(exp.alias_(narrowed(exp.Count(this=value.copy())), f"{letter}k{place}"))
        told.append(exp.alias_(exp.StddevPop(this=value.copy()), f"bs{place}"))
    return one_row(source, statement, exp.select(*told).from_(_marked(statement, compiled, numbers)))


def _number(each: Field, row: dict[str, Any], place: int, members: int, base: int) -> Differing | None:
    inside, outside, spread = row[f"ma{place}"], row[f"ba{place}"], row[f"bs{place}"]
    if inside is None or outside is None:
        return None
    if each.family == "boolean":
        effect = abs(inside - outside)
    else:
        effect = erf(abs(inside - outside) / spread / 2 / sqrt(2)) if spread else 0.0
    known = (row[f"mk{place}"] / members, row[f"bk{place}"] / base)
    return Differing(each.name, each.type, effect, inside, outside, *known)


def _codes(
    source: Source, compiled: Compiled, codes: Sequence[Field], members: int, base: int
) -> list[Differing | None]:
    if not codes:
        return []
    statement = compiled.statement()
    marked = statement.name(_marked(statement, compiled, codes).this, "marked")
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
