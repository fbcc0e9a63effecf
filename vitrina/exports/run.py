"""Making one export: stage what the reader gives, compare, hold back what looks wrong, write, commit."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import duckdb
import pyarrow as pa

from vitrina.durable import sha256_of
from vitrina.errors import UserError
from vitrina.exports.changes import CHANGE, HASH, BadKey, Counts, Staged, changes_sql, count_changes, stage, write_state
from vitrina.exports.characters import UnmappableCharacters
from vitrina.exports.config import ExportSpec
from vitrina.exports.journal import ExportManifest, PayloadFolder
from vitrina.exports.writing import Replaced, write_payload
from vitrina.warehouse.engine import Resources, columns_of, literal, one_row, ordering, quoted_list
from vitrina.warehouse.manifest import Manifest, as_utc


class PayloadCursor(Protocol):
    """What an export needs of a cursor: the snapshot's manifest and a stream of rows."""

    manifest: Manifest

    def stream(self, sql: str) -> pa.RecordBatchReader:
        """Rows of one SELECT in batches."""
        ...

    def close(self) -> None:
        """Give the snapshot back."""
        ...


class PayloadReader(Protocol):
    """The warehouse reader, or one with fewer rights."""

    def cursor(self) -> PayloadCursor:
        """A cursor pinned to one version."""
        ...


class ExportRefused(UserError):
    """The payload must not go out as it is; the destination keeps what it has. Recorded in the journal."""

    status = "refused"


class ExportHeld(ExportRefused):
    """The payload shrank too much: somebody has to look and run it with force."""

    status = "held"


@dataclass(frozen=True)
class ExportOptions:
    """`mode` overrides the entry's; `force` passes the holds; `reset` sends everything as if nothing was ever sent."""

    mode: Literal["full", "changes"] | None = None
    force: bool = False
    reset: bool = False


@dataclass(frozen=True)
class ExportResult:
    """`status` is exported, or unchanged when this snapshot was exported with this entry before."""

    status: Literal["exported", "unchanged"]
    manifest: ExportManifest
    path: Path

    @property
    def rows(self) -> int:
        """Rows in the file."""
        return self.manifest.rows

    @property
    def sha256(self) -> str:
        """Hash of the file."""
        return self.manifest.sha256


def run_export(
    spec: ExportSpec,
    reader: PayloadReader,
    exports_dir: Path,
    now: dt.datetime,
    options: ExportOptions | None = None,
    resources: Resources | None = None,
) -> ExportResult:
    """Export one payload of the reader's snapshot. Asking twice for the same snapshot makes one export.

    Raises `ExportRefused` (table, columns or key missing, empty source, unmappable characters), `ExportHeld` (it
    shrank beyond the limit), `ExportIsRunning`. Every attempt is recorded; no refusal touches earlier files.
    """
    cursor = reader.cursor()
    folder = PayloadFolder(exports_dir, spec)
    try:
        with folder.exclusive():
            return _Attempt(spec, cursor, folder, now, options or ExportOptions(), resources or Resources()).run()
    finally:
        cursor.close()


