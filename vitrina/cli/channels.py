"""`vitrina channels …`: the peers of the demo, and which channels are set up."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from vitrina.cli.console import console
from vitrina.cli.data import HomeOption, settings_for

channels = typer.Typer(no_args_is_help=True, help="Channels of campaigns.")


@channels.command("serve-peers")
def serve_command(
    home: HomeOption = None,
    smpp: Annotated[int, typer.Option(help="Port of the SMS centre.")] = 2775,
    smtp: Annotated[int, typer.Option(help="Port of the mail server.")] = 2525,
    telegram: Annotated[int, typer.Option(help="Port of the Telegram bot API.")] = 8181,
    push: Annotated[int, typer.Option(help="Port of the push service.")] = 8182,
    seconds: Annotated[float, typer.Option(help="How long the slowest report takes.")] = 2.0,
) -> None:
    """Serve an SMS centre, a mail server, Telegram, a push service and a dialler that stand in for the real ones."""
    from simulator.channels.conduct import Conduct
    from simulator.channels.serving import Accounts, Ports, serve
    from simulator.channels.serving import settings_for as channel_settings

    folder, ports, accounts = peers_folder(settings_for(home).home), Ports(smpp, smtp, telegram, push), Accounts()
    for name, value in channel_settings(folder, ports, accounts).items():
        console.print(f"export {name}={value!r}", highlight=False, soft_wrap=True)
    try:
        asyncio.run(serve(folder, ports, Conduct(seconds=seconds), accounts))
    except KeyboardInterrupt:
        console.print("The peers have stopped.")


@channels.command("list")
def list_command(home: HomeOption = None) -> None:
    """Which channels are set up."""
    from crm.delivery.opening import open_channels

    found = open_channels(settings_for(home).channels)
    for name in found:
        console.print(name)
    if not found:
        console.print("No channel is set up: see docs/delivery.md.")


def peers_folder(home: Path) -> Path:
    """Where the peers of the demo keep what they took."""
    return home / "peers"
