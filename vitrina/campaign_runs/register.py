"""The keeper of campaigns asked from the pipeline's process, by way of files."""

from collections.abc import Mapping
from pathlib import Path

from vitrina.keeper import CommandLine
from vitrina.settings import Settings

_PATIENCE = 3600


class CommandCampaigns:
    """`vitrina campaigns history|tick` of a home. Raises `KeeperFailed`; what was not done comes with the next run."""

    def __init__(self, settings: Settings) -> None:
        self._line = CommandLine(settings, "campaigns", _PATIENCE)

    def history(self, folder: Path) -> Mapping[str, int]:
        """Write a Parquet file for each table into a folder; no files where there is nothing to ask yet."""
        if self._line.is_there():
            self._line.ask("history", str(folder))
        return {file.stem: 1 for file in folder.glob("*.parquet")}

    def tick(self) -> str:
        """Let in who entered the segments of campaigns, and bring everybody on; what was told of it."""
        return self._line.ask("tick").strip() if self._line.is_there() else ""