class _Attempt:
    """One attempt under way; the folder's lock is held."""

    def __init__(
        self,
        spec: ExportSpec,
        cursor: PayloadCursor,
        folder: PayloadFolder,
        now: dt.datetime,
        options: ExportOptions,
        resources: Resources,
    ) -> None:
        self._spec, self._cursor, self._folder, self._now = spec, cursor, folder, as_utc(now)
        self._options, self._resources = options, resources
        self._mode = options.mode or spec.mode
        self._previous = folder.last()

    def run(self) -> ExportResult:
        """Export, and record how it went."""
        version = self._cursor.manifest.version
        try:
            done = self._already_done()
            result = done or self._export()
        except ExportRefused as refusal:
            self._folder.record(self._now, refusal.status, version, str(refusal))
            raise
        except (BadKey, UnmappableCharacters) as problem:
            self._folder.record(self._now, "refused", version, str(problem))
            raise ExportRefused(f"{self._spec.name} was not exported: {problem}") from problem
        except BaseException as error:
            self._folder.record(self._now, "failed", version, f"{type(error).__name__}: {error}")
            raise
        self._folder.record(self._now, result.status, version, "", result.manifest.export_id)
        self._folder.trim(self._spec)
        return result

    def _already_done(self) -> ExportResult | None:
        last = self._previous
        if last is None or self._options.force or self._options.reset:
            return None
        wanted = (self._cursor.manifest.version, self._mode, self._spec.fingerprint)
        path = self._folder.path / last.file
        if (last.snapshot_version, last.mode, last.fingerprint) != wanted or not path.exists():
            return None
        return ExportResult("unchanged", last, path)

    def _export(self) -> ExportResult:
        work = self._folder.work_dir
        with duckdb.connect(":memory:", config={"python_enable_replacements": False}) as scratch:
            self._resources.apply(scratch)
            batches = self._cursor.stream(self._payload_sql())
            staged = stage(scratch, batches, work / "staged.parquet", self._spec.key)
            notes = self._hold_back(staged)
            baseline = self._baseline(scratch, staged)
            state = self._folder.state(baseline) if baseline else None
            counts = count_changes(scratch, staged, self._spec.key, state)
            self._select(scratch, staged, state)
            data = work / f"data.{self._spec.suffix}"
            replaced = write_payload(scratch, "export_rows", self._spec, data)
            new_state = work / "state.parquet" if self._spec.key else None
            if new_state:
                write_state(scratch, staged, self._spec.key, new_state)
            manifest = self._manifest(scratch, staged, counts, data, baseline, replaced, notes)
        self._folder.commit(manifest, data, new_state)
        return ExportResult("exported", manifest, self._folder.path / manifest.file)

    def _payload_sql(self) -> str:
        snapshot, spec = self._cursor.manifest, self._spec
        if spec.source not in snapshot.tables:
            raise ExportRefused(f"{spec.name} was not exported: snapshot {snapshot.version} has no {spec.source}")
        known = [column.name for column in snapshot.tables[spec.source].columns]
        missing = sorted({*spec.columns, *spec.key} - set(known))
        if missing:
            raise ExportRefused(f"{spec.name} was not exported: {spec.source} has no column {', '.join(missing)}")
        if self._mode == "changes" and not spec.key:
            raise ExportRefused(f"{spec.name} was not exported: without a key there are no changes to tell")
        return f"SELECT {quoted_list(spec.columns or known)} FROM {quoted_list([spec.source])}{ordering(spec.key)}"

    def _hold_back(self, staged: Staged) -> tuple[str, ...]:
        spec, before = self._spec, self._previous.source_rows if self._previous else 0
        problem: ExportRefused | None = None
        if staged.rows == 0 and not spec.allow_empty:
            problem = ExportRefused(f"{spec.name} was not exported: {spec.source} is empty, and that empties nothing")
        elif staged.rows < before * (1 - spec.max_shrink_pct / 100):
            lost = 100 * (before - staged.rows) / before
            change = f"{before} rows became {staged.rows}, {lost:.0f} % fewer"
            problem = ExportHeld(f"{spec.name} is held: {change} (limit {spec.max_shrink_pct:g} %)")
        if problem and not self._options.force:
            raise problem
        forced = (f"forced although {problem}",) if problem else ()
        before_columns = self._previous_columns()
        if before_columns and before_columns != [column.name for column in staged.columns]:
            return (*forced, f"the columns were {', '.join(before_columns)}: every row counts as changed")
        return forced

    def _previous_columns(self) -> list[str]:
        columns = self._previous.columns if self._previous else ()
        return [column.name for column in columns if column.name != CHANGE]

    def _baseline(self, scratch: duckdb.DuckDBPyConnection, staged: Staged) -> str | None:
        """The export that changes are counted from; None means that the consumer has nothing."""
        if not self._spec.key or self._options.reset or self._previous is None:
            return None
        use_confirmed = self._spec.baseline == "acknowledged"
        export_id = self._folder.acknowledged() if use_confirmed else self._previous.export_id
        if export_id is None:
            return None
        path = self._folder.state(export_id)
        if not path.exists():
            raise ExportRefused(f"{self._spec.name}: the state after {export_id} is lost; run it with reset")
        wanted = {c.name: c.type for c in staged.columns if c.name in self._spec.key}
        stored = columns_of(scratch, f"read_parquet({literal(str(path))})")
        kept = {c.name: c.type for c in stored if c.name != HASH}
        if wanted != kept:
            raise ExportRefused(f"{self._spec.name}: the key was {kept} and is now {wanted}; run it with reset")
        return export_id

    def _select(self, scratch: duckdb.DuckDBPyConnection, staged: Staged, state: Path | None) -> None:
        """Make the view `export_rows`; changes are compared once and kept aside, because a CSV reads them often."""
        selection = f"SELECT {quoted_list([column.name for column in staged.columns])} FROM {staged.relation}"
        if self._mode == "changes":
            aside = literal(str(self._folder.work_dir / "changes.parquet"))
            scratch.execute(f"COPY ({changes_sql(staged, self._spec.key, state)}) TO {aside} (FORMAT parquet)")
            selection = f"SELECT * FROM read_parquet({aside})"
        scratch.execute(f"CREATE TEMP VIEW export_rows AS {selection}")

    def _manifest(
        self,
        scratch: duckdb.DuckDBPyConnection,
        staged: Staged,
        counts: Counts,
        data: Path,
        baseline: str | None,
        replaced: Replaced,
        notes: tuple[str, ...],
    ) -> ExportManifest:
        snapshot, last = self._cursor.manifest, self._previous
        export_id = self._folder.new_id(snapshot.version, self._mode)
        return ExportManifest(
            export_id=export_id,
            sequence=last.sequence + 1 if last else 1,
            destination=self._spec.destination,
            payload=self._spec.payload,
            mode=self._mode,
            file=f"{export_id}.{self._spec.suffix}",
            bytes=data.stat().st_size,
            sha256=sha256_of(data),
            rows=one_row(scratch, "SELECT count(*) FROM export_rows")[0],
            columns=columns_of(scratch, "export_rows"),
            key=self._spec.key,
            source_rows=staged.rows,
            counts=counts,
            snapshot_version=snapshot.version,
            as_of=snapshot.as_of,
            created_at=self._now,
            previous_export=last.export_id if last else None,
            previous_version=last.snapshot_version if last else None,
            baseline_export=baseline,
            replaced_characters={column: dict(mapping) for column, mapping in replaced.items()},
            notes=notes,
            fingerprint=self._spec.fingerprint,
        )
