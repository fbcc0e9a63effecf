"""States of customers on many days, outside of any rule."""

import datetime as dt
from collections.abc import Sequence
from typing import Final

import polars as pl
from sqlglot import exp

from segments.questions.source import Source
from signals.compiler.bases import measured
from signals.compiler.draft import Draft
from signals.measures import StateMeasure

CHUNK: Final = 31


def states(source: Source, measure: StateMeasure, days: Sequence[dt.date], only: str | None = None) -> pl.DataFrame:
    """Columns customer_id, day, ordinal (of the day) and value; `only` is a SELECT of the customers to keep."""
    parts = [pl.DataFrame(schema={"day": pl.Date, "customer_id": pl.Int64, "value": pl.Float64})]
    if measure.values == "text":
        parts = [parts[0].cast({"value": pl.String})]
    for start in range(0, len(days), CHUNK):
        draft = Draft()
        rows = ", ".join(f"({draft.day(each)})" for each in days[start : start + CHUNK])
        draft.add("points", f"select * from (values {rows}) as points(day)")
        query: exp.Select = measured(measure, "points")
        if only is not None:
            query = query.where(f"customer_id in ({only})", dialect="duckdb")
        found = pl.from_arrow(source.query(*draft.finish(query)))
        if isinstance(found, pl.DataFrame):
            parts.append(found.cast(parts[0].schema))
    whole = pl.concat(parts)
    epoch = dt.date(1970, 1, 1).toordinal()
    return whole.with_columns(ordinal=pl.col("day").to_physical().cast(pl.Int64) + epoch)
