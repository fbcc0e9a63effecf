"""Statements that all of delivery shares: many rows at a time, new ones once."""

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

CHUNK = 500
Item = TypeVar("Item")


def chunks(items: Sequence[Item]) -> Iterator[list[Item]]:
    """Pieces that one statement takes."""
    return (list(items[start : start + CHUNK]) for start in range(0, len(items), CHUNK))


def insert_new(session: Session, table: Any, unique: list[str]) -> Any:
    """An insert that leaves out rows whose unique columns are taken, on both engines; its `rowcount` tells how many
    were new."""
    kind: Any = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    # Without `inline` the new number would be asked back, and the count be lost.
    statement = kind.insert(table).on_conflict_do_nothing(index_elements=unique).inline()
    return statement.execution_options(preserve_rowcount=True)


def run(session: Session, statement: Any, rows: Sequence[dict[str, Any]] | None = None) -> int:
    """Execute a statement, once or for every row of values; returns how many rows it touched."""
    if rows is not None and not rows:
        return 0
    done: Any = session.connection().execute(statement, list(rows)) if rows is not None else session.execute(statement)
    return int(done.rowcount)


def values_of(row: Any) -> tuple[Any, ...]:
    """The values of a result's row in the order of its columns, for the constructor of a dataclass."""
    return tuple(row)
