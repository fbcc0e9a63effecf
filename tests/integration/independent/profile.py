"""The customer profile on a day, put together from the independent parts, under the product's attribute names."""

from collections import defaultdict
from datetime import date
from typing import Any

import polars as pl

from tests.integration.independent.activity import Activity
from tests.integration.independent.billing import Sources
from tests.integration.independent.calendar_months import first_day, index_of, last_full_month
from tests.integration.independent.customers import Customers
from tests.integration.independent.debts import PARTS, Ageing
from tests.integration.independent.rfm import scores
from tests.integration.independent.services import Services

LOOK_BACK = 24
ZEROS = ("subscriptions_", "bundle_", "products_", "tariff_", "links_", "contacts_", "agreements_ever",
         "agreements_active", "accounts_", "einvoices_", "interactions_", "complaints_", "payments_", "charges_",
         "out_", "data_", "days_3m", "paid_", "invoices_", "invoiced_", "active_", "intl_", "in_1", "sms_", "roaming_",
         "usage_charge", "monthly_fees", "active_before", *PARTS, "overdue_days", "debt_amount")  # fmt: skip


class Profiles:
    """Profiles of all customers on any day."""

    def __init__(self, sources: Sources, customer_of_record: dict[int, int]) -> None:
        self.sources, self.customers = sources, Customers(sources, customer_of_record)
        self.services = Services(sources, self.customers.of_account)
        self.activity = Activity(sources, self.customers, self.services)
        self.ageing = Ageing(sources)

    def on(self, day: date) -> pl.DataFrame:
        """One row per customer registered by a day. Averages and rates are floats, to be compared within rounding."""
        frame = self.customers.table(day).filter(pl.col("created_date") <= day)
        parts = [self.services.profile(day), self.customers.contracts(day), self.customers.groups(day),
                 self.customers.by_taxpayer(day), self._debt(day)]  # fmt: skip
        own = [self.activity.usage_profile(day), self.activity.money_profile(day), self.activity.contact_profile(day),
               self.activity.first_months(day)]  # fmt: skip
        for part in (*parts, *(f.rename({"customer": "customer_id"}) for f in own)):
            frame = frame.join(part, on="customer_id", how="left")
        frame = _looked_back(frame, last_full_month(day) - LOOK_BACK + 1)
        zero = [c for c in frame.columns if c.startswith(ZEROS) and frame[c].dtype.is_numeric()]
        frame = frame.with_columns(pl.col(c).fill_null(0) for c in zero)
        return self._scored(_derived(frame, day), day)

    def _debt(self, day: date) -> pl.DataFrame:
        owed: dict[int, dict[str, Any]] = defaultdict(lambda: dict.fromkeys((*PARTS, "debt_amount", "overdue_days"), 0))
        for account, found in self.ageing.on(day).items():
            customer = owed[self.customers.of_account[account]]
            for part in (*PARTS, "debt_amount"):
                customer[part] += found[part]
            customer["overdue_days"] = max(customer["overdue_days"], found["overdue_days"])
        rows = [{"customer_id": c} | v for c, v in owed.items()]
        return pl.DataFrame(
            rows, schema=dict.fromkeys(("customer_id", *PARTS, "debt_amount", "overdue_days"), pl.Int64)
        )

    def _scored(self, frame: pl.DataFrame, day: date) -> pl.DataFrame:
        payers = {
            row["customer_id"]: (row["customer_type"], (day - row["last_payment_date"]).days,
                                 row["payments_count_12m"], row["paid_12"])
            for row in frame.filter(pl.col("payments_count_12m") > 0).iter_rows(named=True)
        }  # fmt: skip
        names = ("r_score", "f_score", "m_score", "rfm_group")
        found = [{"customer_id": c} | dict(zip(names, s, strict=True)) for c, s in scores(payers).items()]
        schema = dict.fromkeys(("customer_id", *names[:3]), pl.Int64) | {"rfm_group": pl.String}
        return frame.join(pl.DataFrame(found, schema=schema), on="customer_id", how="left").with_columns(
            pl.col("rfm_group").fill_null("no_payments"))  # fmt: skip


def _looked_back(frame: pl.DataFrame, first: int) -> pl.DataFrame:
    """What happened last is not looked for before the numbered month."""
    with_it = {"last_payment_date": ("last_payment", "last_payment_method", "last_payment_date"),
               "last_usage_date": ("last_usage_date",), "last_invoice_date": ("last_invoice_date",)}  # fmt: skip
    return frame.with_columns(
        pl.when(index_of(day) >= first).then(pl.col(name)).alias(name) for day, own in with_it.items() for name in own
    )


