"""`vitrina members …`: compute segments between runs; what the pipeline asks of the keeper of segments."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vitrina.cli.console import console
from vitrina.cli.data import HomeOption, settings_for
from vitrina.cli.operational import moment, opened
from vitrina.errors import UserError

if TYPE_CHECKING:
    from crm.services.segments.keeper import Keeper
    from vitrina.members.plan import Outcome
    from vitrina.settings import Settings

members = typer.Typer(no_args_is_help=True, help="Members of segments: compute, publish, prove what was taken out.")
SnapshotOption = Annotated[int, typer.Option(help="Number of the data that segments are computed on.")]


@members.command("run")
def run_command(
    keys: Annotated[list[str] | None, typer.Argument(help="Segments; without any, those that are due.")] = None,
    home: HomeOption = None,
) -> None:
    """Compute segments on the published snapshot, and publish who is in them."""
    from vitrina.members.refresh import refresh_published

    settings = settings_for(home)
    with keeper(settings) as register:
        done = refresh_published(settings, register, moment(), keys or ())
    console.print("Nothing is due." if done is None else f"Published version {done.version}.", highlight=False)


@members.command("verify-receipt")
def verify_receipt_command(
    receipt: str,
    file: Annotated[Path | None, typer.Argument(help="The file that was taken out.")] = None,
    home: HomeOption = None,
) -> None:
    """Hold a receipt against the audit log, its definition and, when it is given, the file. Fails when one differs."""
    from crm.services.segments.receipts import verify
    from vitrina.durable import sha256_of

    if file is not None and not file.is_file():
        raise UserError(f"there is no file {file}")
    with opened(settings_for(home)) as database, database.read() as session:
        found = verify(session, None, receipt, sha256_of(file) if file is not None else None)
    told = found.receipt.taken
    console.print(
        f"{told.rows:,} rows of {told.segment or 'a definition that was not saved'}, version {told.version or '-'},"
        f" snapshot {told.snapshot_version} as of {told.as_of}, by {found.receipt.actor_login}",
        highlight=False, soft_wrap=True,
    )  # fmt: skip
    console.print(f"Columns: {', '.join(told.columns)}", highlight=False, soft_wrap=True)
    checks = {
        "The receipt is as it was written": found.is_unchanged,
        "The audit log holds it": found.is_in_audit_log,
        "The definition is the one of its fingerprint": found.is_same_definition,
        "The file is the one that was taken out": found.is_same_file,
    }
    for sentence, holds in checks.items():
        if holds is not None:
            console.print(f"{'[green]yes' if holds else '[red]NO'}[/] {sentence}.", highlight=False)
    raise typer.Exit(0 if found.holds else 1)


@members.command("plan", hidden=True)
def plan_command(
    snapshot: SnapshotOption, keys: Annotated[list[str] | None, typer.Argument()] = None, home: HomeOption = None
) -> None:
    """What is in use and due, as JSON, for the pipeline."""
    with keeper(settings_for(home)) as register:
        sys.stdout.write(register.plan(snapshot, keys or ()).to_json())


@members.command("judge", hidden=True)
def judge_command(snapshot: SnapshotOption, home: HomeOption = None) -> None:
    """Keys of the outcomes on stdin whose size is not believed, for the pipeline."""
    with keeper(settings_for(home)) as register:
        sys.stdout.write("\n".join(sorted(register.held(_outcomes(), snapshot))))


@members.command("record", hidden=True)
def record_command(snapshot: SnapshotOption, home: HomeOption = None) -> None:
    """Write the outcomes on stdin down, for the pipeline."""
    with keeper(settings_for(home)) as register:
        register.record(_outcomes(), snapshot)


@contextmanager
def keeper(settings: "Settings") -> Iterator["Keeper"]:
    """The keeper of segments of a home, in this process."""
    from crm.services.segments.keeper import Keeper

    with opened(settings) as database:
        yield Keeper(database, settings.segments, moment)


def _outcomes() -> "tuple[Outcome, ...]":
    from vitrina.members.plan import outcomes_from_json

    return outcomes_from_json(sys.stdin.read())
