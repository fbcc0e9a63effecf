"""Members of a segment as files: made in the background through the gate's door for exports, each with its receipt.

A file is taken by who made it, through the API's checked route, within a day. Not here: the form in which it is asked
for, and what the receipt proves.
"""

import datetime as dt
import hashlib
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pa_parquet

from apps.data.workbooks import MOST_ROWS, Workbook
from apps.services import Services
from crm.services import segments as kept
from crm.services.actor import Actor
from crm.services.segments import Receipt, Taken
from segments import questions
from segments.catalogue import PROFILE
from segments.definition import dump
from segments.engine import Compiled
from vitrina.access.gate import GatedReader
from vitrina.access.rights import Mask
from vitrina.errors import UserError

FORMATS: Final = ("csv", "xlsx", "parquet")
KEPT: Final = dt.timedelta(days=1)
_BATCH: Final = 20_000


class Cancelled(UserError):
    """The person changed his mind."""

    def __init__(self) -> None:
        self.message, self.values = _("The file was cancelled."), dict[str, Any]()
        super().__init__(self.message)


class TooManyRows(UserError):
    """A workbook holds no more than so many rows."""

    def __init__(self, rows: int) -> None:
        self.message, self.values = _("A workbook holds {limit} rows; take CSV or Parquet."), {"limit": MOST_ROWS}
        super().__init__(f"{rows} rows")


def _(message: str) -> str:
    """Marks a message for the catalogues."""
    return message


@dataclass(frozen=True)
class Order:
    """What is to be taken: the members of `compiled`, these columns of the profile, in a format.

    `headings` are the names of the columns in a workbook; `segment` and `version` are None for what was never saved.
    """

    compiled: Compiled
    columns: tuple[str, ...]
    format: str
    headings: Mapping[str, str] = field(hash=False)
    segment: str | None = None
    version: int | None = None
    name: str = "segment"


@dataclass
class MemberFile:
    """A file under way or made. `total` is known before `written` begins; `error` ends it without a file."""

    token: str
    user_id: int
    path: Path
    made_at: dt.datetime
    total: int = 0
    written: int = 0
    receipt: Receipt | None = None
    error: Exception | None = None
    cancelled: threading.Event = field(default_factory=threading.Event)

    def cancel(self) -> None:
        """Stop making it; nothing is left of it, and nothing is written down but the question."""
        self.cancelled.set()

    @property
    def is_over(self) -> bool:
        """Whether nothing more happens with it."""
        return self.receipt is not None or self.error is not None


class MemberFiles:
    """The files of this process, by token."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._files: dict[str, MemberFile] = {}

    def begin(self, shared: Services, reader: GatedReader, order: Order, actor: Actor) -> MemberFile:
        """Make a file in the background. `reader` is the person's, through the door for exports."""
        folder, now = shared.settings.home / "segment_files", shared.now()
        folder.mkdir(parents=True, exist_ok=True)
        self._sweep(now)
        _sweep_orphans(folder, now)
        token = secrets.token_urlsafe(24)
        made = MemberFile(token, int(actor.user_id or 0), folder / f"{token}.{order.format}", now)
        with self._lock:
            self._files[token] = made
        _threads().submit(_make, shared, reader, order, actor, made)
        return made

    def find(self, token: str, user_id: int) -> MemberFile | None:
        """A file of this person."""
        with self._lock:
            found = self._files.get(token)
        return found if found is not None and found.user_id == user_id else None

    def _sweep(self, now: dt.datetime) -> None:
        with self._lock:
            old = [token for token, each in self._files.items() if each.is_over and now - each.made_at > KEPT]
            gone = [self._files.pop(token) for token in old]
        for each in gone:
            each.path.unlink(missing_ok=True)


files = MemberFiles()


def _sweep_orphans(folder: Path, now: dt.datetime) -> None:
    """Files of a process that is no more: nobody has their tokens."""
    for path in folder.iterdir():
        if now.timestamp() - path.stat().st_mtime > 2 * KEPT.total_seconds():
            path.unlink(missing_ok=True)


