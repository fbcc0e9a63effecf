"""`vitrina crm …`: the operational database: its tables, the organisation of the mart, its audit log."""

import os
import pwd
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from vitrina.cli.console import console
from vitrina.cli.data import HomeOption, settings_for
from vitrina.errors import UserError
from vitrina.settings import REPOSITORY

if TYPE_CHECKING:
    from crm.database import Database
    from crm.services.actor import Actor
    from crm.services.audit_log import Head
    from crm.services.organisation_load import Loaded
    from vitrina.settings import Settings

# Not every source system knows the operator's own people.
ORGANISATION = {"dim_departments", "dim_employees"}
crm = typer.Typer(no_args_is_help=True, help="The operational database: accounts, organisation, audit log.")


@crm.command("upgrade")
def upgrade_command(home: HomeOption = None) -> None:
    """Bring the tables to this release and add the roles and rights that are new in it. Harmless when it is done."""
    with opened(settings_for(home)) as database:
        database.check()
    console.print("The operational database is of this release.")


@crm.command("load-organisation")
def load_command(home: HomeOption = None) -> None:
    """Take departments and employees over from the published snapshot; what was edited here stays."""
    settings = settings_for(home)
    with opened(settings) as database:
        loaded = take_over_organisation(settings, database)
    console.print(f"Added {loaded.added}, changed {loaded.changed}, gone {loaded.gone}.", highlight=False)


@crm.command("verify-audit")
def verify_command(
    head: Annotated[str, typer.Option(help="NUMBER:HASH as an earlier call printed it, kept elsewhere.")] = "",
    home: HomeOption = None,
) -> None:
    """Check the whole chain of the audit log; prints its head, which proves later that nothing was cut off."""
    from crm.services import audit_log

    anchor = _head(head)
    with opened(settings_for(home)) as database, database.read() as session:
        broken = audit_log.verify(session, anchor)
        present = audit_log.head(session)
    if broken is not None:
        raise UserError(f"the audit log is broken at entry {broken.seq}: {broken.what}")
    console.print(
        f"{present.seq} entries, unbroken. Head {present.seq}:{present.hash}", highlight=False, soft_wrap=True
    )


@contextmanager
def opened(settings: "Settings") -> Iterator["Database"]:
    """The operational database of a home, brought to this release."""
    from crm.logs import configure
    from crm.start import prepare

    configure(settings.logs_dir, settings.log_level, settings.logs)
    database = prepare(settings.crm_url, moment())
    try:
        yield database
    finally:
        database.close()


def take_over_organisation(settings: "Settings", database: "Database") -> "Loaded":
    """Departments and employees of the current snapshot. Raises `NothingPublished`."""
    from crm.services.organisation_load import Loaded, load_organisation
    from vitrina.warehouse.reader import SnapshotReader

    with SnapshotReader.open(settings.published_dir) as reader:
        if not set(reader.manifest.tables) >= ORGANISATION:
            return Loaded(0, 0, 0)
        departments = reader.query("select * from dim_departments").to_pylist()
        employees = reader.query("select * from dim_employees").to_pylist()
    with database.begin() as session:
        return load_organisation(session, departments, employees, actor(), moment())


def tell_when_nobody_can_sign_in(settings: "Settings") -> None:
    """A new home has no accounts: say how the first administrator is made."""
    from crm.services.accounts import users

    with opened(settings) as database, database.read() as session:
        if not users(session):
            command = f"vitrina users add LOGIN --name NAME --role system_administrator --home {settings.home}"
            console.print(f"There are no accounts yet. The first one: {command}", highlight=False, soft_wrap=True)


def follow_organisation(settings: "Settings") -> None:
    """After a run: bring the organisation to what was just published. A database that does not answer is told and no
    more, since the run itself is done.

    In a process of its own: in that of the run, the handlers that dbt and Dagster left would print every log entry.
    """
    command = [sys.executable, "-m", "vitrina.cli", "crm", "load-organisation", "--home", str(settings.home)]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    if done.returncode:
        told = escape((done.stderr or done.stdout).strip())
        console.print(f"[yellow]The organisation was not taken over:[/yellow] {told}", soft_wrap=True)


def moment() -> datetime:
    """The present moment in UTC, as the operational database keeps it."""
    return datetime.now(UTC)


def actor() -> "Actor":
    """The person at the command line, by the name that the machine knows him by."""
    from crm.services.actor import system

    try:
        name = pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        name = str(os.geteuid())
    return system(f"{name} (command line)")


def _head(text: str) -> "Head | None":
    from crm.services.audit_log import Head

    if not text:
        return None
    number, _, hash_ = text.partition(":")
    if not number.isdigit() or len(hash_) != 64:
        raise UserError(f"--head is NUMBER:HASH, not {text}")
    return Head(int(number), hash_)
