"""The orchestrator's own memory: its home folder, and runs that died without saying so."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg
import psutil
from sqlalchemy import event
from sqlalchemy.engine import Engine

from vitrina.settings import REPOSITORY, Settings

PID_TAG = "vitrina/pid"


@event.listens_for(Engine, "connect")
def _spare_syncs(connection: object, _record: object) -> None:
    """Dagster commits three times per event. In WAL mode NORMAL survives a killed process, which is what is promised
    of run history; only a power cut may cost its last events, and a run of seconds no longer waits for the disk."""
    if type(connection).__module__ == "sqlite3":
        connection.execute("pragma synchronous = normal")  # type: ignore[attr-defined]


def prepare_home(settings: Settings) -> None:
    """Make ``<home>/dagster`` and put the project's dagster.yaml there, the only place where Dagster reads it."""
    settings.dagster_home.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(REPOSITORY / "dagster.yaml", settings.dagster_home / "dagster.yaml")


@contextmanager
def instance(settings: Settings) -> Iterator[dg.DagsterInstance]:
    """The Dagster instance of this home; runs that a kill left open are closed first."""
    prepare_home(settings)
    os.environ["DAGSTER_HOME"] = str(settings.dagster_home)
    with dg.DagsterInstance.from_config(str(settings.dagster_home)) as opened:
        close_dead_runs(opened)
        yield opened


def close_dead_runs(opened: dg.DagsterInstance) -> list[str]:
    """Mark as failed every run whose process is gone; returns their ids.

    A killed process cannot report its own end, and an open run would look as if it still worked.
    """
    closed = []
    open_states = [dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.NOT_STARTED]
    for run in opened.get_runs(filters=dg.RunsFilter(statuses=open_states)):
        pid = run.tags.get(PID_TAG)
        if pid is not None and not psutil.pid_exists(int(pid)):
            opened.report_run_failed(run, f"The process {pid} of this run is gone; the next run completes its work.")
            closed.append(run.run_id)
    return closed
