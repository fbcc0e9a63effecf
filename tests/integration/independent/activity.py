"""What customers did month by month: usage, charges, payments, invoices, interactions."""

from datetime import date
from functools import cached_property

import polars as pl

from tests.integration.independent.billing import Sources
from tests.integration.independent.calendar_months import index, index_of, last_full_month
from tests.integration.independent.customers import Customers, owned_by
from tests.integration.independent.services import Services
from tests.integration.independent.usage_files import AMOUNTS, COUNTS

VOICE_OUT = ("voice_out_onnet_sec", "voice_out_offnet_sec", "voice_out_intl_sec")
CHANNELS = ("call", "sms", "email", "telegram", "office", "chat")


class Activity:
    """Rows of all facts with their customer and month."""

    def __init__(self, sources: Sources, customers: Customers, services: Services) -> None:
        self._sources, self._customers, self._services = sources, customers, services

    def _owned(self, table: str, day: str, key: str = "account_id") -> pl.DataFrame:
        owners = self._customers.of_account if key == "account_id" else self._customers.of_record
        frame = self._sources.table(table).with_columns(owned_by(key, owners).alias("customer"), index_of(day))
        return frame.rename({"month_index": "m", day: "on"} if day != "day" else {"month_index": "m", "day": "on"})

    @cached_property
    def charges(self) -> pl.DataFrame:
        """Charges; `on` is the day, `m` its month."""
        return self._owned("charge", "charge_date")

    @cached_property
    def payments(self) -> pl.DataFrame:
        """Payments by local day."""
        return self._owned("payment", "day")

    @cached_property
    def invoices(self) -> pl.DataFrame:
        """Invoices by day of issue."""
        return self._owned("invoice", "issued_date")

    @cached_property
    def interactions(self) -> pl.DataFrame:
        """Interactions by local day."""
        return self._owned("interaction", "day", "customer_id")

    @cached_property
    def daily(self) -> pl.DataFrame:
        """Daily usage. A day delivered again in a later file replaces what came before."""
        owner = owned_by("subscription_id", self._services.customer_of).alias("customer")
        frame = self._sources.usage.frame().rename({"usage_date": "on"})
        frame = frame.unique(["subscription_id", "on"], keep="last", maintain_order=True)
        return frame.with_columns(owner, index_of("on").alias("m"))

    def monthly(self, day: date) -> pl.DataFrame:
        """Usage per subscription and month up to a day; the archive where there are no days."""
        sums = [pl.col(c).sum() for c in (*COUNTS, *AMOUNTS)]
        days = self.daily.filter(pl.col("on") <= day).group_by("subscription_id", "m").agg(
            *sums, pl.len().cast(pl.Int64).alias("active_days"), pl.col("on").max().alias("last"))  # fmt: skip
        if not self._sources.archive.rows:
            return days.with_columns(owned_by("subscription_id", self._services.customer_of).alias("customer"))
        archive = self._sources.archive.frame().filter(pl.col("month") <= day)
        end = pl.min_horizontal(pl.col("month").dt.month_end(), pl.lit(day)).alias("last")
        archive = archive.with_columns(index_of("month").alias("m"), end).select(days.columns)
        archive = archive.join(days, on=["subscription_id", "m"], how="anti")
        owner = owned_by("subscription_id", self._services.customer_of).alias("customer")
        return pl.concat([days, archive]).with_columns(owner)

    def first_months(self, day: date) -> pl.DataFrame:
        """First month of any usage, charge or payment up to a day."""
        parts = [self.monthly(day).select("customer", "m")]
        parts += [f.filter((pl.col("on") <= day) & (pl.col("amount") > 0)).select("customer", "m")
                  for f in (self.charges, self.payments)]  # fmt: skip
        return pl.concat(parts).group_by("customer").agg(pl.col("m").min().alias("first_month"))

    def usage_profile(self, day: date) -> pl.DataFrame:
        """Sums of usage over the windows of a profile."""
        month, months = last_full_month(day), self.monthly(day)
        out = pl.sum_horizontal(VOICE_OUT)
        by_month = months.group_by("customer", "m").agg(pl.col("active_days").max().alias("days"))
        days = by_month.group_by("customer").agg(
            _within("days", month, 1).alias("active_days_last_month"), _within("days", month, 3).alias("days_3m"),
            (pl.col("m").is_between(month - 11, month)).sum().alias("active_months_12m_count"))  # fmt: skip
        sums = months.with_columns(out.alias("out")).group_by("customer").agg(
            *(_within("out", month, n).alias(f"out_{n}") for n in (1, 3, 12)),
            *(_within("data_mb", month, n).alias(f"data_{n}") for n in (1, 3, 6, 12)),
            _within("out", month, 3, 1).alias("out_prior"), _within("data_mb", month, 3, 1).alias("data_prior"),
            _within("out", index(day), index(day) - month).alias("out_mtd"),
            _within("data_mb", index(day), index(day) - month).alias("data_mtd"),
            _within("voice_out_intl_sec", month, 1).alias("intl_1"), _within("voice_in_sec", month, 1).alias("in_1"),
            _within("sms_out", month, 1).alias("sms_out_count_last_month"),
            _within("roaming_voice_sec", month, 12).alias("roaming_voice"),
            _within("roaming_data_mb", month, 12).alias("roaming_data"),
            _within("charge_amount", month, 1).alias("usage_charge"),
            pl.col("last").max().alias("last_usage_date"))  # fmt: skip
        return sums.join(days, on="customer")

    def money_profile(self, day: date) -> pl.DataFrame:
        """Sums of charges, payments and invoices, and the latest payment."""
        month = last_full_month(day)
        charges, payments, invoices = (f.filter(pl.col("on") <= day) for f in
                                       (self.charges, self.payments, self.invoices))  # fmt: skip
        typed = {t: pl.when(pl.col("charge_type") == t).then(pl.col("amount")).otherwise(0)
                 for t in ("recurring", "out_of_bundle", "roaming", "one_off")}  # fmt: skip
        parts = [
            charges.with_columns(e.alias(t) for t, e in typed.items()).group_by("customer").agg(
                *(_within(t, month, 1).alias(f"charges_{t}") for t in typed),
                _within("out_of_bundle", month, 12).alias("charges_oob_12"),
                *(_within("amount", month, n).alias(f"charges_{n}") for n in (1, 3, 12)),
                _within("amount", month, 3, 1).alias("charges_prior")),
            payments.sort("moment", "payment_id").group_by("customer").agg(
                *(_within("amount", month, n).alias(f"paid_{n}") for n in (1, 3, 12)),
                _within("amount", index(day), index(day) - month).alias("paid_mtd"),
                pl.col("m").is_between(month - 11, month).sum().alias("payments_count_12m"),
                pl.col("on").max().alias("last_payment_date"), pl.col("amount").last().alias("last_payment"),
                pl.col("method").last().alias("last_payment_method")),
            invoices.group_by("customer").agg(
                pl.col("m").is_between(month - 11, month).sum().alias("invoices_count_12m"),
                _within("amount", month, 12).alias("invoiced_12"), pl.col("on").max().alias("last_invoice_date")),
        ]  # fmt: skip
        joined = parts[0].join(parts[1], on="customer", how="full", coalesce=True)
        return joined.join(parts[2], on="customer", how="full", coalesce=True)

    def contact_profile(self, day: date) -> pl.DataFrame:
        """Counts of interactions in 12 full months, and the latest since then."""
        month = last_full_month(day)
        rows = self.interactions.filter((pl.col("on") <= day) & (pl.col("m") >= month - 11)).sort(
            "moment", "interaction_id")  # fmt: skip
        full = pl.col("m") <= month
        kinds = {f"interactions_{c}_12m_count": pl.col("channel") == c for c in CHANNELS} | {
            "interactions_12m_count": pl.lit(True), "interactions_in_12m_count": pl.col("direction") == "in",
            "complaints_12m_count": pl.col("topic") == "complaint",
            "interactions_escalated_12m_count": pl.col("result") == "escalated"}  # fmt: skip
        return rows.group_by("customer").agg(
            *((full & test).sum().alias(name) for name, test in kinds.items()),
            pl.col("on").max().alias("last_interaction_date"),
            pl.col("channel").last().alias("last_interaction_channel"),
            pl.col("nps_score").drop_nulls().last().alias("nps_last_score"))  # fmt: skip


def _within(column: str, month: int, months: int, skip: int = 0) -> pl.Expr:
    inside = pl.col("m").is_between(month - skip - months + 1, month - skip)
    return pl.when(inside).then(pl.col(column)).otherwise(0).sum()
