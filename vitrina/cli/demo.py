"""`vitrina demo`: a synthetic operator from source to screen. `serve`: the screens alone. `dev`: the orchestrator's."""

import fcntl
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Annotated

import typer

from vitrina.cli.console import console
from vitrina.cli.demo_users import welcome
from vitrina.cli.operational import tell_when_nobody_can_sign_in
from vitrina.cli.processes import child, end_on_signals, free_port, wait_for_port
from vitrina.cli.signal_rules import has_rules
from vitrina.days import yesterday
from vitrina.errors import UserError
from vitrina.settings import REPOSITORY, Settings, get_settings

HomeOption = Annotated[Path, typer.Option(help="Data folder of the demo.")]


def demo(
    home: HomeOption = Path("var/demo"),
    customers: Annotated[int, typer.Option(help="Size of the operator.")] = 20_000,
    months: Annotated[int, typer.Option(help="Months of history.")] = 36,
    seed: Annotated[int, typer.Option(help="The same seed gives the same operator.")] = 7,
    port: Annotated[int, typer.Option(help="First port to try.")] = 8501,
) -> None:
    """Simulate an operator, run the whole pipeline and serve the workspaces. The second start only serves."""
    end_on_signals()
    started = time.monotonic()
    with claimed(home) as folder, operator(folder, customers, months, seed) as env:
        if not (folder / "published" / "current.json").exists():
            _command(["run", "--home", str(folder)], env, "The run failed; see the messages above.")
        welcome(Settings(home=folder))
        if not has_rules(Settings(home=folder)):
            _command(["signals", "templates", "--live", "--home", str(folder)], env, "No signal rules were installed.")
            _command(["signals", "run", "--home", str(folder)], env, "No signals were raised; see the messages above.")
            _command(["campaigns", "demo", "--home", str(folder)], env, "No campaigns were made; see above.")
        _serve(folder, env, port, started)


def serve(
    home: Annotated[Path | None, typer.Option(help="Data folder; overrides VITRINA_HOME.")] = None,
    port: Annotated[int, typer.Option(help="First port to try.")] = 8501,
) -> None:
    """The workspaces over what is published in a home; they follow every later run by themselves."""
    started = time.monotonic()
    settings = Settings(home=home) if home else get_settings()
    if not (settings.published_dir / "current.json").exists():
        raise UserError(f"{settings.home} has nothing published yet: vitrina run --home {settings.home}")
    tell_when_nobody_can_sign_in(settings)
    _serve(settings.home, {"VITRINA_HOME": str(settings.home)}, port, started)


def dev(
    home: HomeOption = Path("var/demo"), port: Annotated[int, typer.Option(help="First port to try.")] = 3000
) -> None:
    """Dagster's user interface over the demo's data: assets, runs, partitions, schedules, sensors."""
    end_on_signals()
    folder = home.resolve()
    with operator(folder, 20_000, 36, 7) as env:
        from pipelines.instance import prepare_home

        prepare_home(Settings(home=folder))
        web = free_port(port)
        command = [_script("dagster"), "dev", "-m", "pipelines.definitions", "-h", "127.0.0.1", "-p", str(web)]
        with child(command, folder / "logs" / "dagster.log", env) as server:
            if not wait_for_port(web, server, seconds=180):
                raise UserError(f"Dagster did not start; see {folder / 'logs' / 'dagster.log'}")
            console.print(f"[bold]Open http://localhost:{web}[/bold]")
            _wait(server)


def simulate(
    home: HomeOption = Path("var/demo"),
    customers: Annotated[int, typer.Option(help="Customers at the end of the history.")] = 20_000,
    months: Annotated[int, typer.Option(help="Months of history.")] = 36,
    seed: Annotated[int, typer.Option(help="The same seed gives the same operator.")] = 7,
    until: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last day; default yesterday.")] = None,
    daily_months: Annotated[
        int | None, typer.Option(help="Months with daily usage files; older ones are archived.")
    ] = None,
    defects: Annotated[bool, typer.Option(help="Plant defects in the deliveries.")] = True,
    advance_days: Annotated[int, typer.Option(help="Only add the next days to an operator that exists.")] = 0,
) -> None:
    """Write every source of a synthetic operator, in that source's own format, and the planted truth beside it."""
    from simulator import SimulationOptions, advance
    from simulator.run import simulate as start

    with _bars() as progress:
        if advance_days:
            advance(home.resolve(), advance_days, progress=progress)
        else:
            last = until.date() if until else yesterday(Settings(home=home).timezone)
            options = SimulationOptions(
                home=home.resolve(), until=last, customers=customers, months=months, seed=seed,
                daily_months=daily_months, defects=defects,
            )  # fmt: skip
            start(options, progress)


