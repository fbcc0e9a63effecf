"""What a published snapshot says about itself: the content of its manifest.json.

Paths are relative to the published directory, so that the directory can be moved or mounted elsewhere.
"""

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


def as_utc(moment: dt.datetime) -> dt.datetime:
    """The moment with its zone: a time without one is UTC, as everywhere in the warehouse."""
    return moment.replace(tzinfo=dt.UTC) if moment.tzinfo is None else moment.astimezone(dt.UTC)


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Column(_Frozen):
    """A column and its DuckDB type."""

    name: str
    type: str


class FileEntry(_Frozen):
    """One immutable file: `rows` is None where the file is not one table."""

    path: str
    bytes: int
    sha256: str
    rows: int | None = None


class MonthFile(FileEntry):
    """One month of a fact; `fingerprint` is of the rows, whatever their order, and holds for one engine version."""

    fingerprint: str
    engine: str


class TableEntry(_Frozen):
    """One table: native (in marts.duckdb, with a Parquet copy), month facts (Parquet only), or live, which no stored
    manifest has (live.py); of that the rows are not counted."""

    name: str
    kind: Literal["native", "month_facts", "live"]
    rows: int
    columns: tuple[Column, ...]
    order_by: tuple[str, ...] = ()
    index_keys: tuple[str, ...] = ()
    month_column: str | None = None
    parquet: FileEntry | None = None
    months: dict[str, MonthFile] = Field(default_factory=dict)

    @property
    def files(self) -> tuple[FileEntry, ...]:
        """Every Parquet file of the table."""
        return (*((self.parquet,) if self.parquet else ()), *self.months.values())


class Manifest(_Frozen):
    """A snapshot: `as_of` is the last day it knows, `created_at` (UTC) when it was built.

    One that `refreshes` a version has that version's data and only some tables of its own (light.py).
    """

    version: int
    as_of: dt.date
    created_at: Annotated[dt.datetime, AfterValidator(as_utc)]
    database: FileEntry
    tables: dict[str, TableEntry]
    watermarks: dict[str, Any] = Field(default_factory=dict)
    code_revision: str = ""
    contract_versions: dict[str, str] = Field(default_factory=dict)
    base_version: int | None = None
    refreshes: int | None = None
    notes: tuple[str, ...] = ()

    @property
    def data_version(self) -> int:
        """Version of the whole publish that its data are of."""
        return self.version if self.refreshes is None else self.refreshes

    @property
    def files(self) -> tuple[FileEntry, ...]:
        """Every file the snapshot needs, shared fact files included."""
        return (self.database, *(file for table in self.tables.values() for file in table.files))

    @property
    def total_bytes(self) -> int:
        """Size of all its files; files shared with other versions count in each."""
        return sum(file.bytes for file in self.files)
