"""`vitrina sources …`: what came, what was refused and why, and what a person may decide about it."""

from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from vitrina.cli.console import console
from vitrina.cli.data import HomeOption, settings_for
from vitrina.errors import UserError
from vitrina.settings import Settings

sources = typer.Typer(no_args_is_help=True, help="Sources: freshness, deliveries, quarantine, replay.")
SourceOption = Annotated[str | None, typer.Option(help="Only this source.")]
EntityOption = Annotated[str | None, typer.Option(help="Only this entity.")]
LimitOption = Annotated[int, typer.Option(help="At most this many rows.")]


@sources.command("list")
def list_command(home: HomeOption = None) -> None:
    """Every entity of the enabled sources: how fresh it is, and whether its rows add up."""
    from ingest import health

    settings = settings_for(home)
    sums = {(row["source"], row["entity"]): row for row in health.totals(settings)}
    rows = health.sources(settings)
    table = Table("source", "entity", "kind", "state", "last delivery", "received", "accepted", "quarantine", "adds up")
    for row in rows:
        total = sums[row["source"], row["entity"]]
        figures = [f"{total[name]:,}" for name in ("received", "accepted", "quarantined")]
        table.add_row(
            row["source"], row["entity"], row["kind"], row["status"], _when(row["last_delivery_at"]), *figures,
            "yes" if total["is_balanced"] else "[red]NO",
        )  # fmt: skip
    console.print(table)
    for row in rows:
        if row["last_error"]:
            console.print(f"[red]{row['source']}.{row['entity']}[/red]: {escape(row['last_error'])}")
    told = health.warnings(settings, limit=1000)
    if told:
        console.print(f"{len(told)} warnings about deliveries that were let in: vitrina sources warnings")


@sources.command("deliveries")
def deliveries_command(
    source: SourceOption = None,
    entity: EntityOption = None,
    state: Annotated[str | None, typer.Option(help="accepted, partially_accepted, rejected, duplicate, empty.")] = None,
    limit: LimitOption = 30,
    home: HomeOption = None,
) -> None:
    """Deliveries, newest first, with the reason of those that were stopped."""
    from ingest import health

    table = Table("delivery", "table", "file", "received (UTC)", "state", "rows", "quarantine", "reason")
    table.columns[0].no_wrap = True
    for row in health.deliveries(settings_for(home), source, entity, state, limit):
        table.add_row(
            row["delivery_id"], f"{row['source']}__{row['entity']}", row["file_name"], _when(row["received_at"]),
            row["state"], _number(row["received_rows"]), _number(row["quarantined_rows"]), escape(_reason(row)),
        )  # fmt: skip
    console.print(table)


@sources.command("warnings")
def warnings_command(
    source: SourceOption = None, entity: EntityOption = None, limit: LimitOption = 50, home: HomeOption = None
) -> None:
    """What is told about deliveries that were let in: late files, balances that disagree with their documents."""
    from ingest import health

    for row in health.warnings(settings_for(home), source, entity, limit):
        sentence = _sentence(row["code"], row["details"])
        console.print(f"{_when(row['created_at'])}  {row['source']}.{row['entity']}  {escape(sentence)}")


@sources.command("quarantine")
def quarantine_command(
    source: SourceOption = None,
    entity: EntityOption = None,
    rows: Annotated[bool, typer.Option("--rows", help="The rows themselves; needs --source and --entity.")] = False,
    rule: Annotated[str | None, typer.Option(help="Only rows that broke this rule.")] = None,
    limit: LimitOption = 30,
    home: HomeOption = None,
) -> None:
    """Refused rows by reason, or one by one with file, line, field and value."""
    settings = settings_for(home)
    if rows and not (source and entity):
        raise UserError("--rows needs --source and --entity")
    shown = _refused(settings, source, entity, rule, limit) if source and entity and rows else None
    console.print(shown or _reasons(settings, source, entity))


def _reasons(settings: Settings, source: str | None, entity: str | None) -> Table:
    from ingest import health

    table = Table("table", "rule", "rows", "open", "example")
    for row in health.quarantine_by_reason(settings, source, entity):
        name = f"{row['source']}__{row['entity']}"
        table.add_row(name, row["rule"], f"{row['rows']:,}", f"{row['open']:,}", escape(str(row["example"] or "")))
    return table