@contextmanager
def claimed(home: Path) -> Iterator[Path]:
    """A data folder that no other demo uses: `home`, or the next free `home-2`, `home-3`, …"""
    for number in range(1, 100):
        folder = (home if number == 1 else home.with_name(f"{home.name}-{number}")).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        handle = (folder / ".demo.lock").open("a")
        if _locked(handle):
            with handle:
                yield folder
            return
        handle.close()
    raise UserError(f"{home} and the hundred folders after it are in use by other demos")


@contextmanager
def operator(folder: Path, customers: int, months: int, seed: int) -> Iterator[dict[str, str]]:
    """The sources of the synthetic operator, its tax portal serving; yields the environment that points at them."""
    # The state is written last: without it a simulation was interrupted and begins anew.
    if not (folder / "simulator" / "state.json").exists():
        sizes = ["--customers", str(customers), "--months", str(months), "--seed", str(seed)]
        _command(["simulate", "--home", str(folder), *sizes], {}, "The simulation failed; see the messages above.")
    token, port = secrets.token_urlsafe(24), free_port(8701)
    env = {
        "VITRINA_HOME": str(folder),
        "VITRINA_FORIS_URL": f"sqlite:///{folder / 'simulator' / 'foris.sqlite'}",
        "VITRINA_TAX_URL": f"http://127.0.0.1:{port}",
        "VITRINA_TAX_TOKEN": token,
    }
    command = [sys.executable, "-m", "simulator", "serve-tax", "--home", str(folder), "--port", str(port)]
    with child(command, folder / "logs" / "tax_portal.log", env) as server:
        if not wait_for_port(port, server):
            raise UserError(f"The simulated tax portal did not start; see {folder / 'logs' / 'tax_portal.log'}")
        yield env


def _serve(folder: Path, env: dict[str, str], port: int, started: float) -> None:
    web = free_port(port)
    # The web server believes forwarded headers from these addresses and from no other.
    env = {**env, "FORWARDED_ALLOW_IPS": get_settings().web.trusted_proxies}
    with child(_streamlit(web), folder / "logs" / "apps.log", env) as server:
        if not wait_for_port(web, server):
            raise UserError(f"The workspaces did not start; see {folder / 'logs' / 'apps.log'}")
        console.print(f"Ready in {time.monotonic() - started:.0f} s. Data: {folder}. Stop with Ctrl-C.")
        console.print(f"[bold]Open http://localhost:{web}[/bold]")
        _wait(server)


def _command(arguments: list[str], env: dict[str, str], failure: str) -> None:
    """Run another command in a process of its own, so that its memory is given back, and its signal handlers (polars
    takes SIGINT for itself) are not ours."""
    with child([sys.executable, "-m", "vitrina.cli", *arguments], None, env) as process:
        if process.wait():
            raise UserError(failure)


def _streamlit(port: int) -> list[str]:
    page = str(REPOSITORY / "apps" / "server.py")
    return [sys.executable, "-m", "streamlit", "run", page, "--server.port", str(port), "--server.address", "127.0.0.1"]


def _script(name: str) -> str:
    return str(Path(sys.executable).with_name(name))


def _locked(handle: IO[str]) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _wait(server: subprocess.Popen[bytes]) -> None:
    try:
        server.wait()
    except KeyboardInterrupt:
        console.print("Stopping.")


@contextmanager
def _bars() -> Iterator[Callable[[str, int, int], None]]:
    """The simulator reports (stage, done, total); one bar per stage."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description:<34}"), BarColumn(bar_width=24), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as bars:
        tasks: dict[str, TaskID] = {}

        def report(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(f"Simulating: {stage}", total=total)
            bars.update(tasks[stage], completed=done, total=total)

        yield report
