"""The first reading of a query, by sqlglot: one SELECT over tables that are open, of parts that are known.

What passes is written anew from the tree, without comments, so that the text that runs is the one that was understood;
`tree.read` then reads that text a second time as DuckDB does, and both must find the same tables.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel, ParseError, SqlglotError
from sqlglot.tokens import Token, TokenType

from vitrina.access.errors import Refused
from vitrina.access.functions import FUNCTIONS
from vitrina.access.tree import read

DIALECT: Final = "duckdb"


@dataclass(frozen=True)
class Bounds:
    """How large a query may be, since parsers and planners do not look at the clock."""

    characters: int
    tokens: int
    depth: int
    tables: int


# Orders of joins are tried without a look at the clock: twenty tables side by side took 17 seconds.
PEOPLES: Final = Bounds(characters=20_000, tokens=4_000, depth=60, tables=15)
# What our own code writes joins each table to the customers, an order that is not tried: eighty took one second.
OURS: Final = Bounds(characters=400_000, tokens=60_000, depth=120, tables=150)

_BEGINNINGS: Final = {TokenType.SELECT, TokenType.WITH, TokenType.FROM, TokenType.L_PAREN}
_PARTS: Final = {
    exp.Select, exp.Union, exp.Except, exp.Intersect, exp.Subquery, exp.From, exp.Join, exp.Where, exp.Group,
    exp.Having, exp.Qualify, exp.Order, exp.Ordered, exp.Limit, exp.Offset, exp.Distinct, exp.With, exp.CTE,
    exp.TableAlias, exp.Table, exp.Identifier, exp.Column, exp.Star, exp.Alias, exp.Literal, exp.Null, exp.Boolean,
    exp.Placeholder, exp.Var, exp.Paren, exp.Tuple, exp.Values, exp.Not, exp.Neg, exp.Between, exp.In, exp.Is,
    exp.Like, exp.ILike, exp.SimilarTo, exp.Escape, exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE,
    exp.NullSafeEQ, exp.NullSafeNEQ, exp.Add, exp.Sub, exp.Mul, exp.Div, exp.IntDiv, exp.Mod, exp.DPipe,
    exp.BitwiseAnd, exp.BitwiseOr, exp.DataType, exp.DataTypeParam, exp.Interval, exp.Window, exp.WindowSpec,
    exp.Filter, exp.Exists, exp.Bracket, exp.AtTimeZone, exp.IgnoreNulls, exp.RespectNulls, exp.WithinGroup,
    exp.Rollup, exp.Cube, exp.GroupingSets, exp.Grouping, exp.Any, exp.And, exp.Or, exp.Case, exp.If, exp.Cast,
    exp.TryCast, exp.Extract, exp.Coalesce, exp.Nullif, exp.Array, exp.CurrentDate, exp.CurrentTimestamp, exp.Try,
}  # fmt: skip


@dataclass(frozen=True)
class Checked:
    """A query that may run: its text, its tables, and what it looks at.

    `named` are all the columns that it names, `shown` those of its SELECT lists, `whole` the tables of which it takes
    whole rows. `single` is where the id of the one customer it asks for stands: the place of a parameter, its name, or
    the id itself as text with a ``=`` before it; None when it asks for no one alone. `shape` is the text without its
    literals, which may be names and numbers of people, for the audit log.
    """

    sql: str
    tables: frozenset[str]
    named: frozenset[str]
    shown: frozenset[str]
    whole: frozenset[str]
    shape: str
    single: int | str | None = None


@lru_cache(maxsize=2000)
def check(sql: str, tables: frozenset[str], bounds: Bounds = PEOPLES) -> Checked:
    """The query as it may run on `tables` (lower case). Raises `Refused`, naming the place."""
    try:
        tree = _parsed(sql, bounds)
        found = _walk(tree, tables, bounds)
        text = tree.sql(DIALECT, comments=False, unsupported_level=ErrorLevel.RAISE)
        shown, whole, single = _shown(tree), _whole(tree) & tables, _single(tree)
        named = frozenset(column.name.lower() for column in tree.find_all(exp.Column))
        shape = _shape(tree)
        reading = read(text, tables)
    except RecursionError:
        raise Refused("too_deep") from None
    except SqlglotError:
        raise Refused("not_understood", line=1, column=1) from None
    if closed := sorted(reading.tables - tables) or sorted(reading.tables ^ found):
        raise Refused("table_closed", table=closed[0])
    return Checked(text, frozenset(found), named, shown, whole, shape, single)


def _parsed(sql: str, bounds: Bounds) -> exp.Expr:
    if len(sql) > bounds.characters:
        raise Refused("too_long", limit=bounds.characters)
    try:
        tokens = sqlglot.tokenize(sql, read=DIALECT)
        _bounded(tokens, bounds)
        trees = sqlglot.Dialect.get_or_raise(DIALECT).parser().parse(_numbered(tokens), sql)
    except ParseError as error:
        place = error.errors[0] if error.errors else {}
        raise Refused("not_understood", line=place.get("line", 1), column=place.get("col", 1)) from None
    except SqlglotError:
        raise Refused("not_understood", line=1, column=1) from None
    queries = [tree for tree in trees if tree is not None and not isinstance(tree, exp.Semicolon)]
    if len(queries) != 1 or not isinstance(queries[0], exp.Select | exp.SetOperation | exp.Subquery):
        raise Refused("not_one_query")
    return queries[0]


def _bounded(tokens: Sequence[Token], bounds: Bounds) -> None:
    """One query, by its first word and its only end; and parsers recurse, so not one that would exhaust them."""
    if len(tokens) > bounds.tokens:
        raise Refused("too_long", limit=bounds.characters)
    opened, closed = (
        {TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE, TokenType.CASE},
        {TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE, TokenType.END},
    )
    # sqlglot writes statements that it does not know to the log, with all that stands in them.
    ends = [place for place, token in enumerate(tokens) if token.token_type == TokenType.SEMICOLON]
    if not tokens or tokens[0].token_type not in _BEGINNINGS or any(place < len(tokens) - 1 for place in ends):
        raise Refused("not_one_query")
    depth = 0
    for token in tokens:
        depth += (token.token_type in opened) - (token.token_type in closed)
        if depth > bounds.depth:
            raise Refused("too_deep")


def _numbered(tokens: Sequence[Token]) -> list[Token]:
    """Each ``?`` as ``$1``, ``$2`` … in the order of the text, which the text that is written anew need not keep."""
    result: list[Token] = []
    count = 0
    for token in tokens:
        if token.token_type == TokenType.PLACEHOLDER:
            count += 1
            for kind, text in ((TokenType.PARAMETER, "$"), (TokenType.NUMBER, str(count))):
                result.append(Token(kind, text, token.line, token.col, token.start, token.end))
        else:
            result.append(token)
    return result


def _walk(tree: exp.Expr, tables: frozenset[str], bounds: Bounds) -> set[str]:
    """Look at every part; returns the tables that are no parts (WITH) of the query."""
    if sum(1 for _ in tree.find_all(exp.Table)) > bounds.tables:
        raise Refused("too_many_tables", limit=bounds.tables)
    known, parts = _known_functions(), {part.alias.lower() for part in tree.find_all(exp.CTE)}
    found: set[str] = set()
    for node in tree.walk():
        if isinstance(node, exp.Table):
            name = _table(node)
            if name not in parts:
                found.add(name)
                if name not in tables:
                    raise Refused("table_closed", table=node.name)
        elif isinstance(node, exp.Anonymous):
            if node.name.lower() not in FUNCTIONS:
                raise Refused("function_closed", function=node.name)
        elif type(node) not in _PARTS and type(node) not in known and not _is_given_list(node):
            raise _refusal(node)
        elif isinstance(node, exp.Column) and (node.args.get("db") or node.args.get("catalog")):
            raise Refused("table_qualified", table=node.sql(DIALECT, comments=False)[:100])
        elif isinstance(node, exp.With) and node.args.get("recursive"):
            raise Refused("not_allowed", what="RECURSIVE")
        elif isinstance(node, exp.CTE) and node.args.get("materialized") is False:
            # Parts written out in each other make plans of any size out of a few lines.
            raise Refused("not_allowed", what="NOT MATERIALIZED")
        elif isinstance(node, exp.Replace):
            _no_growth(node)
    return found


def _is_given_list(node: exp.Expr) -> bool:
    """unnest() of a parameter: rows of a list that our own code hands in, which is as long as it is."""
    return isinstance(node, exp.Explode) and isinstance(node.this, exp.Placeholder | exp.Parameter)


def _no_growth(node: exp.Replace) -> None:
    """DuckDB does not count what replace() makes against the memory limit, so it may make nothing longer."""
    old, new = node.args.get("expression"), node.args.get("replacement")
    texts = [each for each in (old, new) if isinstance(each, exp.Literal) and each.is_string]
    if len(texts) != 2 or len(texts[1].name.encode()) > len(texts[0].name.encode()):
        raise Refused("replace_grows")


def _refusal(node: exp.Expr) -> Refused:
    if isinstance(node, exp.Func):
        return Refused("function_closed", function=node.sql_name())
    return Refused("not_allowed", what=node.key.upper())


def _table(node: exp.Table) -> str:
    """The plain name of a table; files, functions, samples and names with a schema are none."""
    name = node.this
    if not isinstance(name, exp.Identifier):
        raise Refused("not_allowed", what=node.sql(DIALECT, comments=False)[:100])
    if node.args.get("db") or node.args.get("catalog"):
        raise Refused("table_qualified", table=node.sql(DIALECT, comments=False)[:100])
    if extra := [key for key, value in node.args.items() if value and key not in ("this", "alias", "joins")]:
        raise Refused("not_allowed", what=extra[0].upper())
    return str(name.this).lower() if str(name.this).isascii() else str(name.this)


@lru_cache(maxsize=1)
def _known_functions() -> frozenset[type[exp.Expr]]:
    """Node classes that sqlglot makes of the functions on the list; a class of another function is refused."""
    classes: set[type[exp.Expr]] = set()
    for name in sorted(each for each in FUNCTIONS if each.isidentifier()):
        for arguments in ("", "a", "a, b", "'a', b, c", "a, b, c, d"):
            try:
                classes |= {type(node) for node in sqlglot.parse_one(f"{name}({arguments})", read=DIALECT).walk()}
            except (SqlglotError, IndexError, AttributeError):
                continue
    return frozenset(each for each in classes if issubclass(each, exp.Func)) - {exp.Anonymous}


def _shown(tree: exp.Expr) -> frozenset[str]:
    """Names of columns in the SELECT lists, those of queries within queries too."""
    lists = (part for query in tree.find_all(exp.Select) for part in query.expressions)
    return frozenset(column.name.lower() for part in lists for column in part.find_all(exp.Column))


def _whole(tree: exp.Expr) -> frozenset[str]:
    """Tables of which a query takes whole rows: by a star outside of count(*), by their name as a value."""
    # Columns that a source renames may be any.
    renamed = (table for table in tree.find_all(exp.Table) if table.args.get("alias") and table.alias_column_names)
    found = {table.name.lower() for table in renamed}
    for query in tree.find_all(exp.Select):
        sources = {table.alias_or_name.lower(): table.name.lower() for table in _sources(query)}
        for part in query.expressions:
            stars = [star for star in part.find_all(exp.Star) if not isinstance(star.parent, exp.Count)]
            if any(not isinstance(star.parent, exp.Column) for star in stars):
                found |= set(sources.values())
            # Of a column the table's name before a star, or what may be the table itself: a name that is a source's.
            named = {column.table.lower() for column in part.find_all(exp.Column) if isinstance(column.this, exp.Star)}
            named |= {column.name.lower() for column in part.find_all(exp.Column)}
            found |= {sources[name] for name in named & sources.keys()}
    return frozenset(found)


def _sources(query: exp.Select) -> Iterable[exp.Table]:
    start = query.args.get("from_") or query.args.get("from")
    parts = [start.this] if start is not None else []
    parts += [join.this for join in query.args.get("joins") or ()]
    for part in parts:
        if isinstance(part, exp.Table):
            yield part
            yield from (join.this for join in part.args.get("joins") or () if isinstance(join.this, exp.Table))
        elif isinstance(part, exp.Subquery | exp.Paren):
            # ((a JOIN b)) is a source in parentheses, and no query.
            yield from (table for table in part.find_all(exp.Table) if table.find_ancestor(exp.Select) is query)


def _shape(tree: exp.Expr) -> str:
    literals = tree.find_all(exp.Literal)
    for literal in list(literals):
        literal.replace(exp.Placeholder())
    return tree.sql(DIALECT, comments=False)[:2000]


def _single(tree: exp.Expr) -> int | str | None:
    """Where a query says `customer_id = …` as one of the conditions that all must hold."""
    where = tree.args.get("where")
    for condition in _conjuncts(where.this) if where is not None else ():
        if isinstance(condition, exp.EQ):
            for column, value in ((condition.left, condition.right), (condition.right, condition.left)):
                if isinstance(column, exp.Column) and column.name.lower() == "customer_id":
                    if isinstance(value, exp.Placeholder):
                        place = str(value.this)
                        return int(place) if place.isdigit() else place
                    if isinstance(value, exp.Literal) and not value.is_string:
                        return f"={value.name}"
    return None


def _conjuncts(condition: exp.Expr) -> Iterable[exp.Expr]:
    return condition.flatten() if isinstance(condition, exp.And) else (condition,)


def asked_customer(checked: Checked, params: Sequence[Any] | Mapping[str, Any] | None) -> int | None:
    """Id of the one customer that the query asks for, None when there is none or it is no number."""
    place = checked.single
    try:
        if isinstance(place, int) and not isinstance(params, Mapping):
            return int((params or ())[place - 1])
        if isinstance(place, str) and place.startswith("="):
            return int(place[1:])
        if isinstance(place, str) and isinstance(params, Mapping):
            return int(params[place])
    except (IndexError, KeyError, TypeError, ValueError):
        return None
    return None
