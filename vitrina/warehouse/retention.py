"""Which snapshots stay, how they are listed and checked, and going back to one of them.

Nothing that a reader in any process has open is removed; nothing that a kept snapshot refers to is removed.
"""

import datetime as dt
import shutil
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import duckdb

from vitrina.durable import sha256_of
from vitrina.errors import UserError
from vitrina.warehouse.engine import literal, one_row
from vitrina.warehouse.manifest import FileEntry, Manifest, as_utc
from vitrina.warehouse.store import NothingPublished, Pointer, Store


class RollbackRefused(UserError, ValueError):
    """The pointer stays where it is: says why."""


@dataclass(frozen=True)
class Retention:
    """A snapshot stays while any rule keeps it: among the newest, young enough, or the last of a recent month."""

    keep_versions: int = 5
    keep_days: int = 2
    keep_month_ends: int = 0


@dataclass(frozen=True)
class SnapshotInfo:
    """One line of the list of snapshots; `withdrawn` ones were taken back by a rollback."""

    version: int
    as_of: dt.date
    created_at: dt.datetime
    tables: int
    rows: int
    bytes: int
    is_current: bool
    withdrawn: bool
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Swept:
    """What a sweep removed; `held` are versions due for removal that some reader still has open."""

    versions: tuple[int, ...]
    held: tuple[int, ...]
    fact_files: int
    leftovers: int
    bytes: int


def list_snapshots(published_dir: Path) -> list[SnapshotInfo]:
    """Published snapshots on disk, newest first; empty when nothing was published."""
    store = Store(published_dir)
    versions = store.published_versions()
    current = store.pointer().version if versions else None
    withdrawn = store.withdrawn_versions()
    return [_info(store.manifest(v), v == current, v in withdrawn) for v in reversed(versions)]


def _info(manifest: Manifest, is_current: bool, withdrawn: bool) -> SnapshotInfo:
    return SnapshotInfo(
        version=manifest.version,
        as_of=manifest.as_of,
        created_at=manifest.created_at,
        tables=len(manifest.tables),
        rows=sum(table.rows for table in manifest.tables.values()),
        bytes=manifest.total_bytes,
        is_current=is_current,
        withdrawn=withdrawn,
        notes=manifest.notes,
    )


def rollback(published_dir: Path, version: int, now: dt.datetime, reason: str) -> Pointer:
    """Make an older (or, to undo a rollback, a newer) snapshot the current one; recorded with time and reason.

    Raises `NothingPublished` when that version was never published or is no longer on disk, `RollbackRefused` when
    it is the current one already or its files are damaged.
    """
    store = Store(published_dir)
    with store.exclusive():
        if version not in store.published_versions():
            raise NothingPublished(f"version {version} is not on disk: never published, or swept")
        if store.pointer().version == version:
            raise RollbackRefused(f"version {version} is the current one already")
        problems = verify(published_dir, version)
        if problems:
            raise RollbackRefused(f"version {version} is damaged, the pointer stays: {problems[0]}")
        return store.move_pointer(version, "rollback", now, reason)


def verify(published_dir: Path, version: int) -> list[str]:
    """Read every file of a snapshot again; sentences about those that are missing, changed or miscounted."""
    store = Store(published_dir)
    with duckdb.connect(":memory:") as connection:
        problems = (_file_problem(store.root, file, connection) for file in store.manifest(version).files)
        return [problem for problem in problems if problem]


def _file_problem(root: Path, file: FileEntry, connection: duckdb.DuckDBPyConnection) -> str:
    path = root / file.path
    if not path.exists():
        return f"{file.path} is missing"
    if path.stat().st_size != file.bytes or sha256_of(path) != file.sha256:
        return f"{file.path} is not the file that was published"
    if file.rows is not None:
        query = f"SELECT sum(num_rows)::BIGINT FROM parquet_file_metadata({literal(str(path))})"
        rows = one_row(connection, query)[0]
        if rows != file.rows:
            return f"{file.path} has {rows} rows, its manifest says {file.rows}"
    return ""


