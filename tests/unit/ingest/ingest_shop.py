"""A source for tests: `client` (reference) and `sale` (daily files), made of a connector entry and contracts only."""

import gzip
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import yaml

from ingest import run
from ingest.ledger import Ledger
from ingest.load import LoadResult
from ingest.replay import ReplayResult, recheck_rejected, replay_quarantine
from vitrina.settings import Settings

TYPES = {
    "integer": "BIGINT", "string": "VARCHAR", "date": "DATE", "timestamp": "TIMESTAMP", "number": "DECIMAL(18,2)",
    "boolean": "BOOLEAN",
}  # fmt: skip
SALE_HEADER = "sale_id;client_id;sold_date;quantity;amount;city"
SALE_COLUMNS: list[dict[str, Any]] = [
    {"name": "sale_id", "type": "integer", "key": 1, "logicalTypeOptions": {"minimum": 1}},
    {"name": "client_id", "type": "integer", "required": True, "refers": "shop__client.client_id"},
    {"name": "sold_date", "type": "date", "required": True},
    {"name": "quantity", "type": "integer", "required": True, "logicalTypeOptions": {"minimum": 0}},
    {"name": "amount", "type": "number", "required": True},
    {"name": "city", "type": "string", "logicalTypeOptions": {"maxLength": 30}},
]
CLIENT_COLUMNS: list[dict[str, Any]] = [
    {"name": "client_id", "type": "integer", "key": 1},
    {"name": "name", "type": "string", "required": True},
]
SALE_ENTRY: dict[str, Any] = {
    "kind": "files", "path": "shop/sale_*.csv*", "delimiter": ";", "decimal": ",", "encoding": "windows-1251",
    "date_in_name": r"(?P<date>\d{8})", "event_date": "sold_date",
}  # fmt: skip
CLIENT_ENTRY: dict[str, Any] = {"kind": "files", "path": "shop/client_*.csv"}


