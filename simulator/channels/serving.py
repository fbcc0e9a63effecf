"""All peers in one process, on fixed ports of this machine."""

import asyncio
import datetime as dt
import logging
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from simulator.channels import dialler
from simulator.channels.conduct import Conduct
from simulator.channels.http_peers import PushPeer, TelegramPeer
from simulator.channels.mail import MailPeer
from simulator.channels.smsc import PASSWORD, SmsCentre

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Ports:
    """Where the peers listen."""

    smpp: int = 2775
    smtp: int = 2525
    telegram: int = 8181
    push: int = 8182


@dataclass(frozen=True)
class Accounts:
    """What a sender has to know to be let in: of the demo alone."""

    system_id: str = "vitrina"
    smpp_password: str = PASSWORD
    bot_token: str = "1000001:demo-bot"  # noqa: S105
    push_project: str = "vitrina-demo"
    push_token: str = "demo-access"  # noqa: S105


def settings_for(folder: Path, ports: Ports, accounts: Accounts) -> dict[str, str]:
    """The settings of the product that lead to these peers, by the names of its environment variables."""
    prefix = "VITRINA_CHANNELS__"
    return {
        f"{prefix}SMS__HOST": "127.0.0.1", f"{prefix}SMS__PORT": str(ports.smpp),
        f"{prefix}SMS__SYSTEM_ID": accounts.system_id, f"{prefix}SMS__PASSWORD": accounts.smpp_password,
        f"{prefix}EMAIL__HOST": "127.0.0.1", f"{prefix}EMAIL__PORT": str(ports.smtp),
        f"{prefix}EMAIL__SECURITY": "plain", f"{prefix}EMAIL__SENDER": "Vitrina <news@mail.vitrina.example>",
        f"{prefix}EMAIL__DOMAIN": "mail.vitrina.example", f"{prefix}EMAIL__MAILDIR": str(folder / "mail"),
        f"{prefix}TELEGRAM__TOKEN": accounts.bot_token, f"{prefix}TELEGRAM__API": f"http://127.0.0.1:{ports.telegram}",
        f"{prefix}PUSH__PROJECT": accounts.push_project, f"{prefix}PUSH__API": f"http://127.0.0.1:{ports.push}",
        f"{prefix}PUSH__ACCESS_TOKEN": accounts.push_token,
        f"{prefix}DIALLER__OUTGOING": str(folder / "calls"), f"{prefix}DIALLER__INCOMING": str(folder / "results"),
    }  # fmt: skip


async def serve(folder: Path, ports: Ports, conduct: Conduct, accounts: Accounts) -> None:
    """Serve until cancelled. The dialler looks for calls every few seconds."""
    folder.mkdir(parents=True, exist_ok=True)
    centre = SmsCentre(conduct, accounts.system_id, accounts.smpp_password, log=folder / "sms.jsonl", keep=False)
    mail = MailPeer(conduct, folder / "mail", folder / "mail.jsonl")
    await centre.start(port=ports.smpp)
    await mail.start(port=ports.smtp)
    telegram, push = TelegramPeer(conduct, accounts.bot_token), PushPeer(accounts.push_project, accounts.push_token)
    servers = [_server(telegram.app, ports.telegram), _server(push.app, ports.push)]
    await asyncio.gather(*(each.serve() for each in servers), _dial(folder, conduct))


def _server(app: object, port: int) -> uvicorn.Server:
    config = uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning", lifespan="off")  # type: ignore[arg-type]
    return uvicorn.Server(config)


async def _dial(folder: Path, conduct: Conduct) -> None:
    while True:
        now = dt.datetime.now(dt.UTC)
        calls = await asyncio.to_thread(dialler.call_all, folder / "calls", folder / "results", conduct, now)
        if calls:
            log.info("calls made: %s", calls)
        await asyncio.sleep(3)