def sweep(published_dir: Path, retention: Retention, now: dt.datetime) -> Swept:
    """Remove snapshots that no rule keeps, then fact files that no kept snapshot refers to, then leftovers of kills.

    Raises `StoreIsBusy` when a publish is under way.
    """
    store = Store(published_dir)
    with store.exclusive():
        store.note_pointer()
        before = _disk_usage(store.root)
        leftovers = clear_leftovers(store)
        due = _due(store, retention, now)
        removed = tuple(version for version in due if _remove_version(store, version))
        facts = _remove_unreferenced_facts(store)
        freed = before - _disk_usage(store.root)
        return Swept(removed, tuple(v for v in due if v not in removed), facts, leftovers, freed)


def _due(store: Store, retention: Retention, now: dt.datetime) -> list[int]:
    versions = store.published_versions()
    if not versions:
        return []
    manifests = {version: store.manifest(version) for version in versions}
    # A refresh that another one followed has nothing that is not in the other, and takes no other version's place.
    followed = {v for v, w in pairwise(versions) if manifests[v].data_version == manifests[w].data_version}
    lasting = [version for version in versions if version not in followed]
    newest = set(lasting[-max(retention.keep_versions, 1) :]) | {store.pointer().version}
    young = {
        v
        for v, m in manifests.items()
        if v not in followed and as_utc(now) - m.created_at < dt.timedelta(days=retention.keep_days)
    }
    last_of_month = {(manifests[v].as_of.year, manifests[v].as_of.month): v for v in lasting}
    month_ends = [v for _, v in sorted(last_of_month.items())]
    monthly = set(month_ends[-retention.keep_month_ends :] if retention.keep_month_ends else [])
    return [version for version in versions if version not in newest | young | monthly]


def _remove_version(store: Store, version: int) -> bool:
    with store.claim(version) as free:
        if not free:
            return False
        trash = store.directory(version, ".trash")
        store.directory(version).rename(trash)
        shutil.rmtree(trash)
        return True


def remove_followed(store: Store) -> tuple[int, ...]:
    """Remove refreshes that a later refresh of the same data followed, unless they are read; the caller holds the lock.

    Returns which. The whole publish that they refresh stays: it goes by the rules of retention.
    """
    manifests = {version: store.manifest(version) for version in store.published_versions()}
    pairs = [pair for pair in pairwise(manifests.values()) if pair[0].data_version == pair[1].data_version]
    due = [old.version for old, _ in pairs if old.refreshes is not None and old.version != store.pointer().version]
    return tuple(version for version in due if _remove_version(store, version))


def clear_leftovers(store: Store) -> int:
    """Remove what killed writers left; the caller holds the lock, so nothing of it can be in use. Returns how many."""
    published = set(store.published_versions())
    unpointed = [path for version, path in store.directories().items() if version not in published]
    aside = [*store.directories(".tmp").values(), *store.directories(".trash").values(), *unpointed]
    for directory in aside:
        shutil.rmtree(directory)
    files = [*store.facts_dir.glob("*/*/*.tmp"), *store.root.glob("*.tmp")]
    for file in (file for file in files if file.is_file()):
        file.unlink()
    return len(aside) + len(files)


def _remove_unreferenced_facts(store: Store) -> int:
    referenced = {
        store.root / file.path
        for version in store.published_versions()
        for table in store.manifest(version).tables.values()
        for file in table.months.values()
    }
    orphans = [path for path in store.facts_dir.glob("*/*/*.parquet") if path not in referenced]
    for path in orphans:
        path.unlink()
    for folder in (*store.facts_dir.glob("*/*"), *store.facts_dir.glob("*")):
        if not any(folder.iterdir()):
            folder.rmdir()
    return len(orphans)


def _disk_usage(root: Path) -> int:
    return sum(path.stat().st_size for path in root.rglob("*") if path.is_file())
