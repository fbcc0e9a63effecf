"""A published version in a DuckDB instance of its own, confined to its files and closed by its last user."""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import Final, Protocol

import duckdb

from vitrina.warehouse.engine import Resources, literal, quoted
from vitrina.warehouse.live import LIST_MEMBERS, LIVE_TABLES, has_lists, list_members_query, lists_folder
from vitrina.warehouse.manifest import Manifest, TableEntry
from vitrina.warehouse.store import Store

MARTS: Final = "marts"
MAX_VIEW_SETS: Final = 200


class ViewSet(Protocol):
    """A schema of views over `memory.marts` that cursors may be put on instead of the marts themselves."""

    @property
    def name(self) -> str:
        """Name of the schema; equal names mean equal views."""
        ...

    def statements(self, connection: duckdb.DuckDBPyConnection, manifest: Manifest) -> Sequence[str]:
        """SQL that fills the schema, which exists and is empty."""
        ...


class OpenSnapshot:
    """One version in a DuckDB instance of its own; closes when its last user lets go of it."""

    def __init__(self, store: Store, version: int, resources: Resources) -> None:
        self._lease = store.lease(version)
        try:
            stored = store.manifest(version)
            self.connection = _connect(store, stored, resources)
            self.manifest = stored.model_copy(update={"tables": {**stored.tables, **LIVE_TABLES}})
        except BaseException:
            self._lease.close()
            raise
        self._lists, self._knows_lists = lists_folder(store.root), False
        self._users, self._guard = 1, threading.Lock()
        self._view_sets: OrderedDict[str, int] = OrderedDict()
        self._making = threading.RLock()  # the collector may give a schema back while this thread makes one

    def acquire(self) -> None:
        """One more user."""
        with self._guard:
            self._users += 1

    def release(self) -> None:
        """One user less; the last one closes the instance and gives the version to the sweep."""
        with self._guard:
            self._users -= 1
            last = self._users == 0
        if last:
            self.connection.close()
            self._lease.close()

    def look_for_lists(self) -> None:
        """Once there is a first list, read lists from their files; from then on every query finds new ones itself."""
        if self._knows_lists or not has_lists(self._lists):
            return
        with self._making, self.connection.cursor() as cursor:
            query = list_members_query(self._lists, any_there=True)
            cursor.execute(f"CREATE OR REPLACE VIEW memory.{MARTS}.{LIST_MEMBERS} AS {query}")
            self._knows_lists = True

    def take_views(self, views: ViewSet) -> None:
        """Make the schema unless it is there, and keep it until it is given back. Raises what its statements raise."""
        with self._making:
            if views.name not in self._view_sets:
                self._make(views)
                self._view_sets[views.name] = 0
            self._view_sets[views.name] += 1
            self._view_sets.move_to_end(views.name)
            self._drop_idle()

    def give_back_views(self, name: str) -> None:
        """One user of the schema less."""
        with self._making:
            self._view_sets[name] -= 1

    def _make(self, views: ViewSet) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute("BEGIN")
            try:
                cursor.execute(f"CREATE SCHEMA memory.{quoted(views.name)}")
                for statement in views.statements(cursor, self.manifest):
                    cursor.execute(statement)
                cursor.execute("COMMIT")
            except BaseException:
                cursor.execute("ROLLBACK")
                raise

    def _drop_idle(self) -> None:
        """Let go of the schemas that were longest unused: there is one for each set of rights."""
        idle = [name for name, users in self._view_sets.items() if not users]
        for name in idle[: max(0, len(self._view_sets) - MAX_VIEW_SETS)]:
            with self.connection.cursor() as cursor:
                cursor.execute(f"DROP SCHEMA memory.{quoted(name)} CASCADE")
            del self._view_sets[name]


def _connect(store: Store, manifest: Manifest, resources: Resources) -> duckdb.DuckDBPyConnection:
    config = {"python_enable_replacements": False, "autoinstall_known_extensions": False}
    connection = duckdb.connect(":memory:", config={**config, "autoload_known_extensions": False})
    resources.apply(connection)
    connection.execute("SET parquet_metadata_cache = true")  # safe, because no path is ever written twice
    connection.execute(f"ATTACH {literal(str(store.root / manifest.database.path))} AS snapshot (READ_ONLY)")
    connection.execute(f"CREATE SCHEMA {MARTS}")
    for table in manifest.tables.values():
        connection.execute(f"CREATE VIEW marts.{quoted(table.name)} AS {_view(store, table)}")
    lists = lists_folder(store.root)
    connection.execute(f"CREATE VIEW marts.{LIST_MEMBERS} AS {list_members_query(lists, any_there=False)}")
    # From here on the instance reaches the files of this snapshot and the lists only, and nothing can set that back.
    facts = [literal(str(store.root / file.path)) for t in manifest.tables.values() for file in t.months.values()]
    connection.execute(f"SET allowed_paths = [{', '.join(facts)}]")
    connection.execute(f"SET allowed_directories = [{literal(f'{lists}/')}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


def _view(store: Store, table: TableEntry) -> str:
    if table.kind == "native":
        return f"SELECT * FROM snapshot.main.{quoted(table.name)}"
    if not table.months:
        nothing = ", ".join(f"NULL::{column.type} AS {quoted(column.name)}" for column in table.columns)
        return f"SELECT {nothing} WHERE false"
    files = ", ".join(literal(str(store.root / file.path)) for file in table.months.values())
    # The folder name month=… is for people; as a Hive partition it would hide a column of that name.
    return f"SELECT * FROM read_parquet([{files}], hive_partitioning = false)"
