"""Results of checks of any layer, kept in the ledger so that people see them beside the deliveries."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ingest.ledger import Ledger
from ingest.workspace import Clock, utc_now
from vitrina.settings import Settings

KEPT_PER_CHECK = 30


@dataclass(frozen=True)
class CheckResult:
    """One check of one table: `severity` is `error` (stops what depends on the table) or `warn`."""

    subject: str
    check_name: str
    passed: bool
    severity: str = "error"
    details: dict[str, Any] = field(default_factory=dict)


def record_checks(settings: Settings, results: Iterable[CheckResult], clock: Clock = utc_now) -> None:
    """Add results, and forget the oldest ones of each check beyond `KEPT_PER_CHECK`."""
    ledger, moment = Ledger(settings.ledger_path), clock().isoformat(timespec="seconds")
    try:
        with ledger.transaction():
            for result in results:
                ledger.insert(
                    "check_results", subject=result.subject, check_name=result.check_name, passed=int(result.passed),
                    severity=result.severity, details=result.details, checked_at=moment,
                )  # fmt: skip
            ledger.forget_old_checks(KEPT_PER_CHECK)
    finally:
        ledger.close()
