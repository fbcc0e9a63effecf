"""Empty raw tables for contracts that no enabled source delivers, so that every model finds the columns it reads."""

import duckdb

from data_contracts.loader import load_source
from data_contracts.model import Contract
from ingest.contract_pass import write_schema
from vitrina.durable import move_into_place
from vitrina.settings import Settings

_SCHEMA = "_schema.parquet"


def write_empty_tables(settings: Settings) -> int:
    """Write `_schema.parquet` for every contract of a source that is not enabled; returns how many were written.

    Models of the billing are part of every build, also where an operator has only a file of payments. What is there
    and no older than its contract stays.
    """
    wanted = [contract for source in _not_enabled(settings) for contract in _stale(settings, source)]
    if wanted:
        with duckdb.connect() as con:
            for contract in wanted:
                _write(settings, con, contract)
    return len(wanted)


def _not_enabled(settings: Settings) -> list[str]:
    folders = sorted(path.parent.name for path in settings.sources_dir.glob("*/connector.yaml"))
    return [name for name in folders if name not in settings.sources]


def _stale(settings: Settings, source: str) -> list[Contract]:
    """Contracts of a source, read only when a table of it is missing or older than the newest contract file."""
    folder = settings.sources_dir / source
    files = [*folder.glob("*.odcs.yaml")]
    changed = max((path.stat().st_mtime for path in files), default=0.0)
    schemas = [settings.raw_dir / f"{source}__{path.name.split('.')[0]}" / _SCHEMA for path in files]
    if all(schema.exists() and schema.stat().st_mtime >= changed for schema in schemas):
        return []
    return list(load_source(folder))


def _write(settings: Settings, con: duckdb.DuckDBPyConnection, contract: Contract) -> None:
    folder = settings.raw_dir / contract.raw_table
    folder.mkdir(parents=True, exist_ok=True)
    aside = folder / f"{_SCHEMA}.tmp"
    write_schema(con, contract, aside)
    move_into_place(aside, folder / _SCHEMA)
