"""`vitrina export …`: send payloads of the published snapshot, and note what the consumer has taken in."""

from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from vitrina.cli.console import console
from vitrina.cli.data import HomeOption, now, settings_for
from vitrina.errors import UserError

exports = typer.Typer(no_args_is_help=True, help="Exports of the published snapshot.")


@exports.command("list")
def list_command(home: HomeOption = None) -> None:
    """Every configured export, how its last attempt went, and why."""
    from vitrina.exports.commands import list_exports

    table = Table("export", "table", "form", "mode", "schedule", "last attempt (UTC)", "result", "last export", "rows")
    lines = list_exports(settings_for(home))
    for line in lines:
        rows = "" if line.rows is None else f"{line.rows:,}"
        table.add_row(
            line.name, line.source, line.format, line.mode, line.schedule if line.enabled else "switched off",
            line.last_at[:16].replace("T", " "), line.last_status, line.last_export, rows,
        )  # fmt: skip
    console.print(table)
    for line in lines:
        if line.last_reason:
            console.print(f"[red]{line.name}[/red]: {escape(line.last_reason)}")


@exports.command("run")
def run_command(
    name: str,
    mode: Annotated[str | None, typer.Option(help="full or changes, instead of what the entry says.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Send although it is held for its size.")] = False,
    reset: Annotated[bool, typer.Option("--reset", help="Send everything as if nothing was ever sent.")] = False,
    version: Annotated[int | None, typer.Option(help="Of this snapshot instead of the current one.")] = None,
    home: HomeOption = None,
) -> None:
    """Export one payload now."""
    from vitrina.exports.commands import export
    from vitrina.exports.run import ExportOptions

    if mode not in (None, "full", "changes"):
        raise UserError(f"--mode is full or changes, not {mode}")
    options = ExportOptions(mode=mode, force=force, reset=reset)  # type: ignore[arg-type]
    done = export(settings_for(home), name, now(), options, version)
    counts = done.manifest.counts
    snapshot = done.manifest.snapshot_version
    console.print(f"{name}: {done.status}, {done.rows:,} rows of snapshot {snapshot}", highlight=False)
    if counts.inserted is not None:
        figures = f"new {counts.inserted:,}, changed {counts.updated:,}, deleted {counts.deleted:,}"
        console.print(f"  {figures}", highlight=False)
    console.print(f"  {done.path}", highlight=False, soft_wrap=True)
    console.print(f"  sha256 {done.sha256}", highlight=False, soft_wrap=True)


@exports.command("ack")
def ack_command(name: str, export_id: str, home: HomeOption = None) -> None:
    """Note that the consumer has taken an export in."""
    from vitrina.exports.commands import acknowledge

    acknowledge(settings_for(home), name, export_id, now())
    console.print(f"{name}: {export_id} is taken in.", highlight=False)
