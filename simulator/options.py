"""What a run of the synthetic operator is asked for."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from simulator.months import month_start, shift_months

Progress = Callable[[str, int, int], None]
"""Called with (stage, done, total); cheap enough to be called per month."""

MARGIN_MONTHS = 12
"""The timeline reaches this far past the nominal months, so that `advance` only reveals what already exists."""


@dataclass(frozen=True)
class SimulationOptions:
    """Size and dates of the operator.

    `customers` counts those who exist at the end of `months` months; `until` is the last visible day;
    `daily_months` is how many of the months come as daily usage files, older ones come from the archive.
    `start` and `defects_until` pin the timeline and the place of the defects; left out, they follow from `until`.
    """

    home: Path
    until: date
    customers: int = 20_000
    months: int = 36
    seed: int = 7
    daily_months: int | None = None
    defects: bool = True
    start: date | None = None
    defects_until: date | None = None
    foris_url: str | None = None
    workers: int = 2

    def __post_init__(self) -> None:
        """Refuse sizes that make no sense and fill in what follows from the rest."""
        if self.customers < 50 or self.months < 1:
            raise ValueError("at least 50 customers and 1 month are needed")
        fill = {
            "home": Path(self.home),
            "daily_months": min(self.daily_months or self.months, self.months),
            "start": self.start or shift_months(month_start(self.until), 1 - self.months),
            "defects_until": self.defects_until or self.until,
        }
        for name, value in fill.items():
            object.__setattr__(self, name, value)

    @property
    def horizon_months(self) -> int:
        """Months that the timeline covers, the margin included."""
        return self.months + MARGIN_MONTHS

    def as_json(self) -> dict[str, object]:
        """Plain values, as kept in the state file; not the database address, which may hold a password."""
        return {
            k: v.isoformat() if isinstance(v, date) else str(v) if isinstance(v, Path) else v
            for k, v in asdict(self).items()
            if k != "foris_url"
        }

    @classmethod
    def from_json(cls, values: dict[str, object]) -> "SimulationOptions":
        """The options that `as_json` wrote."""
        dates = {k: date.fromisoformat(str(values[k])) for k in ("until", "start", "defects_until")}
        return cls(**{**values, **dates})  # type: ignore[arg-type]
