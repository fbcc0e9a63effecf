"""The keeper of segments asked from the pipeline's process."""

from collections.abc import Sequence

from vitrina.keeper import CommandLine
from vitrina.members.plan import Outcome, Plan, outcomes_to_json
from vitrina.settings import Settings

_PATIENCE = 300


class CommandRegister:
    """`vitrina members plan|judge|record` of a home. Raises `KeeperFailed`; then the members of before stay."""

    def __init__(self, settings: Settings) -> None:
        self._line = CommandLine(settings, "members", _PATIENCE)

    def plan(self, snapshot: int, keys: Sequence[str] = ()) -> Plan:
        """What is in use and due."""
        if not keys and not self._line.is_there():
            return Plan({}, ())
        return Plan.from_json(self._line.ask("plan", *keys, "--snapshot", str(snapshot)))

    def held(self, outcomes: Sequence[Outcome], snapshot: int) -> frozenset[str]:
        """Keys whose size is not believed."""
        told = outcomes_to_json(outcomes)
        return frozenset(self._line.ask("judge", "--snapshot", str(snapshot), told=told).split())

    def record(self, outcomes: Sequence[Outcome], snapshot: int) -> None:
        """Write the runs down."""
        self._line.ask("record", "--snapshot", str(snapshot), told=outcomes_to_json(outcomes))
