"""`vitrina run`, `vitrina snapshots …`."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from vitrina.cli.console import console
from vitrina.days import yesterday
from vitrina.errors import UserError
from vitrina.settings import Settings, get_settings

snapshots = typer.Typer(no_args_is_help=True, help="Published snapshots: list, verify, roll back, sweep.")
HomeOption = Annotated[Path | None, typer.Option(help="Data folder; overrides VITRINA_HOME.")]
PROGRAM_NAME = "vitrina"


def settings_for(home: Path | None) -> Settings:
    """The settings of the environment, with another data folder when one is named."""
    return Settings(home=home) if home else get_settings()


def run(
    home: HomeOption = None,
    as_of: Annotated[str, typer.Option(help="Last day of the data, YYYY-MM-DD; default yesterday.")] = "",
    full: Annotated[bool, typer.Option("--full", help="Rebuild every month instead of what changed.")] = False,
) -> None:
    """Extract, check, model, resolve and publish everything that is new."""
    from pipelines.run import run_pipeline
    from vitrina.cli.operational import follow_organisation
    from vitrina.progress import ConsoleProgress

    settings = settings_for(home)
    day = _day(as_of) if as_of else yesterday(settings.timezone)
    outcome = run_pipeline(settings, day, ConsoleProgress(console), full_refresh=full)
    console.print(f"Published version {outcome.version} as of {day:%d.%m.%Y}.")
    follow_organisation(settings)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UserError(f"--as-of is a date like 2026-06-30, not {text}") from None


@snapshots.command("list")
def list_command(home: HomeOption = None) -> None:
    """Every version that is kept, newest first."""
    from vitrina.warehouse.retention import list_snapshots

    table = Table("version", "as of", "published (UTC)", "tables", "rows", "MB", "")
    for info in list_snapshots(settings_for(home).published_dir):
        mark = "current" if info.is_current else "withdrawn" if info.withdrawn else ""
        figures = (str(info.tables), f"{info.rows:,}", f"{info.bytes / 1e6:.0f}")
        table.add_row(str(info.version), str(info.as_of), f"{info.created_at:%Y-%m-%d %H:%M}", *figures, mark)
    console.print(table)


@snapshots.command("verify")
def verify_command(version: int, home: HomeOption = None) -> None:
    """Read every file of a version again and compare it with the manifest."""
    from vitrina.warehouse.retention import verify

    problems = verify(settings_for(home).published_dir, version)
    for problem in problems:
        console.print(f"[red]{problem}")
    console.print(f"{len(problems)} problems found in version {version}.")
    raise typer.Exit(1 if problems else 0)


@snapshots.command("rollback")
def rollback_command(
    version: int, reason: Annotated[str, typer.Option(help="Kept with the change.")], home: HomeOption = None
) -> None:
    """Make another version the current one."""
    from vitrina.warehouse.retention import rollback
    from vitrina.warehouse.store import NothingPublished

    try:
        pointer = rollback(settings_for(home).published_dir, version, now(), reason)
    except (ValueError, NothingPublished) as error:
        raise UserError(str(error)) from error
    console.print(f"Readers now see version {pointer.version}.")


@snapshots.command("sweep")
def sweep_command(home: HomeOption = None) -> None:
    """Remove versions that no retention rule keeps, and what killed runs left."""
    from vitrina.warehouse.retention import Retention, sweep

    settings = settings_for(home)
    swept = sweep(settings.published_dir, Retention(keep_versions=settings.keep_versions), now())
    console.print(
        f"Removed versions {list(swept.versions)}, {swept.fact_files} month files, {swept.bytes / 1e6:.0f} MB in all."
    )


def now() -> datetime:
    """UTC without a zone, as manifests carry it."""
    return datetime.now(UTC).replace(tzinfo=None)
