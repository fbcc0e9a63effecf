"""What every asset of a run shares: settings, the as-of date, how to report progress, what changed."""

from dataclasses import dataclass, field
from datetime import date

from ingest.ledger import Ledger
from ingest.run import changed_months
from vitrina.progress import Progress, SilentProgress
from vitrina.settings import Settings
from vitrina.warehouse.reader import NothingPublished, SnapshotReader


@dataclass
class Runtime:
    """One run's parameters. `as_of` is the last day that the run knows of; it is never read from the clock below here."""

    settings: Settings
    as_of: date
    full_refresh: bool = False
    progress: Progress = field(default_factory=SilentProgress)

    def changed_months(self) -> list[str] | None:
        """Months (``YYYY-MM``) to compute anew since the last published snapshot; None means all of them.

        Counted from what was published, not from what was built: a run that died between the two is made good.
        """
        if self.full_refresh or not self.settings.build_path.exists():
            return None
        try:
            manifest = SnapshotReader(self.settings.published_dir).manifest
        except NothingPublished:
            return None
        touched = changed_months(self.settings, since_batch=manifest.ledger_batch)
        return sorted(set(touched) | set(months_between(manifest.as_of, self.as_of)))

    def last_batch(self) -> int:
        """Number of the newest batch that the ledger holds: the watermark that a snapshot carries."""
        return Ledger(self.settings.ledger_path).last_batch()


def months_between(first: date, last: date) -> list[str]:
    """Months from one date to another, both included, as ``YYYY-MM``; empty when `last` is earlier."""
    start, end = first.year * 12 + first.month - 1, last.year * 12 + last.month - 1
    return [f"{index // 12:04d}-{index % 12 + 1:02d}" for index in range(start, end + 1)]
