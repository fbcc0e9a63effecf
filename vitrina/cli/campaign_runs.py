"""`vitrina campaigns start|tick|serve|send|status …`: campaigns carried out from the command line."""

import datetime as dt
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from vitrina.cli.campaigns import ReasonOption, campaigns
from vitrina.cli.console import console
from vitrina.cli.data import HomeOption, settings_for
from vitrina.cli.operational import actor, moment, opened
from vitrina.errors import UserError

if TYPE_CHECKING:
    from crm.database import Database
    from crm.services.campaign_runs.desk import RunDesk
    from crm.services.campaign_runs.keeper import CampaignKeeper
    from vitrina.settings import Settings


@campaigns.command("start")
def start_command(
    key: str,
    in_spite_of_data: Annotated[str, typer.Option(help="Why it starts though the data is not in order.")] = "",
    home: HomeOption = None,
) -> None:
    """Start an approved campaign: check that it is ready, freeze its audience and groups, let it run."""
    from segments.errors import DefinitionError
    from vitrina.campaign_runs.run import start

    settings = settings_for(home)
    with keeper(settings) as found:
        began = time.monotonic()
        try:
            kept = start(settings, found, key, moment(), source_states(settings), in_spite_of_data)
        except DefinitionError as error:
            raise UserError(f"{key} is not ready:\n" + "\n".join(f"- {each}" for each in error.problems)) from None
    told = ", ".join(f"{name} {count}" for name, count in sorted(kept.counts.items()))
    console.print(f"{key} runs. Audience {kept.digest[:12]} in {time.monotonic() - began:.1f} s: {told}.",
                  highlight=False, markup=False)  # fmt: skip


@campaigns.command("tick")
def tick_command(home: HomeOption = None) -> None:
    """Bring everybody of all running campaigns on, once."""
    from vitrina.campaign_runs.run import Ticker

    settings = settings_for(home)
    with keeper(settings) as found:
        for campaign, done in Ticker(settings, found).tick(moment).items():
            told = ", ".join(f"{name} {count}" for name, count in done.items())
            console.print(f"{campaign}: {told}", highlight=False, markup=False)


@campaigns.command("serve")
def serve_command(
    every: Annotated[float, typer.Option(help="Seconds between two ticks.")] = 1.0,
    seconds: Annotated[float, typer.Option(help="End after so long; 0: never.")] = 0.0,
    send: Annotated[bool, typer.Option(help="Also hand messages over and read what comes back.")] = True,
    home: HomeOption = None,
) -> None:
    """Tick and send until stopped. Several may serve one home: they share the work."""
    from vitrina.campaign_runs.run import Ticker

    settings, stop = settings_for(home), threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: stop.set())
    ends = time.monotonic() + seconds if seconds else float("inf")
    with keeper(settings) as found:
        sender = threading.Thread(target=_send_until, args=(settings, found.database, stop), name="courier")
        if send:
            sender.start()
        try:
            ticker = Ticker(settings, found)
            while not stop.is_set() and time.monotonic() < ends:
                ticker.tick(moment)
                stop.wait(every)
        finally:
            stop.set()
            if send:
                sender.join()


@campaigns.command("send")
def send_command(home: HomeOption = None) -> None:
    """Hand one batch over on every channel, and read what came back."""
    from crm.delivery.courier import run_once
    from crm.delivery.opening import open_channels, sender_options

    settings = settings_for(home)
    with opened(settings) as database, desk(settings, database) as found:
        channels = open_channels(settings.channels)
        try:
            rounds = run_once(database, channels, found, sender_options(settings), moment)
        finally:
            for each in channels.values():
                each.close()
    for name, done in rounds.items():
        told = ", ".join(f"{state} {count}" for state, count in sorted(done.states.items()))
        console.print(f"{name}: {told or 'nothing to send'}; {done.received} received", highlight=False, markup=False)


@campaigns.command("status")
def status_command(key: str, home: HomeOption = None) -> None:
    """How a campaign goes: groups, and every node with who came, stands there and left, and its messages."""
    from crm.services.campaign_runs.figures import figures

    with opened(settings_for(home)) as database, database.read() as session:
        found = figures(session, key, moment())
    arms = ", ".join(f"{arm} {count:,}" for arm, count in sorted(found.arms.items()))
    console.print(f"{key}: {arms}; expected {found.expected or '-'}", highlight=False, markup=False)
    table = Table("node", "kind", "entered", "here", "left", "queued", "sent", "delivered", "failed", "refused",
                  "deferred", "responses")  # fmt: skip
    for each in found.nodes:
        left = ", ".join(f"{port} {count}" for port, count in sorted(each.left.items()))
        answers = ", ".join(f"{type_}: {count}" for type_, count in sorted(each.responses.items()))
        table.add_row(each.node_id, each.kind, f"{each.entered:,}", f"{each.here:,}", left, f"{each.queued:,}",
                      f"{each.sent:,}", f"{each.delivered:,}", f"{each.failed:,}", f"{each.refused:,}",
                      f"{each.deferred:,}", answers)  # fmt: skip
    console.print(table)


@campaigns.command("lead")
def lead_command(
    key: str, transition: Annotated[str, typer.Argument(help="pause, resume, complete or stop.")],
    reason: ReasonOption = "command line", home: HomeOption = None,
) -> None:  # fmt: skip
    """Pause, resume, complete or stop a running campaign, with all that is queued."""
    from crm.services.campaign_runs import steering

    with opened(settings_for(home)) as database, database.begin() as session:
        found = steering.lead(session, key, transition, actor(), moment(), reason)
    console.print(f"{key}: {found.stage}", highlight=False, markup=False)


