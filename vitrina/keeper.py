"""The operational database asked from another process than its own: by the command line, over pipes and files.

The pipeline may not know the operational database, and in its process the handlers that dbt and Dagster left would
print every entry of its log.
"""

import subprocess
import sys
from pathlib import Path

from vitrina.errors import UserError
from vitrina.settings import REPOSITORY, Settings


class KeeperFailed(UserError):
    """The operational database did not answer; what was in force or written down before stays."""


class CommandLine:
    """`vitrina <group> …` of a home; an answer is waited for `patience` seconds at the longest."""

    def __init__(self, settings: Settings, group: str, patience: float) -> None:
        self._home, self._database = settings.home, settings.crm_url
        self._group, self._patience = group, patience

    def is_there(self) -> bool:
        """Whether there is anything to ask: nothing is kept in the database of a home that nobody has opened yet."""
        scheme, _, path = self._database.partition(":///")
        return scheme != "sqlite" or Path(path).exists()

    def ask(self, *words: str, told: str = "") -> str:
        """What the command prints, given `told` on its standard input. Raises `KeeperFailed`."""
        command = [sys.executable, "-m", "vitrina.cli", self._group, *words, "--home", str(self._home)]
        try:
            done = subprocess.run(
                command, cwd=REPOSITORY, input=told, capture_output=True, text=True, check=False, timeout=self._patience
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise KeeperFailed(f"{self._group}: the operational database was not reached: {error}") from error
        if done.returncode:
            raise KeeperFailed(f"{self._group}: {(done.stderr or done.stdout).strip()}")
        return done.stdout
