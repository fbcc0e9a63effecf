"""Ways to damage a delivered usage file. Each takes the lines of a file (header first) and returns what it did."""

import gzip
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from simulator.usage_files import gzip_bytes

UNKNOWN_SUBSCRIPTION = 9_900_000_001


@dataclass
class Damaged:
    """New lines of the file, numbers of the bad lines (the header is line 1), and their keys."""

    lines: list[bytes]
    bad_lines: list[int] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)


Damage = Callable[[list[bytes], np.random.Generator], Damaged]


def read_lines(path: Path) -> list[bytes]:
    """Lines of a gzip text file, with their ends."""
    return gzip.decompress(path.read_bytes()).splitlines(keepends=True)


def write_lines(path: Path, lines: list[bytes]) -> None:
    """Write such a file."""
    path.write_bytes(gzip_bytes(b"".join(lines)))


def bad_types(lines: list[bytes], rng: np.random.Generator) -> Damaged:
    """Text in numbers, a day that no calendar has, a number with two commas: a third of the rows each."""
    spoil = ((2, b"abc"), (1, b"2025-02-31"), (7, b"1,2,3"))
    return _replace(lines, rng, 12, lambda fields, n: _with(fields, *spoil[n % 3]))


def out_of_range(lines: list[bytes], rng: np.random.Generator) -> Damaged:
    """Negative seconds."""
    return _replace(lines, rng, 10, lambda fields, _n: _with(fields, 2, b"-60"))


def wrong_field_count(lines: list[bytes], rng: np.random.Generator) -> Damaged:
    """Rows that were cut off after the fifth field, and rows with a field too many."""
    return _replace(lines, rng, 8, lambda fields, n: fields[:5] if n % 2 else [*fields, b"0"])


def unknown_keys(lines: list[bytes], rng: np.random.Generator) -> Damaged:
    """Additional rows of subscriptions that the billing does not have."""
    extra = [
        _join(_with(_split(lines[1 + n % (len(lines) - 1)]), 0, str(UNKNOWN_SUBSCRIPTION + n).encode()))
        for n in range(15)
    ]
    return _appended(lines, extra)


def duplicate_rows(lines: list[bytes], rng: np.random.Generator) -> Damaged:
    """Rows that come a second time at the end of the file, unchanged."""
    return _appended(lines, [lines[i] for i in _some(lines, rng, 25)])


def out_of_order(lines: list[bytes], rng: np.random.Generator) -> Damaged:
    """The same rows in another order."""
    return Damaged([lines[0], *(lines[1 + i] for i in rng.permutation(len(lines) - 1))])


def added_column(lines: list[bytes], rng: np.random.Generator) -> Damaged:
    """A column that nobody announced."""
    head = lines[0].rstrip(b"\r\n") + b";network_type\r\n"
    return Damaged([head, *(line.rstrip(b"\r\n") + b";4G\r\n" for line in lines[1:])])


def missing_column(lines: list[bytes], rng: np.random.Generator) -> Damaged:
    """Without the column `sms_out`."""
    return Damaged([_join([f for n, f in enumerate(_split(line)) if n != 6]) for line in lines])


def header_only(lines: list[bytes], rng: np.random.Generator) -> Damaged:
    """A delivery without rows."""
    return Damaged(lines[:1])


def collapsed(lines: list[bytes], rng: np.random.Generator) -> Damaged:
    """One row in twenty: an export that stopped early, without a sign of it."""
    return Damaged(lines[: 1 + max(len(lines) // 20, 1)])


def in_utf8(lines: list[bytes], rng: np.random.Generator) -> Damaged:
    """The same text, encoded as UTF-8."""
    return Damaged([line.decode("cp1251").encode() for line in lines])


def with_countries(lines: list[bytes], rng: np.random.Generator) -> list[bytes]:
    """The same rows with Cyrillic in some of them, so that a wrong encoding can be seen even in a tiny operator."""
    for place, country in zip(_some(lines, rng, 6), ("Индия", "Турция", "Италия") * 2, strict=False):
        lines[place] = _join(_with(_split(lines[place]), 11, country.encode("cp1251")))
    return lines


def _replace(lines: list[bytes], rng: np.random.Generator, count: int, change: Callable) -> Damaged:
    result, chosen = list(lines), _some(lines, rng, count)
    for number, place in enumerate(chosen):
        result[place] = _join(change(_split(lines[place]), number))
    return Damaged(result, [p + 1 for p in chosen], [_key(lines[p]) for p in chosen])


def _appended(lines: list[bytes], extra: list[bytes]) -> Damaged:
    first = len(lines) + 1
    return Damaged([*lines, *extra], list(range(first, first + len(extra))), [_key(line) for line in extra])


def _some(lines: list[bytes], rng: np.random.Generator, count: int) -> list[int]:
    """Places of some rows; never more than a fifth of the file."""
    rows = len(lines) - 1
    return sorted((rng.choice(rows, min(count, max(rows // 5, 1)), replace=False) + 1).tolist())


def _split(line: bytes) -> list[bytes]:
    return line.rstrip(b"\r\n").split(b";")


def _join(fields: list[bytes]) -> bytes:
    return b";".join(fields) + b"\r\n"


def _with(fields: list[bytes], place: int, value: bytes) -> list[bytes]:
    return [*fields[:place], value, *fields[place + 1 :]]


def _key(line: bytes) -> str:
    return b"|".join(_split(line)[:2]).decode("cp1251")
