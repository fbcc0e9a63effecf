"""A statement under way: its parameters, its common tables in order, and the marts that it reads."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import sqlglot
from sqlglot import exp

DIALECT: Final = "duckdb"


@dataclass
class Draft:
    """SQL text comes from this package and the registry of measures alone; everything else is bound."""

    params: dict[str, Any] = field(default_factory=dict)
    parts: dict[str, exp.Query] = field(default_factory=dict)
    tables: set[str] = field(default_factory=set)
    _known: dict[tuple[type, Any], str] = field(default_factory=dict)

    def bind(self, value: Any) -> str:
        """The placeholder of a value; equal values of one type share it."""
        name = self._known.setdefault((type(value), value), f"p{len(self._known)}")
        self.params[name] = value
        return f"${name}"

    def day(self, value: dt.date) -> str:
        """A bound day as a date, also where the engine could not tell the type."""
        return f"cast({self.bind(value)} as date)"

    def add(self, name: str, query: "str | exp.Query") -> str:
        """Make a selection a common table."""
        self.parts[name] = parsed(query) if isinstance(query, str) else query
        return name

    def absorb(self, query: exp.Query, params: Mapping[str, Any]) -> exp.Query:
        """A finished statement of another compiler as a part of this one: its parameters get names of their own."""

        def renamed(node: exp.Expr) -> exp.Expr:
            if isinstance(node, exp.Placeholder) and node.name in params:
                return parsed_expression(self.bind(params[node.name]))
            return node

        found = query.transform(renamed)
        if not isinstance(found, exp.Query):
            raise TypeError("a query is expected")
        return found

    def finish(self, query: "str | exp.Query", without: frozenset[str] = frozenset()) -> tuple[str, dict[str, Any]]:
        """Text and parameters of a statement with the common tables that it stands on, less those that are there."""
        whole = parsed(query) if isinstance(query, str) else query
        needed = self._needed(whole, without)
        parts = {name: part for name, part in self.parts.items() if name in needed}
        marks = {mark.name for each in (whole, *parts.values()) for mark in each.find_all(exp.Placeholder)}
        # Joined as text: a tree of all of them would be copied over and over.
        common = ", ".join(f"{name} AS MATERIALIZED ({part.sql(dialect=DIALECT)})" for name, part in parts.items())
        text = whole.sql(dialect=DIALECT)
        found = {name: value for name, value in self.params.items() if name in marks}
        return (f"WITH {common} {text}" if common else text), found

    def _needed(self, query: exp.Query, without: frozenset[str]) -> set[str]:
        known, open_ = set[str](), [query]
        while open_:
            for table in open_.pop().find_all(exp.Table):
                if table.name in self.parts and table.name not in known | without:
                    known.add(table.name)
                    open_.append(self.parts[table.name])
        return known


def parsed(text: str) -> exp.Query:
    """The tree of a SELECT of this package."""
    found = sqlglot.parse_one(text, dialect=DIALECT)
    if not isinstance(found, exp.Query):
        raise TypeError(text)
    return found


def parsed_expression(text: str) -> exp.Expr:
    """The tree of an expression."""
    return sqlglot.parse_one(text, dialect=DIALECT)
