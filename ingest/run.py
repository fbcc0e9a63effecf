"""Ingestion as others call it: extract an entity, load it, or take in everything; all values are plain.

`extract` and `load` may be called for different entities at the same time by different processes; for one entity a
second caller fails at once.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from ingest.config import EntityBase
from ingest.connectors import database, files, rest, soap
from ingest.landing import Landed
from ingest.ledger import Ledger
from ingest.load import Loader, LoadResult
from ingest.rules import references
from ingest.sweep import sweep
from ingest.workspace import Workspace, open_workspace, utc_now
from vitrina.progress import Progress, SilentProgress
from vitrina.settings import MissingSecret, Settings

_EXTRACTORS: dict[str, Callable[[Workspace, Any], Iterator[Landed]]] = {
    "database": database.extract, "files": files.extract, "xml": files.extract, "onec_statement": files.extract,
    "rest": rest.extract, "soap": soap.extract,
}  # fmt: skip


@dataclass(frozen=True)
class ExtractResult:
    """Deliveries of one extraction by their state."""

    table: str
    landed: int
    duplicates: int


@dataclass(frozen=True)
class IngestResult:
    """Everything that one call of `ingest_all` did; `failures` are sources that could not be read, with the reason."""

    extracts: list[ExtractResult]
    loads: list[LoadResult]
    failures: dict[str, str]


def extract(settings: Settings, source: str, entity: str, clock: Callable[[], datetime] = utc_now) -> ExtractResult:
    """Land what the source has new. Raises what the connector raised; deliveries landed before that stay."""
    with open_workspace(settings, clock) as workspace:
        return _extract(workspace, workspace.entity(source, entity))


def load(
    settings: Settings, source: str, entity: str, dates: tuple[date, date] | None = None,
    clock: Callable[[], datetime] = utc_now,
) -> LoadResult:  # fmt: skip
    """Check the landed deliveries of an entity and put their rows to raw and quarantine."""
    with open_workspace(settings, clock) as workspace:
        return _load(workspace, workspace.entity(source, entity), dates)


def ingest_all(
    settings: Settings, progress: Progress | None = None, sources: tuple[str, ...] | None = None,
    clock: Callable[[], datetime] = utc_now,
) -> IngestResult:  # fmt: skip
    """Extract and load every entity of the enabled sources, referred tables first.

    A source that cannot be read is reported and does not keep the others from being taken in.
    """
    steps: Progress = progress or SilentProgress()  # type: ignore[assignment]
    result = IngestResult([], [], {})
    with open_workspace(settings, clock) as workspace:
        for entity in in_load_order(workspace, sources):
            with steps.step(f"{entity.source}.{entity.entity}") as advance:
                try:
                    result.extracts.append(_extract(workspace, entity, advance))
                except Exception as error:
                    # one unreachable source must not stop the day's run; what it landed before is still loaded
                    result.failures[entity.table] = _told(error)
                result.loads.append(_load(workspace, entity, None, advance))
    return result


def in_load_order(workspace: Workspace, sources: tuple[str, ...] | None = None) -> list[EntityBase]:
    """Entities of the enabled sources, each after the tables that it refers to."""
    chosen = [c for name, c in workspace.connectors.items() if sources is None or name in sources]
    entities = {e.table: e for connector in chosen for e in connector.entities.values()}
    ordered: dict[str, EntityBase] = {}

    def visit(table: str, above: tuple[str, ...]) -> None:
        if table in ordered or table not in entities or table in above:
            return
        for referred, _ in references(workspace.contract(entities[table])):
            visit(referred, (*above, table))
        ordered[table] = entities[table]

    for table in entities:
        visit(table, ())
    return list(ordered.values())


def entities_in_order(settings: Settings) -> list[tuple[str, str]]:
    """(source, entity) pairs as `ingest_all` takes them."""
    with open_workspace(settings) as workspace:
        return [(entity.source, entity.entity) for entity in in_load_order(workspace)]


def changed_months(settings: Settings, since_batch: int = 0) -> list[str]:
    """Months (`YYYY-MM`) of facts that batches after `since_batch` touched, sorted."""
    ledger = Ledger(settings.ledger_path)
    try:
        rows = ledger.rows("select months from batches where seq > ?", since_batch)
    finally:
        ledger.close()
    return sorted({month for row in rows for month in row["months"]})


def last_batch(settings: Settings) -> int:
    """Number of the newest batch in the ledger, 0 when there is none."""
    ledger = Ledger(settings.ledger_path)
    try:
        found = ledger.row("select coalesce(max(seq), 0) as seq from batches")
    finally:
        ledger.close()
    return int(found["seq"]) if found else 0


def accept_by_hand(settings: Settings, delivery_id: str, clock: Callable[[], datetime] = utc_now) -> None:
    """Let a delivery in that was held for its volume: the next load takes it. Raises `KeyError` for an unknown one."""
    with open_workspace(settings, clock) as workspace:
        delivery = workspace.ledger.delivery(delivery_id)
        if delivery["state"] not in ("rejected", "empty"):
            raise ValueError(f"delivery {delivery_id} is {delivery['state']}, not rejected")
        workspace.ledger.update_delivery(delivery_id, state="landed", approved=1, reason=None, reason_values={})


def _extract(workspace: Workspace, entity: EntityBase, advance: Callable[..., None] | None = None) -> ExtractResult:
    with workspace.locked(entity), _recorded(workspace, entity, "extract") as landed:
        sweep(workspace, entity)
        for delivery in _EXTRACTORS[entity.kind](workspace, entity):  # type: ignore[attr-defined]
            landed.append(delivery.state)
            if advance:
                advance(1, note=f"{len(landed)} deliveries")
    return ExtractResult(entity.table, landed.count("landed"), landed.count("duplicate"))


def _load(
    workspace: Workspace,
    entity: EntityBase,
    dates: tuple[date, date] | None,
    advance: Callable[..., None] | None = None,
) -> LoadResult:
    with workspace.locked(entity), _recorded(workspace, entity, "load"):
        sweep(workspace, entity)
        loader = Loader(workspace, entity)
        try:
            return loader.load(dates, advance) if advance else loader.load(dates)
        finally:
            loader.close()


def _told(error: Exception) -> str:
    if isinstance(error, MissingSecret):
        return f"the environment variable {error} is not set"
    return f"{type(error).__name__}: {error}"[:500]


class _recorded:  # noqa: N801 - used as a block
    """An entry of `runs` that says how one stage of one entity went."""

    def __init__(self, workspace: Workspace, entity: EntityBase, stage: str) -> None:
        self._workspace, self._entity, self._stage = workspace, entity, stage
        self._landed: list[str] = []

    def __enter__(self) -> list[str]:
        self._run = self._workspace.ledger.insert(
            "runs", source=self._entity.source, entity=self._entity.entity, stage=self._stage,
            started_at=self._workspace.now(),
        )  # fmt: skip
        return self._landed

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        outcome = "ok" if kind is None else "failed"
        message = _told(error) if isinstance(error, Exception) else None
        self._workspace.ledger.finish_run(self._run, outcome, self._workspace.now(), message, len(self._landed))
