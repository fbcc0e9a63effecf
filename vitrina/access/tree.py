"""The second reading of a query, by DuckDB's own parser: every part of its tree must be of a kind that is listed here.

The first reading is sqlglot's (sql.py). The two are different programs, and a text that they understand differently is
how a query gets out; so the text that runs is read once more, as DuckDB understands it, and whatever is not known to be
harmless is refused. Nothing is bound or executed here.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

import duckdb

from vitrina.access.errors import Refused
from vitrina.access.functions import CLOSED_BARE, FUNCTIONS, TYPES

_QUERIES: Final = {"SELECT_NODE", "SET_OPERATION_NODE"}
_SOURCES: Final = {"BASE_TABLE", "SUBQUERY", "JOIN", "EMPTY", "EXPRESSION_LIST"}
_JOINS: Final = {"REGULAR", "NATURAL", "CROSS", "ASOF"}
_MODIFIERS: Final = {"ORDER_MODIFIER", "LIMIT_MODIFIER", "LIMIT_PERCENT_MODIFIER", "DISTINCT_MODIFIER"}
_ORDERS: Final = {"ORDER_DEFAULT", "ASCENDING", "DESCENDING"}
_CLASSES: Final = {
    "BETWEEN", "CASE", "CAST", "COLUMN_REF", "COMPARISON", "CONJUNCTION", "CONSTANT", "FUNCTION", "OPERATOR",
    "PARAMETER", "STAR", "SUBQUERY", "TYPE", "WINDOW",
}  # fmt: skip
_OPERATORS: Final = {
    "OPERATOR_NOT", "OPERATOR_IS_NULL", "OPERATOR_IS_NOT_NULL", "OPERATOR_COALESCE", "OPERATOR_NULLIF", "COMPARE_IN",
    "COMPARE_NOT_IN", "ARRAY_EXTRACT", "ARRAY_CONSTRUCTOR", "OPERATOR_TRY",
    "GROUPING_FUNCTION",
}  # fmt: skip


@dataclass
class Reading:
    """What DuckDB finds in a text: tables that are no parts of the query itself, and functions, all in lower case."""

    reserved: frozenset[str]
    tables: set[str] = field(default_factory=set)
    functions: set[str] = field(default_factory=set)


def read(sql: str, reserved: frozenset[str] = frozenset()) -> Reading:
    """The reading of one SELECT, whose parts (WITH) may not take the names in `reserved`.

    Raises `Refused` for anything else and for what is not known to be harmless.
    """
    told = json.loads(_serialized(sql))
    if told.get("error"):
        raise Refused("not_one_query")
    if len(told["statements"]) != 1:
        raise Refused("not_one_query")
    reading = Reading(reserved)
    _query(told["statements"][0]["node"], frozenset(), reading)
    return reading


def _serialized(sql: str) -> str:
    with _parser().cursor() as cursor:
        try:
            row = cursor.execute("SELECT json_serialize_sql(?)", [sql]).fetchone()
        except duckdb.Error:
            raise Refused("not_one_query") from None
    return str(row[0]) if row else '{"error": true}'


@lru_cache(maxsize=1)
def _parser() -> duckdb.DuckDBPyConnection:
    config: dict[str, Any] = {"enable_external_access": False, "autoload_known_extensions": False, "threads": 1}
    return duckdb.connect(":memory:", config=config)


@lru_cache(maxsize=1)
def engine_names() -> frozenset[str]:
    """Names that stand for something in an empty DuckDB: no part of a query may take one."""
    with _parser().cursor() as cursor:
        query = "SELECT lower(view_name) FROM duckdb_views() WHERE schema_name IN ('main', 'pg_catalog')"
        return frozenset(str(name) for (name,) in cursor.execute(query).fetchall())


def _query(node: dict[str, Any], known: frozenset[str], reading: Reading) -> None:
    """A SELECT or a set operation; `known` are the names that queries around it have given to their parts."""
    kind = node.get("type")
    if kind not in _QUERIES:
        raise Refused("not_allowed", what=_said(kind))
    parts = {entry["key"]: entry["value"] for entry in node.get("cte_map", {}).get("map", [])}
    for name in parts:
        _part_name(name, reading.reserved)
    known = known | {name.lower() for name in parts}
    for part in parts.values():
        _query(part["query_node"], known, reading)
        _each((value for key, value in part.items() if key != "query_node"), known, reading)
    if node.get("sample") is not None:
        raise Refused("not_allowed", what="SAMPLE")
    _each((value for key, value in node.items() if key != "cte_map"), known, reading)


def _part_name(name: str, reserved: frozenset[str]) -> None:
    """Where a part's name is used outside its reach, it must mean nothing: no table, no file."""
    if not (name.isascii() and name.isidentifier()) or name.lower() in reserved | engine_names():
        raise Refused("name_taken", name=name)