def contract(entity: str, columns: Sequence[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """An ODCS document. `more`: version, minimum_volume, empty (`allowed` or `rejected`)."""
    key = [column["name"] for column in columns if column.get("key")]
    table = {
        "name": f"shop__{entity}",
        "physicalType": "table",
        "properties": [_property(column) for column in columns],
    }
    if key:
        table["quality"] = [{"metric": "duplicateValues", "mustBe": 0, "arguments": {"properties": key}}]
    sla = [{"property": "freshness", "value": 24, "unit": "h"}]
    if "minimum_volume" in more:
        sla.append({"property": "minimumVolume", "value": more["minimum_volume"], "unit": "shareOfUsual"})
    return {
        "apiVersion": "v3.1.0", "kind": "DataContract", "id": f"shop.{entity}", "name": entity, "status": "active",
        "version": more.get("version", "1.0.0"), "schema": [table], "slaProperties": sla,
        "customProperties": [{"property": "emptyDelivery", "value": more.get("empty", "allowed")}],
    }  # fmt: skip


def _property(column: dict[str, Any]) -> dict[str, Any]:
    made = {"name": column["name"], "logicalType": column["type"],
            "physicalType": column.get("physical", TYPES[column["type"]]),
            "required": column.get("required", False)}  # fmt: skip
    if column.get("key"):
        made |= {"primaryKey": True, "primaryKeyPosition": column["key"]}
    if column.get("refers"):
        made["relationships"] = [{"type": "foreignKey", "to": column["refers"]}]
    for name in ("logicalTypeOptions", "physicalName", "customProperties"):
        if name in column:
            made[name] = column[name]
    return made


class Shop:
    """One home folder: drop files, ingest, look at what came of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.moment = datetime(2026, 3, 1, 6, tzinfo=UTC)
        self.settings = Settings(home=folder / "home", sources_dir=folder / "sources", enabled_sources="shop")
        self.describe("client", CLIENT_ENTRY, CLIENT_COLUMNS)
        self.describe("sale", SALE_ENTRY, SALE_COLUMNS)

    def describe(self, entity: str, entry: dict[str, Any], columns: Sequence[dict[str, Any]], **more: Any) -> None:
        """Write or change the connector entry and the contract of an entity."""
        directory = self.folder / "sources" / "shop"
        directory.mkdir(parents=True, exist_ok=True)
        path = directory / "connector.yaml"
        connector = yaml.safe_load(path.read_text()) if path.exists() else {"source": "shop", "entities": {}}
        connector["entities"][entity] = entry
        path.write_text(yaml.safe_dump(connector, allow_unicode=True))
        document = yaml.safe_dump(contract(entity, columns, **more), allow_unicode=True)
        (directory / f"{entity}.odcs.yaml").write_text(document)

    def clients(self, *numbers: int, name: str = "client_1.csv") -> None:
        """Drop a file of clients and take it in."""
        self.drop(name, "client_id,name\n" + "".join(f"{number},Client {number}\n" for number in numbers))
        self.ingest("client")

    def drop(self, name: str, content: str | bytes, encoding: str = "cp1251") -> Path:
        """Put a file into the inbox; `.gz` names are compressed when text is given."""
        path = self.settings.inbox / "shop" / name  # type: ignore[operator]
        path.parent.mkdir(parents=True, exist_ok=True)
        data = content.encode(encoding) if isinstance(content, str) else content
        if name.endswith(".gz") and isinstance(content, str):
            data = gzip.compress(data, mtime=0)
        path.write_bytes(data)
        return path

    def sales(self, day: str, *rows: str, encoding: str = "cp1251", header: str = SALE_HEADER) -> Path:
        """Drop a compressed day of sales."""
        return self.drop(f"sale_{day}.csv.gz", "\n".join([header, *rows]) + "\n", encoding)

    def clock(self) -> datetime:
        """Later at every look."""
        self.moment += timedelta(milliseconds=1)
        return self.moment

    def extract(self, entity: str = "sale") -> run.ExtractResult:
        """Land what is new."""
        return run.extract(self.settings, "shop", entity, clock=self.clock)

    def load(self, entity: str = "sale") -> LoadResult:
        """Load what is landed."""
        return run.load(self.settings, "shop", entity, clock=self.clock)

    def ingest(self, entity: str = "sale") -> LoadResult:
        """Land and load."""
        self.extract(entity)
        return self.load(entity)

    def replay(self, entity: str = "sale") -> ReplayResult:
        """Check quarantine again."""
        return replay_quarantine(self.settings, "shop", entity, clock=self.clock)

    def recheck(self, entity: str = "sale") -> LoadResult:
        """Judge rejected deliveries again."""
        return recheck_rejected(self.settings, "shop", entity, clock=self.clock)

    def deliveries(self, entity: str = "sale") -> list[dict[str, Any]]:
        """Ledger entries in the order of arrival."""
        return self._ledger("select * from deliveries where entity = ? order by received_at, delivery_id", entity)

    def states(self, entity: str = "sale") -> dict[str, str]:
        """File name → state."""
        return {row["file_name"]: row["state"] for row in self.deliveries(entity)}

    def warnings(self) -> list[tuple[str, dict[str, Any]]]:
        """Codes and values of all warnings."""
        return [(row["code"], row["details"]) for row in self._ledger("select * from warnings order by id")]

    def raw(self, columns: str = "*", entity: str = "sale", order: str = "_file, _line") -> list[tuple[Any, ...]]:
        """Rows of raw."""
        return self._parquet(self.settings.raw_dir, columns, entity, order)

    def quarantine(
        self, columns: str = '_file, _line, field, "value", "rule"', entity: str = "sale"
    ) -> list[tuple[Any, ...]]:
        """Rows of quarantine."""
        return self._parquet(self.settings.quarantine_dir, columns, entity, "_file, _line")

    def _parquet(self, folder: Path, columns: str, entity: str, order: str) -> list[tuple[Any, ...]]:
        files = sorted((folder / f"shop__{entity}").glob("*.parquet"))
        if not files:
            return []
        names = ", ".join(f"'{path}'" for path in files)
        return duckdb.connect().execute(
            f"select {columns} from read_parquet([{names}], union_by_name = true) order by {order}"
        ).fetchall()  # fmt: skip

    def _ledger(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        ledger = Ledger(self.settings.ledger_path)
        try:
            return ledger.rows(sql, *values)
        finally:
            ledger.close()
