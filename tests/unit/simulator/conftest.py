"""One small operator for all tests of this folder, and readers of what it wrote."""

import gzip
import sqlite3
from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from simulator import generate

UNTIL = date(2026, 3, 29)
SIZE = {"customers": 500, "months": 5, "seed": 11}


@pytest.fixture(scope="session")
def operator(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Home of an operator with all defects."""
    home = tmp_path_factory.mktemp("operator")
    generate(home, until=UNTIL, **SIZE)
    return home


@pytest.fixture(scope="session")
def clean_operator(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same operator without defects."""
    home = tmp_path_factory.mktemp("clean_operator")
    generate(home, until=UNTIL, defects=False, **SIZE)
    return home


@pytest.fixture(scope="session")
def read_usage() -> Callable[[Path], pl.DataFrame]:
    """Reader of a usage file by its documented format."""

    def read(path: Path) -> pl.DataFrame:
        text = gzip.decompress(path.read_bytes()).decode("cp1251")
        return pl.read_csv(text.encode(), separator=";", decimal_comma=True, try_parse_dates=True,
                           schema_overrides={"roaming_country": pl.String})  # fmt: skip

    return read


@pytest.fixture(scope="session")
def all_usage(clean_operator: Path, read_usage: Callable[[Path], pl.DataFrame]) -> pl.DataFrame:
    """All daily usage of the clean operator."""
    paths = sorted((clean_operator / "inbox" / "foris" / "usage").glob("*.csv.gz"))
    return pl.concat([read_usage(p) for p in paths], how="vertical_relaxed")


@pytest.fixture(scope="session")
def foris() -> Callable[[Path, str], list[tuple]]:
    """Runs a query on the billing database of a home."""

    def query(home: Path, sql: str) -> list[tuple]:
        with sqlite3.connect(home / "simulator" / "foris.sqlite") as connection:
            rows = connection.execute(sql).fetchall()
        connection.close()
        return rows

    return query
