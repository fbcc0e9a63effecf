"""What a home remembers between runs, so that `advance` can go on exactly where the last run stopped."""

import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl

from simulator.months import NEVER
from simulator.options import SimulationOptions


@dataclass
class State:
    """`after` is the last day already revealed; `waiting` holds rows of the past months that are not visible yet."""

    folder: Path
    options: SimulationOptions
    after: int = -NEVER
    months_done: int = 0
    prepaid_balance: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    visible_balance: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    touched_day: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    bank_balance: dict[str, int] = field(default_factory=dict)
    waiting: dict[str, list[pl.DataFrame]] = field(default_factory=dict)

    @classmethod
    def fresh(cls, options: SimulationOptions, accounts: int) -> "State":
        """The state before anything was revealed."""
        zeros = [np.zeros(accounts, dtype=np.int64) for _ in range(2)]
        return cls(options.home / "simulator", options, NEVER * -1, 0, *zeros, np.full(accounts, -NEVER))

    @classmethod
    def load(cls, home: Path) -> "State":
        """The state that `save` wrote; raises FileNotFoundError where nothing was simulated yet."""
        folder = Path(home) / "simulator"
        plain = json.loads((folder / "state.json").read_text())
        arrays = np.load(folder / "balances.npz")
        waiting = {p.stem: [pl.read_parquet(p)] for p in sorted((folder / "waiting").glob("*.parquet"))}
        options = SimulationOptions.from_json(plain["options"] | {"home": str(home)})
        return cls(folder, options, plain["after"], plain["months_done"], *(arrays[n] for n in arrays.files),
                   plain["bank_balance"], waiting)  # fmt: skip

    def save(self) -> None:
        """Write the state; the small file goes last."""
        (self.folder / "waiting").mkdir(parents=True, exist_ok=True)
        for name, frames in self.waiting.items():
            pl.concat(frames).write_parquet(self.folder / "waiting" / f"{name}.parquet")
        np.savez(self.folder / "balances.npz", prepaid=self.prepaid_balance, visible=self.visible_balance,
                 touched=self.touched_day)  # fmt: skip
        plain = {"options": self.options.as_json(), "after": self.after, "months_done": self.months_done,
                 "bank_balance": self.bank_balance}  # fmt: skip
        (self.folder / "state.json").write_text(json.dumps(plain, indent=1))

    def wait(self, name: str, rows: pl.DataFrame) -> None:
        """Keep rows for later."""
        self.waiting.setdefault(name, []).append(rows)

    def release(self, name: str, until: int) -> pl.DataFrame | None:
        """Take out the rows that are visible by `until`, judged by their `_day`."""
        frames = self.waiting.get(name)
        if not frames:
            return None
        rows = pl.concat(frames)
        self.waiting[name] = [rows.filter(pl.col("_day") > until)]
        return rows.filter(pl.col("_day") <= until)
