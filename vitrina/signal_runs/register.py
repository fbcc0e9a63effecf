"""The keeper of signals asked from another process than its own: by the command line, with files of Arrow tables.

The pipeline may not know the operational database, and in its process the handlers that dbt and Dagster left would
print every entry of the keeper's log.
"""

import datetime as dt
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from vitrina.errors import UserError
from vitrina.settings import REPOSITORY, Settings
from vitrina.signal_runs.plan import Findings, Plan, Recorded

_PATIENCE = 3600


class KeeperFailed(UserError):
    """The keeper of signals did not answer; days that were not written down come with the next run."""


class CommandKeeper:
    """`vitrina signals plan|record|history` of a home."""

    def __init__(self, settings: Settings) -> None:
        self._home, self._database = settings.home, settings.crm_url

    def plan(self, as_of: dt.date, keys: Sequence[str] = ()) -> Plan:
        """What is due."""
        if not self._is_there():
            return Plan({})
        return Plan.from_json(self._ask("plan", *keys, "--as-of", as_of.isoformat()))

    def record(self, findings: Findings) -> Recorded:
        """Write down what was found."""
        with tempfile.TemporaryDirectory(prefix="signals-") as folder:
            findings.write(Path(folder))
            return Recorded(**json.loads(self._ask("record", folder)))

    def history(self, path: Path) -> int:
        """Write every signal with its life as a Parquet file."""
        return int(self._ask("history", str(path))) if self._is_there() else 0

    def _is_there(self) -> bool:
        """A home whose database nobody has opened yet has no rules, and need not be asked for them."""
        scheme, _, path = self._database.partition(":///")
        return scheme != "sqlite" or Path(path).exists()

    def _ask(self, *words: str) -> str:
        command = [sys.executable, "-m", "vitrina.cli", "signals", *words, "--home", str(self._home)]
        try:
            done = subprocess.run(
                command, cwd=REPOSITORY, capture_output=True, text=True, check=False, timeout=_PATIENCE
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise KeeperFailed(f"signals: the operational database was not reached: {error}") from error
        if done.returncode:
            raise KeeperFailed(f"signals: {(done.stderr or done.stdout).strip()}")
        return done.stdout
