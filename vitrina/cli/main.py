"""The typer application. Heavy parts are imported inside the commands, so that `--help` answers at once."""

import sys
from collections.abc import Sequence

import typer

from vitrina.cli import data, demo
from vitrina.cli.campaign_runs import campaigns
from vitrina.cli.channels import channels
from vitrina.cli.contracts import contracts
from vitrina.cli.docs import docs
from vitrina.cli.exports import exports
from vitrina.cli.members import members
from vitrina.cli.models import models
from vitrina.cli.operational import crm
from vitrina.cli.segments import segments
from vitrina.cli.signals import signals
from vitrina.cli.sources import sources
from vitrina.cli.tasks import tasks
from vitrina.cli.users import users

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
app.command("demo")(demo.demo)
app.command("serve")(demo.serve)
app.command("dev")(demo.dev)
app.command("simulate")(demo.simulate)
app.command("run")(data.run)
app.command("docs")(docs)
app.add_typer(sources, name="sources")
app.add_typer(contracts, name="contracts")
app.add_typer(campaigns, name="campaigns")
app.add_typer(data.snapshots, name="snapshots")
app.add_typer(exports, name="export")
app.add_typer(channels, name="channels")
app.add_typer(members, name="members")
app.add_typer(models, name="models")
app.add_typer(segments, name="segments")
app.add_typer(signals, name="signals")
app.add_typer(tasks, name="tasks")
app.add_typer(users, name="users")
app.add_typer(crm, name="crm")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; what a person can mend ends with one clear line and status 2, not with a traceback."""
    try:
        app(list(arguments) if arguments is not None else None)
    except Exception as error:
        sentence = _sentence(error)
        if sentence is None:
            raise
        typer.secho(sentence, fg="red", err=True)
        sys.exit(2)


def _sentence(error: Exception) -> str | None:
    """What to tell about an error that is not our fault; None for all others.

    Some packages raise errors of their own that say as much: a taken lock, a wrong contract, a missing secret.
    """
    from data_contracts.model import ContractError
    from segments.errors import DefinitionError
    from vitrina.errors import UserError
    from vitrina.runlock import AnotherRunIsAtWork
    from vitrina.settings import MissingSecret

    if isinstance(error, MissingSecret):
        return f"the environment variable {error} is not set"
    return str(error) if isinstance(error, (UserError, ContractError, DefinitionError, AnotherRunIsAtWork)) else None
