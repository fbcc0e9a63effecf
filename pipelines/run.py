"""One whole run in this process: `vitrina run`. Dagster keeps its history; a lock keeps it alone."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import dagster as dg

from pipelines.definitions import REFRESH, build_definitions
from pipelines.instance import PID_TAG, instance
from pipelines.partitions import FIRST_MONTH, range_tags
from pipelines.resources import Runtime
from vitrina.errors import UserError
from vitrina.progress import Progress
from vitrina.runlock import run_lock
from vitrina.settings import Settings

# Dagster keeps every event in its own storage; the terminal is for progress.
_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


class RunFailed(UserError):
    """The run stopped; what was published before stays. `reasons` are the messages of the steps that failed."""

    def __init__(self, reasons: Sequence[str]) -> None:
        self.reasons = list(reasons)
        super().__init__("The run stopped, the last published data stays in use.\n" + "\n".join(self.reasons))


@dataclass(frozen=True)
class RunOutcome:
    """A finished run: Dagster's id and the version that readers now see."""

    run_id: str
    version: int


def run_pipeline(
    settings: Settings,
    as_of: date,
    progress: Progress,
    *,
    full_refresh: bool = False,
    months: tuple[date, date] | None = None,
) -> RunOutcome:
    """Extract, check, model, resolve and publish everything that is new.

    `months` bounds the partitions that the run reports to Dagster; by default those that the deliveries touch.
    Raises `RunFailed` when a step stopped the run and `AnotherRunIsAtWork` when some process holds the lock.
    """
    with run_lock(settings.state_dir / "run.lock"), instance(settings) as opened:
        runtime = Runtime(settings, as_of, full_refresh=full_refresh, progress=progress)
        job = build_definitions(settings, runtime).resolve_job_def(REFRESH)
        first, last = months or runtime.pending_months()
        tags = {**range_tags(max(first, date.fromisoformat(FIRST_MONTH)), last), PID_TAG: str(os.getpid())}
        result = job.execute_in_process(instance=opened, tags=tags, run_config=_QUIET, raise_on_error=False)
        if not result.success:
            raise RunFailed(_reasons(result))
        return RunOutcome(result.run_id, runtime.published_version())


def _reasons(result: dg.ExecuteInProcessResult) -> list[str]:
    failures = [(event.step_key, event.step_failure_data) for event in result.all_events if event.is_step_failure]
    return [f"{step}: {_cause(data)}" for step, data in failures] or ["no step reported a reason; see the log"]


def _cause(failure: Any) -> str:
    """What went wrong at the bottom of it: Dagster wraps the error of a step in errors of its own."""
    told = failure.user_failure_data.description if failure.user_failure_data else None
    if told:
        return told.strip()
    error = failure.error
    while error is not None and error.cause is not None:
        error = error.cause
    if error is None:
        return "failed"
    name, _, sentence = error.message.strip().partition(": ")
    # The name of the class says nothing to people where a sentence follows it.
    return sentence if name.endswith(error.cls_name or "") and " " in sentence else error.message.strip()
