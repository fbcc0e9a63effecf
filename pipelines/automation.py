"""When runs start by themselves: every morning, when files arrive, and when an export is due."""

import hashlib
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import dagster as dg

from pipelines.partitions import range_tags
from pipelines.publishing import export_asset_name
from vitrina.exports.config import load_exports
from vitrina.settings import Settings

REFRESH_CRON = "0 5 * * *"
Job = Any  # what `define_asset_job` gives; Dagster does not export its type


def daily_schedule(job: Job, timezone: str) -> dg.ScheduleDefinition:
    """The whole pipeline at five in the morning, for the month of the day that has just ended and the one before."""

    @dg.schedule(job=job, cron_schedule=REFRESH_CRON, execution_timezone=timezone, name="refresh_daily")
    def refresh_daily(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        day = context.scheduled_execution_time.date()
        first = (day.replace(day=1) - timedelta(days=1)).replace(day=1)
        return dg.RunRequest(run_key=day.isoformat(), tags=range_tags(first, day))

    return refresh_daily


def export_schedules(names: list[str], timezone: str) -> list[dg.ScheduleDefinition]:
    """One schedule per export, at the time that its configuration names."""
    configured = load_exports()
    return [
        dg.ScheduleDefinition(
            name=f"{export_asset_name(name)}_schedule",
            cron_schedule=configured[name].schedule,
            execution_timezone=timezone,
            job=dg.define_asset_job(
                f"{export_asset_name(name)}_job", selection=dg.AssetSelection.assets(export_asset_name(name))
            ),
        )
        for name in names
        if configured[name].schedule
    ]


def landing_sensor(job: Job, settings: Settings) -> dg.SensorDefinition:
    """Asks for a run when the drop folders hold files that were not there at the last look."""

    @dg.sensor(job=job, name="inbox_files", minimum_interval_seconds=60)
    def inbox_files(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        seen = _fingerprint(settings.inbox)
        if seen is None:
            return dg.SkipReason(f"The drop folder {settings.inbox} is empty or does not exist.")
        if context.cursor == seen:
            return dg.SkipReason("No new files.")
        context.update_cursor(seen)
        today = _today(settings.timezone)
        return dg.RunRequest(run_key=seen, tags=range_tags(today, today))

    return inbox_files


def _fingerprint(folder: Path | None) -> str | None:
    if folder is None or not folder.exists():
        return None
    digest, files = hashlib.sha256(), 0
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        state = path.stat()
        digest.update(f"{path.relative_to(folder)}|{state.st_size}|{state.st_mtime_ns}\n".encode())
        files += 1
    return digest.hexdigest() if files else None


def _today(timezone: str) -> date:
    return datetime.now(ZoneInfo(timezone)).date()
