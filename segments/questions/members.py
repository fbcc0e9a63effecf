"""Who: the members of one segment by pages, and those of many segments in one pass."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import reduce
from typing import Any

import pyarrow as pa
from sqlglot import exp

from segments.compiler.statement import ID
from segments.engine import Compiled, written
from segments.questions.source import Source, answer


def members(
    source: Source, compiled: Compiled, columns: Sequence[str] = (), limit: int | None = None, offset: int = 0
) -> pa.Table:
    """Members in the order of their ids: customer_id and columns of the profile. `columns` must be of the catalogue."""
    sql, params = members_query(compiled, columns, limit, offset)
    return source.query(sql, params)


def members_query(
    compiled: Compiled, columns: Sequence[str] = (), limit: int | None = None, offset: int = 0
) -> tuple[str, dict[str, Any]]:
    """The SELECT of `members`, for whoever streams it. Raises KeyError for a column that is no attribute."""
    for name in columns:
        if name not in compiled.catalogue.attributes:
            raise KeyError(name)
    statement = compiled.statement()
    query: exp.Query = statement.members(compiled.tree, tuple(dict.fromkeys((ID, *columns))))
    if limit is not None:
        query = query.order_by(exp.column(ID, "p")).limit(limit).offset(offset)
    return written(statement.finish(query)), statement.params


def sample_ids(source: Source, compiled: Compiled, size: int) -> tuple[int, ...]:
    """Some members, spread over the segment, and the same ones at every call."""
    statement = compiled.statement()
    spread = exp.Mod(this=exp.paren(exp.column(ID, "p") * 7919), expression=exp.Literal.number(10007))
    query = statement.members(compiled.tree).order_by(spread, exp.column(ID, "p")).limit(size)
    return tuple(answer(source, statement, query).column(0).to_pylist())


def materialise(source: Source, segments: Mapping[str, Compiled]) -> pa.Table:
    """Members of all the segments, read together: segment_key, customer_id. They must be compiled for one day."""
    sql, params = materialise_query(segments)
    return source.query(sql, params)


def materialise_query(segments: Mapping[str, Compiled]) -> tuple[str, dict[str, Any]]:
    """The SELECT of `materialise`: parts that several segments look at are read once."""
    if not segments:
        raise ValueError("no segments to materialise")
    statement = together(segments).statement()
    statement.share([each.tree for each in segments.values()])
    # One selection a segment reads only its own columns, which is cheaper than one that carries a mark for each.
    chosen: list[exp.Query] = [
        statement.members(each.tree).select(exp.alias_(statement.bind(key), "segment_key"))
        for key, each in segments.items()
    ]
    union = reduce(lambda left, right: exp.union(left, right, distinct=False, copy=False), chosen)
    ordered = exp.select("segment_key", ID).from_(exp.Subquery(this=union, alias="members"))
    return written(statement.finish(ordered)), statement.params


def together(segments: Mapping[str, Compiled]) -> Compiled:
    """One of the segments, with what all of them stand on. Raises ValueError when their days differ."""
    first, *rest = segments.values()
    if any(each.at != first.at for each in rest):
        raise ValueError("segments of different days cannot be asked about together")
    known = {key: tree for each in segments.values() for key, tree in each.segments.items()}
    return replace(first, segments=known)
