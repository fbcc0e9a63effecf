"""The billing database as polars frames, read straight from SQLite."""

import sqlite3
from datetime import timedelta
from functools import cached_property
from pathlib import Path

import polars as pl

from tests.integration.independent import other_files, usage_files

TASHKENT = timedelta(hours=5)
MILLI = 1000
DATES = {"customer": ["birth_date"], "agreement": ["signed_date", "end_date"], "account": ["opened_date"],
         "subscription": ["activated_date", "terminated_date"], "charge": ["charge_date"], "contact": [],
         "invoice": ["period_start", "issued_date", "due_date"], "customer_link": ["valid_from", "valid_to"],
         "product": ["valid_from", "valid_to"]}  # fmt: skip
MOMENTS = {"customer": "created_at", "payment": "paid_at", "interaction": "started_at",
           "subscription_event": "event_at", "contact": "updated_at"}  # fmt: skip


class Sources:
    """Everything that the sources of a home hold. Amounts are whole tiyin (`_thousandths` for usage files)."""

    def __init__(self, home: Path) -> None:
        self.home, self.inbox = home, home / "inbox"
        self._database = sqlite3.connect(f"file:{home / 'simulator' / 'foris.sqlite'}?mode=ro", uri=True)

    def table(self, name: str) -> pl.DataFrame:
        """A table of the billing; instants become local days in `day`, money becomes whole tiyin."""
        cursor = self._database.execute(f"select * from {name}")
        names = [column[0] for column in cursor.description]
        frame = pl.DataFrame(cursor.fetchall(), schema=names, orient="row", infer_schema_length=None)
        if name in MOMENTS:
            moment = pl.col(MOMENTS[name]).str.slice(0, 19).str.to_datetime("%Y-%m-%d %H:%M:%S")
            frame = frame.with_columns((moment + TASHKENT).dt.date().alias("day"), moment.alias("moment"))
        frame = frame.with_columns(pl.col(c).cast(pl.String).str.to_date("%Y-%m-%d") for c in DATES.get(name, []))
        money = [c for c in ("amount", "monthly_fee", "balance") if c in names]
        return frame.with_columns((pl.col(c).cast(pl.Float64) * 100).round().cast(pl.Int64) for c in money)

    @cached_property
    def subscription_ids(self) -> set[int]:
        """Numbers that usage and devices may name."""
        return set(self.table("subscription")["subscription_id"])

    @cached_property
    def usage(self) -> usage_files.Usage:
        """Daily files."""
        return usage_files.read_usage(self.inbox / "foris" / "usage", usage_files.DAILY, self.subscription_ids)

    @cached_property
    def archive(self) -> usage_files.Usage:
        """Monthly archive."""
        folder = self.inbox / "foris" / "usage_archive"
        return usage_files.read_usage(folder, usage_files.MONTHLY, self.subscription_ids)

    @cached_property
    def statements(self) -> other_files.Documents:
        """Bank statements."""
        return other_files.read_statements(self.inbox / "onec" / "statements")

    @cached_property
    def tax(self) -> dict[str, tuple[list[dict], list[str]]]:
        """Register of the tax portal."""
        return other_files.read_tax(self.home / "simulator" / "tax.sqlite")

    @cached_property
    def devices(self) -> tuple[list[dict], dict[str, dict[int, str]], int]:
        """Devices."""
        return other_files.read_devices(self.inbox / "dms", self.subscription_ids)

    def documents(self, kind: str) -> list[dict[str, str]]:
        """Rows of the accounting's XML: `invoices`, `acts` or `counterparties`."""
        return other_files.read_xml(self.inbox / "onec" / kind)
