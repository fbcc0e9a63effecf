"""Homes filled with data that nobody here wrote, by configuration alone, and that data read without the product."""

import csv
import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl

from pipelines.run import run_pipeline
from vitrina.progress import SilentProgress
from vitrina.settings import Settings

CDNOW_AS_OF, TELCO_AS_OF = date(1998, 6, 30), date(2026, 10, 31)


def settings(home: Path, sources: str) -> Settings:
    """A home that reads these sources of the shared data."""
    return Settings(home=home, enabled_sources=sources)


def run(home: Path, sources: str, as_of: date) -> None:
    """The whole line, from the delivered files to a published snapshot."""
    run_pipeline(settings(home, sources), as_of, SilentProgress())


def purchases(shared: Path) -> pl.DataFrame:
    """The CDNOW master as it is in the file: code, day, units, amount."""
    rows = [
        line.split() for line in (shared / "cdnow" / "CDNOW_master.txt").read_text().splitlines()[1:] if line.strip()
    ]
    return pl.DataFrame(
        {
            "code": [row[0] for row in rows],
            "day": [date(int(row[1][:4]), int(row[1][4:6]), int(row[1][6:])) for row in rows],
            "units": [int(row[2]) for row in rows],
            "amount": [Decimal(row[3]) for row in rows],
        },
        schema_overrides={"amount": pl.Decimal(18, 2)},
    )


def scores(payments: pl.DataFrame, first: date, last: date) -> pl.DataFrame:
    """RFM of everybody who paid from `first` to `last`: quintiles by hand, equal values get equal, lowest scores."""
    window = payments.filter(pl.col("day").is_between(first, last))
    found = window.group_by("code").agg(
        recency=(pl.lit(last) - pl.col("day").max()).dt.total_days(),
        frequency=pl.len(),
        monetary=pl.col("amount").sum(),
    )

    def score(column: str, *, low_is_best: bool) -> pl.Expr:
        # "max" ranks a group of equals by its last member: how many are as good or better.
        place = pl.col(column).rank("max", descending=not low_is_best)
        return (6 - (5 * place + found.height - 1) // found.height).cast(pl.Int64)

    return found.with_columns(
        r=score("recency", low_is_best=True),
        f=score("frequency", low_is_best=False),
        m=score("monetary", low_is_best=False),
    )


def cohorts(payments: pl.DataFrame) -> pl.DataFrame:
    """Per cohort and month: customers, those who paid again, what they paid."""
    months = payments.with_columns(month=pl.col("day").dt.truncate("1mo"))
    first = months.group_by("code").agg(cohort=pl.col("month").min())
    sizes = first.group_by("cohort").agg(customers=pl.len())
    return (
        months.join(first, on="code")
        .group_by("cohort", "month")
        .agg(active=pl.col("code").n_unique(), revenue=pl.col("amount").sum())
        .join(sizes, on="cohort")
    )


def telco(shared: Path) -> pl.DataFrame:
    """The Telco file, every field as text."""
    with next((shared / "ibm_telco").glob("*.csv")).open(newline="") as source:
        return pl.DataFrame(list(csv.DictReader(source)))


def statement_figures(shared: Path) -> dict[str, Decimal]:
    """Of the bank's statement: balances as the bank states them, sums of the documents by the day that booked them."""
    text = (shared / "onec" / "kl_to_1c.txt").read_bytes().decode("cp1251", errors="replace")
    head, *documents = text.split("СекцияДокумент")
    figures = {name: Decimal(_field(head, name)) for name in ("НачальныйОстаток", "КонечныйОстаток")}
    account = _field(head, "РасчСчет")
    for name, side in (("in", "ПолучательСчет"), ("out", "ПлательщикСчет")):
        figures[name] = sum((Decimal(_field(d, "Сумма")) for d in documents if _field(d, side) == account), Decimal(0))
    return figures


def _field(text: str, name: str) -> str:
    found = re.search(rf"^{name}=(.*?)\s*$", text, re.MULTILINE)
    return found[1] if found else ""
