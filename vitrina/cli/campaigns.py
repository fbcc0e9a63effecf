"""`vitrina campaigns …`: the register from the command line, and campaigns as files that live in Git."""

import json
from contextlib import suppress
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from vitrina.cli import campaign_files as files
from vitrina.cli.console import console
from vitrina.cli.data import HomeOption, settings_for
from vitrina.cli.operational import actor, moment, opened
from vitrina.errors import UserError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.services.actor import Actor
    from vitrina.access.rights import Rights

campaigns = typer.Typer(no_args_is_help=True, help="Campaigns: register, files for Git, approval, stages, money.")


class _OnlyLooked(Exception):
    """Ends a transaction without its changes."""


ReasonOption = Annotated[str, typer.Option(help="Why, for the audit log.")]
AsOption = Annotated[str, typer.Option("--as", help="Login of the account that acts; its rights count.")]


@campaigns.command("list")
def list_command(text: str = "", stage: str = "", home: HomeOption = None) -> None:
    """Campaigns with their stages, people and days."""
    from crm.services.campaigns import register
    from crm.services.campaigns.values import Filter, Stage

    if stage and stage not in set(Stage):
        raise UserError(f"--stage is one of: {', '.join(Stage)}")
    with opened(settings_for(home)) as database, database.read() as session:
        wanted = Filter(text, (Stage(stage),) if stage else ())
        page = register.campaigns(session, None, wanted, now=moment(), order="name", limit=1000)
    table = Table("key", "name", "kind", "stage", "priority", "from", "to", "responsible", "waits for")
    for each in page.campaigns:
        table.add_row(each.key, each.name, each.kind, each.stage, str(each.priority), str(each.starts_on or ""),
                      str(each.ends_on or ""), each.responsible_login, each.open_step)  # fmt: skip
    console.print(table)
    if page.total > len(page.campaigns):
        console.print(f"{len(page.campaigns)} of {page.total}: narrow with --text or --stage.", highlight=False)


@campaigns.command("show")
def show_command(key: str, home: HomeOption = None) -> None:
    """A campaign: its approval, money, history, and its document."""
    from crm.services.campaigns import approvals, budgets, portable, register

    with opened(settings_for(home)) as database, database.read() as session:
        found = register.campaign(session, None, key, moment())
        steps, lines = approvals.steps(session, key), budgets.budget(session, key)
        events, document = register.events(session, key), portable.exported(session, key)
    console.print(f"{found.name} ({key}), {found.stage}, version {found.version} {found.version_state}, "
                  f"{found.fingerprint[:12]}", highlight=False, markup=False)  # fmt: skip
    for step in steps:
        told = f"{step.step}. {step.name or step.role_code}: {step.state} {step.decided_login} {step.comment}"
        console.print(told.rstrip(), highlight=False, markup=False)
    for line in lines:
        console.print(
            f"{line.channel} {line.month:%m.%Y}: need {line.need}, reserved {line.reserved}, "
            f"promised {line.committed}, spent {line.spent}, invoiced {line.invoiced}", highlight=False, markup=False,
        )  # fmt: skip
    for event in reversed(events):
        told = f"{event.at:%Y-%m-%d %H:%M} {event.actor_login}: {event.what} → {event.to_stage} {event.reason}"
        console.print(told.rstrip(), highlight=False, markup=False)
    typer.echo(json.dumps(document, ensure_ascii=False, indent=2))


@campaigns.command("export")
def export_command(
    folder: Path, key: Annotated[list[str] | None, typer.Option(help="Only these.")] = None, home: HomeOption = None
) -> None:
    """Write campaigns as files, one each, for Git."""
    from crm.services.campaigns import portable, register

    with opened(settings_for(home)) as database, database.read() as session:
        keys = key or [each.key for each in register.campaigns(session, None, now=moment(), limit=100_000).campaigns]
        documents = {each: portable.exported(session, each) for each in keys}
    for name, document in documents.items():
        files.write(files.place(folder, name), {**document, "pulled": portable.content_hash(document)})
    console.print(f"{len(documents)} campaigns written to {folder}.", highlight=False, markup=False)


@campaigns.command("import")
def import_command(
    paths: Annotated[list[Path], typer.Argument(help="Files, or folders of them.")], as_: AsOption = "",
    reason: ReasonOption = "command line",
    dry_run: Annotated[bool, typer.Option(help="Only tell what would be done.")] = False, home: HomeOption = None,
) -> None:  # fmt: skip
    """Make campaigns what their files say: all of them, or none when one cannot be. What was approved and is changed
    by that has to be approved again; a campaign that somebody changed since its export is left alone."""
    from crm.errors import CrmError
    from crm.services.campaigns import portable
    from segments.errors import DefinitionError

    found = files.read_all(paths)
    with opened(settings_for(home)) as database, suppress(_OnlyLooked), database.begin() as session:
        who, _ = _acting(session, as_)
        for path, document in found.items():
            pulled = str(document.get("pulled", ""))
            try:
                made = portable.imported(session, document, who, moment(), pulled=pulled, reason=reason)
            except (CrmError, DefinitionError) as error:
                raise UserError(f"{path}: {error}") from None
            console.print(f"{made.key}: {made.stage}, version {made.version}", highlight=False, markup=False)
        exported = {path: portable.exported(session, str(document["key"])) for path, document in found.items()}
        if dry_run:
            console.print("Nothing was changed.", highlight=False)
            raise _OnlyLooked
    if not dry_run:
        for path, document in exported.items():
            files.write(path, {**document, "pulled": portable.content_hash(document)})


