"""What came of signals whose time is over, asked of the snapshot by the engine's own definition of outcomes."""

from collections.abc import Sequence

import pyarrow as pa

from vitrina.members.sources import Rows
from vitrina.signal_runs.plan import OUTCOMES, WantedOutcome


def measure(wanted: Sequence[WantedOutcome], rows: Rows) -> pa.Table:
    """Table `OUTCOMES` of these signals."""
    if not wanted:
        return OUTCOMES.empty_table()
    raise AssertionError("signals older than any outcome")
