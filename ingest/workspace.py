"""What every step of ingestion is given: settings, connector entries, the ledger and a clock."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from data_contracts.loader import load_contract, load_source
from data_contracts.model import Contract
from ingest.config import Connector, EntityBase, load_connectors
from ingest.ledger import Ledger
from vitrina.errors import UserError
from vitrina.runlock import run_lock
from vitrina.settings import Settings

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The wall clock; replaced in tests."""
    return datetime.now(UTC)


class Workspace:
    """One home folder with its connectors. Close it, or use `open_workspace`."""

    def __init__(self, settings: Settings, clock: Clock = utc_now) -> None:
        self.settings = settings
        self.clock = clock
        self.connectors: dict[str, Connector] = load_connectors(settings.sources_dir, settings.sources)
        self.ledger = Ledger(settings.ledger_path)
        self._contracts: dict[str, Contract] = {}

    def entity(self, source: str, entity: str) -> EntityBase:
        """The connector entry. Raises `UserError` for a name that no enabled source has."""
        connector = self.connectors.get(source)
        if connector is None:
            raise UserError(f"source {source!r} is not enabled; enabled: {', '.join(self.connectors)}")
        if entity not in connector.entities:
            raise UserError(f"source {source!r} has no entity {entity!r}; it has: {', '.join(connector.entities)}")
        return connector.entities[entity]

    def contract(self, entity: EntityBase) -> Contract:
        """The entity's contract. Raises `UserError` when its source has none for it."""
        if entity.table not in self._contracts:
            self._contracts[entity.table] = self._read_contract(entity)
        return self._contracts[entity.table]

    def _read_contract(self, entity: EntityBase) -> Contract:
        folder = self.settings.sources_dir / entity.source
        own = folder / f"{entity.entity}.odcs.yaml"
        # a source's contracts take long to read together, and most calls are about one entity
        found = (load_contract(own),) if own.exists() else load_source(folder)
        contract = next((contract for contract in found if contract.entity == entity.entity), None)
        if contract is None:
            raise UserError(f"{entity.table}: there is no contract {entity.source}/{own.name}")
        return contract

    def is_enabled(self, table: str) -> bool:
        """Whether a raw table belongs to an enabled source."""
        source, _, entity = table.partition("__")
        return source in self.connectors and entity in self.connectors[source].entities

    def raw_files(self, table: str) -> list[Path]:
        """Raw files of a table that the ledger vouches for, oldest batch first."""
        source, _, entity = table.partition("__")
        rows = self.ledger.rows(
            "select raw_file from batches where source = ? and entity = ? and raw_file is not null order by seq",
            source, entity,
        )  # fmt: skip
        return [self.settings.raw_dir / table / row["raw_file"] for row in rows]

    def new_batch_id(self, entity: EntityBase) -> str:
        """Sortable by time, and not to be confused with one of the same instant."""
        return f"{self.clock():%Y%m%dT%H%M%S%f}_{secrets.token_hex(3)}"

    def now(self) -> str:
        """The clock as ISO text in UTC, to the microsecond."""
        return self.clock().astimezone(UTC).isoformat(timespec="microseconds")

    def landing(self, entity: EntityBase) -> Path:
        """Folder of the entity's deliveries."""
        return self.settings.landing_dir / entity.source / entity.entity

    def raw(self, entity: EntityBase) -> Path:
        """Folder of the entity's accepted rows."""
        return self.settings.raw_dir / entity.table

    def quarantine(self, entity: EntityBase) -> Path:
        """Folder of the entity's refused rows."""
        return self.settings.quarantine_dir / entity.table

    @contextmanager
    def locked(self, entity: EntityBase) -> Iterator[None]:
        """Only one process extracts or loads an entity at a time; another fails at once."""
        with run_lock(self.settings.state_dir / "locks" / f"{entity.table}.lock"):
            yield


@contextmanager
def open_workspace(settings: Settings, clock: Clock = utc_now) -> Iterator[Workspace]:
    """A workspace that gives its ledger back at the end."""
    workspace = Workspace(settings, clock)
    try:
        yield workspace
    finally:
        workspace.ledger.close()
