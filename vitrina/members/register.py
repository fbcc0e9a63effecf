"""The keeper of segments asked from another process than its own: by the command line, with JSON over the pipes.

The pipeline may not know the operational database, and in its process the handlers that dbt and Dagster left would
print every entry of the keeper's log.
"""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from vitrina.errors import UserError
from vitrina.members.plan import Outcome, Plan, outcomes_to_json
from vitrina.settings import REPOSITORY, Settings

_PATIENCE = 300


class RegisterFailed(UserError):
    """The keeper of segments did not answer; the members of before stay."""


class CommandRegister:
    """`vitrina members plan|judge|record` of a home."""

    def __init__(self, settings: Settings) -> None:
        self._home, self._database = settings.home, settings.crm_url

    def plan(self, snapshot: int, keys: Sequence[str] = ()) -> Plan:
        """What is in use and due."""
        if not keys and not self._is_there():
            return Plan({}, ())
        return Plan.from_json(self._ask("plan", snapshot, "", keys))

    def held(self, outcomes: Sequence[Outcome], snapshot: int) -> frozenset[str]:
        """Keys whose size is not believed."""
        return frozenset(self._ask("judge", snapshot, outcomes_to_json(outcomes)).split())

    def record(self, outcomes: Sequence[Outcome], snapshot: int) -> None:
        """Write the runs down."""
        self._ask("record", snapshot, outcomes_to_json(outcomes))

    def _is_there(self) -> bool:
        """A home whose database nobody has opened yet has no segments, and need not be asked for them."""
        scheme, _, path = self._database.partition(":///")
        return scheme != "sqlite" or Path(path).exists()

    def _ask(self, word: str, snapshot: int, told: str, keys: Sequence[str] = ()) -> str:
        command = [sys.executable, "-m", "vitrina.cli", "members", word, *keys]
        command += ["--snapshot", str(snapshot), "--home", str(self._home)]
        try:
            done = subprocess.run(
                command, cwd=REPOSITORY, input=told, capture_output=True, text=True, check=False, timeout=_PATIENCE
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise RegisterFailed(f"segments: the operational database was not reached: {error}") from error
        if done.returncode:
            raise RegisterFailed(f"segments: {(done.stderr or done.stdout).strip()}")
        return done.stdout
