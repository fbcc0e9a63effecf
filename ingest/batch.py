"""The deliveries that are checked together and what has been found about each on the way."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from data_contracts.model import Contract


@dataclass
class Batch:
    """Deliveries by their number in the batch (`_f`).

    `broken`: reason and its values of those that are stopped. `empty`: those without rows. `first_line` and
    `skipped_lines` say how the rows of a file count its lines; `present`: the fields a delivery really had.
    """

    contract: Contract
    entity: Any
    deliveries: list[dict[str, Any]]
    paths: list[Path]
    broken: dict[int, tuple[str, dict[str, Any]]] = field(default_factory=dict)
    empty: dict[int, bool] = field(default_factory=dict)
    warnings: list[tuple[int, str, dict[str, Any]]] = field(default_factory=list)
    headers: dict[int, tuple[str, ...]] = field(default_factory=dict)
    first_line: dict[int, int] = field(default_factory=dict)
    skipped_lines: dict[int, set[int]] = field(default_factory=dict)
    expected_rows: dict[int, int] = field(default_factory=dict)

    @property
    def readable(self) -> list[int]:
        """Numbers of the deliveries that go through the pass."""
        return [n for n in range(len(self.deliveries)) if n not in self.broken and n not in self.empty]

    def stop(self, number: int, reason: str, **values: Any) -> None:
        """Take a delivery out of the batch for good."""
        self.broken.setdefault(number, (reason, values))

    def warn(self, number: int, code: str, **values: Any) -> None:
        """Something to tell that does not stop the delivery."""
        self.warnings.append((number, code, values))
