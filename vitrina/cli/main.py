"""The typer application. Heavy parts are imported inside the commands, so that `--help` answers at once."""

import sys

import typer

from vitrina.cli import data, demo

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
app.command("demo")(demo.demo)
app.command("dev")(demo.dev)
app.command("simulate")(demo.simulate)
app.command("run")(data.run)
app.add_typer(data.snapshots, name="snapshots")
app.add_typer(data.exports, name="export")


def main() -> None:
    """Run the command line; a failure of the user's input ends with one clear line, not a traceback."""
    from vitrina.errors import UserError

    try:
        app()
    except UserError as error:
        typer.secho(str(error), fg="red", err=True)
        sys.exit(2)
