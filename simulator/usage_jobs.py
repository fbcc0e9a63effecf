"""Usage month by month, on several processes where the operator is large."""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from simulator.options import SimulationOptions
from simulator.timeline import Timeline, build_timeline
from simulator.usage import month_usage
from simulator.usage_files import MonthFiles, month_charges

SMALL_RUN = 150_000
"""Customer-months below which starting processes costs more than it saves."""
_OWN: dict[str, Timeline] = {}


@dataclass(frozen=True)
class UsageJob:
    """One month: which of its days become daily files, and whether its archive file is written."""

    month: int
    first_day: int
    last_day: int
    archive: bool
    inbox: Path


def usage_jobs(options: SimulationOptions, timeline: Timeline, after: int, until: int) -> list[UsageJob]:
    """The months that days in (after, until] belong to."""
    clock, inbox = timeline.clock, options.home / "inbox" / "foris"
    first_daily = options.months - (options.daily_months or options.months)
    jobs = []
    for month in range(clock.month_of(max(after + 1, 0)), clock.month_of(until) + 1):
        begin, end = clock.month_days(month)
        days = (max(begin, after + 1), min(end, until + 1)) if month >= first_daily else (begin, begin)
        archive = month < first_daily and after < end - 1 <= until
        jobs.append(UsageJob(month, *days, archive, inbox))
    return jobs


def run_jobs(
    options: SimulationOptions, timeline: Timeline, jobs: list[UsageJob]
) -> Iterator[tuple[UsageJob, dict[str, np.ndarray]]]:
    """Write the files of each job and give its charged usage, in order of months."""
    if options.workers < 2 or len(jobs) < 2 or options.customers * len(jobs) < SMALL_RUN:
        for job in jobs:
            yield job, _run(timeline, job)
        return
    pool = ProcessPoolExecutor(options.workers, get_context("spawn"), _prepare, (options,))
    with pool:
        try:
            yield from zip(jobs, pool.map(_run_in_worker, jobs), strict=True)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _prepare(options: SimulationOptions) -> None:
    _OWN["timeline"] = build_timeline(options)


def _run_in_worker(job: UsageJob) -> dict[str, np.ndarray]:
    return _run(_OWN["timeline"], job)


def _run(timeline: Timeline, job: UsageJob) -> dict[str, np.ndarray]:
    files = MonthFiles(timeline.clock, job.inbox, job.month, (job.first_day, job.last_day), job.archive)
    charges = []
    for cells in month_usage(timeline, job.month):
        files.add(cells)
        charges.append(month_charges(cells))
    files.close()
    return {name: np.concatenate([c[name] for c in charges]) for name in charges[0]}