def _make(shared: Services, reader: GatedReader, order: Order, actor: Actor, made: MemberFile) -> None:
    try:
        with reader.cursor() as cursor:
            made.total = questions.count(cursor, order.compiled)
        if order.format == "xlsx" and made.total > MOST_ROWS:
            raise TooManyRows(made.total)
        digest = _write(reader, order, made)
        with shared.database.begin() as session:
            receipt = kept.record_export(session, _taken(reader, order, made, digest), actor, shared.now())
        made.receipt = receipt  # only now is it kept
    except Exception as error:
        made.path.unlink(missing_ok=True)
        _aside(made).unlink(missing_ok=True)
        made.error = error


def _write(reader: GatedReader, order: Order, made: MemberFile) -> str:
    """The file, beside its place until it is whole; returns its SHA-256."""
    sql, params = questions.members_query(order.compiled, order.columns)
    aside = _aside(made)
    with reader.cursor() as cursor:
        batches = cursor.stream(sql, params, batch_rows=_BATCH)
        with _Writer(order, aside, batches.schema) as write:
            for batch in batches:
                if made.cancelled.is_set():
                    raise Cancelled
                write(batch)
                made.written += batch.num_rows
    with aside.open("rb") as whole:
        digest = hashlib.file_digest(whole, "sha256").hexdigest()
    aside.replace(made.path)
    return digest


def _aside(made: MemberFile) -> Path:
    return made.path.with_suffix(made.path.suffix + ".part")


class _Writer:
    """Writes batches in the format of the order."""

    def __init__(self, order: Order, path: Path, schema: pa.Schema) -> None:
        self._order, self._path, self._schema = order, path, schema

    def __enter__(self) -> Callable[[pa.RecordBatch], None]:
        order, path, schema = self._order, self._path, self._schema
        if order.format == "xlsx":
            self._writer: Any = Workbook(path, [order.headings.get(name, name) for name in schema.names])
        elif order.format == "parquet":
            self._writer = pa_parquet.ParquetWriter(path, schema, compression="zstd")
        else:
            # Excel takes a text file for UTF-8 only with this mark, and here divides it at semicolons.
            self._file = path.open("wb")
            self._file.write(b"\xef\xbb\xbf")
            self._writer = pa_csv.CSVWriter(self._file, schema, write_options=pa_csv.WriteOptions(delimiter=";"))
        return self._write

    def _write(self, batch: pa.RecordBatch) -> None:
        if self._order.format == "xlsx":
            self._writer.rows(_rows(batch))
        else:
            self._writer.write_batch(batch if self._order.format == "parquet" else without_formulas(batch))

    def __exit__(self, *_error: object) -> None:
        self._writer.close()
        if self._order.format == "csv":
            self._file.close()


def without_formulas(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Text that a spreadsheet would run as a formula, with an apostrophe before it; signed numbers and phones stay."""
    columns = [_harmless(column) if pa.types.is_string(column.type) else column for column in batch.columns]
    return pa.RecordBatch.from_arrays(columns, schema=batch.schema)


def _harmless(text: pa.Array) -> pa.Array:
    signed = pc.match_substring_regex(text, r"^[+-][0-9 ().,•-]*$")
    runs = pc.match_substring_regex(text, "^[=+@\\t\\r-]")
    return pc.if_else(pc.and_not(runs, signed), pc.binary_join_element_wise("'", text, ""), text)


def _rows(batch: pa.RecordBatch) -> Iterator[Sequence[Any]]:
    return zip(*(column.to_pylist() for column in batch.columns), strict=True)


def _taken(reader: GatedReader, order: Order, made: MemberFile, digest: str) -> Taken:
    return Taken(
        order.segment, order.version, dump(order.compiled.definition), reader.version, reader.manifest.as_of,
        made.written, _columns_with_masks(reader, order), order.format, f"{order.name}.{order.format}", digest,
    )  # fmt: skip


def _columns_with_masks(reader: GatedReader, order: Order) -> tuple[str, ...]:
    """The columns of the file; behind a covered one stands how it was covered, as ``contact_phone:partial``."""
    shown = next((table for table in reader.tables() if table.name == PROFILE), None)
    masks = {column.name: column.mask for column in shown.columns} if shown else {}
    told = ((name, masks.get(name, Mask.OPEN)) for name in dict.fromkeys(("customer_id", *order.columns)))
    return tuple(name if mask is Mask.OPEN else f"{name}:{mask}" for name, mask in told)


@lru_cache(maxsize=1)
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(2, thread_name_prefix="member-file")
