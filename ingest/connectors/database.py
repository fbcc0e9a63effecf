"""Tables of a relational database, through SQLAlchemy Core: read only, in a stream, from where the last read ended.

Rows come ordered by (change timestamp, key). Every chunk is landed as one Parquet delivery and moves the watermark
with it, so an interrupted extraction goes on at the last whole chunk.
"""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa
from sqlalchemy.engine import make_url
from tenacity import RetryError, Retrying, retry_if_exception_type, stop_after_attempt, wait_exponential_jitter

from ingest.config import DatabaseEntity
from ingest.landing import Landed, Origin, land_bytes
from ingest.workspace import Workspace

_FAR = timedelta(days=366)


def extract(workspace: Workspace, entity: DatabaseEntity) -> Iterator[Landed]:
    """Land the rows that are new or changed since the watermark; the whole table where there is no such column."""
    url = workspace.settings.secret(entity.url_env)
    with _read_only(url, entity) as connection:
        statement = _statement(workspace, entity, connection)
        result = connection.execution_options(stream_results=True, max_row_buffer=10_000).execute(statement)
        names = list(result.keys())
        marks = [names.index(name) for name in [entity.incremental, *entity.key] if name]
        if entity.incremental is None:
            yield from _whole(workspace, entity, names, result)
            return
        for number, rows in enumerate(result.partitions(entity.chunk_rows)):
            watermark = [_tagged(rows[-1][place]) for place in marks]
            content = to_parquet(names, rows)
            origin = Origin(_uri(url, entity), f"{entity.entity}_{number:05d}.parquet", watermark=watermark,
                            extra={"rows": len(rows)})  # fmt: skip
            yield land_bytes(workspace, entity, content, origin)


def _whole(workspace: Workspace, entity: DatabaseEntity, names: list[str], result: Any) -> Iterator[Landed]:
    """The table in one delivery, so that an unchanged table is the same content and loads nothing."""
    buffer, rows_seen, writer = io.BytesIO(), 0, None
    for rows in result.partitions(entity.chunk_rows):
        table = to_arrow(names, rows, as_text=True)
        writer = writer or pq.ParquetWriter(buffer, table.schema, compression="zstd")
        writer.write_table(table)
        rows_seen += len(rows)
    if writer is None:
        return
    writer.close()
    url = workspace.settings.secret(entity.url_env)
    origin = Origin(_uri(url, entity), f"{entity.entity}.parquet", extra={"rows": rows_seen})
    yield land_bytes(workspace, entity, buffer.getvalue(), origin)


def _uri(url: str, entity: DatabaseEntity) -> str:
    return f"{make_url(url).render_as_string(hide_password=True)}#{entity.from_table or entity.entity}"


@contextmanager
def _read_only(url: str, entity: DatabaseEntity) -> Iterator[sa.Connection]:
    """A connection that the database itself keeps from writing."""
    engine = _engine(url)
    try:
        connection = _connect(engine, entity)
        with connection:
            if engine.dialect.name == "postgresql":
                connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            elif engine.dialect.name == "sqlite":
                connection.exec_driver_sql("pragma query_only = on")
            yield connection
            connection.rollback()
    finally:
        engine.dispose()


def _engine(url: str) -> sa.Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database and "mode" not in parsed.query:
        # mode=ro also keeps SQLite from creating an empty file where the path is wrong
        parsed = parsed.set(database=f"file:{parsed.database}", query={"mode": "ro", "uri": "true"})
    return sa.create_engine(parsed, poolclass=sa.pool.NullPool)


def _connect(engine: sa.Engine, entity: DatabaseEntity) -> sa.Connection:
    policy = entity.retry
    attempts = Retrying(
        stop=stop_after_attempt(policy.attempts),
        wait=wait_exponential_jitter(policy.wait_seconds, policy.max_wait_seconds),
        retry=retry_if_exception_type(sa.exc.OperationalError),
    )
    try:
        return attempts(engine.connect)
    except RetryError as error:
        raise error.last_attempt.exception() or error from None


