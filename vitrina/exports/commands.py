"""What the command line and the orchestrator do with exports: plain functions that return values."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from vitrina.exports.config import EXPORTS_DIR, ExportSpec, load_exports
from vitrina.exports.journal import PayloadFolder, UnknownExport
from vitrina.exports.run import ExportOptions, ExportResult, run_export
from vitrina.settings import Settings
from vitrina.warehouse.engine import Resources
from vitrina.warehouse.reader import SnapshotReader


@dataclass(frozen=True)
class ExportLine:
    """One line of the list of exports; the last attempt is empty when there was none."""

    name: str
    source: str
    format: str
    mode: str
    schedule: str
    enabled: bool
    last_status: str
    last_at: str
    last_reason: str
    last_export: str
    snapshot_version: int | None
    rows: int | None


def list_exports(settings: Settings, config_dir: Path = EXPORTS_DIR) -> list[ExportLine]:
    """Every configured export with how its last attempt went."""
    return [_line(spec, PayloadFolder(settings.exports_dir, spec)) for spec in load_exports(config_dir).values()]


def _line(spec: ExportSpec, folder: PayloadFolder) -> ExportLine:
    attempt = (folder.attempts() or [{}])[-1]
    last = folder.last()
    return ExportLine(
        name=spec.name,
        source=spec.source,
        format=spec.suffix,
        mode=spec.mode,
        schedule=spec.schedule,
        enabled=spec.enabled,
        last_status=attempt.get("status", ""),
        last_at=attempt.get("at", ""),
        last_reason=attempt.get("reason", ""),
        last_export=last.export_id if last else "",
        snapshot_version=last.snapshot_version if last else None,
        rows=last.rows if last else None,
    )


def find_export(name: str, config_dir: Path = EXPORTS_DIR) -> ExportSpec:
    """The entry of that name. Raises `UnknownExport` with the names there are."""
    specs = load_exports(config_dir)
    if name not in specs:
        raise UnknownExport(f"there is no export {name}; there are {', '.join(specs) or 'none'}")
    return specs[name]


def export(
    settings: Settings,
    name: str,
    now: dt.datetime,
    options: ExportOptions | None = None,
    version: int | None = None,
    config_dir: Path = EXPORTS_DIR,
) -> ExportResult:
    """Export one payload of the current snapshot, or of `version`, to the exports folder of the settings."""
    spec = find_export(name, config_dir)
    resources = Resources(memory_limit=settings.memory_limit, threads=settings.threads)
    with SnapshotReader.open(settings.published_dir, version=version, resources=resources) as reader:
        return run_export(spec, reader, settings.exports_dir, now, options, resources)


def acknowledge(
    settings: Settings, name: str, export_id: str, now: dt.datetime, config_dir: Path = EXPORTS_DIR
) -> None:
    """Note that the consumer has taken an export in; with baseline `acknowledged` later changes start from it."""
    PayloadFolder(settings.exports_dir, find_export(name, config_dir)).acknowledge(export_id, now)
