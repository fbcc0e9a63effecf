"""What people set, asked of the operational database by the command line: the pipeline may not know the database."""

import subprocess
import sys
from pathlib import Path

from vitrina.errors import UserError
from vitrina.models.definitions import Wishes
from vitrina.settings import REPOSITORY, Settings

_PATIENCE = 120


class KeeperFailed(UserError):
    """The operational database did not answer; what was in force before stays."""


class CommandKeeper:
    """`vitrina models wishes` of a home."""

    def __init__(self, settings: Settings) -> None:
        self._home, self._database = settings.home, settings.crm_url

    def wishes(self) -> Wishes:
        """The definitions and promotions in force; as delivered where nobody opened the database yet."""
        scheme, _, path = self._database.partition(":///")
        if scheme == "sqlite" and not Path(path).exists():
            return Wishes()
        command = [sys.executable, "-m", "vitrina.cli", "models", "wishes", "--home", str(self._home)]
        try:
            done = subprocess.run(
                command, cwd=REPOSITORY, capture_output=True, text=True, check=False, timeout=_PATIENCE
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise KeeperFailed(f"models: the operational database was not reached: {error}") from error
        if done.returncode:
            raise KeeperFailed(f"models: {(done.stderr or done.stdout).strip()}")
        return Wishes.from_json(done.stdout)
