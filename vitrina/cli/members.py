"""`vitrina members …`: compute segments between runs; what the pipeline asks of the keeper of segments."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vitrina.cli.console import console
from vitrina.cli.data import HomeOption, settings_for
from vitrina.cli.operational import moment, opened
from vitrina.errors import UserError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.database import Database
    from vitrina.members.plan import Outcome, Plan
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
def keeper(settings: "Settings") -> Iterator["OperationalRegister"]:
    """The keeper of segments of a home, in this process."""
    with opened(settings) as database:
        yield OperationalRegister(settings, database)


class OperationalRegister:
    """The operational database as the keeper of segments (`vitrina.members.plan.Register`)."""

    def __init__(self, settings: "Settings", database: "Database") -> None:
        self._settings, self._database = settings, database

    def plan(self, snapshot: int, keys: Sequence[str] = ()) -> "Plan":
        """What is in use, and what is due on the snapshot or asked for. Raises `UserError` for an unknown key."""
        from crm.services.segments.listing import segments, version
        from crm.services.segments.schedules import due
        from crm.services.segments.stored import documents
        from crm.services.segments.values import RunState, Status
        from vitrina.members.plan import Plan, Wanted

        with self._database.read() as session:
            used = [each for each in segments(session, None) if each.status == Status.ACTIVE and each.published]
            active = {
                each.key: Wanted(each.published or 0, version(session, each.key, each.published).document)
                for each in used
            }
            # Who released a size wants it to be the one in use, and not only from the next snapshot on.
            released = [each.key for each in used if each.last_run and each.last_run.state == RunState.RELEASED]
            timely = [each.segment for each in due(session, moment(), snapshot, self._settings.segments)]
            wanted = list(dict.fromkeys(keys or (*timely, *released)))
            drafts = {key: document for key, document in documents(session).items() if key not in active}
        if unknown := sorted(set(wanted) - active.keys()):
            raise UserError(f"no segment in use: {', '.join(unknown)}")
        return Plan(active, tuple(wanted), drafts)

    def held(self, outcomes: Sequence["Outcome"], snapshot: int) -> frozenset[str]:
        """Keys whose size the alarm does not believe: found by writing the runs down, and giving that up."""
        found: frozenset[str] = frozenset()
        try:
            with self._database.begin() as session:
                found = self._record(session, outcomes, snapshot)
                raise _GivenUp
        except _GivenUp:
            return found

    def record(self, outcomes: Sequence["Outcome"], snapshot: int) -> None:
        """Write the runs down; owners are told of what was held or failed."""
        with self._database.begin() as session:
            self._record(session, outcomes, snapshot)

    def _record(self, session: "Session", outcomes: Sequence["Outcome"], snapshot: int) -> frozenset[str]:
        from datetime import date, datetime

        from crm.services.segments.runs import record_run
        from crm.services.segments.values import RunState

        runs = [
            record_run(
                session, each.key, each.version, snapshot, date.fromisoformat(each.as_of), each.members, each.entered,
                each.left, each.state, each.message, datetime.fromisoformat(each.at), base=each.base,
                options=self._settings.segments,
            )
            for each in outcomes
        ]  # fmt: skip
        return frozenset(run.segment for run in runs if run.state == RunState.HELD)


class _GivenUp(Exception):
    """What was written is not to be kept."""


def _outcomes() -> "tuple[Outcome, ...]":
    from vitrina.members.plan import outcomes_from_json

    return outcomes_from_json(sys.stdin.read())