def _refused(settings: Settings, source: str, entity: str, rule: str | None, limit: int) -> Table:
    from data_contracts.messages import fault_text
    from ingest import health
    from ingest.workspace import open_workspace

    with open_workspace(settings) as workspace:
        contract = workspace.contract(workspace.entity(source, entity))
    table = Table("delivery", "file", "line", "what is wrong", "replayed")
    table.columns[0].no_wrap = True
    for row in health.quarantined_rows(settings, source, entity, rule, limit=limit):
        wrong = fault_text(contract, row["rule"], "en", row["value"])
        done = "yes" if row["replayed_batch_id"] else ""
        table.add_row(row["_delivery_id"], row["_file"], str(row["_line"]), escape(wrong), done)
    return table


@sources.command("line")
def line_command(
    delivery: str,
    line: int,
    around: Annotated[int, typer.Option(help="Neighbouring lines to show.")] = 3,
    home: HomeOption = None,
) -> None:
    """A row in its landed file, exactly as it was sent, with its neighbours."""
    from ingest import health

    settings = settings_for(home)
    found = _known(delivery, lambda: health.landed_lines(settings, delivery, line, around))
    if not any(row["is_the_row"] for row in found):
        raise UserError(f"delivery {delivery} has no line {line}")
    for row in found:
        mark = ">" if row["is_the_row"] else " "
        console.print(f"{mark} {row['line']:>8}  {row['text']}", markup=False, highlight=False, soft_wrap=True)


@sources.command("accept")
def accept_command(delivery: str, home: HomeOption = None) -> None:
    """Let in a delivery that was held for its volume; the next run takes it."""
    from ingest.run import accept_by_hand

    settings = settings_for(home)
    _known(delivery, lambda: accept_by_hand(settings, delivery))
    console.print(f"Delivery {delivery} is let in. The next run takes it: vitrina run")


@sources.command("replay")
def replay_command(
    source: str,
    entity: str,
    rejected: Annotated[bool, typer.Option("--rejected", help="Also judge stopped deliveries again.")] = False,
    home: HomeOption = None,
) -> None:
    """Check again what was refused, after the contract, a reference table or the data was mended."""
    from ingest.replay import recheck_rejected, replay_quarantine
    from vitrina.runlock import run_lock

    settings = settings_for(home)
    # A run notes at its end how far the ledger was in its snapshot; rows replayed under its feet would be passed over.
    with run_lock(settings.state_dir / "run.lock"):
        if rejected:
            loaded = recheck_rejected(settings, source, entity)
            states = ", ".join(f"{count} {state}" for state, count in loaded.states.items())
            console.print(f"Stopped deliveries judged again: {states or 'none'}; {loaded.accepted_rows:,} rows let in.")
        done = replay_quarantine(settings, source, entity)
    console.print(
        f"{done.table}: {done.checked:,} rows checked again, {done.accepted:,} accepted, "
        f"{done.still_quarantined:,} stay in quarantine."
    )
    if done.accepted:
        console.print(f"Months touched: {', '.join(done.months) or 'none'}. Publish them: vitrina run")


def _known(delivery: str, act: Any) -> Any:
    try:
        return act()
    except KeyError:
        raise UserError(f"there is no delivery {delivery}; see vitrina sources deliveries") from None
    except (ValueError, FileNotFoundError) as error:
        raise UserError(str(error)) from error


def _reason(row: dict[str, Any]) -> str:
    if row["state"] == "duplicate":
        return f"same content as {row['duplicate_of']}"
    return _sentence(row["reason"], row["reason_values"]) if row["reason"] else ""


def _sentence(code: str, values: dict[str, Any]) -> str:
    """English sentence of a code of ingestion or of a contract's delivery rule; the code where its values are gone."""
    from data_contracts.messages import CATALOGUE
    from ingest.messages import template

    pattern = CATALOGUE.get(f"delivery.{code}", {}).get("en") or template(code)
    shown = {name: ", ".join(map(str, v)) if isinstance(v, list) else v for name, v in values.items()}
    try:
        return pattern.format(**shown)
    except (KeyError, ValueError, IndexError):
        return f"{code} {values or ''}".strip()


def _when(moment: str | None) -> str:
    return (moment or "")[:16].replace("T", " ")


def _number(value: int | None) -> str:
    return "" if value is None else f"{value:,}"
