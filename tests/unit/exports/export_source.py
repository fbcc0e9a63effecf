"""A published store that export tests fill as they like."""

import datetime as dt
from pathlib import Path

import duckdb

from vitrina.exports.config import ExportSpec
from vitrina.warehouse.marts import MartCatalogue
from vitrina.warehouse.publish import PublishRequest, publish
from vitrina.warehouse.reader import SnapshotReader
from vitrina.warehouse.retention import Retention, sweep

NOW = dt.datetime(2026, 11, 1, 6, 0, tzinfo=dt.UTC)
DEFAULT_ROWS = [(number, f"Имя {number}", number * 1.5) for number in range(1, 11)]
TYPES = {"customer_id": "BIGINT", "full_name": "VARCHAR", "revenue": "DECIMAL(18, 2)"}


class Warehouse:
    """Publishes one table of given rows and reads it; where exports go is `exports`."""

    def __init__(self, home: Path) -> None:
        self.home, self.published, self.exports = home, home / "published", home / "exports"
        self._build = home / "build.duckdb"

    def publish(self, rows: list[tuple], types: dict[str, str] = TYPES, table: str = "customer_profiles") -> int:
        """The rows become the table of the next version; earlier versions are swept away."""
        self._build.unlink(missing_ok=True)
        columns = ", ".join(f"{name} {kind}" for name, kind in types.items())
        with duckdb.connect(str(self._build)) as con:
            con.execute(f"CREATE SCHEMA marts; CREATE TABLE marts.{table} ({columns})")
            if rows:
                con.executemany(f"INSERT INTO marts.{table} VALUES ({', '.join('?' * len(types))})", rows)
        request = PublishRequest(dt.date(2026, 10, 31), NOW)
        version = publish(self._build, self.published, request, MartCatalogue()).version
        sweep(self.published, Retention(1, 0), NOW + dt.timedelta(days=9))
        return version

    def reader(self) -> SnapshotReader:
        """A reader on the present version."""
        return SnapshotReader(self.published)


def spec(**options: object) -> ExportSpec:
    """An entry for the table of the tests."""
    values = {"destination": "crm", "payload": "profiles", "table": "customer_profiles", "key": ("customer_id",)}
    return ExportSpec(**{**values, **options})