@campaigns.command("submit")
def submit_command(key: str, as_: AsOption, home: HomeOption = None) -> None:
    """Ask for the approval of a campaign."""
    from crm.services.campaigns import access, stages

    with opened(settings_for(home)) as database, database.begin() as session:
        who, rights = _acting(session, as_)
        access.require_edit(session, rights, key)
        found = stages.submit(session, key, who, moment())
    console.print(f"{key}: {found.stage}, waits for: {found.open_step}", highlight=False, markup=False)


@campaigns.command("approve")
def approve_command(
    key: str, as_: AsOption, seen: Annotated[str, typer.Option(help="The hash that `show` prints, or its start.")],
    comment: str = "", home: HomeOption = None,
) -> None:  # fmt: skip
    """Agree with the open step of a campaign, as the account that the route names. Nobody approves his own."""
    from crm.services.campaigns import approvals, register

    with opened(settings_for(home)) as database, database.begin() as session:
        who, rights = _acting(session, as_)
        whole = register.version(session, key).fingerprint
        if len(seen) < 12 or not whole.startswith(seen):
            raise UserError(f"{key}: the content is not {seen}; look at it: vitrina campaigns show {key}")
        found = approvals.approve(session, key, who, moment(), seen=whole, comment=comment, rights=rights)
    console.print(f"{key}: {found.stage} {found.open_step}".rstrip(), highlight=False, markup=False)


@campaigns.command("return")
def return_command(
    key: str, comment: str, as_: AsOption, to: str = "design", home: HomeOption = None
) -> None:  # fmt: skip
    """Send a campaign back to `design` or `concept`."""
    from crm.services.campaigns import approvals
    from crm.services.campaigns.values import Stage

    if to not in ("design", "concept"):
        raise UserError("--to is design or concept")
    with opened(settings_for(home)) as database, database.begin() as session:
        who, rights = _acting(session, as_)
        found = approvals.return_campaign(session, key, who, moment(), comment, to=Stage(to), rights=rights)
    console.print(f"{key}: {found.stage}", highlight=False, markup=False)


@campaigns.command("move")
def move_command(
    key: str, transition: str, reason: ReasonOption = "", as_: AsOption = "", home: HomeOption = None
) -> None:  # fmt: skip
    """Lead a campaign on: design, rethink, redesign, start, pause, resume, complete, analyse, stop."""
    from crm.services.campaign_runs import steering
    from crm.services.campaigns import access

    with opened(settings_for(home)) as database, database.begin() as session:
        who, rights = _acting(session, as_)
        access.require_edit(session, rights, key)
        found = steering.lead(session, key, transition, who, moment(), reason)
    console.print(f"{key}: {found.stage}", highlight=False, markup=False)


@campaigns.command("setup")
def setup_command(home: HomeOption = None) -> None:
    """Add the delivered approval routes and contact policy where there are none yet."""
    from crm.services.campaigns import policies, routes

    with opened(settings_for(home)) as database, database.begin() as session:
        made = routes.install_routes(session, actor(), moment())
        put = policies.install_policy(session, actor(), moment())
    console.print(f"{made} routes, {put} policies added.", highlight=False)


@campaigns.command("limit")
def limit_command(
    period: Annotated[str, typer.Argument(help="month, quarter or year.")], start: str, amount: str,
    reason: ReasonOption, channel: str = "", home: HomeOption = None,
) -> None:  # fmt: skip
    """Set how much may be set aside in a period that begins on a day, on one channel or on all together."""
    from crm.services.campaigns import budgets

    with opened(settings_for(home)) as database, database.begin() as session:
        found = budgets.set_limit(
            session, period, _day(start), _amount(amount), actor(), moment(), reason, channel=channel
        )
    console.print(f"{found.amount} ({found.free} free)", highlight=False)


@campaigns.command("cost")
def cost_command(channel: str, price: str, since: str, reason: ReasonOption, home: HomeOption = None) -> None:
    """Set what one unit of a channel costs from a day on."""
    from crm.services.campaigns import budgets

    with opened(settings_for(home)) as database, database.begin() as session:
        found = budgets.set_cost(session, channel, _amount(price), _day(since), actor(), moment(), reason)
    console.print(f"{found.channel}: {found.price} from {found.valid_from}", highlight=False)


@campaigns.command("remind")
def remind_command(home: HomeOption = None) -> None:
    """Tell those who have to approve of steps that are overdue."""
    from crm.services.campaigns import approvals

    with opened(settings_for(home)) as database, database.begin() as session:
        told = approvals.remind(session, moment())
    console.print(f"{told} overdue steps told of.", highlight=False)


def _acting(session: "Session", login: str) -> "tuple[Actor, Rights | None]":
    """Who acts: the machine's administrator, or an account with the rights that it has, told as acting from here."""
    from crm.services.accounts import user_by_login
    from crm.services.actor import Actor
    from crm.services.rights import rights_of

    if not login:
        return actor(), None
    user = user_by_login(session, login)
    return Actor(user.user_id, user.login, actor().login), rights_of(session, user.user_id, moment().date())


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UserError(f"a day is told as 2026-12-31, not {text}") from None


def _amount(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise UserError(f"an amount is told as 1000 or 85.5, not {text}") from None
