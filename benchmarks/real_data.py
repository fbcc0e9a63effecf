"""What the pipeline makes of data that nobody here wrote: `python -m benchmarks.real_data --folder F`.

Runs three homes, each one command over a source that is configuration only (the CDNOW master, its published tenth, the
Telco customers with two bank statements), and prints seconds, peak memory and what came out of each.
"""

import argparse
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.memory import peak_of
from ingest import health
from vitrina.settings import Settings
from vitrina.warehouse.reader import SnapshotReader


@dataclass(frozen=True)
class Home:
    """One warehouse: the sources that fill it, its as-of date, and what to show of it."""

    name: str
    sources: str
    as_of: str
    questions: tuple[tuple[str, str], ...]


_PAYMENTS = (
    ("payments", "select count(*) as payments, sum(amount) as usd, count(distinct customer_id) as payers "
                 "from fct_payments"),
    ("RFM groups", "select rfm_group, count(*) as customers, sum(monetary_12m) as usd_12m from customer_rfm_history "
                   "where month_end = '1998-06-30' group by 1 order by 2 desc"),
    ("cohorts, share that pays again after 1, 6 and 12 months",
     "select cohort_month, max(customers) as customers, "
     + ", ".join(f"max(retention_pct) filter (months_since = {n}) as pct_{n}" for n in (1, 6, 12))
     + ", round(sum(revenue) / max(customers), 2) as usd_per_customer from cohort_retention group by 1 order by 1"),
)  # fmt: skip
_CUSTOMERS = (
    ("profiles", "select lifecycle_status, count(*) as customers, round(avg(tenure_months_count), 1) as tenure, "
                 "round(avg(arpu_3m), 2) as arpu_3m from customer_profiles group by 1 order by 2 desc"),
    ("charges", "select count(*) as charges, sum(amount) as usd from fct_charges"),
    ("bank statements", "select statement_file, opening_balance, documents_in, documents_out, closing_balance, "
                        "balance_difference from fct_bank_statements"),
    ("bank documents", "select statement_file, direction, count(*) as documents, sum(amount) as amount "
                       "from fct_bank_documents group by all order by all"),
)  # fmt: skip
HOMES = (
    Home("cdnow", "cdnow", "1998-06-30", _PAYMENTS),
    Home("cdnow_sample", "cdnow_sample", "1998-06-30", _PAYMENTS),
    Home("telco", "telco,onec_real", "2026-10-31", _CUSTOMERS),
)


def main() -> None:
    """Run the homes asked for and print what came out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--only", nargs="*", default=[home.name for home in HOMES])
    options = parser.parse_args()
    if not Settings().shared_data.exists():
        sys.exit(f"the shared data is not here; VITRINA_SHARED_DATA names its folder, now {Settings().shared_data}")
    for home in HOMES:
        if home.name in options.only:
            _show(home, options.folder / home.name)


def _show(home: Home, folder: Path) -> None:
    command = [sys.executable, "-m", "vitrina.cli", "run", "--home", str(folder), "--as-of", home.as_of]
    started = time.monotonic()
    peak, _ = peak_of(command, {**os.environ, "VITRINA_ENABLED_SOURCES": home.sources})
    print(f"\n== {home.name}: {time.monotonic() - started:.0f} s, peak {peak:.2f} GB")
    settings = Settings(home=folder, enabled_sources=home.sources)
    _table("deliveries", [
        {name: row[name] for name in ("source", "entity", "received", "accepted", "quarantined", "is_balanced")}
        for row in health.totals(settings)
    ])  # fmt: skip
    for warning in health.warnings(settings):
        print(f"   told: {warning['source']}.{warning['entity']} {warning['code']} {warning['details']}")
    with SnapshotReader.open(settings.published_dir) as reader:
        for title, sql in home.questions:
            _table(title, reader.query(sql).to_pylist())


def _table(title: str, rows: Sequence[dict[str, object]]) -> None:
    print(f"-- {title}")
    if rows:
        print("   " + " ".join(f"{name:>16}" for name in rows[0]))
    for row in rows:
        print("   " + " ".join(f"{'' if value is None else str(value):>16}" for value in row.values()))


if __name__ == "__main__":
    main()
