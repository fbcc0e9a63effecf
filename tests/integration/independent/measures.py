"""Measures of signals on a day, from rows of the sources: each a few lines over what was dated up to that day."""

from collections import defaultdict
from datetime import date, timedelta
from typing import Any

import polars as pl

from tests.integration.independent.billing import TASHKENT
from tests.integration.independent.customers import legal_stretches
from tests.integration.independent.profile import Profiles

WEEKS_4 = timedelta(days=28)
FORGOTTEN = {"usage": timedelta(days=186), "money": timedelta(days=366)}
HOME_VOICE = ("voice_out_onnet_sec", "voice_out_offnet_sec")
FLOWS = {
    "data_mb": ("data_mb", 1000), "voice_in_minutes": ("voice_in_sec", 60), "sms_out": ("sms_out", 1),
    "voice_intl_minutes": ("voice_out_intl_sec", 60), "voice_out_minutes": ("voice_out", 60),
    "roaming_data_mb": ("roaming_data_mb", 1000), "roaming_voice_minutes": ("roaming_voice_sec", 60),
    "usage_charge_amount": ("charge_amount", 1000), "out_of_bundle_amount": ("charge_home", 1000),
    "roaming_amount": ("charge_abroad", 1000),
}  # fmt: skip
Found = dict[int, Any]


class Measures:
    """By name of the measure and customer; a flow is what it came to in four weeks up to the day."""

    def __init__(self, profiles: Profiles) -> None:
        self._p, self._a = profiles, profiles.activity

    def on(self, day: date) -> dict[str, dict[int, Any]]:
        """Everything that is known of anybody; who has no entry has no rows."""
        return self._usage(day) | self._money(day) | self._held(day) | self._owed(day) | self._terms(day)

    def _usage(self, day: date) -> dict[str, Found]:
        abroad, charge = pl.col("roaming_country").is_not_null(), pl.col("charge_amount")
        until = self._a.daily.filter(pl.col("on") <= day)
        rows = until.filter(pl.col("on") > day - WEEKS_4).with_columns(
            voice_out=pl.sum_horizontal(*HOME_VOICE, "voice_out_intl_sec"),
            charge_home=pl.when(abroad).then(0).otherwise(charge),
            charge_abroad=pl.when(abroad).then(charge).otherwise(0))  # fmt: skip
        sums = rows.group_by("customer").agg(
            pl.col("on").n_unique().alias("active_days"),
            *((pl.col(column).sum() / unit).alias(f"{name}:") for name, (column, unit) in FLOWS.items()))  # fmt: skip
        found = {name: _by(sums, f"{name}:") for name in FLOWS} | {"active_days": _by(sums, "active_days")}
        return found | {"days_since_last_usage": _since(until, day, FORGOTTEN["usage"])}

    def _money(self, day: date) -> dict[str, Found]:
        found: dict[str, Found] = {}
        for name, last, rows in (("payments_amount", "days_since_last_payment", self._a.payments),
                                 ("invoices_amount", "days_since_last_invoice", self._a.invoices)):  # fmt: skip
            until = rows.filter(pl.col("on") <= day)
            recent = until.filter(pl.col("on") > day - WEEKS_4).group_by("customer").agg(pl.col("amount").sum() / 100)
            found |= {name: _by(recent, "amount"), last: _since(until, day, FORGOTTEN["money"])}
        return found

    def _held(self, day: date) -> dict[str, Found]:
        active = {s: x for s, x in self._p.services.on(day).items() if x["status"] == "active"}
        owner, products = self._p.services.customer_of, self._p.services.products
        month = self._a.daily.filter((pl.col("on") >= day.replace(day=1)) & (pl.col("on") <= day))
        seconds = pl.sum_horizontal(HOME_VOICE).sum().alias("sec")
        month = month.group_by("subscription_id").agg(pl.col("data_mb").sum() / 1000, seconds)
        used = {row[0]: row[1:] for row in month.select("subscription_id", "data_mb", "sec").rows()}
        count: Found = defaultdict(int)
        sums: dict[str, dict[int, list[float]]] = {
            "mb": defaultdict(lambda: [0, 0]),
            "min": defaultdict(lambda: [0, 0]),
        }
        for subscription, state in active.items():
            customer, product = owner[subscription], products[state["product_id"]]
            count[customer] += 1
            data, spoken = used.get(subscription, (0, 0))
            for kind, spent, bundle in (("mb", data, product["bundle_mb"]),
                                        ("min", spoken / 60, product["bundle_minutes"])):  # fmt: skip
                if bundle:
                    sums[kind][customer][0] += spent
                    sums[kind][customer][1] += bundle
        shares = {kind: {c: 100 * a / b for c, (a, b) in own.items()} for kind, own in sums.items()}
        return {"active_subscriptions": dict(count), "bundle_mb_used_pct": shares["mb"],
                "bundle_minutes_used_pct": shares["min"]}  # fmt: skip

    def _owed(self, day: date) -> dict[str, Found]:
        debt, late, days = defaultdict(int), defaultdict(int), defaultdict(int)
        for account, own in self._p.ageing.on(day).items():
            customer = self._p.customers.of_account[account]
            debt[customer] += own["debt_amount"] / 100
            late[customer] += (own["debt_amount"] - own["not_due_amount"]) / 100
            days[customer] = max(days[customer], own["overdue_days"])
        return {"debt_amount": debt, "overdue_amount": late, "overdue_days": days}

    def _terms(self, day: date) -> dict[str, Found]:
        """An agreement's end, when the record that tells it was written by then; a taxpayer's status."""
        told = pl.col("updated_at").str.slice(0, 19).str.to_datetime("%Y-%m-%d %H:%M:%S") + TASHKENT
        rows = self._p.sources.table("agreement").filter(
            (pl.col("signed_date") <= day) & (told.dt.date() <= day) & (pl.col("end_date") >= day)
            & (pl.col("status") == "active"))  # fmt: skip
        ends: Found = {}
        for agreement, end in rows.select("agreement_id", "end_date").rows():
            customer = self._p.customers.of_agreement[agreement]
            ends[customer] = min(ends.get(customer, 10**6), (end - day).days)
        by_inn = self._p.customers.by_inn()
        known = {by_inn[inn]: own[-1][0] for inn, own in legal_stretches(self._p.sources, day).items() if inn in by_inn}
        return {"agreement_days_to_end": ends, "legal_status": known}


def _by(frame: pl.DataFrame, column: str) -> Found:
    return dict(frame.select("customer", column).rows())


def _since(until: pl.DataFrame, day: date, forgotten: timedelta) -> Found:
    last = until.filter(pl.col("on") > day - forgotten).group_by("customer").agg(pl.col("on").max())
    return {customer: (day - when).days for customer, when in last.select("customer", "on").rows()}
