"""Daily and monthly usage files, read line by line: what is good, what is bad and why."""

import gzip
import re
import zlib
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import polars as pl

COUNTS = ("voice_out_onnet_sec", "voice_out_offnet_sec", "voice_out_intl_sec", "voice_in_sec", "sms_out",
          "roaming_voice_sec", "roaming_sms")  # fmt: skip
AMOUNTS = ("data_mb", "roaming_data_mb", "charge_amount")
DAILY = ("subscription_id", "usage_date", *COUNTS[:5], "data_mb", *COUNTS[5:], "roaming_data_mb", "roaming_country",
         "charge_amount")  # fmt: skip
MONTHLY = ("subscription_id", "month", *DAILY[2:], "active_days")
USUAL_SHARE = 0.5


@dataclass
class Usage:
    """All good rows of a kind of file; per file what became of it; per bad line its reason."""

    rows: list[dict]
    fates: dict[str, str] = field(default_factory=dict)
    received: Counter = field(default_factory=Counter)
    bad: dict[str, dict[int, str]] = field(default_factory=dict)

    def frame(self) -> pl.DataFrame:
        """The good rows; amounts are exact whole thousandths or hundredths, so that sums can be compared exactly."""
        return pl.DataFrame(self.rows, infer_schema_length=None)

    @property
    def accepted(self) -> int:
        """How many rows are good."""
        return len(self.rows)

    @property
    def quarantined(self) -> int:
        """How many are not, in deliveries that could be read."""
        return sum(map(len, self.bad.values()))


def read_usage(folder: Path, columns: tuple[str, ...], subscriptions: set[int]) -> Usage:
    """Every file of a folder in the order of names."""
    usage, contents, sizes = Usage([]), set(), []
    for path in sorted(folder.glob("*.csv.gz")):
        content = path.read_bytes()
        fate, lines = _opened(content, columns) if content not in contents else ("duplicate", [])
        contents.add(content)
        if fate == "good" and sizes and len(lines) - 1 < USUAL_SHARE * sorted(sizes)[len(sizes) // 2]:
            fate = "collapsed"
        usage.fates[path.name] = fate
        if fate == "good":
            sizes.append(len(lines) - 1)
            usage.received[path.name] = len(lines) - 1
            _take(usage, path.name, lines, columns, subscriptions)
    return usage


def _opened(content: bytes, columns: tuple[str, ...]) -> tuple[str, list[str]]:
    try:
        plain = gzip.decompress(content)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        return "unreadable", []
    if not plain.isascii():
        try:
            plain.decode("utf-8")
            return "foreign encoding", []
        except UnicodeDecodeError:
            pass
    lines = plain.decode("cp1251").splitlines()
    if not set(columns) <= set(lines[0].split(";")):
        return "column missing", []
    return ("good" if len(lines) > 1 else "empty"), lines


def _take(usage: Usage, name: str, lines: list[str], columns: tuple[str, ...], subscriptions: set[int]) -> None:
    header, seen = lines[0].split(";"), set()
    bad: dict[int, str] = {}
    for number, line in enumerate(lines[1:], start=2):
        fields = line.split(";")
        row, reason = _row(dict(zip(header, fields, strict=False)), columns)
        if len(fields) != len(header):
            reason = "field count"
        elif not reason and row["subscription_id"] not in subscriptions:
            reason = "unknown subscription"
        elif not reason and (row["subscription_id"], row[columns[1]]) in seen:
            reason = "repeated"
        if reason:
            bad[number] = reason
        else:
            seen.add((row["subscription_id"], row[columns[1]]))
            usage.rows.append(row)
    if bad:
        usage.bad[name] = bad


def _row(values: dict[str, str], columns: tuple[str, ...]) -> tuple[dict, str | None]:
    row: dict = {"roaming_country": values.get("roaming_country") or None}
    try:
        row[columns[1]] = date.fromisoformat(values[columns[1]])
        for name in ("subscription_id", *COUNTS, *(("active_days",) if "active_days" in columns else ())):
            row[name] = int(values[name])
        for name in AMOUNTS:
            row[name] = _thousandths(values[name])
    except (ValueError, KeyError):
        return row, "type"
    return row, "negative" if min(row[name] for name in (*COUNTS, *AMOUNTS)) < 0 else None


def _thousandths(text: str) -> int:
    found = re.fullmatch(r"(-?)(\d+)(?:,(\d{1,3}))?", text)
    if not found:
        raise ValueError(text)
    whole = int(found[2]) * 1000 + int((found[3] or "0").ljust(3, "0"))
    return -whole if found[1] else whole