def _each(values: Iterable[Any], known: frozenset[str], reading: Reading) -> None:
    for value in values:
        if isinstance(value, list):
            _each(value, known, reading)
        elif isinstance(value, dict):
            _part(value, known, reading)


def _part(node: dict[str, Any], known: frozenset[str], reading: Reading) -> None:
    if "class" in node:
        _expression(node, known, reading)
    elif node.get("type") in _QUERIES or "cte_map" in node:
        _query(node, known, reading)
    elif "type" not in node or node["type"] in _MODIFIERS | _ORDERS:
        _each(node.values(), known, reading)
    elif node["type"] in _SOURCES:
        _source(node, known, reading)
    else:
        raise Refused("not_allowed", what=_said(node["type"]))


def _source(node: dict[str, Any], known: frozenset[str], reading: Reading) -> None:
    if node.get("sample") is not None:
        raise Refused("not_allowed", what="SAMPLE")
    if node["type"] == "BASE_TABLE":
        reading.tables |= {_table(node)} - known
    if node["type"] == "JOIN" and node["ref_type"] not in _JOINS:
        raise Refused("not_allowed", what=f"{_said(node['ref_type'])} JOIN")
    _each(node.values(), known, reading)


def _table(node: dict[str, Any]) -> str:
    name = str(node["table_name"])
    if node["schema_name"] or node["catalog_name"] or len(node["qualified_name"]["path"]) != 1:
        raise Refused("table_qualified", table=name)
    if node["at_clause"] is not None:
        raise Refused("not_allowed", what="AT")
    if not name.isascii():
        raise Refused("table_closed", table=name)
    return name.lower()


def _expression(node: dict[str, Any], known: frozenset[str], reading: Reading) -> None:
    kind = node["class"]
    if kind not in _CLASSES or (kind == "OPERATOR" and node["type"] not in _OPERATORS):
        raise Refused("not_allowed", what=_said(node["type"]))
    if kind == "CONSTANT":
        return
    if kind in ("FUNCTION", "WINDOW"):
        reading.functions.add(_function(node))
    if kind == "TYPE":
        _type(node)
    if kind == "STAR" and (node["columns"] or node["expr"] is not None):
        raise Refused("not_allowed", what="COLUMNS")
    if kind == "COLUMN_REF":
        _column(node["column_names"])
    _each((value for key, value in node.items() if key != "column_names"), known, reading)


def _function(node: dict[str, Any]) -> str:
    name = str(node["function_name"])
    given = [each["expression"]["class"] for each in node.get("arguments", ())]
    if name.lower() == "unnest" and given == ["PARAMETER"] and len(node["qualified_name"]["path"]) == 1:
        # Rows of a list that our own code hands in; people's texts have no parameters.
        return "unnest"
    if node["schema"] or node["catalog"] or len(node["qualified_name"]["path"]) != 1 or name.lower() not in FUNCTIONS:
        raise Refused("function_closed", function=name)
    return name.lower()


def _type(node: dict[str, Any]) -> None:
    name = str(node["type_name"])
    if node["schema"] or node["catalog"] or len(node["qualified_name"]["path"]) != 1 or name.lower() not in TYPES:
        raise Refused("type_closed", type=name)


def _column(names: list[str]) -> None:
    if len(names) > 2:
        raise Refused("table_qualified", table=".".join(names))
    if names[-1].lower() in CLOSED_BARE:
        raise Refused("function_closed", function=names[-1])


def _said(kind: object) -> str:
    """A kind of node in words that one finds in a query."""
    return str(kind).removesuffix("_NODE").removesuffix("_REF").removeprefix("OPERATOR_").replace("_", " ")
