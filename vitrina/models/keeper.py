"""What people set, asked of the operational database from the pipeline's process."""

from vitrina.keeper import CommandLine
from vitrina.models.definitions import Wishes
from vitrina.settings import Settings

_PATIENCE = 120


class CommandKeeper:
    """`vitrina models wishes` of a home. Raises `KeeperFailed`."""

    def __init__(self, settings: Settings) -> None:
        self._line = CommandLine(settings, "models", _PATIENCE)

    def wishes(self) -> Wishes:
        """The definitions and promotions in force; as delivered where nobody opened the database yet."""
        return Wishes.from_json(self._line.ask("wishes")) if self._line.is_there() else Wishes()