def _derived(frame: pl.DataFrame, day: date) -> pl.DataFrame:
    month = first_day(last_full_month(day))
    since = pl.col("subscription_first_activated_date")
    months = (month.year * 12 + month.month - 1 - index_of("subscription_first_activated_date") + 1).clip(0)
    frame = frame.with_columns(months.fill_null(0).alias("tenure_months_count"))
    c, tenure = pl.col, pl.col("tenure_months_count")
    active, suspended = c("subscriptions_active_count"), c("subscriptions_suspended_count")

    def average(column: str, window: int, unit: float) -> pl.Expr:
        return pl.when(tenure > 0).then(c(column) / unit / pl.min_horizontal(pl.lit(window), tenure))

    def change(now: str, before: str) -> pl.Expr:
        return pl.when(c(before) > 0).then(100 * (c(now) - c(before) / 3) / (c(before) / 3))

    birthday_passed = c("birth_date").dt.strftime("%m%d") <= f"{day:%m%d}"
    return frame.with_columns(
        age_years=day.year - c("birth_date").dt.year() - (~birthday_passed).cast(pl.Int64),
        tenure_days=(pl.lit(day) - since).dt.total_days(),
        lifecycle_status=pl.when(c("subscriptions_ever_count") == 0).then(pl.lit("never_active"))
        .when(active + suspended == 0).then(pl.lit("left")).when(active == 0).then(pl.lit("suspended"))
        .when((pl.lit(day) - since).dt.total_days() <= 90).then(pl.lit("new")).otherwise(pl.lit("active")),
        subscriptions_active_change_3m=active - c("active_before"),
        voice_out_minutes_last_month=c("out_1") / 60, voice_out_minutes_12m=c("out_12") / 60,
        voice_out_minutes_mtd=c("out_mtd") / 60, voice_out_minutes_avg_3m=average("out_3", 3, 60),
        voice_out_minutes_trend_pct=change("out_1", "out_prior"), data_mb_trend_pct=change("data_1", "data_prior"),
        voice_intl_minutes_last_month=c("intl_1") / 60, voice_in_minutes_last_month=c("in_1") / 60,
        roaming_voice_minutes_12m=c("roaming_voice") / 60, roaming_data_mb_12m=c("roaming_data") / 1000,
        data_mb_last_month=c("data_1") / 1000, data_mb_12m=c("data_12") / 1000, data_mb_mtd=c("data_mtd") / 1000,
        data_mb_avg_3m=average("data_3", 3, 1000), data_mb_avg_6m=average("data_6", 6, 1000),
        active_days_avg_3m=average("days_3m", 3, 1),
        days_since_last_usage=(pl.lit(day) - c("last_usage_date")).dt.total_days(),
        out_of_bundle_usage_amount_last_month=c("usage_charge") / 1000,
        charges_amount_last_month=c("charges_1") / 100, charges_amount_12m=c("charges_12") / 100,
        **{f"charges_{t}_amount_last_month": c(f"charges_{t}") / 100
           for t in ("recurring", "out_of_bundle", "roaming", "one_off")},
        charges_out_of_bundle_amount_12m=c("charges_oob_12") / 100,
        charges_trend_pct=change("charges_1", "charges_prior"),
        arpu_3m=average("charges_3", 3, 100), arpu_12m=average("charges_12", 12, 100),
        payments_amount_last_month=c("paid_1") / 100, payments_amount_3m=c("paid_3") / 100,
        payments_amount_12m=c("paid_12") / 100, payments_amount_mtd=c("paid_mtd") / 100,
        payment_average_amount_12m=pl.when(c("payments_count_12m") > 0).then(
            c("paid_12") / 100 / c("payments_count_12m")),
        last_payment_amount=c("last_payment") / 100,
        days_since_last_payment=(pl.lit(day) - c("last_payment_date")).dt.total_days(),
        invoices_amount_12m=c("invoiced_12") / 100, debt_amount=c("debt_amount") / 100,
        debt_not_due_amount=c("not_due_amount") / 100, debt_overdue_1_30_amount=c("overdue_1_30_amount") / 100,
        debt_overdue_31_60_amount=c("overdue_31_60_amount") / 100,
        debt_overdue_61_90_amount=c("overdue_61_90_amount") / 100,
        debt_overdue_90_plus_amount=c("overdue_over_90_amount") / 100, overdue_days_max=c("overdue_days"),
        days_since_last_interaction=(pl.lit(day) - c("last_interaction_date")).dt.total_days(),
        einvoices_rejected_pct_12m=pl.when(c("einvoices_12m_count") > 0).then(
            100 * c("einvoices_rejected_12m_count") / c("einvoices_12m_count")),
        group_id=c("group_id").fill_null(c("customer_id")),
        group_customers_count=c("group_customers_count").fill_null(1),
        cohort_month=pl.date(c("first_month") // 12, c("first_month") % 12 + 1, 1),
    )  # fmt: skip
