"""What every asset of a run shares: settings, the as-of date, how to report progress, what changed."""

import subprocess
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from ingest.config import FileLocation
from ingest.connectors.files import waiting_dates
from ingest.health import sources
from ingest.run import changed_months, last_batch
from ingest.workspace import open_workspace
from vitrina.progress import Progress, SilentProgress
from vitrina.settings import REPOSITORY, Settings
from vitrina.warehouse.build import ALL_MONTHS
from vitrina.warehouse.manifest import Manifest
from vitrina.warehouse.store import NothingPublished, Store

LEDGER_BATCH = "ledger_batch"


@dataclass
class Runtime:
    """One run's parameters. `as_of` is the last day the run knows of; below here nobody reads the clock."""

    settings: Settings
    as_of: date
    full_refresh: bool = False
    progress: Progress = field(default_factory=SilentProgress)

    def changed_months(self) -> list[str] | str:
        """Months (``YYYY-MM``) to compute anew since the last published snapshot; ``all`` where there is none.

        Counted from what was published, not from what was built: a run that died between the two is made good.
        """
        published = self._published()
        if self.full_refresh or published is None or not self.settings.build_path.exists():
            return ALL_MONTHS
        touched = changed_months(self.settings, since_batch=published.watermarks.get(LEDGER_BATCH, 0))
        return sorted(set(touched) | set(months_between(published.as_of, self.as_of)))

    def pending_months(self) -> tuple[date, date]:
        """First and last month that waiting files or the way from the last snapshot to this as-of date touch."""
        published = self._published()
        dates = [published.as_of if published else self.as_of, self.as_of]
        with open_workspace(self.settings) as workspace:
            for connector in workspace.connectors.values():
                for entity in connector.entities.values():
                    if isinstance(entity, FileLocation):
                        dates += [date.fromisoformat(day) for day in waiting_dates(workspace, entity)]
        return min(dates), max(dates)

    def watermarks(self) -> dict[str, Any]:
        """How far every source had been read when this snapshot was made, and the newest batch of the ledger in it."""
        read = {f"{row['source']}__{row['entity']}": row["fresh_as_of"] for row in sources(self.settings)}
        return {LEDGER_BATCH: last_batch(self.settings), "sources": read}

    def contract_versions(self) -> dict[str, str]:
        """Version of every contract by raw table."""
        with open_workspace(self.settings) as workspace:
            entities = [entity for connector in workspace.connectors.values() for entity in connector.entities.values()]
            return {entity.table: workspace.contract(entity).version for entity in entities}

    def published_version(self) -> int:
        """Number of the current snapshot."""
        return Store(self.settings.published_dir).pointer().version

    def _published(self) -> Manifest | None:
        store = Store(self.settings.published_dir)
        try:
            return store.manifest(store.pointer().version)
        except NothingPublished:
            return None


def code_revision() -> str:
    """The commit that made a snapshot; ``+`` marks uncommitted changes. Empty outside a checkout."""
    git = ["git", "-C", str(REPOSITORY)]
    try:
        commit = subprocess.run([*git, "rev-parse", "--short=12", "HEAD"], capture_output=True, text=True, check=True)
        dirty = subprocess.run([*git, "status", "--porcelain", "-uno"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return commit.stdout.strip() + ("+" if dirty.stdout.strip() else "")


def months_between(first: date, last: date) -> list[str]:
    """Months from one date to another, both included, as ``YYYY-MM``; empty when `last` is earlier."""
    start, end = first.year * 12 + first.month - 1, last.year * 12 + last.month - 1
    return [f"{index // 12:04d}-{index % 12 + 1:02d}" for index in range(start, end + 1)]
