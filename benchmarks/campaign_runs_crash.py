"""kill -9 of freezes and ticks at random moments, two at work at once: the campaign ends where an undisturbed one does.

`python -m benchmarks.campaign_runs_crash --members 20000 --kills 60`
"""

import argparse
import os
import random
import shutil
import signal
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from benchmarks import campaign_runs_world as world
from crm.database import Database, open_database
from crm.services.campaign_runs import freezing
from crm.start import prepare


@dataclass(frozen=True)
class Crashed:
    """How it went: processes killed while they worked, and whether both ended alike."""

    kills: int
    undisturbed: str
    disturbed: str

    @property
    def is_same(self) -> bool:
        """Whether nothing was lost, doubled or torn."""
        return self.undisturbed == self.disturbed


def crash(urls: tuple[str, str], members: int, kills: int, seed: int, workers: int = 2) -> Crashed:
    """Carry a campaign out in the database of the first address undisturbed, in that of the second with kills. Both are
    of this release and empty."""
    audience, dice = world.audience(members), random.Random(seed)  # noqa: S311
    for url in urls:
        database = open_database(url)
        world.make_ready(database)
        database.close()
    began = time.monotonic()
    os.waitpid(_forked(urls[0], audience), 0)
    usual = time.monotonic() - began
    killed = 0
    for _ in range(kills):
        children = [_forked(urls[1], audience) for _ in range(workers)]
        time.sleep(dice.uniform(0.02, usual))
        killed += sum(_kill(each) for each in children)
    os.waitpid(_forked(urls[1], audience), 0)
    return Crashed(killed, _outcome(urls[0]), _outcome(urls[1]))


def _forked(url: str, audience: pa.Table) -> int:
    """A process of its own that does all steps; it has its own connections."""
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        freezing.AT_ONCE = 200
        database = open_database(url)
        world.all_steps(database, audience)
        status = 0
    finally:
        os._exit(status)


def _kill(child: int) -> bool:
    """Whether it was still at work. One that another took the freeze from has ended by itself."""
    ended, _ = os.waitpid(child, os.WNOHANG)
    if ended:
        return False
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return True


def _outcome(url: str) -> str:
    database: Database = open_database(url)
    try:
        return world.outcome(database)
    finally:
        database.close()


def main(arguments: Sequence[str] | None = None) -> None:
    """Run it on SQLite and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=int, default=5000)
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--seed", type=int, default=5)
    given = parser.parse_args(arguments)
    folder = Path(tempfile.mkdtemp(prefix="campaigns-crash-"))
    try:
        urls = (f"sqlite:///{folder / 'a.sqlite'}", f"sqlite:///{folder / 'b.sqlite'}")
        for url in urls:
            prepare(url, world.NOW).close()
        found = crash(urls, given.members, given.kills, given.seed)
    finally:
        shutil.rmtree(folder)
    print(f"{found.kills} kills at work; the same end: {found.is_same}")
    if not found.is_same or not found.kills:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
