"""What answers the questions: anything that runs one SELECT with named parameters, the gate's reader above all."""

from collections.abc import Mapping
from typing import Any, Protocol

import pyarrow as pa
from sqlglot import exp

from segments.compiler.statement import Statement
from segments.engine import written


class Source(Protocol):
    """A reader, a cursor or an open build: SQL in, an Arrow table out."""

    def query(self, sql: str, params: Mapping[str, Any] | None = None) -> pa.Table:
        """Run a SELECT; `params` are by name."""
        ...


def answer(source: Source, statement: Statement, query: exp.Query) -> pa.Table:
    """The answer to a finished statement."""
    return source.query(written(statement.finish(query)), statement.params)


def one_row(source: Source, statement: Statement, query: exp.Query) -> dict[str, Any]:
    """The only row of an answer."""
    return dict(answer(source, statement, query).to_pylist()[0])


def counted(condition: str | None = None, name: str = "rows") -> exp.Expr:
    """How many rows there are, or for how many the flag of that name holds."""
    found: exp.Expr = exp.Count(this=exp.Star())
    if condition is not None:
        where = exp.Where(this=exp.column(condition))
        found = exp.Filter(this=found, expression=where)
    return exp.alias_(found, name)
