"""Daily usage files and the monthly archive, as the billing drops them: gzip CSV, `;`, windows-1251, decimal comma."""

import zlib
from pathlib import Path

import numpy as np
import polars as pl

from simulator.months import Clock
from simulator.subscriptions import FIRST_SUBSCRIPTION_ID
from simulator.usage import COUNTRIES, UsageCells

_LATIN_COUNTRIES = [c.encode("cp1251").decode("latin-1") or None for c in COUNTRIES]
# Bytes of windows-1251 dressed as Latin-1 letters: Latin-1 encodes twenty times faster, and gives the same bytes.
SUMS = ("onnet", "offnet", "intl", "incoming", "sms", "data", "roaming_voice", "roaming_sms", "roaming_data",
        "charge", "roaming_charge")  # fmt: skip


def usage_frame(cells: UsageCells, clock: Clock) -> pl.DataFrame:
    """The columns of the daily file, in its order."""
    return _frame(cells, clock.dates(cells.day), "usage_date")


def archive_frame(cells: UsageCells, first: pl.Series) -> pl.DataFrame:
    """The columns of the monthly archive: sums by subscription, and how many days had any usage."""
    frame = pl.DataFrame({"s": cells.subscription, "country": cells.country, **{n: getattr(cells, n) for n in SUMS}})
    sums = frame.group_by("s", maintain_order=True).agg(
        pl.col("country").max(), *(pl.col(n).sum() for n in SUMS), pl.len().alias("days")
    )
    month = UsageCells(subscription=sums["s"].to_numpy(), day=np.zeros(len(sums), dtype=np.int64),
                       **{n: sums[n].to_numpy() for n in (*SUMS, "country")})  # fmt: skip
    return _frame(month, first.new_from_index(0, len(sums)), "month").with_columns(sums["days"].alias("active_days"))


def month_charges(cells: UsageCells) -> dict[str, np.ndarray]:
    """Charged usage by subscription: what the billing puts on the account at the end of the month."""
    size = int(cells.subscription.max()) + 1 if len(cells.subscription) else 0
    home, away = (
        np.bincount(cells.subscription, v, size).astype(np.int64) for v in (cells.charge, cells.roaming_charge)
    )
    used = np.flatnonzero(home + away)
    return {"subscription": used, "charge": home[used], "roaming_charge": away[used]}


def _frame(cells: UsageCells, dates: pl.Series, date_name: str) -> pl.DataFrame:
    return pl.DataFrame({
        "subscription_id": cells.subscription + FIRST_SUBSCRIPTION_ID, date_name: dates,
        "voice_out_onnet_sec": cells.onnet, "voice_out_offnet_sec": cells.offnet, "voice_out_intl_sec": cells.intl,
        "voice_in_sec": cells.incoming, "sms_out": cells.sms, "data_mb": _decimal(cells.data, 3),
        "roaming_voice_sec": cells.roaming_voice, "roaming_sms": cells.roaming_sms,
        "roaming_data_mb": _decimal(cells.roaming_data, 3),
            "roaming_country": pl.Series(_LATIN_COUNTRIES)[cells.country],
        "charge_amount": _decimal(cells.charge + cells.roaming_charge, 2),
    })  # fmt: skip


def _decimal(whole: np.ndarray, scale: int) -> pl.Series:
    return pl.Series(whole / 10**scale)


def csv_bytes(frame: pl.DataFrame, header: bool = True) -> bytes:
    """Plain file content in windows-1251."""
    return frame.write_csv(include_header=header, separator=";", decimal_comma=True, line_terminator="\r\n").encode(
        "latin-1"
    )


def gzip_bytes(content: bytes) -> bytes:
    """Gzip without a time in its header, so that the same rows give the same bytes."""
    packer = _packer()
    return packer.compress(content) + packer.flush()


class UsageFile:
    """A file that grows slab by slab; compressed on the way and written whole when it is closed."""

    def __init__(self, path: Path) -> None:
        """The file at `path`, empty so far."""
        self.path, self._packer, self._parts = path, _packer(), []

    def add(self, frame: pl.DataFrame) -> None:
        """Append rows; the header comes with the first."""
        self._parts.append(self._packer.compress(csv_bytes(frame, header=not self._parts)))

    def close(self) -> None:
        """Write the file."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_bytes(b"".join(self._parts) + self._packer.flush())


class MonthFiles:
    """The daily files of the days [first, last) of a month, and its archive file where asked for."""

    def __init__(self, clock: Clock, inbox: Path, month: int, days: tuple[int, int], archive: bool) -> None:
        """Files below `inbox`, the folder of the billing."""
        self._clock, self._first_day = clock, clock.dates(np.array([clock.month_days(month)[0]]))
        self._days = {d: UsageFile(inbox / "usage" / f"usage_{clock.date(d):%Y%m%d}.csv.gz") for d in range(*days)}
        name = f"usage_archive_{clock.month_first(month):%Y%m}.csv.gz"
        self._archive = UsageFile(inbox / "usage_archive" / name) if archive else None

    def add(self, cells: UsageCells) -> None:
        """Append a slab of the month."""
        if self._archive:
            self._archive.add(archive_frame(cells, self._first_day))
        if self._days:
            order = np.argsort(cells.day, kind="stable")
            frame, day = usage_frame(cells.take(order), self._clock), cells.day[order]
            for number, file in self._days.items():
                file.add(frame[slice(*np.searchsorted(day, [number, number + 1]))])

    def close(self) -> None:
        """Write all files."""
        for file in (*self._days.values(), *([self._archive] if self._archive else [])):
            file.close()


def _packer() -> "zlib._Compress":
    return zlib.compressobj(1, zlib.DEFLATED, 31)
