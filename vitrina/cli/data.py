"""`vitrina run`, `vitrina snapshots …`, `vitrina export …`."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from vitrina.cli.demo import yesterday
from vitrina.settings import Settings, get_settings

console = Console()
snapshots = typer.Typer(no_args_is_help=True, help="Published snapshots: list, verify, roll back, sweep.")
exports = typer.Typer(no_args_is_help=True, help="Exports of the published snapshot.")
HomeOption = Annotated[Path | None, typer.Option(help="Data folder; overrides VITRINA_HOME.")]
PROGRAM_NAME = "vitrina"


def settings_for(home: Path | None) -> Settings:
    """The settings of the environment, with another data folder when one is named."""
    return Settings(home=home) if home else get_settings()


def run(
    home: HomeOption = None,
    as_of: Annotated[str, typer.Option(help="Last day of the data, YYYY-MM-DD; `data` takes the last day found.")] = "",
    full: Annotated[bool, typer.Option("--full", help="Rebuild every month instead of what changed.")] = False,
) -> None:
    """Extract, check, model, resolve and publish everything that is new."""
    from pipelines.run import run_pipeline
    from vitrina.progress import ConsoleProgress

    settings = settings_for(home)
    day = None if as_of == "data" else date.fromisoformat(as_of) if as_of else yesterday()
    outcome = run_pipeline(settings, day, ConsoleProgress(console), full_refresh=full)
    console.print(f"Published version {outcome.version} as of {outcome.as_of:%Y-%m-%d}.")


@snapshots.command("list")
def list_snapshots(home: HomeOption = None) -> None:
    """Every version that is kept; the current one is marked."""
    from vitrina.warehouse.store import Store

    store = Store(settings_for(home).published_dir)
    current = store.pointer().version
    table = Table("version", "as of", "published (UTC)", "tables", "MB", "")
    for version in store.published_versions():
        manifest = store.manifest(version)
        mark = "current" if version == current else ""
        size = f"{manifest.total_bytes / 1e6:.0f}"
        table.add_row(str(version), str(manifest.as_of), f"{manifest.created_at:%Y-%m-%d %H:%M}", str(len(manifest.tables)), size, mark)
    console.print(table)


def now() -> datetime:
    """UTC without a zone, as manifests carry it."""
    return datetime.now(UTC).replace(tzinfo=None)