def _statement(workspace: Workspace, entity: DatabaseEntity, connection: sa.Connection) -> sa.Select[Any]:
    name = entity.from_table or entity.entity
    kinds = {
        found["name"]: found["type"] for found in sa.inspect(connection).get_columns(name, schema=entity.schema_name)
    }
    connection.rollback()
    source = sa.table(name, *(sa.column(column) for column in entity.columns or kinds), schema=entity.schema_name)
    keys = [source.c[column] for column in entity.key]
    if entity.incremental is None:
        return sa.select(source).order_by(*keys)
    changed = source.c[entity.incremental]
    statement = sa.select(source).where(_usable(workspace, entity, connection, source, kinds[entity.incremental]))
    mark = workspace.ledger.watermark(entity.source, entity.entity)
    if mark is not None:
        last = sa.tuple_(*(sa.literal(_untagged(value)) for value in mark))
        statement = statement.where(sa.tuple_(changed, *keys) > last)
    settled = _limit(
        connection, kinds[entity.incremental], workspace.clock() - timedelta(seconds=entity.settle_seconds)
    )
    if entity.settle_seconds and settled is not None:
        statement = statement.where(changed <= settled)
    return statement.order_by(changed, *keys)


def _usable(
    workspace: Workspace, entity: DatabaseEntity, connection: sa.Connection, source: sa.TableClause, kind: Any
) -> sa.ColumnElement[bool]:
    """Rows with a change time one can go on from. One row of the year 2999, or with none, would become the watermark
    and hide every later change: such rows are left aside and told."""
    changed = source.c[str(entity.incremental)]
    usable: sa.ColumnElement[bool] = changed.is_not(None)
    limit = _limit(connection, kind, workspace.clock() + _FAR)
    if limit is not None:
        usable = sa.and_(usable, changed <= limit)
    aside = connection.scalar(sa.select(sa.func.count()).select_from(source).where(sa.or_(changed.is_(None), ~usable)))
    if aside:
        workspace.ledger.warn(entity.source, entity.entity, "unusable_change_time", {"rows": aside}, workspace.now())
    return usable


def _limit(connection: sa.Connection, kind: Any, moment: datetime) -> Any:
    """The moment as the column compares it; None where the column is no time."""
    utc = moment.astimezone(UTC)
    if isinstance(kind, (sa.Integer, sa.Numeric)):
        return None
    if connection.dialect.name == "sqlite":
        return utc.replace(tzinfo=None).isoformat(sep=" ", timespec="seconds")
    if isinstance(kind, sa.DateTime):
        return utc if kind.timezone else utc.replace(tzinfo=None)
    return utc.date() if isinstance(kind, sa.Date) else None


def _tagged(value: Any) -> list[Any]:
    if isinstance(value, datetime):
        return ["datetime", value.isoformat()]
    if isinstance(value, date):
        return ["date", value.isoformat()]
    if isinstance(value, Decimal):
        return ["decimal", str(value)]
    return ["plain", value]


def _untagged(pair: list[Any]) -> Any:
    kind, value = pair
    makers: dict[str, Any] = {
        "datetime": datetime.fromisoformat, "date": date.fromisoformat, "decimal": Decimal,
    }  # fmt: skip
    make = makers.get(kind)
    return make(value) if make else value


def to_parquet(names: list[str], rows: Sequence[Any]) -> bytes:
    """Rows as a Parquet file in memory."""
    buffer = io.BytesIO()
    pq.write_table(to_arrow(names, rows), buffer, compression="zstd")
    return buffer.getvalue()


def to_arrow(names: list[str], rows: Sequence[Any], as_text: bool = False) -> pa.Table:
    """Rows as an Arrow table. A column that Arrow cannot type (values of several types) is kept as text."""
    columns = list(zip(*rows, strict=True))
    return pa.table({name: _array(column, as_text) for name, column in zip(names, columns, strict=True)})


def _array(values: Sequence[Any], as_text: bool) -> pa.Array:
    if not as_text:
        try:
            array = pa.array(values)
            return array.cast(pa.string()) if pa.types.is_null(array.type) else array
        except (pa.ArrowInvalid, pa.ArrowTypeError):
            pass
    return pa.array([None if value is None else str(value) for value in values], pa.string())
