"""The keeper of signals asked from the pipeline's process, with files of Arrow tables."""

import datetime as dt
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path

from vitrina.keeper import CommandLine
from vitrina.settings import Settings
from vitrina.signal_runs.plan import Findings, Plan, Recorded

_PATIENCE = 3600


class CommandKeeper:
    """`vitrina signals plan|record|history` of a home. Raises `KeeperFailed`; then days that were not written down come
    with the next run."""

    def __init__(self, settings: Settings) -> None:
        self._line = CommandLine(settings, "signals", _PATIENCE)

    def plan(self, as_of: dt.date, keys: Sequence[str] = ()) -> Plan:
        """What is due."""
        if not self._line.is_there():
            return Plan({})
        return Plan.from_json(self._line.ask("plan", *keys, "--as-of", as_of.isoformat()))

    def record(self, findings: Findings) -> Recorded:
        """Write down what was found."""
        with tempfile.TemporaryDirectory(prefix="signals-") as folder:
            findings.write(Path(folder))
            return Recorded(**json.loads(self._line.ask("record", folder)))

    def history(self, path: Path) -> int:
        """Write every signal with its life as a Parquet file."""
        return int(self._line.ask("history", str(path))) if self._line.is_there() else 0
