"""What a killed run left behind: files that the ledger does not vouch for. Swept before an entity is touched again."""

from pathlib import Path

from ingest.config import EntityBase
from ingest.landing import sweep_landing
from ingest.workspace import Workspace

_SCHEMA = "_schema.parquet"


def sweep(workspace: Workspace, entity: EntityBase) -> int:
    """Remove orphans of one entity; call it under the entity's lock. Returns how many there were."""
    batches = workspace.ledger.rows(
        "select raw_file, quarantine_file from batches where source = ? and entity = ?", entity.source, entity.entity
    )
    removed = sweep_landing(workspace, entity)
    removed += _sweep(workspace.raw(entity), {batch["raw_file"] for batch in batches} | {_SCHEMA})
    removed += _sweep(workspace.quarantine(entity), {batch["quarantine_file"] for batch in batches})
    workspace.ledger.close_interrupted_runs(entity.source, entity.entity, workspace.now())
    return removed


def _sweep(folder: Path, known: set[str | None]) -> int:
    if not folder.exists():
        return 0
    orphans = [path for path in folder.iterdir() if path.is_file() and path.name not in known]
    for orphan in orphans:
        orphan.unlink()
    return len(orphans)