@campaigns.command("universal")
def universal_command(
    share: Annotated[float | None, typer.Option(help="Percent of customers that no campaign contacts.")] = None,
    rotate: Annotated[bool, typer.Option("--rotate", help="Draw the whole group anew.")] = False,
    home: HomeOption = None,
) -> None:
    """Bring the universal control group to the published snapshot; its history stays."""
    from vitrina.campaign_runs import run
    from vitrina.warehouse.reader import SnapshotReader

    settings = settings_for(home)
    if share is not None:
        run.set_universal_share(settings, share)
    with SnapshotReader.open(settings.published_dir) as reader:
        history = run.renew_universal(settings, reader, moment(), rotate)
    now = [each for each in history.to_pylist() if each["valid_to"] is None]
    control = sum(each["is_control"] for each in now)
    console.print(f"{control:,} of {len(now):,} customers are left alone by every campaign.", highlight=False)


@campaigns.command("history", hidden=True)
def history_command(folder: Path, home: HomeOption = None) -> None:
    """Write the marts of campaigns as Parquet files, for the pipeline."""
    with keeper(settings_for(home)) as found:
        found.history(folder)


@contextmanager
def keeper(settings: "Settings") -> "Iterator[CampaignKeeper]":
    """The keeper of campaigns of a home, in this process."""
    from crm.delivery.opening import open_channels
    from crm.services.campaign_runs.keeper import CampaignKeeper

    with opened(settings) as database:
        yield CampaignKeeper(database, actor(), tuple(open_channels(settings.channels)), settings.timezone)


@contextmanager
def desk(settings: "Settings", database: "Database") -> "Iterator[RunDesk]":
    """The sender's desk of a home."""
    from crm.services.campaign_runs.desk import RunDesk
    from crm.services.campaigns.placeholders import PLACEHOLDERS
    from vitrina.campaign_runs.people import SnapshotPeople

    people = SnapshotPeople(settings, PLACEHOLDERS)
    try:
        yield RunDesk(database, people)
    finally:
        people.close()


def source_states(settings: "Settings") -> list[dict[str, object]]:
    """How the deliveries of every source stand; none in a home that has no ledger."""
    from ingest.health import sources

    return sources(settings, dt.datetime.now(dt.UTC)) if settings.ledger_path.exists() else []


def _send_until(settings: "Settings", database: "Database", stop: threading.Event) -> None:
    from crm.delivery.courier import run_forever
    from crm.delivery.opening import open_channels, sender_options

    channels = open_channels(settings.channels)
    if not channels:
        return
    with desk(settings, database) as found:
        run_forever(database, channels, found, sender_options(settings), moment, stop)


@campaigns.command("publish")
def publish_command(home: HomeOption = None) -> None:
    """Publish the tables of campaigns on top of the snapshot in use, so that pages and segments see what happened."""
    from vitrina.campaign_runs.publish import publish

    settings = settings_for(home)
    with keeper(settings) as found:
        manifest = publish(settings, found, moment())
    console.print(f"Published version {manifest.version}.", highlight=False)


@campaigns.command("measure")
def measure_command(key: str, home: HomeOption = None) -> None:
    """Put payments down to a campaign's contacts, and compute what it added against its control group."""
    from crm.services.campaign_runs import results, stored
    from vitrina.campaign_runs import effects
    from vitrina.members.sources import SnapshotRows
    from vitrina.warehouse.reader import SnapshotReader

    settings, now = settings_for(home), moment()
    with opened(settings) as database, SnapshotReader.open(settings.published_dir) as reader, reader.cursor() as cursor:
        rows, as_of = SnapshotRows(cursor), cursor.manifest.as_of
        with database.read() as session:
            first = stored.freezes(session, key)[:1]
            if not first or first[0].frozen_at is None:
                raise UserError(f"{key}: nobody was frozen yet")
            members, since = results.drawn(session, key), dict(results.contacted_since(session, key))
        figures = effects.results(members, first[0].frozen_at.date(), first[0].share_pct, rows, as_of)
        paid = effects.payments(since, rows)
        with database.begin() as session:
            converted = results.convert(session, key, paid, now)
            results.save(session, key, cursor.version, as_of, figures, now)
    console.print(f"{key}: {converted} conversions; {figures['verdict']}", highlight=False, markup=False)
    for each in figures["lifts"]:
        console.print(
            f"{each['outcome']}: {each['mean']:.4g} against {each['control_mean']:.4g}, lift {each['lift']:.4g} "
            f"({each['lift_low']:.4g} … {each['lift_high']:.4g}), {each['verdict']}", highlight=False, markup=False,
        )  # fmt: skip


@campaigns.command("demo", hidden=True)
def demo_command(home: HomeOption = None) -> None:
    """Make the campaigns of the demo, and publish what they did."""
    from vitrina.campaign_runs.publish import publish
    from vitrina.cli.demo_campaigns import make_campaigns

    settings = settings_for(home)
    with keeper(settings) as found:
        made = make_campaigns(settings, found.database, lambda text: console.print(text, highlight=False))
        if made:
            publish(settings, found, moment())
    console.print(f"{made} campaigns made.", highlight=False)
