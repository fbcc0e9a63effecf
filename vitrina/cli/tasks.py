"""`vitrina tasks …`: what people have to do, and the upkeep between runs: reminders, sleeping signals, e-mails."""

from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer
from rich.markup import escape
from rich.table import Table

from vitrina.cli.console import console
from vitrina.cli.data import HomeOption, settings_for
from vitrina.cli.operational import moment, opened

if TYPE_CHECKING:
    from crm.services.digests import Sent

tasks = typer.Typer(no_args_is_help=True, help="Tasks of people; reminders and e-mails.")


@tasks.command("list")
def list_command(
    employee: Annotated[str, typer.Option(help="Only those of this employee.")] = "",
    window: Annotated[str, typer.Option(help="overdue, today, coming, open, done or all.")] = "open",
    limit: int = 50,
    home: HomeOption = None,
) -> None:
    """Tasks by when they are due."""
    from crm.services import tasks as kept
    from vitrina.errors import UserError

    if window not in list(kept.Window):
        raise UserError(f"--window is one of {', '.join(kept.Window)}, not {window}")
    settings = settings_for(home)
    wanted = kept.TaskFilter(kept.Window(window), (employee,) if employee else ())
    with opened(settings) as database, database.read() as session:
        rows, total = kept.tasks(session, None, moment(), wanted, timezone=settings.timezone, limit=limit)
    table = Table("task", "due", "kind", "title", "customer", "assignee", "state")
    for each in rows:
        due = each.due_at.astimezone(ZoneInfo(settings.timezone))
        table.add_row(
            str(each.task_id), f"{due:%Y-%m-%d %H:%M}", each.kind, escape(each.title), str(each.customer_id or ""),
            each.assignee_name or each.assignee_id or "", each.state,
        )  # fmt: skip
    console.print(table)
    console.print(f"{total:,} tasks.", highlight=False)


@tasks.command("upkeep")
def upkeep_command(home: HomeOption = None) -> None:
    """Wake signals whose sleep is over, remind of tasks and of overdue approvals of campaigns, send the e-mails that
    are due. Harmless at any time."""
    from crm.services.campaigns import approvals
    from crm.services.digests import send_due
    from crm.services.signals import wake
    from crm.services.tasks import remind

    settings, now = settings_for(home), moment()
    today = now.astimezone(ZoneInfo(settings.timezone)).date()
    with opened(settings) as database:
        with database.begin() as session:
            woken, reminded = wake(session, today, now), remind(session, now)
            overdue = approvals.remind(session, now)
        sent = send_due(database, settings.mail, now, settings.timezone) if settings.mail.is_set else None
    console.print(
        f"{woken} signals woke up, {reminded} tasks were reminded of, {overdue} approvals are overdue, {_told(sent)}.",
        highlight=False,
    )


def _told(sent: "Sent | None") -> str:
    if sent is None:
        return "no mail server is set"
    return f"{sent.sent} e-mails sent, {sent.empty} had nothing to tell, {sent.failed + sent.uncertain} failed"
