"""`vitrina signals …`: rules and their runs from the command line; what the pipeline asks of the keeper of signals."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from vitrina.cli.console import console
from vitrina.cli.data import HomeOption, settings_for
from vitrina.cli.operational import actor, moment, opened
from vitrina.errors import UserError

if TYPE_CHECKING:
    from crm.services.signals.keeper import SignalKeeper
    from vitrina.settings import Settings

signals = typer.Typer(no_args_is_help=True, help="Signals: rules, runs, what was raised.")
ReasonOption = Annotated[str, typer.Option(help="Why; kept in the audit log.")]


@signals.command("run")
def run_command(
    keys: Annotated[list[str] | None, typer.Argument(help="Rules; without any, all in use and on trial.")] = None,
    home: HomeOption = None,
) -> None:
    """Hold rules that are due against the published snapshot, raise signals, publish what became of them."""
    from vitrina.cli.signal_lists import fill_lists
    from vitrina.signal_runs.run import run_signals

    settings = settings_for(home)
    with keeper(settings) as found:
        ran = run_signals(settings, found, moment(), keys or (), tell=lambda text: console.print(text, highlight=False))
        fill_lists(settings, found.database, moment())
    done = ran.recorded
    console.print(
        f"{done.days} days: {done.raised} raised, {done.raised_again} again, {done.closed} closed, {done.held_back}"
        f" held back, {done.on_trial} on trial, {done.outcomes} outcomes, {done.failed} rules failed.",
        highlight=False,
    )  # fmt: skip
    if ran.manifest is not None:
        console.print(f"Published version {ran.manifest.version}.", highlight=False)


@signals.command("list")
def list_command(
    archived: Annotated[bool, typer.Option("--archived", help="Those put away.")] = False, home: HomeOption = None
) -> None:
    """Every rule with its state, its last day and its open signals."""
    from crm.services import signals as kept

    table = Table("key", "name", "owner", "state", "version", "looked at until", "open", "failed")
    with opened(settings_for(home)) as database, database.read() as session:
        for each in kept.rules(session, None, archived=archived):
            versions = f"{each.published or '-'}{' + draft' if each.open_version else ''}"
            table.add_row(
                each.key, escape(each.name), each.owner_login, each.status, versions, str(each.evaluated_until or ""),
                f"{each.open_signals:,}", escape(each.last_error[:60]),
            )  # fmt: skip
    console.print(table)


@signals.command("show")
def show_command(key: str, home: HomeOption = None) -> None:
    """One rule: its versions and its newest document."""
    from crm.services import signals as kept

    with opened(settings_for(home)) as database, database.read() as session:
        info, versions = kept.rule(session, None, key), kept.rule_versions(session, key)
    console.print(f"{info.name} ({key}), {info.status}", highlight=False, markup=False)
    for each in versions:
        console.print(
            f"version {each.number} {each.state} by {each.author_login} {each.at:%Y-%m-%d %H:%M} {each.reason}",
            highlight=False, markup=False,
        )  # fmt: skip
    _tell_json(dict(versions[0].document))


@signals.command("save")
def save_command(
    file: Path,
    name: Annotated[str, typer.Option(help="Name of a new rule; else that of the file.")] = "",
    reason: ReasonOption = "command line",
    home: HomeOption = None,
) -> None:
    """Save a rule's document (JSON) as the draft of the rule whose key is the file's name."""
    from crm.services import signals as kept
    from vitrina.cli.signal_rules import author

    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(f"{file}: {error}") from None
    settings, key = settings_for(home), file.stem
    with author(settings) as (database, who), database.begin() as session:
        if key in {each.key for each in kept.rules(session, None)}:
            base = kept.rule(session, None, key).revision
            kept.save_rule(session, key, actor(), moment(), base=base, author=who, document=document, reason=reason)
        else:
            kept.create_rule(session, name or key, document, actor(), moment(), author=who, key=key)
    console.print(f"{key}: saved as a draft.", highlight=False)


@signals.command("trial")
def trial_command(key: str, reason: ReasonOption, home: HomeOption = None) -> None:
    """Put a rule on trial: it lives like one in use, and nobody is told."""
    from crm.services import signals as kept

    with opened(settings_for(home)) as database, database.begin() as session:
        kept.put_in_shadow(session, key, actor(), moment(), reason)
    console.print(f"{key}: on trial from the next run on.", highlight=False)


@signals.command("live")
def live_command(key: str, reason: ReasonOption, home: HomeOption = None) -> None:
    """Publish a rule's draft and use it."""
    from crm.services import signals as kept

    settings = settings_for(home)
    with opened(settings) as database, database.begin() as session:
        kept.put_live(session, key, actor(), moment(), reason, options=settings.signals)
    console.print(f"{key}: in use from the next run on.", highlight=False)


@signals.command("pause")
def pause_command(key: str, reason: ReasonOption, home: HomeOption = None) -> None:
    """Stop evaluating a rule; its signals stay."""
    from crm.services import signals as kept

    with opened(settings_for(home)) as database, database.begin() as session:
        kept.pause(session, key, actor(), moment(), reason)
    console.print(f"{key}: paused.", highlight=False)


@signals.command("templates")
def templates_command(
    live: Annotated[bool, typer.Option("--live", help="Put the usual ones in use at once.")] = False,
    home: HomeOption = None,
) -> None:
    """Install the delivered rules that are not there yet, as drafts."""
    from vitrina.cli.signal_rules import install_templates

    made, put = install_templates(settings_for(home), live=live)
    console.print(f"{made} rules added, {put} put in use.", highlight=False)


@signals.command("plan", hidden=True)
def plan_command(
    as_of: Annotated[str, typer.Option()], keys: Annotated[list[str] | None, typer.Argument()] = None,
    home: HomeOption = None,
) -> None:  # fmt: skip
    """What is due, as JSON, for the pipeline."""
    with keeper(settings_for(home)) as found:
        sys.stdout.write(found.plan(date.fromisoformat(as_of), keys or ()).to_json())


@signals.command("record", hidden=True)
def record_command(folder: Path, home: HomeOption = None) -> None:
    """Write down the findings in a folder, for the pipeline."""
    from vitrina.cli.signal_lists import fill_lists
    from vitrina.signal_runs.plan import Findings

    settings = settings_for(home)
    with keeper(settings) as found:
        told = found.record(Findings.read(folder))
        fill_lists(settings, found.database, moment())
    sys.stdout.write(told.to_json())


@signals.command("history", hidden=True)
def history_command(path: Path, home: HomeOption = None) -> None:
    """Write every signal with its life as a Parquet file, for the pipeline."""
    with keeper(settings_for(home)) as found:
        sys.stdout.write(str(found.history(path)))


@contextmanager
def keeper(settings: "Settings") -> "Iterator[SignalKeeper]":
    """The keeper of signals of a home, in this process."""
    from crm.services.signals.keeper import SignalKeeper

    with opened(settings) as database:
        yield SignalKeeper(database, settings.signals, moment, settings.timezone)


def _tell_json(plain: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(plain, ensure_ascii=False, indent=2) + "\n")
